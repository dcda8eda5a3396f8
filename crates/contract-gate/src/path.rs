//! Places in a body, as a person writes them: `offers[].conditions.change{fee}.fee.amount_minor`.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

/// One step into a body.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A field of an object.
    Field(String),
    /// The items of a list.
    Items,
    /// What an object holds when its tag has this value.
    Variant(String),
}

/// A place in a body; without steps, the whole body.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The place one step further.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The place that `length` steps lead to.
    #[must_use]
    pub fn first(&self, length: usize) -> Self {
        Self(self.0[..length].to_vec())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(f, &self.0, &[])
    }
}

/// A place that a consumer reads or sends, as registered. `?` stands after what may be missing: a reader does without
/// it, a sender leaves it out at times.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Registered {
    path: Path,
    optional: Vec<usize>, // invariant: lengths of prefixes that end in a field, ascending
}

impl Registered {
    /// A place, and the lengths of those of its prefixes that may be missing.
    #[must_use]
    pub fn new(path: Path, mut optional: Vec<usize>) -> Self {
        optional.retain(|length| matches!(path.0.get(length.wrapping_sub(1)), Some(Step::Field(_))));
        optional.sort_unstable();
        Self { path, optional }
    }

    /// The place.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the prefix of this many steps may be missing.
    #[must_use]
    pub fn is_optional(&self, length: usize) -> bool {
        self.optional.contains(&length)
    }
}

impl fmt::Display for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_steps(f, &self.path.0, &self.optional)
    }
}

fn write_steps(f: &mut fmt::Formatter<'_>, steps: &[Step], optional: &[usize]) -> fmt::Result {
    if steps.is_empty() {
        return f.write_str("the body");
    }
    for (place, step) in steps.iter().enumerate() {
        match step {
            Step::Field(name) if place == 0 => f.write_str(name)?,
            Step::Field(name) => write!(f, ".{name}")?,
            Step::Items => f.write_str("[]")?,
            Step::Variant(value) => write!(f, "{{{value}}}")?,
        }
        if optional.contains(&(place + 1)) {
            f.write_str("?")?;
        }
    }
    Ok(())
}

impl FromStr for Registered {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut steps = Vec::new();
        let mut optional = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix("[]") {
                steps.push(Step::Items);
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let Some((value, after)) = after.split_once('}') else { bail!("`{text}` lacks a `}}`") };
                steps.push(Step::Variant(value.to_owned()));
                rest = after;
            } else {
                let name = if steps.is_empty() { Some(rest) } else { rest.strip_prefix('.') };
                let Some(name) = name else { bail!("`{text}` lacks a dot before `{rest}`") };
                let end = name.find(['.', '[', '{', '?']).unwrap_or(name.len());
                if end == 0 {
                    bail!("`{text}` has a field without a name");
                }
                steps.push(Step::Field(name[..end].to_owned()));
                rest = &name[end..];
                if let Some(after) = rest.strip_prefix('?') {
                    optional.push(steps.len());
                    rest = after;
                }
            }
        }
        if steps.is_empty() {
            bail!("a place has at least one step");
        }
        Ok(Self { path: Path(steps), optional })
    }
}

impl TryFrom<String> for Registered {
    type Error = anyhow::Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Registered> for String {
    fn from(registered: Registered) -> Self {
        registered.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_back_as_written() {
        for text in [
            "offers[].price.amount_minor",
            "days[].lowest?.currency",
            "airports[].aliases?[]",
            "change{fee}.fee",
            "[].id",
            "header.idempotency-key",
            "traceparent?",
        ] {
            assert_eq!(text.parse::<Registered>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_place_is_refused() {
        for text in ["", ".a", "a..b", "a{fee", "a[]b", "a{x}b", "a?b"] {
            assert!(text.parse::<Registered>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_may_be_missing_is_known_by_its_place() {
        let registered: Registered = "days[].lowest?.currency".parse().unwrap();
        let optional: Vec<usize> = (0..=4).filter(|length| registered.is_optional(*length)).collect();
        assert_eq!(optional, [3]);
        assert_eq!(registered.path().to_string(), "days[].lowest.currency");
    }
}
