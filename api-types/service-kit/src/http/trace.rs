use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::{HeaderMap, request::Parts};
use ring::rand::{SecureRandom, SystemRandom};

tokio::task_local! {
    /// The trace of the request that this task is answering.
    pub(super) static THIS_REQUEST: TraceParent;
}

/// The W3C trace context of a request: taken over from `traceparent`, made anew where none came.
///
/// Its trace id is the one id under which a request, its log lines and its events are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceParent(String); // invariant: version 00, `00-<32 hex>-<16 hex>-<2 hex>`

impl TraceParent {
    /// The trace of the request that the current task is answering, if it is answering one.
    #[must_use]
    pub fn of_this_request() -> Option<Self> {
        THIS_REQUEST.try_with(Clone::clone).ok()
    }

    /// The header's value, which events carry on.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 32 hexadecimal digits that stay the same along the whole way.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        let given = headers.get("traceparent").and_then(|value| value.to_str().ok());
        given.filter(|text| is_well_formed(text)).map_or_else(Self::random, |text| Self(text.to_owned()))
    }

    fn random() -> Self {
        let mut bytes = [0_u8; 24];
        // Without randomness the trace is a row of zeros: a request is not refused for want of an id.
        if SystemRandom::new().fill(&mut bytes).is_err() {
            tracing::warn!("no randomness for a trace id");
        }
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("00-{}-{}-01", &hex[..32], &hex[32..]))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for TraceParent {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of_this_request().unwrap_or_else(|| Self::of_headers(&parts.headers)))
    }
}

fn is_well_formed(text: &str) -> bool {
    let lower_hex = |part: &str| part.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts[..], ["00", trace, parent, flags]
        if trace.len() == 32 && parent.len() == 16 && flags.len() == 2
            && lower_hex(trace) && lower_hex(parent) && lower_hex(flags)
            && trace.bytes().any(|b| b != b'0') && parent.bytes().any(|b| b != b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_taken_over_or_made() {
        let given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let taken = |value: &'static str| {
            TraceParent::of_headers(&HeaderMap::from_iter([(
                http::HeaderName::from_static("traceparent"),
                http::HeaderValue::from_static(value),
            )]))
        };
        assert_eq!(taken(given).as_str(), given);
        assert_eq!(taken(given).trace_id(), "0af7651916cd43dd8448eb211c80319c");
        for refused in ["", "00-zz", "00-00000000000000000000000000000000-b7ad6b7169203331-01", "01-x-y-z"] {
            let made = taken(refused);
            assert!(is_well_formed(made.as_str()), "{made:?}");
        }
    }
}
