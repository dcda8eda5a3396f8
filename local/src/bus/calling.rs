//! Invokes a function as Lambda's event source mappings do: with a time-out, and catching panics.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use serde_json::Value;
use service_kit::service::Function;
use service_kit::telemetry::in_one_line;

/// The function's reply; an error says why there is none.
pub(crate) async fn call(function: &Function, limit: Duration, payload: Value) -> Result<Value, String> {
    // The panic may also come before the first await.
    let called = AssertUnwindSafe(async move { function(payload).await }).catch_unwind();
    match tokio::time::timeout(limit, called).await {
        Ok(Ok(reply)) => reply.map_err(|error| in_one_line(&*error)),
        Ok(Err(_)) => Err("the function panicked".to_owned()),
        Err(_) => Err(format!("the function gave no reply within {} s", limit.as_secs_f64())),
    }
}

/// The identifiers that a batch's reply reports as failed; a null stands for an unknown one.
pub(super) fn reported(reply: &Value) -> Vec<&str> {
    let failures = reply["batchItemFailures"].as_array().map(Vec::as_slice).unwrap_or_default();
    failures.iter().map(|failure| failure["itemIdentifier"].as_str().unwrap_or_default()).collect()
}

/// Which of `sent` failed: none, those `reported`, or all when an unknown one is among these.
pub(super) fn failed_of<'a>(sent: &[&'a str], reported: &[&str]) -> Vec<&'a str> {
    if reported.iter().any(|id| !sent.contains(id)) {
        return sent.to_vec();
    }
    sent.iter().filter(|id| reported.contains(id)).copied().collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn an_unclear_report_fails_the_whole_batch() {
        let sent = ["1", "2", "3"];
        for (reported, failed) in [
            (vec![], vec![]),
            (vec!["2"], vec!["2"]),
            (vec!["3", "1", "3"], vec!["1", "3"]),
            (vec!["2", "4"], vec!["1", "2", "3"]),
            (vec![""], vec!["1", "2", "3"]),
        ] {
            assert_eq!(failed_of(&sent, &reported), failed, "{reported:?}");
        }
    }

    #[tokio::test]
    async fn a_function_that_panics_or_hangs_has_failed() {
        let limit = Duration::from_millis(20);
        let panics: Function = Arc::new(|_| panic!("on purpose"));
        let panicked = call(&panics, limit, Value::Null).await;
        assert_eq!(panicked, Err("the function panicked".to_owned()));
        let hangs: Function = Arc::new(|_| Box::pin(std::future::pending()));
        let hung = call(&hangs, limit, Value::Null).await;
        assert_eq!(hung, Err("the function gave no reply within 0.02 s".to_owned()));
    }
}
