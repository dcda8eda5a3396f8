//! A message within a page.

use yew::prelude::*;

/// What a notice is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoticeKind {
    /// Good to know.
    #[default]
    Information,
    /// Something is under way or about to end.
    Pending,
    /// It worked.
    Success,
    /// It didn't work.
    Error,
}

/// Props of [`Notice`].
#[derive(Properties, PartialEq)]
pub struct NoticeProps {
    /// What it is about.
    #[prop_or_default]
    pub kind: NoticeKind,
    /// Said by screen readers when it appears: at once for errors, when they pause for the others.
    #[prop_or_default]
    pub announce: bool,
    /// Its heading.
    #[prop_or_default]
    pub heading: Option<AttrValue>,
    /// Its content.
    pub children: Html,
}

/// A message within a page.
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
