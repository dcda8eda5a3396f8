//! A message within a page.

use yew::prelude::*;

/// The kind of a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeKind {
    /// Neutral information.
    #[default]
    Information,
    /// Something is in progress or about to end.
    Pending,
    Success,
    /// A failure.
    Error,
}

#[derive(Properties, PartialEq)]
pub struct NoticeProps {
    #[prop_or_default]
    pub kind: NoticeKind,
    /// Announced by screen readers when it appears: errors at once, others politely.
    #[prop_or_default]
    pub announce: bool,
    #[prop_or_default]
    pub heading: Option<AttrValue>,
    pub children: Html,
}

#[component]
pub fn Notice(props: &NoticeProps) -> Html {
    let kind = match props.kind {
        NoticeKind::Information => "notice",
        NoticeKind::Pending => "notice notice--pending",
        NoticeKind::Success => "notice notice--success",
        NoticeKind::Error => "notice notice--error",
    };
    let role = props.announce.then_some(if props.kind == NoticeKind::Error { "alert" } else { "status" });
    html! {
        <div class={kind} {role}>
            if let Some(heading) = &props.heading {
                <p class="notice__heading">{ heading }</p>
            }
            { props.children.clone() }
        </div>
    }
}
