//! The error summary at the top of a form.

use web_sys::HtmlElement;
use yew::prelude::*;

/// A validation message for one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    pub control: AttrValue,
    /// The same message as at the field.
    pub message: AttrValue,
}

impl FieldProblem {
    /// A message for the control of this `id`.
    pub fn new(control: impl Into<AttrValue>, message: impl Into<AttrValue>) -> Self {
        Self { control: control.into(), message: message.into() }
    }

    /// The message for the control of this `id`, among `problems`.
    #[must_use]
    pub fn of(problems: &[Self], control: &str) -> Option<AttrValue> {
        problems.iter().find(|problem| problem.control == control).map(|problem| problem.message.clone())
    }
}

#[derive(Properties, PartialEq)]
pub struct ErrorSummaryProps {
    /// The messages, in the order of the form. Nothing is shown when empty.
    pub problems: Vec<FieldProblem>,
    /// Counts the attempts to submit: each moves the focus here.
    #[prop_or_default]
    pub attempt: u32,
}

/// Lists the messages with links to the fields, and takes the focus when it appears.
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

/// Moves the focus to the control without changing the address.
fn focus(control: AttrValue) -> Callback<MouseEvent> {
    Callback::from(move |event: MouseEvent| {
        event.prevent_default();
        crate::components::focus_control(&control);
    })
}
