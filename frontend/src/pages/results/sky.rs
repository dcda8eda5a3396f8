//! The sky strip of a flight card: the light at departure, on the way, and at arrival, by local time.

/// The light of an hour, as the name of an SVG gradient stop's class.
#[must_use]
pub(super) fn light(hour: u8) -> &'static str {
    match hour {
        5..=6 => "sky--dawn",
        7..=8 => "sky--morning",
        9..=16 => "sky--day",
        17..=18 => "sky--afternoon",
        19..=20 => "sky--dusk",
        _ => "sky--night",
    }
}

/// The lights at four points of a flight, evenly apart, by the hours on the clocks at both ends and its duration.
///
/// Clocks along the way are taken to run evenly between the ends. Crossing the date line changes the date but not
/// the light, so the zones' difference counts as the shorter way round.
#[must_use]
pub(super) fn lights(departure_hour: u8, arrival_hour: u8, duration_minutes: u32) -> [&'static str; 4] {
    let flown = i32::try_from((duration_minutes + 30) / 60).unwrap_or(0);
    let start = i32::from(departure_hour);
    let zones = (i32::from(arrival_hour) - start - flown + 12).rem_euclid(24) - 12;
    let at = |third: i32| {
        let hour = (start + (flown + zones) * third / 3).rem_euclid(24);
        light(u8::try_from(hour).unwrap_or_default())
    };
    [at(0), at(1), at(2), light(arrival_hour)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_goes_from_the_light_at_departure_to_that_at_arrival() {
        for (departure, arrival, minutes, strip) in [
            (9, 15, 360, ["day", "day", "day", "day"]),
            (13, 17, 675, ["day", "day", "day", "afternoon"]), // San Francisco to Tokyo, after the sun
            (17, 11, 570, ["afternoon", "night", "dawn", "day"]), // and back, against it: dawn over the ocean
            (23, 6, 420, ["night", "night", "night", "dawn"]),
            (20, 8, 420, ["dusk", "night", "night", "morning"]),
        ] {
            assert_eq!(
                lights(departure, arrival, minutes),
                strip.map(|name| format!("sky--{name}")),
                "{departure} to {arrival}"
            );
        }
    }
}
