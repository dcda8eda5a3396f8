//! All that is wrong with a form, at its top.

use web_sys::HtmlElement;
use yew::prelude::*;

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The `id` of the control.
    pub control: AttrValue,
    /// What is wrong, in the words that also stand at the field.
    pub message: AttrValue,
}

impl FieldProblem {
    /// What is wrong with the control of this `id`.
    pub fn new(control: impl Into<AttrValue>, message: impl Into<AttrValue>) -> Self {
        Self { control: control.into(), message: message.into() }
    }

    /// What is wrong with the control of this `id`, among `problems`.
    #[must_use]
    pub fn of(problems: &[Self], control: &str) -> Option<AttrValue> {
        problems.iter().find(|problem| problem.control == control).map(|problem| problem.message.clone())
    }
}

/// Props of [`ErrorSummary`].
#[derive(Properties, PartialEq)]
pub struct ErrorSummaryProps {
    /// What is wrong, in the order of the form. Nothing is shown when empty.
    pub problems: Vec<FieldProblem>,
    /// Counts the attempts to submit: each takes the focus here anew.
    #[prop_or_default]
    pub attempt: u32,
}

/// Lists what is wrong with links to the fields, and takes the focus when it appears.
#[component]
pub fn ErrorSummary(props: &ErrorSummaryProps) -> Html {
    let summary = use_node_ref();
    {
        let summary = summary.clone();
        use_effect_with((props.attempt, props.problems.is_empty()), move |(_, empty)| {
            if let (false, Some(summary)) = (*empty, summary.cast::<HtmlElement>()) {
                summary.focus().ok();
            }
        });
    }
    if props.problems.is_empty() {
        return Html::default();
    }
    html! {
        <div ref={summary} class="error-summary" role="alert" tabindex="-1" aria-labelledby="error-summary-heading">
            <h2 id="error-summary-heading">{ "There is a problem" }</h2>
            <ul>
                for problem in &props.problems {
                    <li key={problem.control.as_str()}>
                        <a href={format!("#{}", problem.control)} onclick={focus(problem.control.clone())}>{ &problem.message }</a>
                    </li>
                }
            </ul>
        </div>
    }
}

/// Goes to the control without changing the address, which is the app's.
fn focus(control: AttrValue) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        crate::components::focus_control(&control);
    })
}
