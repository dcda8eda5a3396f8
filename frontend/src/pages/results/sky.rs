//! The sky strip of a flight card: the light outside at departure, on the way, and at arrival, by the clocks there.

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

/// The lights of a flight that leaves at one local hour and lands at another after so many minutes: both ends, and
/// two between, for which the local clock is taken to run evenly from one end to the other.
#[must_use]
pub(super) fn lights(departure_hour: u8, arrival_hour: u8, days_later: i32) -> [&'static str; 4] {
    let start = i32::from(departure_hour);
    let shown_hours = days_later * 24 + i32::from(arrival_hour) - start;
    let at = |third: i32| {
        let hour = (start + shown_hours * third / 3).rem_euclid(24);
        light(u8::try_from(hour).unwrap_or_default())
    };
    [at(0), at(1), at(2), at(3)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strip_goes_from_the_light_at_departure_to_that_at_arrival() {
        assert_eq!(lights(9, 15, 0), ["sky--day"; 4]);
        assert_eq!(lights(23, 6, 1), ["sky--night", "sky--night", "sky--night", "sky--dawn"]);
        assert_eq!(lights(17, 9, 1)[0], "sky--afternoon");
        assert_eq!(lights(17, 9, 1)[3], "sky--day");
    }

    #[test]
    fn landing_before_one_left_by_the_clock_is_no_trouble() {
        assert_eq!(lights(0, 20, -1), ["sky--night", "sky--night", "sky--night", "sky--dusk"]);
    }
}
