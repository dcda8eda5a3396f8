//! The number of passengers by type.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::form::SearchForm;
use crate::{components::people_words, route::Party};

/// A disclosure with the party as its label and a stepper per passenger type.
pub(super) fn travellers(form: &UseReducerHandle<SearchForm>, error: Option<AttrValue>) -> Html {
    html! {
        <div class={classes!("field", "travellers", error.is_some().then_some("field--wrong"))}>
            <span class="field__label" id="travellers-label">{ "Travellers" }</span>
            if let Some(error) = &error {
                <p class="field__error" id="travellers-error"><span class="visually-hidden">{ "Error: " }</span>{ error }</p>
            }
            <details class="travellers__details">
                <summary id="travellers" class="input" aria-describedby="travellers-label">
                    { people_words(form.adults, form.children, form.infants) }
                </summary>
                <div class="travellers__panel">
                    { stepper(form, "adults", "Adults", "12 years or older", form.adults, 1, |form, count| form.adults = count) }
                    { stepper(form, "children", "Children", "2 to 11 years", form.children, 0, |form, count| form.children = count) }
                    { stepper(form, "infants", "Infants", "under 2, on a lap", form.infants, 0, |form, count| form.infants = count) }
                </div>
            </details>
        </div>
    }
}

fn stepper(
    form: &UseReducerHandle<SearchForm>,
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    count: u8,
    least: u8,
    set: fn(&mut SearchForm, u8),
) -> Html {
    let to = |count: u8| {
        let form = form.clone();
        Callback::from(move |_: MouseEvent| {
            form.dispatch(Box::new(move |form: &mut SearchForm| set(form, count)))
        })
    };
    let onchange = {
        let form = form.clone();
        Callback::from(move |event: Event| {
            let typed =
                event.target_dyn_into::<HtmlInputElement>().and_then(|input| input.value().parse().ok());
            let count = typed.unwrap_or(least).clamp(least, Party::MAX);
            form.dispatch(Box::new(move |form: &mut SearchForm| set(form, count)));
        })
    };
    let fewer = count.saturating_sub(1).max(least);
    let more = (count + 1).min(Party::MAX);
    html! {
        <div class="stepper">
            <label class="stepper__label" for={id}>{ label }<span>{ hint }</span></label>
            <button type="button" class="stepper__button" aria-label={["Fewer ", id].concat()}
                aria-disabled={(fewer == count).then_some("true")} onclick={to(fewer)}>{ "\u{2212}" }</button>
            <input type="number" {id} name={id} inputmode="numeric" min={least.to_string()} max={Party::MAX.to_string()}
                value={count.to_string()} {onchange} />
            <button type="button" class="stepper__button" aria-label={["More ", id].concat()}
                aria-disabled={(more == count).then_some("true")} onclick={to(more)}>{ "+" }</button>
        </div>
    }
}
