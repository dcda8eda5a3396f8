//! Buttons.

use yew::prelude::*;

/// How much a button asks to be pressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonKind {
    /// The one thing to do here.
    #[default]
    Primary,
    /// One of several things to do.
    Secondary,
    /// Looks like a link.
    Quiet,
}

/// Props of [`Button`].
#[derive(Properties, PartialEq)]
pub struct ButtonProps {
    /// How much it asks to be pressed.
    #[prop_or_default]
    pub kind: ButtonKind,
    /// Submits its form; else it is a plain button.
    #[prop_or_default]
    pub submit: bool,
    /// Its work is under way: it keeps the focus and takes no second press.
    #[prop_or_default]
    pub busy: bool,
    /// What it says to screen readers in place of its content; must begin with the words seen.
    #[prop_or_default]
    pub aria_label: Option<AttrValue>,
    /// Further CSS classes.
    #[prop_or_default]
    pub class: Classes,
    /// Pressed.
    #[prop_or_default]
    pub onclick: Callback<MouseEvent>,
    /// Its content.
    pub children: Html,
}

/// A button.
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
