//! The fields of the party. A control is named as the service's field.

use api_types::{FieldError, PassengerType};
use yew::prelude::*;

use super::checked::{EMAIL_FIELD, passenger_field};
use crate::{
    components::{Field, FieldProblem},
    state::draft::{Draft, Traveller},
};

/// The fields with their present input and messages.
pub(crate) fn fields(draft: &Draft, problems: &[FieldProblem]) -> Html {
    let count = draft.travellers().len();
    html! {
        <>
            for (index, each) in draft.travellers().iter().enumerate() {
                { traveller(index, count, each, problems) }
            }
            <section class="panel stack" aria-labelledby="contact-heading">
                <h2 id="contact-heading">{ "Contact" }</h2>
                { text(&Text {
                    name: EMAIL_FIELD.to_owned(),
                    label: "E-mail address",
                    hint: Some("Where we reach you about this trip."),
                    value: draft.email(),
                    kind: "email",
                    autocomplete: "email",
                }, problems) }
            </section>
        </>
    }
}

fn traveller(index: usize, count: usize, traveller: &Traveller, problems: &[FieldProblem]) -> Html {
    let heading = format!("traveller-{index}-heading");
    // Autofill for the first traveller only: the browser's details are the user's own.
    let autocomplete = |token: &'static str| if index == 0 { token } else { "off" };
    html! {
        <section key={index} class="panel stack" aria-labelledby={heading.clone()}>
            <div>
                <h2 id={heading}>
                    if count == 1 { { "Traveller" } } else { { format!("Traveller {} of {count}", index + 1) } }
                </h2>
                <p class="quiet">{ type_in_words(traveller.passenger_type) }</p>
            </div>
            { text(&Text {
                name: passenger_field(index, "given_name"),
                label: "Given names",
                hint: Some("Leave empty if the passport shows one name only."),
                value: &traveller.given_name,
                kind: "text",
                autocomplete: autocomplete("given-name"),
            }, problems) }
            { text(&Text {
                name: passenger_field(index, "family_name"),
                label: "Family name",
                hint: None,
                value: &traveller.family_name,
                kind: "text",
                autocomplete: autocomplete("family-name"),
            }, problems) }
            { birth_date(index, traveller, autocomplete, problems) }
        </section>
    }
}

fn type_in_words(passenger_type: PassengerType) -> &'static str {
    match passenger_type {
        PassengerType::Adult => "Adult",
        PassengerType::Child => "Child",
        PassengerType::Infant => "Infant, on an adult's lap",
    }
}

struct Text<'a> {
    name: String,
    label: &'static str,
    hint: Option<&'static str>,
    value: &'a str,
    kind: &'static str,
    autocomplete: &'static str,
}

fn text(field: &Text<'_>, problems: &[FieldProblem]) -> Html {
    let id = control_id(&field.name);
    let error = FieldProblem::of(problems, &id);
    let described = described_by(&id, field.hint.is_some(), error.is_some());
    html! {
        <Field id={id.clone()} label={field.label} hint={field.hint.map(AttrValue::from)} error={error.clone()}>
            <input {id} name={field.name.clone()} type={field.kind} value={field.value.to_owned()}
                autocomplete={field.autocomplete} spellcheck="false"
                aria-describedby={described} aria-invalid={error.map(|_| "true")} />
        </Field>
    }
}

fn birth_date(
    index: usize,
    traveller: &Traveller,
    autocomplete: impl Fn(&'static str) -> &'static str,
    problems: &[FieldProblem],
) -> Html {
    let name = passenger_field(index, "birth_date");
    let id = control_id(&name);
    let error = FieldProblem::of(problems, &id);
    let part = |suffix: &str, label: &str, value: &str, class: &'static str, autocomplete: &'static str| {
        let id = [&id, suffix].concat();
        html! {
            <div class={classes!("field", class)}>
                <label class="field__label" for={id.clone()}>{ label }</label>
                <input {id} name={[&name, suffix].concat()} type="text" inputmode="numeric" value={value.to_owned()}
                    {autocomplete} aria-invalid={error.as_ref().map(|_| "true")} />
            </div>
        }
    };
    html! {
        <fieldset class={classes!("birth-date", error.is_some().then_some("field--wrong"))}
            aria-describedby={described_by(&id, true, error.is_some())}>
            <legend class="field__label">{ "Date of birth" }</legend>
            <p class="field__hint" id={format!("{id}-hint")}>{ "For example, 27 3 1985" }</p>
            if let Some(error) = &error {
                <p class="field__error" id={format!("{id}-error")}>
                    <span class="visually-hidden">{ "Error: " }</span>{ error }
                </p>
            }
            <div class="birth-date__parts">
                { part("", "Day", &traveller.birth_day, "birth-date__short", autocomplete("bday-day")) }
                { part(MONTH, "Month", &traveller.birth_month, "birth-date__short", autocomplete("bday-month")) }
                { part(YEAR, "Year", &traveller.birth_year, "birth-date__long", autocomplete("bday-year")) }
            </div>
        </fieldset>
    }
}

// The day field has the name of the whole date: errors of the date link to it.
const MONTH: &str = "-month";
const YEAR: &str = "-year";

/// The travellers of the form; `value` returns the input of a control's name.
#[must_use]
pub(crate) fn read(draft: &Draft, value: &dyn Fn(&str) -> String) -> (Vec<Traveller>, String) {
    let travellers = draft.travellers().iter().enumerate().map(|(index, before)| {
        let date = passenger_field(index, "birth_date");
        Traveller {
            passenger_type: before.passenger_type,
            given_name: value(&passenger_field(index, "given_name")),
            family_name: value(&passenger_field(index, "family_name")),
            birth_month: value(&[&date, MONTH].concat()),
            birth_year: value(&[&date, YEAR].concat()),
            birth_day: value(&date),
        }
    });
    (travellers.collect(), value(EMAIL_FIELD))
}

/// The first message of each control of this form.
#[must_use]
pub(crate) fn problems(errors: &[FieldError]) -> Vec<FieldProblem> {
    let mut problems: Vec<FieldProblem> = Vec::new();
    for error in errors {
        let control = control_of(&error.field);
        if FieldProblem::of(&problems, &control).is_none() {
            problems.push(FieldProblem::new(control, error.detail.clone()));
        }
    }
    problems
}

/// The control at which an error of `field` is shown: a field that has none is shown at its passenger's names.
fn control_of(field: &str) -> String {
    match field.split_once("].") {
        Some((passenger, part)) if !["given_name", "family_name", "birth_date"].contains(&part) => {
            control_id(&[passenger, "].family_name"].concat())
        }
        _ => control_id(field),
    }
}

/// `passengers[1].birth_date` is the name of the control `passengers-1-birth_date`.
fn control_id(name: &str) -> String {
    name.chars().filter(|c| *c != ']').map(|c| if matches!(c, '[' | '.') { '-' } else { c }).collect()
}

fn described_by(id: &str, hint: bool, error: bool) -> Option<String> {
    let hint = hint.then(|| [id, "-hint"].concat());
    let error = error.then(|| [id, "-error"].concat());
    let both: Vec<String> = hint.into_iter().chain(error).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

#[cfg(test)]
mod tests {
    use api_types::ProblemCode;

    use super::*;
    use crate::testing::{offer, words};

    fn draft() -> Draft {
        Draft::going_on(None, &[offer()], "key".parse().unwrap())
    }

    #[tokio::test]
    async fn each_of_the_party_is_asked_for_by_type() {
        let shown = words(fields(&draft(), &[])).await;
        for expected in [
            "Traveller 1 of 3 Adult Given names",
            "Traveller 3 of 3 Child Given names",
            "Contact E-mail address",
        ] {
            assert!(shown.contains(expected), "{expected:?} is not in {shown:?}");
        }
    }

    #[tokio::test]
    async fn what_the_service_found_stands_at_its_field() {
        let error = FieldError::new(
            "passengers[2].birth_date",
            ProblemCode::BirthDateMismatch,
            "Not a child on that day.",
        );
        let problems = problems(&[error]);
        assert_eq!(problems[0].control, "passengers-2-birth_date");
        let shown = words(fields(&draft(), &problems)).await;
        assert!(
            shown.contains("For example, 27 3 1985 Error: Not a child on that day. Day Month Year"),
            "{shown}"
        );
    }

    #[test]
    fn an_error_without_a_control_of_its_own_still_leads_to_one() {
        for (field, control) in [
            ("passengers[1].type", "passengers-1-family_name"),
            ("passengers[0].given_name", "passengers-0-given_name"),
            ("contact.email", "contact-email"),
        ] {
            assert_eq!(control_of(field), control);
        }
    }

    #[test]
    fn a_control_shows_its_first_fault_only() {
        let error = |field: &str, detail: &str| FieldError::new(field, ProblemCode::InvalidRequest, detail);
        let problems = problems(&[
            error("passengers[0].type", "one"),
            error("passengers[0].family_name", "two"),
            error("contact.email", "three"),
        ]);
        let told: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(told, ["one", "three"]);
    }

    #[test]
    fn the_fields_are_read_by_the_services_names() {
        let (travellers, email) = read(&draft(), &str::to_owned);
        assert_eq!(travellers[1].family_name, "passengers[1].family_name");
        assert_eq!(travellers[2].birth_year, "passengers[2].birth_date-year");
        assert_eq!(email, "contact.email");
    }
}
