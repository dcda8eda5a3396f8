//! Placeholders while a page loads.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct SkeletonProps {
    /// The label for screen readers: `Searching flights`.
    pub label: AttrValue,
    /// How many blocks are shown.
    #[prop_or(3)]
    pub count: usize,
    /// The CSS class that gives a block the height of what will replace it.
    #[prop_or_default]
    pub class: Classes,
}

/// Grey blocks of the height of the expected content. They appear after 200 ms, so that fast replies don't flash.
#[component]
pub fn Skeleton(props: &SkeletonProps) -> Html {
    html! {
        <div class="skeletons" role="status">
            <span class="visually-hidden">{ &props.label }</span>
            for key in 0..props.count {
                <div {key} class={classes!("skeleton", props.class.clone())} aria-hidden="true"></div>
            }
        </div>
    }
}

#[derive(Properties, PartialEq)]
pub struct SlowNoticeProps {
    /// The message.
    pub children: Html,
}

/// Shows a message after four seconds.
#[component]
pub fn SlowNotice(props: &SlowNoticeProps) -> Html {
    let slow = use_state(|| false);
    {
        let slow = slow.clone();
        use_effect_with((), move |()| {
            let timeout = Timeout::new(4_000, move || slow.set(true));
            move || drop(timeout)
        });
    }
    html! { <p role="status" class="slow-notice">if *slow { { props.children.clone() } }</p> }
}
