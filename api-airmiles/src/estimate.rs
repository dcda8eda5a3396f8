//! What a flight would earn: the rules of a booking, applied to one adult's seat.

use api_types::{Cabin, Estimate, FareClass, FieldError, Iata, ProblemCode, Tier};
use reference_data::earning;

use crate::domain::{EarningSegment, Party, segment_lines, total};

/// A flight to estimate, as it was asked for: nothing is known to be right yet.
#[derive(Clone, Debug, Default)]
pub struct EstimateQuestion {
    /// Where it takes off.
    pub from: Option<String>,
    /// Where it lands.
    pub to: Option<String>,
    /// The cabin.
    pub cabin: Option<String>,
    /// The class; it must be one of the cabin's.
    pub fare_class: Option<String>,
    /// The member's tier; Coast when it is left out.
    pub tier: Option<String>,
}

/// What one adult's seat would earn.
///
/// # Errors
/// With everything that is wrong with the question, field by field.
pub fn estimate(question: &EstimateQuestion) -> Result<Estimate, Vec<FieldError>> {
    let mut errors = Vec::new();
    let from = noted(airport("from", question.from.as_deref()), &mut errors);
    let to = noted(airport("to", question.to.as_deref()), &mut errors);
    let cabin = noted(required::<Cabin>("cabin", question.cabin.as_deref()), &mut errors);
    let fare_class = noted(required::<FareClass>("fare_class", question.fare_class.as_deref()), &mut errors);
    let tier = match question.tier.as_deref().filter(|text| !text.is_empty()) {
        None => Some(Tier::default()),
        given => noted(required::<Tier>("tier", given), &mut errors),
    };
    let distance_mi = from.zip(to).and_then(|(from, to)| noted(distance(from, to), &mut errors));
    if let Some((cabin, fare_class)) = cabin.zip(fare_class).filter(|(cabin, class)| class.cabin() != *cabin)
    {
        let detail = format!("fare class {fare_class} is sold in {}, not in {cabin}", fare_class.cabin());
        errors.push(FieldError::new("fare_class", ProblemCode::InvalidRequest, detail));
    }
    match (from, to, cabin, fare_class, tier, distance_mi) {
        (Some(from), Some(to), Some(cabin), Some(fare_class), Some(tier), Some(distance_mi))
            if errors.is_empty() =>
        {
            let segment = EarningSegment {
                flight_number: None,
                from,
                to,
                departure_date: None,
                fare_class,
                distance_mi,
            };
            let lines = segment_lines(&segment, Party::MEMBER_ALONE, tier);
            let (miles, rules_version) = (total(&lines), earning::chart().version.clone());
            Ok(Estimate { from, to, cabin, fare_class, tier, distance_mi, miles, rules_version, lines })
        }
        _ => Err(errors),
    }
}

fn noted<T>(parsed: Result<T, FieldError>, errors: &mut Vec<FieldError>) -> Option<T> {
    parsed.map_err(|error| errors.push(error)).ok()
}

fn required<T: std::str::FromStr<Err = api_types::ParseError>>(
    field: &'static str,
    text: Option<&str>,
) -> Result<T, FieldError> {
    let refuse = |detail: String| FieldError::new(field, ProblemCode::InvalidRequest, detail);
    match text.filter(|text| !text.is_empty()) {
        None => Err(refuse("is missing".to_owned())),
        Some(text) => text.parse().map_err(|error: api_types::ParseError| refuse(error.to_string())),
    }
}

/// An airport, not a city: a flight lands at one airport, and each has its own distance.
fn airport(field: &'static str, text: Option<&str>) -> Result<Iata, FieldError> {
    let iata = required::<Iata>(field, text)?;
    if reference_data::airport(iata).is_some() {
        return Ok(iata);
    }
    let of_city = reference_data::airports_of(iata);
    let detail = if of_city.is_empty() {
        format!("Tern serves no airport {iata}")
    } else {
        let choices = of_city.iter().map(Iata::as_str).collect::<Vec<_>>().join(", ");
        format!("{iata} is a city: choose one of its airports, {choices}")
    };
    Err(FieldError::new(field, ProblemCode::UnknownAirport, detail))
}

fn distance(from: Iata, to: Iata) -> Result<u32, FieldError> {
    let city = |iata| reference_data::airport(iata).and_then(|airport| airport.metro);
    let same_city = city(from).is_some() && city(from) == city(to);
    if from == to || same_city {
        let detail = if same_city && from != to {
            format!("{to} is in the same city as {from}")
        } else {
            format!("{to} is where the flight takes off")
        };
        return Err(FieldError::new("to", ProblemCode::SameOriginAndDestination, detail));
    }
    reference_data::distance_mi(from, to).ok_or_else(|| {
        FieldError::new("to", ProblemCode::UnknownAirport, format!("Tern knows no way from {from} to {to}"))
    })
}
