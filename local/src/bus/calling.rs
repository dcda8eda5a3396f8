//! Calls a function as Lambda's event source mappings do: for a limited time, and past its panics.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

/// What a function answered; an error is why it gave no answer.
pub(super) async fn call<T>(
    limit: Duration,
    start: impl FnOnce() -> BoxFuture<'static, Result<T, String>>,
) -> Result<T, String> {
    // The panic may also come before the first await.
    let called = AssertUnwindSafe(async move { start().await }).catch_unwind();
    match tokio::time::timeout(limit, called).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => Err("the function panicked".to_owned()),
        Err(_) => Err(format!("the function gave no answer within {} s", limit.as_secs_f64())),
    }
}

/// Which of `sent` a batch's answer reports as failed: none of them, some, or, where it names none or an unknown
/// one, all.
pub(super) fn failed_of<'a>(sent: &[&'a str], reported: &[&str]) -> Vec<&'a str> {
    if reported.iter().any(|id| !sent.contains(id)) {
        return sent.to_vec();
    }
    sent.iter().filter(|id| reported.contains(id)).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_fails_where_reported_and_wholly_where_the_report_is_unclear() {
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
        let panicked: Result<(), _> = call(limit, || panic!("on purpose")).await;
        assert_eq!(panicked, Err("the function panicked".to_owned()));
        let hung: Result<(), _> = call(limit, || std::future::pending().boxed()).await;
        assert_eq!(hung, Err("the function gave no answer within 0.02 s".to_owned()));
    }
}
