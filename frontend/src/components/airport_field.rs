//! An airport field: a combobox with a list of suggestions (ARIA "list autocomplete").

use std::rc::Rc;

use api_types::Iata;
use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::{airport_search::Place, format, hooks::KnownAirports};

const SUGGESTIONS: usize = 8;

#[derive(Properties, PartialEq)]
pub struct AirportFieldProps {
    /// The `id` of the input, and its name in the form.
    pub id: AttrValue,
    /// The label: `From`.
    pub label: AttrValue,
    /// The airports; suggestions come once they are known.
    pub airports: Option<Rc<KnownAirports>>,
    /// The chosen airport or city.
    pub value: Option<Iata>,
    /// Called with the new choice; `None` while the text matches no place.
    pub onchange: Callback<Option<Iata>>,
    #[prop_or_default]
    pub error: Option<AttrValue>,
}

/// An input that suggests airports. Enter, Tab and leaving the field take the best suggestion.
/// On narrow screens it covers the screen while suggestions are open.
#[component]
pub fn AirportField(props: &AirportFieldProps) -> Html {
    let input = use_node_ref();
    let typed = use_state(String::new); // what was typed since something was chosen
    let open = use_state(|| false);
    let active = use_state(|| 0_usize);

    let places: Vec<Place> = match &props.airports {
        Some(airports) if *open => airports.index.search(&typed, SUGGESTIONS).into_iter().cloned().collect(),
        Some(_) | None => Vec::new(),
    };
    let label = |code: Iata| {
        let known = props.airports.as_ref().and_then(|airports| airports.index.place(code));
        known.map_or_else(|| code.to_string(), Place::label)
    };
    let shown = props.value.map(label);
    {
        // While the user types, the input is not overwritten; only a choice sets it.
        let input = input.clone();
        use_effect_with(shown.clone(), move |shown| {
            if let (Some(input), Some(shown)) = (input.cast::<HtmlInputElement>(), shown) {
                input.set_value(shown);
            }
        });
    }

    let choose = {
        let (typed, open, onchange, input) =
            (typed.clone(), open.clone(), props.onchange.clone(), input.clone());
        Callback::from(move |place: Place| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.set_value(&place.label());
            }
            typed.set(String::new());
            open.set(false);
            onchange.emit(Some(place.iata));
        })
    };
    let oninput = {
        let (typed, open, active, onchange) =
            (typed.clone(), open.clone(), active.clone(), props.onchange.clone());
        Callback::from(move |event: InputEvent| {
            let text =
                event.target_dyn_into::<HtmlInputElement>().map(|input| input.value()).unwrap_or_default();
            open.set(!text.trim().is_empty());
            typed.set(text);
            active.set(0);
            onchange.emit(None);
        })
    };
    let onkeydown = {
        let (open, active, places, choose) = (open.clone(), active.clone(), places.clone(), choose.clone());
        Callback::from(move |event: KeyboardEvent| {
            if event.is_composing() || places.is_empty() {
                if event.key() == "Escape" {
                    open.set(false);
                }
                return;
            }
            match event.key().as_str() {
                "ArrowDown" => active.set((*active + 1) % places.len()),
                "ArrowUp" => active.set((*active + places.len() - 1) % places.len()),
                "Escape" => open.set(false),
                "Enter" => choose.emit(places[(*active).min(places.len() - 1)].clone()),
                _ => return,
            }
            event.prevent_default();
        })
    };
    let onblur = {
        let (open, active, places, choose) = (open.clone(), active.clone(), places.clone(), choose.clone());
        Callback::from(move |_: FocusEvent| match places.get(*active) {
            Some(place) => choose.emit(place.clone()),
            None => open.set(false),
        })
    };
    let onfocus = {
        let input = input.clone();
        Callback::from(move |_: FocusEvent| {
            if let Some(input) = input.cast::<HtmlInputElement>() {
                input.select(); // typing replaces what was chosen
            }
        })
    };
    let close = {
        let (input, open) = (input.clone(), open.clone());
        Callback::from(move |_: MouseEvent| {
            open.set(false);
            if let Some(input) = input.cast::<HtmlElement>() {
                input.focus().ok();
            }
        })
    };

    let id = &props.id;
    let list_id = [id, "-list"].concat();
    let option_id = |position: usize| format!("{id}-{position}");
    let active_option = places.get(*active).map(|_| option_id(*active));
    let described = props.error.is_some().then(|| [id, "-error"].concat());
    let covers = (*open).then_some("airport-field--open");
    html! {
        <div class={classes!("field", "airport-field", covers, props.error.is_some().then_some("field--wrong"))}>
            <label class="field__label" for={id}>{ &props.label }</label>
            if let Some(error) = &props.error {
                <p class="field__error" id={[id, "-error"].concat()}>
                    <span class="visually-hidden">{ "Error: " }</span>{ error }
                </p>
            }
            <input ref={input} {id} name={id} type="text" role="combobox" autocomplete="off" autocapitalize="words"
                spellcheck="false" placeholder="City or airport" aria-autocomplete="list"
                aria-expanded={if *open { "true" } else { "false" }} aria-controls={list_id.clone()}
                aria-activedescendant={active_option} aria-describedby={described}
                aria-invalid={props.error.is_some().then_some("true")} {oninput} {onkeydown} {onblur} {onfocus} />
            if *open {
                <button type="button" class="airport-field__close button button--quiet" tabindex="-1" onmousedown={keep_focus()}
                    onclick={close}>{ "Close" }</button>
            }
            <ul class="airport-field__list" id={list_id} role="listbox" aria-label={["Suggestions, ", &props.label].concat()}
                hidden={places.is_empty()} onmousedown={keep_focus()}>
                for (position, place) in places.iter().enumerate() {
                    { option(place, option_id(position), position == *active, &choose) }
                }
            </ul>
            <p class="airport-field__none" role="status">
                if *open && places.is_empty() && props.airports.is_some() {
                    { "No airport matches \u{201c}" }<bdi>{ (*typed).trim() }</bdi>{ "\u{201d}. Try a city or a three-letter code." }
                }
            </p>
        </div>
    }
}

fn option(place: &Place, id: String, active: bool, choose: &Callback<Place>) -> Html {
    let onclick = {
        let place = place.clone();
        choose.reform(move |_: MouseEvent| place.clone())
    };
    let (name, detail) = match &place.airport {
        Some(airport) => (place.city.clone(), airport.clone()),
        None => ([&place.city, ", all airports"].concat(), format::country(&place.country)),
    };
    html! {
        <li key={place.iata.as_str()} {id} role="option" aria-selected={if active { "true" } else { "false" }}
            class={classes!("airport-field__option", place.airport.is_none().then_some("airport-field__option--city"))} {onclick}>
            <span class="airport-field__name">{ name }</span>
            <span class="airport-field__detail">{ detail }</span>
            <bdi class="airport-field__code">{ place.iata.as_str() }</bdi>
        </li>
    }
}

/// A press outside the input would take its focus, and so choose before the click arrives.
fn keep_focus() -> Callback<MouseEvent> {
    Callback::from(|event: MouseEvent| event.prevent_default())
}
