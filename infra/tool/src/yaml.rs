//! CloudFormation's YAML as JSON: the short forms (`!Ref`, `!Sub`, ...) become the long ones.

use std::iter::Peekable;

use anyhow::{Context, Result, bail};
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Reads one YAML document.
///
/// # Errors
/// With the line at which the text isn't YAML, repeats a key, or uses what a template has no need of (anchors).
pub(crate) fn read(text: &str) -> Result<Value> {
    let mut reader = Reader { events: Parser::new_from_str(text).peekable() };
    reader.document()
}

/// A data file of this crate's own.
pub(crate) fn embedded<T: DeserializeOwned>(text: &str) -> T {
    read(text)
        .and_then(|data| Ok(serde_json::from_value(data)?))
        .expect("a test reads each of this crate's data files")
}

struct Reader<'a> {
    events: Peekable<Parser<'a, StrInput<'a>>>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Result<Value> {
        let mut document = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => return document.context("the file is empty"),
                Event::DocumentStart(_) if document.is_none() => {
                    let (event, span) = self.next()?;
                    document = Some(self.node(event, span)?);
                }
                Event::DocumentStart(_) => bail!("line {}: a second document begins", span.start.line()),
                _ => {}
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Span)> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => bail!("line {}: {}", error.marker().line(), error.info()),
            None => bail!("the file ends too early"),
        }
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Value> {
        let line = span.start.line();
        let (value, tag) = match event {
            Event::Scalar(text, style, 0, tag) => {
                let value = if style == ScalarStyle::Plain && tag.is_none() {
                    plain(&text)
                } else {
                    text.as_ref().into()
                };
                (value, tag)
            }
            Event::SequenceStart(0, tag) => (self.sequence()?, tag),
            Event::MappingStart(0, tag) => (self.mapping()?, tag),
            _ => bail!("line {line}: templates have no anchors and aliases"),
        };
        let Some(tag) = tag else { return Ok(value) };
        if tag.handle != "!" {
            bail!("line {line}: {tag} is no intrinsic function");
        }
        intrinsic(&tag.suffix, value).with_context(|| format!("line {line}: !{}", tag.suffix))
    }

    fn sequence(&mut self) -> Result<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Array(items)),
                (event, span) => items.push(self.node(event, span)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value> {
        let mut map = Map::new();
        loop {
            let (event, span) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Value::Object(map)),
                Event::Scalar(key, ..) => key.into_owned(),
                _ => bail!("line {}: a key is text", span.start.line()),
            };
            let (event, value_span) = self.next()?;
            let value = self.node(event, value_span)?;
            if map.insert(key.clone(), value).is_some() {
                bail!("line {}: the key {key} is there twice", span.start.line());
            }
        }
    }
}

/// A scalar without quotes: what is no JSON is text, as are dates, and account ids that begin with a zero.
fn plain(text: &str) -> Value {
    match text {
        "" | "~" => Value::Null,
        _ => serde_json::from_str(text).unwrap_or_else(|_| text.into()),
    }
}

fn intrinsic(name: &str, value: Value) -> Result<Value> {
    let (long, value) = match (name, value) {
        ("Ref" | "Condition", value @ Value::String(_)) => (name.to_owned(), value),
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').context("expected Resource.Attribute")?;
            ("Fn::GetAtt".to_owned(), Value::from(vec![resource, attribute]))
        }
        (
            "Sub" | "Join" | "If" | "Equals" | "Not" | "And" | "Or" | "Select" | "Split" | "ImportValue"
            | "FindInMap" | "GetAtt" | "GetStackOutput" | "Base64" | "Cidr" | "GetAZs",
            value,
        ) => (format!("Fn::{name}"), value),
        _ => bail!("no intrinsic function is written so"),
    };
    Ok(Value::Object(Map::from_iter([(long, value)])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn short_forms_become_long_ones() {
        let read =
            read("a: !Ref Table\nb: !GetAtt Table.Stream.Arn\nc: !Sub '${A}'\nd: !If [X, !Ref A, 1]\n")
                .unwrap();
        let expected = json!({
            "a": {"Ref": "Table"},
            "b": {"Fn::GetAtt": ["Table", "Stream.Arn"]},
            "c": {"Fn::Sub": "${A}"},
            "d": {"Fn::If": ["X", {"Ref": "A"}, 1]},
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn scalars_are_what_they_look_like_and_account_ids_stay_text() {
        let read =
            read("[1, -2, 0.5, true, null, 2012-10-17, '7', 012345678901, +1, on, 1.2.3, \"x\"]").unwrap();
        let expected =
            json!([1, -2, 0.5, true, null, "2012-10-17", "7", "012345678901", "+1", "on", "1.2.3", "x"]);
        assert_eq!(read, expected);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, said) in [
            ("a: 1\na: 2\n", "line 2: the key a is there twice"),
            ("a: !Reff B\n", "line 1: !Reff"),
            ("a: &x 1\nb: *x\n", "line 1: templates have no anchors and aliases"),
            ("a: [1\n", "line"),
            ("", "the file is empty"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.starts_with(said), "{text:?}: {error}");
        }
    }
}
