//! Buttons.

use yew::prelude::*;

/// The prominence of a button.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The main action of the page.
    #[default]
    Primary,
    /// One of several actions.
    Secondary,
    /// Looks like a link.
    Quiet,
}

#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// The prominence.
    #[prop_or_default]
    pub kind: ButtonKind,
    /// Submits its form; otherwise it is a plain button.
    #[prop_or_default]
    pub submit: bool,
    /// Its action is running: it keeps the focus and ignores clicks.
    #[prop_or_default]
    pub busy: bool,
    /// The accessible name; must begin with the visible text.
    #[prop_or_default]
    pub aria_label: Option<AttrValue>,
    #[prop_or_default]
    pub class: Classes,
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
    pub children: Html,
}

#[component]
pub fn Button(props: &ButtonProps) -> Html {
    let kind = match props.kind {
        ButtonKind::Primary => "button",
        ButtonKind::Secondary => "button button--secondary",
        ButtonKind::Quiet => "button button--quiet",
    };
    let onclick = {
        let (busy, onclick) = (props.busy, props.onclick.clone());
        move |event: MouseEvent| {
            if busy { event.prevent_default() } else { onclick.emit(event) }
        }
    };
    html! {
        <button type={if props.submit { "submit" } else { "button" }} class={classes!(kind, props.class.clone())}
            aria-disabled={props.busy.then_some("true")} aria-label={props.aria_label.clone()} {onclick}>
            { props.children.clone() }
        </button>
    }
}
