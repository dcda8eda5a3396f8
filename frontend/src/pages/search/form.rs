//! The state of the search form, and its validation.

use std::rc::Rc;

use api_types::{Cabin, Iata, LocalDate};
use yew::prelude::*;

use crate::{
    components::FieldProblem,
    route::{FlightSearch, Party, SearchDraft},
};

/// The form as it is filled in.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SearchForm {
    pub from: Option<Iata>,
    pub to: Option<Iata>,
    /// The outbound date.
    pub depart: Option<LocalDate>,
    /// The return date.
    pub back: Option<LocalDate>,
    /// A one-way search.
    pub one_way: bool,
    /// 12 years or older.
    pub adults: u8,
    /// 2 to 11 years.
    pub children: u8,
    /// Under 2 years.
    pub infants: u8,
    pub cabin: Cabin,
}

impl Reducible for SearchForm {
    type Action = Box<dyn FnOnce(&mut Self)>;

    fn reduce(mut self: Rc<Self>, edit: Self::Action) -> Rc<Self> {
        edit(Rc::make_mut(&mut self));
        self
    }
}

impl From<&SearchDraft> for SearchForm {
    fn from(draft: &SearchDraft) -> Self {
        Self {
            from: draft.from,
            to: draft.to,
            depart: draft.depart,
            back: draft.back,
            one_way: draft.one_way,
            adults: draft.party.adults(),
            children: draft.party.children(),
            infants: draft.party.infants(),
            cabin: draft.cabin,
        }
    }
}

impl SearchForm {
    /// Swaps origin and destination.
    pub(super) fn swap(&mut self) {
        std::mem::swap(&mut self.from, &mut self.to);
    }

    /// The search, if the form is complete.
    ///
    /// # Errors
    /// Messages for missing and contradictory fields, in the order of the form.
    pub(super) fn check(&self, today: LocalDate) -> Result<FlightSearch, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let mut wrong =
            |control: &'static str, message: &'static str| problems.push(FieldProblem::new(control, message));
        if self.from.is_none() {
            wrong("from", "Choose where you fly from");
        }
        match self.to {
            None => wrong("to", "Choose where you fly to"),
            Some(to) if Some(to) == self.from => wrong("to", "Choose two different places"),
            Some(_) => {}
        }
        match self.depart {
            None => wrong("depart", "Enter the day you leave"),
            Some(depart) if depart < today => wrong("depart", "The day you leave is over"),
            Some(_) => {}
        }
        let back = self.back.filter(|_| !self.one_way);
        match (self.one_way, back) {
            (false, None) => wrong("return", "Enter the day you come back, or choose one way"),
            (_, Some(back)) if self.depart.is_some_and(|depart| back < depart) => {
                wrong("return", "The day you come back must not be before the day you leave");
            }
            _ => {}
        }
        let party = Party::new(self.adults, self.children, self.infants);
        if party.is_none() {
            wrong(
                "travellers",
                if self.infants > self.adults {
                    "Each infant needs an adult's lap"
                } else {
                    "One to nine people can book together, one of them an adult"
                },
            );
        }
        match (self.from, self.to, self.depart, party) {
            (Some(from), Some(to), Some(depart), Some(party)) if problems.is_empty() => {
                Ok(FlightSearch { from, to, depart, back, party, cabin: self.cabin })
            }
            _ => Err(problems),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> SearchForm {
        SearchForm {
            from: "SFO".parse().ok(),
            to: "TYO".parse().ok(),
            depart: "2026-12-05".parse().ok(),
            back: "2026-12-12".parse().ok(),
            one_way: false,
            adults: 2,
            children: 1,
            infants: 0,
            cabin: Cabin::Economy,
        }
    }

    fn today() -> LocalDate {
        "2026-11-20".parse().unwrap()
    }

    #[test]
    fn a_whole_form_is_a_search() {
        let search = form().check(today()).unwrap();
        assert_eq!(search.back, "2026-12-12".parse().ok());
        assert_eq!(search.party.total(), 3);
    }

    #[test]
    fn one_way_forgets_the_way_back() {
        let search = SearchForm { one_way: true, ..form() }.check(today()).unwrap();
        assert_eq!(search.back, None);
    }

    #[test]
    fn what_is_missing_is_named_at_its_field() {
        let date = |text: &str| text.parse::<LocalDate>().ok();
        for (form, controls) in [
            (SearchForm { from: None, to: None, ..form() }, vec!["from", "to"]),
            (SearchForm { to: "SFO".parse().ok(), ..form() }, vec!["to"]),
            (SearchForm { depart: None, back: None, ..form() }, vec!["depart", "return"]),
            (SearchForm { depart: date("2026-11-19"), ..form() }, vec!["depart"]),
            (SearchForm { back: date("2026-12-04"), ..form() }, vec!["return"]),
            (SearchForm { infants: 3, ..form() }, vec!["travellers"]),
            (SearchForm { adults: 9, ..form() }, vec!["travellers"]),
        ] {
            let problems = form.check(today()).unwrap_err();
            let named: Vec<&str> = problems.iter().map(|problem| problem.control.as_str()).collect();
            assert_eq!(named, controls, "{form:?}");
        }
    }
}
