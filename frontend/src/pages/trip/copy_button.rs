//! A button that copies a short text.

use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::JsFuture;
use yew::prelude::*;

use crate::components::{Button, ButtonKind};

#[derive(Properties, PartialEq)]
pub(crate) struct CopyButtonProps {
    pub text: AttrValue,
}

/// Copies a text to the clipboard and confirms it for a moment. Absent without a clipboard.
#[component]
pub(crate) fn CopyButton(props: &CopyButtonProps) -> Html {
    let copied = use_state(|| false);
    {
        let copied = copied.clone();
        use_effect_with(*copied, move |&was_copied| {
            let timeout = was_copied.then(|| Timeout::new(3_000, move || copied.set(false)));
            move || drop(timeout)
        });
    }
    // Insecure pages (plain http from another machine) have no clipboard at all: touching it would throw.
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else {
        return Html::default();
    };
    let says = if *copied { "Copied" } else { "Copy reference" };
    let onclick = {
        let text = props.text.clone();
        Callback::from(move |_: MouseEvent| {
            let (copied, written) = (copied.clone(), window.navigator().clipboard().write_text(&text));
            wasm_bindgen_futures::spawn_local(async move {
                copied.set(JsFuture::from(written).await.is_ok());
            });
        })
    };
    html! {
        <span class="copy">
            <Button kind={ButtonKind::Secondary} {onclick}>{ says }</Button>
            <span class="visually-hidden" role="status">{ if says == "Copied" { "Reference copied" } else { "" } }</span>
        </span>
    }
}
