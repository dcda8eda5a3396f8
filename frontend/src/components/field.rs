//! A labelled control.

use yew::prelude::*;

#[derive(Properties, PartialEq)]
pub struct FieldProps {
    /// The `id` of the control within. With a hint or an error the control needs
    /// `aria-describedby="<id>-hint <id>-error"`; with an error also `aria-invalid="true"`.
    pub id: AttrValue,
    /// The label.
    pub label: AttrValue,
    /// Help under the label.
    #[prop_or_default]
    pub hint: Option<AttrValue>,
    #[prop_or_default]
    pub error: Option<AttrValue>,
    #[prop_or_default]
    pub class: Classes,
    pub children: Html,
}

/// Label, hint, error and control, in this order.
#[component]
pub fn Field(props: &FieldProps) -> Html {
    let id = &props.id;
    html! {
        <div class={classes!("field", props.error.is_some().then_some("field--wrong"), props.class.clone())}>
            <label class="field__label" for={id}>{ &props.label }</label>
            if let Some(hint) = &props.hint {
                <p class="field__hint" id={format!("{id}-hint")}>{ hint }</p>
            }
            if let Some(error) = &props.error {
                <p class="field__error" id={format!("{id}-error")}>
                    <span class="visually-hidden">{ "Error: " }</span>{ error }
                </p>
            }
            { props.children.clone() }
        </div>
    }
}
