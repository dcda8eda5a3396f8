//! A modal dialog: the browser's own `dialog`, which handles focus, Escape and the rest of the page.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct DialogProps {
    pub open: bool,
    pub heading: AttrValue,
    /// Closed by Escape, by its button, or by the browser.
    pub onclose: Callback<()>,
    /// Further CSS classes: `dialog--sheet` rises from the bottom on narrow screens.
    #[prop_or_default]
    pub class: Classes,
    /// Its content. Rendered only while it is shown.
    pub children: Html,
}

#[component]
pub fn Dialog(props: &DialogProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with(props.open, move |open| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                if *open && !dialog.open() {
                    dialog.show_modal().ok();
                } else if !*open && dialog.open() {
                    dialog.close();
                }
            }
        });
    }
    let onclose = props.onclose.reform(|_: Event| ());
    let close = props.onclose.reform(|_: MouseEvent| ());
    html! {
        <dialog ref={dialog} class={classes!("dialog", props.class.clone())} aria-label={&props.heading} {onclose}>
            if props.open {
                <div class="dialog__head">
                    <h2>{ &props.heading }</h2>
                    <button type="button" class="dialog__close" aria-label="Close" onclick={close}>
                        <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M3 3l10 10M13 3L3 13" /></svg>
                    </button>
                </div>
                <div class="dialog__body">{ props.children.clone() }</div>
            }
        </dialog>
    }
}
