//! Distances between served airports, on the WGS84 ellipsoid.
//!
//! A sphere (haversine) is 9 miles short between Kennedy and Heathrow, and miles are money. A test compares 351
//! pairs with the Python package `geographiclib`. Each pair is computed on first use (about a microsecond) and
//! kept; a stored table of all 14,365 pairs would be one more file to keep correct.

use std::sync::{
    LazyLock,
    atomic::{AtomicU16, Ordering},
};

use api_types::Iata;
use geographiclib_rs::{Geodesic, InverseGeodesic as _};

use crate::places::{ServedAirport, airports, position};

/// Metres in an international (statute) mile.
const METRES_PER_MILE: f64 = 1609.344;

/// The ellipsoid, and every distance computed so far.
struct Distances {
    earth: Geodesic,
    /// By positions of both airports, the larger first; 0 if not yet computed.
    known_mi: Vec<AtomicU16>,
}

static DISTANCES: LazyLock<Distances> = LazyLock::new(|| {
    let pairs = airports().len() * (airports().len() + 1) / 2;
    Distances { earth: Geodesic::wgs84(), known_mi: (0..pairs).map(|_| AtomicU16::new(0)).collect() }
});

/// The length of the WGS84 geodesic between two served airports in statute miles, rounded to the nearest;
/// `None` if Tern doesn't serve one of them. The same in both directions; 0 from an airport to itself.
///
/// Source: docs/programme-rules.md, "Distances".
#[must_use]
pub fn distance_mi(from: Iata, to: Iata) -> Option<u32> {
    let (from, to) = (position(from)?, position(to)?);
    if from == to {
        return Some(0);
    }
    let (low, high) = (from.min(to), from.max(to));
    // Relaxed: a thread that reads a zero computes the same number again.
    let known = &DISTANCES.known_mi[high * (high + 1) / 2 + low];
    let mi = match known.load(Ordering::Relaxed) {
        0 => {
            let mi = geodesic_mi(&airports()[low], &airports()[high]).round() as u16;
            known.store(mi, Ordering::Relaxed);
            mi
        }
        mi => mi,
    };
    Some(u32::from(mi))
}

fn geodesic_mi(from: &ServedAirport, to: &ServedAirport) -> f64 {
    let metres: f64 = DISTANCES.earth.inverse(from.latitude, from.longitude, to.latitude, to.longitude);
    metres / METRES_PER_MILE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Iata {
        text.parse().unwrap()
    }

    fn served(text: &str) -> &'static ServedAirport {
        crate::airport(code(text)).unwrap()
    }

    /// The great circle on a sphere of the mean radius: what this crate must not compute.
    fn sphere_mi(from: &ServedAirport, to: &ServedAirport) -> f64 {
        let (lat1, lat2) = (from.latitude.to_radians(), to.latitude.to_radians());
        let (dlat, dlon) = (lat2 - lat1, (to.longitude - from.longitude).to_radians());
        let h = (dlat / 2.0).sin().powi(2) + lat1.cos() * lat2.cos() * (dlon / 2.0).sin().powi(2);
        2.0 * 6_371_008.8 * h.sqrt().asin() / METRES_PER_MILE
    }

    #[test]
    fn kennedy_to_heathrow_is_the_geodesic_and_not_the_sphere() {
        let (jfk, lhr) = (served("JFK"), served("LHR"));
        assert_eq!(format!("{:.2}", geodesic_mi(jfk, lhr)), "3451.42");
        assert_eq!(distance_mi(code("JFK"), code("LHR")), Some(3451));
        let short = geodesic_mi(jfk, lhr) - sphere_mi(jfk, lhr);
        assert!((8.0..10.0).contains(&short), "the sphere is {short:.2} mi short");
    }

    /// `data/geodesics.tsv`: made with the Python package geographiclib, another implementation.
    #[test]
    fn distances_agree_with_another_implementation_to_the_mile() {
        let mut rows = 0;
        let mut sphere_differs = 0;
        for line in include_str!("../data/geodesics.tsv").lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [from, to, mi] = fields[..] else { panic!("{line:?} is not from, to, miles") };
            let mi: f64 = mi.parse().unwrap();
            let ours = geodesic_mi(served(from), served(to));
            assert!((ours - mi).abs() < 0.001, "{from}-{to}: {ours} against {mi}");
            assert_eq!(distance_mi(code(from), code(to)), Some(mi.round() as u32), "{from}-{to}");
            sphere_differs += u32::from(sphere_mi(served(from), served(to)).round() != mi.round());
            rows += 1;
        }
        assert!(rows >= 200, "{rows}");
        assert!(sphere_differs > rows / 2, "a sphere would pass: {sphere_differs} of {rows} differ");
    }

    #[test]
    fn a_distance_is_the_same_both_ways_and_every_time() {
        for (from, to) in [("SFO", "NRT"), ("NRT", "SFO"), ("SFO", "NRT")] {
            assert_eq!(distance_mi(code(from), code(to)), Some(5124), "{from}-{to}");
        }
        assert_eq!(distance_mi(code("SFO"), code("SFO")), Some(0));
        assert_eq!(distance_mi(code("SFO"), code("TYO")), None);
    }
}
