//! Whether the people of a booking are who its offers were made for.

use api_types::{FieldError, LocalDate, Passenger, PassengerType, ProblemCode};

use super::party::Party;

/// Checks `passengers` against the `party` that the offers were made for, and each birth date against the
/// passenger's type on the days of the first and the last departure.
///
/// A type that holds on the first day must still hold on the last: an infant who turns two before the way back
/// needs a seat on it, so the trip is to be booked as for a child, or as two trips.
///
/// Source: docs/programme-rules.md, "Passenger types".
///
/// # Errors
/// Every field that is wrong, and why.
pub fn check(
    passengers: &[Passenger],
    first_departure: LocalDate,
    last_departure: LocalDate,
    party: &Party,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let count = |wanted| passengers.iter().filter(|each| each.passenger_type == wanted).count();
    if PassengerType::ALL.into_iter().any(|each| count(each) != usize::from(party.count(each))) {
        let listed = |count: &dyn Fn(PassengerType) -> usize| {
            let [adults, children, infants] = PassengerType::ALL.map(count);
            format!("{adults} adult(s), {children} child(ren), {infants} infant(s)")
        };
        let offered = |each| usize::from(party.count(each));
        let detail = format!("the offer is for {}, not for {}", listed(&offered), listed(&count));
        errors.push(FieldError::new("passengers", ProblemCode::OfferPartyMismatch, detail));
    }
    for (position, passenger) in passengers.iter().enumerate() {
        if let Some(detail) = contradiction(passenger, first_departure, last_departure) {
            let field = format!("passengers[{position}].birth_date");
            errors.push(FieldError::new(field, ProblemCode::BirthDateMismatch, detail));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// What a birth date has against the passenger's type, in words.
fn contradiction(passenger: &Passenger, first: LocalDate, last: LocalDate) -> Option<String> {
    let wanted = passenger.passenger_type;
    let on = |date| PassengerType::on(date, passenger.birth_date);
    match (on(first), on(last)) {
        (None, _) => Some(format!("nobody born on {} can travel on {first}", passenger.birth_date)),
        (Some(then), _) if then != wanted => {
            Some(format!("on {first} this passenger is {}, not {}", article(then), article(wanted)))
        }
        (_, Some(then)) if then != wanted => {
            Some(format!("on {last}, the last departure, this passenger is no longer {}", article(wanted)))
        }
        _ => None,
    }
}

fn article(passenger_type: PassengerType) -> &'static str {
    match passenger_type {
        PassengerType::Adult => "an adult",
        PassengerType::Child => "a child",
        PassengerType::Infant => "an infant",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passenger(passenger_type: PassengerType, birth_date: &str) -> Passenger {
        Passenger {
            given_name: None,
            family_name: "Okafor".parse().unwrap(),
            birth_date: birth_date.parse().unwrap(),
            passenger_type,
        }
    }

    #[test]
    fn a_birth_date_agrees_with_the_type_on_both_departures() {
        use PassengerType::{Adult, Child, Infant};
        let (first, last) = ("2026-12-05".parse().unwrap(), "2026-12-20".parse().unwrap());
        for (passenger_type, born, said) in [
            (Adult, "1990-02-14", None),
            (Adult, "2014-12-05", None), // twelve on the day
            (Adult, "2014-12-06", Some("on 2026-12-05 this passenger is a child, not an adult")),
            (Child, "2016-01-01", None),
            (Child, "2024-12-05", None), // two on the day
            (
                Child,
                "2014-12-10",
                Some("on 2026-12-20, the last departure, this passenger is no longer a child"),
            ),
            (Child, "2025-03-01", Some("on 2026-12-05 this passenger is an infant, not a child")),
            (Infant, "2025-03-01", None),
            (Infant, "2026-12-05", None),
            (
                Infant,
                "2024-12-20",
                Some("on 2026-12-20, the last departure, this passenger is no longer an infant"),
            ),
            (Infant, "2024-12-21", None),
            (Infant, "2026-12-06", Some("nobody born on 2026-12-06 can travel on 2026-12-05")),
            (Adult, "2100-01-01", Some("nobody born on 2100-01-01 can travel on 2026-12-05")),
        ] {
            let said_by = contradiction(&passenger(passenger_type, born), first, last);
            assert_eq!(said_by.as_deref(), said, "{passenger_type:?} born on {born}");
        }
    }

    #[test]
    fn every_wrong_field_is_named() {
        let (first, last) = ("2026-12-05".parse().unwrap(), "2026-12-20".parse().unwrap());
        let people =
            [passenger(PassengerType::Adult, "2020-01-01"), passenger(PassengerType::Infant, "1980-01-01")];
        let party = Party::new(1, 0, 1).unwrap();
        let errors = check(&people, first, last, &party).unwrap_err();
        let fields: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.code)).collect();
        assert_eq!(
            fields,
            [
                ("passengers[0].birth_date", ProblemCode::BirthDateMismatch),
                ("passengers[1].birth_date", ProblemCode::BirthDateMismatch),
            ]
        );
    }

    #[test]
    fn an_offer_for_others_is_refused() {
        let date = "2026-12-05".parse().unwrap();
        let people = [passenger(PassengerType::Adult, "1980-01-01")];
        let errors = check(&people, date, date, &Party::new(2, 0, 0).unwrap()).unwrap_err();
        assert_eq!(errors[0].code, ProblemCode::OfferPartyMismatch);
        assert_eq!(
            errors[0].detail,
            "the offer is for 2 adult(s), 0 child(ren), 0 infant(s), not for 1 adult(s), 0 child(ren), 0 infant(s)"
        );
        assert_eq!(check(&people, date, date, &Party::one_adult()), Ok(()));
    }
}
