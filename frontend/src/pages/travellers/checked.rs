//! From input to a request, or to messages: presence and form only. The service checks whether a birth date fits
//! the passenger's type.

use api_types::{
    BookingRequest, Contact, EmailAddress, FieldError, LocalDate, Passenger, PersonName, ProblemCode,
};

use crate::state::draft::{Draft, Traveller};

/// The request for `draft`.
///
/// # Errors
/// The fields to correct, by the service's names (`passengers[1].birth_date`), in the order of the page.
pub(crate) fn checked(draft: &Draft) -> Result<BookingRequest, Vec<FieldError>> {
    let mut errors = Vec::new();
    let alone = draft.travellers().len() == 1;
    let mut passengers = Vec::new();
    for (index, traveller) in draft.travellers().iter().enumerate() {
        let of_whom = if alone { String::new() } else { format!(" of traveller {}", index + 1) };
        let mut fault = |field: &str, detail: String| {
            errors.push(FieldError::new(passenger_field(index, field), ProblemCode::InvalidRequest, detail));
        };
        let given_name = name(&traveller.given_name, &of_whom).unwrap_or_else(|detail| {
            fault("given_name", detail);
            None
        });
        let family_name = match name(&traveller.family_name, &of_whom) {
            Ok(Some(family_name)) => Some(family_name),
            Ok(None) => {
                fault(
                    "family_name",
                    ["Enter the family name", &of_whom, " as shown in the passport"].concat(),
                );
                None
            }
            Err(detail) => {
                fault("family_name", detail);
                None
            }
        };
        let birth_date = birth_date(traveller, &of_whom).unwrap_or_else(|detail| {
            fault("birth_date", detail);
            None
        });
        if let (Some(family_name), Some(birth_date)) = (family_name, birth_date) {
            let passenger_type = traveller.passenger_type;
            passengers.push(Passenger { given_name, family_name, birth_date, passenger_type });
        }
    }
    match draft.email().parse::<EmailAddress>() {
        Ok(email) if errors.is_empty() => Ok(BookingRequest {
            offer_ids: draft.offer_ids().to_vec(),
            passengers,
            contact: Contact { email },
        }),
        Ok(_) => Err(errors),
        Err(_) => {
            let detail = if draft.email().trim().is_empty() {
                "Enter an e-mail address"
            } else {
                "Enter an e-mail address in full, such as zoe@example.com"
            };
            errors.push(FieldError::new(EMAIL_FIELD, ProblemCode::InvalidRequest, detail));
            Err(errors)
        }
    }
}

/// The service's name of the e-mail field.
pub(crate) const EMAIL_FIELD: &str = "contact.email";

/// The service's name of a field of the passenger at `index`.
#[must_use]
pub(crate) fn passenger_field(index: usize, field: &str) -> String {
    format!("passengers[{index}].{field}")
}

fn name(typed: &str, of_whom: &str) -> Result<Option<PersonName>, String> {
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let refused = |error: api_types::ParseError| match of_whom {
        "" => capitalised(error.expected),
        _ => ["The name", of_whom, ": ", error.expected].concat(),
    };
    typed.parse().map(Some).map_err(refused)
}

fn birth_date(traveller: &Traveller, of_whom: &str) -> Result<Option<LocalDate>, String> {
    let parts = [&traveller.birth_day, &traveller.birth_month, &traveller.birth_year].map(|part| part.trim());
    if parts.iter().all(|part| part.is_empty()) {
        return Err(["Enter the date of birth", of_whom].concat());
    }
    let [day, month, year] = parts;
    let date = (|| LocalDate::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?))();
    match date {
        Some(date) => Ok(Some(date)),
        None => {
            Err(["Enter a date of birth", of_whom, " that exists: day, month and year with four digits"]
                .concat())
        }
    }
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::offer;

    fn draft(change: impl FnOnce(&mut Vec<Traveller>)) -> Draft {
        let mut draft = Draft::going_on(None, &[offer()], "key".parse().unwrap());
        let mut travellers = draft.travellers().to_vec();
        for (traveller, [given, family, day, month, year]) in travellers.iter_mut().zip([
            [" Kenji ", "Mori", "9", "03", "1985"],
            ["", "Suharto", "01", "7", "1987"],
            ["Emi", "Mori", "31", "1", "2019"],
        ]) {
            traveller.given_name = given.to_owned();
            traveller.family_name = family.to_owned();
            traveller.birth_day = day.to_owned();
            traveller.birth_month = month.to_owned();
            traveller.birth_year = year.to_owned();
        }
        change(&mut travellers);
        draft.enter(travellers, " kenji@example.com ".to_owned(), "key".parse().unwrap());
        draft
    }

    #[test]
    fn what_was_typed_becomes_the_request() {
        let request = checked(&draft(|_| {})).unwrap();
        assert_eq!(request.passengers, crate::testing::booking().passengers);
        assert_eq!(request.contact.email.as_str(), "kenji@example.com");
        assert_eq!(request.offer_ids, [offer().offer_id]);
    }

    #[test]
    fn each_fault_is_named_where_the_service_would_name_it() {
        let faulty = draft(|travellers| {
            travellers[0].family_name = "  ".to_owned();
            travellers[1].given_name = "Su\u{7}harto".to_owned();
            travellers[1].birth_month = "13".to_owned();
            travellers[2].birth_day.clear();
            travellers[2].birth_month.clear();
            travellers[2].birth_year.clear();
        });
        let errors = checked(&faulty).unwrap_err();
        let told: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.detail.as_str())).collect();
        assert_eq!(
            told,
            [
                (
                    "passengers[0].family_name",
                    "Enter the family name of traveller 1 as shown in the passport"
                ),
                (
                    "passengers[1].given_name",
                    "The name of traveller 2: a name can't contain control or invisible characters"
                ),
                (
                    "passengers[1].birth_date",
                    "Enter a date of birth of traveller 2 that exists: day, month and year with four digits"
                ),
                ("passengers[2].birth_date", "Enter the date of birth of traveller 3"),
            ]
        );
    }

    #[test]
    fn an_address_of_no_shape_is_asked_for_again() {
        for (typed, detail) in [
            ("", "Enter an e-mail address"),
            ("kenji", "Enter an e-mail address in full, such as zoe@example.com"),
        ] {
            let mut draft = draft(|_| {});
            let travellers = draft.travellers().to_vec();
            draft.enter(travellers, typed.to_owned(), "key".parse().unwrap());
            let errors = checked(&draft).unwrap_err();
            assert_eq!(
                (errors.len(), errors[0].field.as_str(), errors[0].detail.as_str()),
                (1, EMAIL_FIELD, detail)
            );
        }
    }

    #[test]
    fn a_year_of_two_digits_is_not_guessed() {
        let errors = checked(&draft(|travellers| travellers[0].birth_year = "85".to_owned())).unwrap_err();
        assert_eq!(errors[0].field, "passengers[0].birth_date");
    }
}
