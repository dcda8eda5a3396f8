//! The miles that a flight would earn: the rules of a booking, applied to one adult's seat.

use api_types::{Cabin, Estimate, FareClass, FieldError, Iata, ProblemCode, Tier};
use reference_data::earning::EarningChart;

use crate::domain::{EarningSegment, Party, segment_lines, total};

/// A flight to estimate. A field that is missing or could not be read is `None`; the others are checked all the same.
#[derive(Clone, Debug, Default)]
pub struct EstimateQuestion {
    /// The airport of departure.
    pub from: Option<Iata>,
    /// The airport of arrival.
    pub to: Option<Iata>,
    pub cabin: Option<Cabin>,
    /// A class of that cabin.
    pub fare_class: Option<FareClass>,
    pub tier: Tier,
}

/// The miles of one adult's seat.
///
/// # Errors
/// With everything that is wrong with the question, field by field.
pub fn estimate(chart: &EarningChart, question: &EstimateQuestion) -> Result<Estimate, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut checked = |airport: Result<Iata, FieldError>| airport.map_err(|error| errors.push(error)).ok();
    let from = question.from.and_then(|from| checked(airport("from", from)));
    let to = question.to.and_then(|to| checked(airport("to", to)));
    let distance_mi =
        from.zip(to).and_then(|(from, to)| distance(from, to).map_err(|error| errors.push(error)).ok());
    let (cabin, fare_class, tier) = (question.cabin, question.fare_class, question.tier);
    if let Some((cabin, fare_class)) = cabin.zip(fare_class).filter(|(cabin, class)| class.cabin() != *cabin)
    {
        let detail = format!("fare class {fare_class} is sold in {}, not in {cabin}", fare_class.cabin());
        errors.push(FieldError::new("fare_class", ProblemCode::InvalidRequest, detail));
    }
    match (from, to, cabin, fare_class, distance_mi) {
        (Some(from), Some(to), Some(cabin), Some(fare_class), Some(distance_mi)) if errors.is_empty() => {
            let segment = EarningSegment {
                flight_number: None,
                from,
                to,
                departure_date: None,
                fare_class,
                distance_mi,
            };
            let lines = segment_lines(chart, &segment, Party::MEMBER_ALONE, tier);
            let (miles, rules_version) = (total(&lines), chart.version.clone());
            Ok(Estimate { from, to, cabin, fare_class, tier, distance_mi, miles, rules_version, lines })
        }
        _ => Err(errors),
    }
}

/// An airport, not a city: a flight lands at one airport, and each has its own distance.
fn airport(field: &'static str, iata: Iata) -> Result<Iata, FieldError> {
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
    if reference_data::same_city(from, to) {
        let detail = if from == to {
            format!("{to} is where the flight takes off")
        } else {
            format!("{to} is in the same city as {from}")
        };
        return Err(FieldError::new("to", ProblemCode::SameOriginAndDestination, detail));
    }
    reference_data::distance_mi(from, to).ok_or_else(|| {
        FieldError::new(
            "to",
            ProblemCode::UnknownAirport,
            format!("Tern has no distance from {from} to {to}"),
        )
    })
}
