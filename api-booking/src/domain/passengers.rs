//! Whether the people of a booking are who its offers were made for, and how their names are stored.

use api_types::{FieldError, LocalDate, Passenger, PassengerType, PersonName, ProblemCode};
use unicode_normalization::UnicodeNormalization;

use super::party::Party;

/// The age from which a passenger may hold an infant.
///
/// Source: docs/programme-rules.md, "Passenger types".
const LAP_AGE: u32 = 18;

/// `passengers` with their names in Unicode's normalisation form C, in which equal names have equal characters.
///
/// # Errors
/// Every name that gets too long by it.
pub fn with_normalised_names(passengers: &[Passenger]) -> Result<Vec<Passenger>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut normalised = passengers.to_vec();
    for (position, passenger) in normalised.iter_mut().enumerate() {
        let names = [
            ("given_name", passenger.given_name.as_mut()),
            ("family_name", Some(&mut passenger.family_name)),
        ];
        for (field, name) in names {
            let Some(name) = name else { continue };
            match name.as_str().nfc().collect::<String>().parse::<PersonName>() {
                Ok(nfc) => *name = nfc,
                Err(error) => {
                    let field = format!("passengers[{position}].{field}");
                    errors.push(FieldError::new(field, ProblemCode::InvalidRequest, error.expected));
                }
            }
        }
    }
    if errors.is_empty() { Ok(normalised) } else { Err(errors) }
}

/// Checks `passengers` against the `party` that the offers were made for, and each birth date against the
/// passenger's type on the days of the first and the last departure.
///
/// A type that holds on the first day must still hold on the last: an infant who turns two before the way back
/// needs a seat on it, so the trip is to be booked as for a child, or as two trips. Each infant needs the lap of a
/// passenger of [`LAP_AGE`] or older.
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
    errors.extend(infants_without_a_lap(passengers, first_departure));
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// One error for each infant more than there are passengers who may hold one.
fn infants_without_a_lap(passengers: &[Passenger], first_departure: LocalDate) -> Vec<FieldError> {
    let is_old_enough = |passenger: &&Passenger| {
        passenger.birth_date.age_on(first_departure).is_some_and(|age| age >= LAP_AGE)
    };
    let laps = passengers.iter().filter(is_old_enough).count();
    let infants =
        passengers.iter().enumerate().filter(|(_, each)| each.passenger_type == PassengerType::Infant);
    let refused = |(position, _)| {
        let field = format!("passengers[{position}].birth_date");
        let detail =
            format!("an infant travels on the lap of a passenger of {LAP_AGE} or older, one on each");
        FieldError::new(field, ProblemCode::InfantWithoutAdult, detail)
    };
    infants.skip(laps).map(refused).collect()
}

/// How a birth date contradicts the passenger's type, in words.
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
    fn an_infant_needs_the_lap_of_a_grown_up() {
        use PassengerType::{Adult, Child, Infant};
        let date: LocalDate = "2026-12-05".parse().unwrap();
        let (infant, other_infant) = ((Infant, "2026-01-15"), (Infant, "2025-06-01"));
        for (people, refused) in [
            (vec![(Adult, "2008-12-05"), infant], vec![]), // eighteen on the day
            (vec![(Adult, "2008-12-06"), infant], vec!["passengers[1].birth_date"]),
            (vec![(Adult, "2014-12-05"), infant], vec!["passengers[1].birth_date"]), // twelve, alone
            (vec![infant, (Adult, "2014-12-05"), (Adult, "1990-01-01")], vec![]),
            (
                vec![(Adult, "2014-12-05"), (Adult, "1990-01-01"), infant, other_infant],
                vec!["passengers[3].birth_date"],
            ),
            (vec![(Adult, "2014-12-05"), (Child, "2016-01-01")], vec![]), // nobody sits on a lap
        ] {
            let passengers: Vec<_> = people.iter().map(|(of_type, born)| passenger(*of_type, born)).collect();
            let count = |of_type| people.iter().filter(|(each, _)| *each == of_type).count() as u8;
            let party = Party::new(count(Adult), count(Child), count(Infant)).unwrap();
            let errors = check(&passengers, date, date, &party).err().unwrap_or_default();
            let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
            assert_eq!(fields, refused, "{people:?}");
            assert!(errors.iter().all(|error| error.code == ProblemCode::InfantWithoutAdult), "{errors:?}");
        }
    }

    #[test]
    fn names_are_stored_in_one_normalisation_form() {
        let named = |given: &str, family: &str| Passenger {
            given_name: Some(given.parse().unwrap()),
            family_name: family.parse().unwrap(),
            ..passenger(PassengerType::Adult, "1990-01-01")
        };
        let composed = named("Zo\u{EB}", "\u{C5}ngstr\u{F6}m");
        let decomposed = named("Zoe\u{308}", "A\u{30A}ngstro\u{308}m");
        let angstrom_sign = named("Zoe\u{308}", "\u{212B}ngstr\u{F6}m");
        assert_ne!(decomposed, composed);
        for spelling in [&composed, &decomposed, &angstrom_sign] {
            assert_eq!(with_normalised_names(std::slice::from_ref(spelling)), Ok(vec![composed.clone()]));
        }
        // U+0958 is two characters in form C: sixty of them are too many.
        let too_long = named("Zoe", &"\u{958}".repeat(60));
        let errors = with_normalised_names(&[composed.clone(), too_long]).unwrap_err();
        assert_eq!(errors[0].field, "passengers[1].family_name");
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
