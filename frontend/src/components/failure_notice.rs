//! A notice for a failed request.

use yew::prelude::*;

use super::{Button, ButtonKind, Notice, NoticeKind};
use crate::api::ApiFailure;

#[derive(Properties, PartialEq)]
pub struct FailureNoticeProps {
    /// Why the request failed.
    pub failure: ApiFailure,
    pub retry: Callback<()>,
}

/// Shows why a request failed, with a button to retry.
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
