use std::convert::Infallible;
use std::str::FromStr;

use api_types::{FieldError, ParseError, ProblemCode};
use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::cursor;

/// The number of items on a page when the request names none.
pub const DEFAULT_LIMIT: u16 = 20;

/// The largest page.
pub const MAX_LIMIT: u16 = 100;

/// How many errors an answer names at most: a query string has room for thousands of unknown parameters.
const MAX_ERRORS: usize = 20;

/// The query string, read parameter by parameter. Errors are collected, so that the caller learns all at once.
///
/// Every parameter that a route knows is read once; [`finish`](Self::finish) refuses what is wrong, repeated or
/// unknown.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    errors: Vec<FieldError>,
}

/// A part of a list: the parameters `limit` and `cursor`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<P> {
    /// The largest number of items.
    pub limit: u16,
    /// The position in the cursor; `None` for the first page.
    pub after: Option<P>,
}

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

impl Parameters {
    /// The parameters in `query`, which is what follows the `?`.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        // The signature of a request signed in its query is AWS' and not the route's.
        let given = form_urlencoded::parse(query.as_bytes()).into_owned();
        let given = given.filter(|(name, _)| !name.starts_with("X-Amz-")).collect();
        Self { given, ..Self::default() }
    }

    /// A parameter that must be given. `None` after an error.
    pub fn required<T: FromStr<Err = ParseError>>(&mut self, name: &'static str) -> Option<T> {
        match self.take(name).filter(|text| !text.is_empty()) {
            Some(text) => self.parsed(name, &text),
            None => {
                self.refuse(name, ProblemCode::InvalidRequest, "is missing");
                None
            }
        }
    }

    /// A parameter that may be left out. `None` then, and after an error.
    pub fn optional<T: FromStr<Err = ParseError>>(&mut self, name: &'static str) -> Option<T> {
        self.take(name).and_then(|text| self.parsed(name, &text))
    }

    /// A number of people or things; `default` when it is left out. Above 255 it is 255: too many in any case.
    pub fn count(&mut self, name: &'static str, default: u8) -> u8 {
        let Some(text) = self.take(name) else { return default };
        match text.parse::<u64>() {
            Ok(count) => u8::try_from(count).unwrap_or(u8::MAX),
            Err(_) => {
                self.refuse(name, ProblemCode::InvalidRequest, "expected a number such as 1");
                default
            }
        }
    }

    /// The page that `limit` and `cursor` ask for.
    pub fn page<P: DeserializeOwned>(&mut self) -> Page<P> {
        let limit = self.take("limit").map_or(Some(DEFAULT_LIMIT), |text| text.parse().ok());
        let limit = limit.filter(|limit| (1..=MAX_LIMIT).contains(limit));
        if limit.is_none() {
            let detail = format!("expected a number from 1 to {MAX_LIMIT}");
            self.refuse("limit", ProblemCode::InvalidRequest, detail);
        }
        let after = self.take("cursor").and_then(|text| {
            let position = cursor::decode(&text);
            if position.is_none() {
                let detail = "expected the next_cursor of the page before";
                self.refuse("cursor", ProblemCode::InvalidCursor, detail);
            }
            position
        });
        Page { limit: limit.unwrap_or(DEFAULT_LIMIT), after }
    }

    /// Adds an error of the route's own.
    pub fn refuse(&mut self, name: &str, code: ProblemCode, detail: impl Into<String>) {
        self.errors.push(FieldError::new(name, code, detail));
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// With everything that is wrong: what was refused, parameters that nothing read, and repeated ones.
    pub fn finish(self) -> Result<(), ApiError> {
        self.finish_with(Ok(()))
    }

    /// Ends the reading with the result of a check of several parameters together.
    ///
    /// # Errors
    /// As [`finish`](Self::finish), and with what the check found.
    pub fn finish_with<T>(mut self, checked: Result<T, Vec<FieldError>>) -> Result<T, ApiError> {
        let checked = checked.map_err(|found| self.errors.extend(found));
        for (position, (name, _)) in self.given.iter().enumerate() {
            let wrong = if !self.known.iter().any(|known| known == name) {
                "is not a parameter of this request"
            } else if self.given[..position].iter().any(|(earlier, _)| earlier == name) {
                "is given more than once"
            } else {
                continue;
            };
            self.errors.push(FieldError::new(name, ProblemCode::InvalidRequest, wrong));
            if self.errors.len() >= MAX_ERRORS {
                break;
            }
        }
        match checked {
            Ok(value) if self.errors.is_empty() => Ok(value),
            _ => Err(ApiError::fields(self.errors)),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.given.iter().find(|(given, _)| given == name).map(|(_, text)| text.clone())
    }

    fn parsed<T: FromStr<Err = ParseError>>(&mut self, name: &'static str, text: &str) -> Option<T> {
        match text.parse() {
            Ok(value) => Some(value),
            Err(ParseError { expected }) => {
                self.refuse(name, ProblemCode::InvalidRequest, expected);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use api_types::{Cabin, Iata};

    use super::*;

    type Read = (Option<Iata>, Option<Cabin>, u8, Page<u32>);

    /// Reads a made-up route's parameters; the errors are `name: detail` lines.
    fn read(query: &str) -> Result<Read, Vec<String>> {
        let mut parameters = Parameters::parse(query);
        let read = (
            parameters.required("from"),
            parameters.optional("cabin"),
            parameters.count("adults", 1),
            parameters.page(),
        );
        let refused = |refused: ApiError| {
            let errors = &refused.problem().errors;
            errors.iter().map(|error| format!("{}: {}", error.field, error.detail)).collect()
        };
        parameters.finish().map(|()| read).map_err(refused)
    }

    #[test]
    fn parameters_are_read_and_defaults_fill_in() {
        let (from, cabin) = ("SFO".parse().ok(), Some(Cabin::Business));
        assert_eq!(read("from=SFO"), Ok((from, None, 1, Page { limit: 20, after: None })));
        let cursor = cursor::encode(&7_u32);
        let query = format!("limit=100&cursor={cursor}&from=sfo&cabin=business&adults=3");
        assert_eq!(read(&query), Ok((from, cabin, 3, Page { limit: 100, after: Some(7) })));
        assert_eq!(read("from=SFO&adults=99999").unwrap().2, 255);
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let cabin = "cabin: expected economy, premium_economy, business or first";
        let limit = "limit: expected a number from 1 to 100";
        let cursor = "cursor: expected the next_cursor of the page before";
        for (query, errors) in [
            ("", vec!["from: is missing"]),
            ("from=", vec!["from: is missing"]),
            ("from=SFO&cabin=", vec![cabin]),
            ("from=SFO&adults=two", vec!["adults: expected a number such as 1"]),
            ("from=SFO&adults=-1", vec!["adults: expected a number such as 1"]),
            ("from=SFO&limit=0", vec![limit]),
            ("from=SFO&limit=101", vec![limit]),
            ("from=SFO&limit=", vec![limit]),
            ("from=SFO&limit=ten&cursor=x", vec![limit, cursor]),
            ("from=SFO&from=NRT", vec!["from: is given more than once"]),
            ("from=SFO&form=NRT", vec!["form: is not a parameter of this request"]),
            ("from=SFO&X-Amz-Credential=a&x-amz=1", vec!["x-amz: is not a parameter of this request"]),
            ("cabin=lounge&x=1", vec!["from: is missing", cabin, "x: is not a parameter of this request"]),
        ] {
            assert_eq!(read(query), Err(errors.into_iter().map(str::to_owned).collect()), "{query}");
        }
    }

    #[test]
    fn an_answer_is_not_many_times_as_long_as_the_query() {
        assert_eq!(read(&"&x".repeat(5000)).unwrap_err().len(), MAX_ERRORS);
    }
}
