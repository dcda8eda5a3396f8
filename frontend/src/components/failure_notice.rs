//! A request that came to nothing.

use yew::prelude::*;

use super::{Button, ButtonKind, Notice, NoticeKind};
use crate::api::ApiFailure;

/// Props of [`FailureNotice`].
#[derive(Properties, PartialEq)]
pub struct FailureNoticeProps {
    /// Why it came to nothing.
    pub failure: ApiFailure,
    /// Asks again.
    pub retry: Callback<()>,
}

/// Says why a request came to nothing, and offers to ask again.
#[component]
pub fn FailureNotice(props: &FailureNoticeProps) -> Html {
    let request_id = match &props.failure {
        ApiFailure::Problem(problem) if problem.status >= 500 => problem.request_id.clone(),
        ApiFailure::Problem(_) | ApiFailure::Offline | ApiFailure::Unexpected(_) => None,
    };
    html! {
        <Notice kind={NoticeKind::Error} announce={true}>
            <p>{ props.failure.to_string() }</p>
            if let Some(request_id) = request_id {
                <p class="notice__detail">{ "Quote this to support: " }<bdi>{ request_id }</bdi></p>
            }
            <p><Button kind={ButtonKind::Secondary} onclick={props.retry.reform(|_| ())}>{ "Try again" }</Button></p>
        </Notice>
    }
}
