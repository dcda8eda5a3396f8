//! Great circles on the map, whose grid has 1000 x 500 units for the whole earth (plate carrée).

use std::fmt::Write as _;

/// A place on earth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// Into how many pieces an arc is cut: enough to look round across an ocean.
const STEPS: u8 = 48;

/// A point on the map, in tenths of a unit: whole numbers, because writing floats would weigh 10 KB.
/// `x` runs on beyond 10000 where an arc crosses the date line.
pub type MapPoint = (i32, i32);

/// The position of `place` on the map.
#[must_use]
pub fn on_map(place: Position) -> MapPoint {
    let tenths = |value: f64| value.round() as i32; // within a few thousands by construction
    (tenths((place.longitude + 180.0) / 0.036), tenths((90.0 - place.latitude) / 0.036))
}

/// The shortest way over the earth's surface as points on the map, without a jump at the date line.
#[must_use]
pub fn great_circle(from: Position, to: Position) -> Vec<MapPoint> {
    let (a, b) = (vector(from), vector(to));
    let angle = trig::acos(dot(a, b).clamp(-1.0, 1.0));
    let mut points: Vec<MapPoint> = Vec::with_capacity(usize::from(STEPS) + 1);
    for step in 0..=STEPS {
        let share = f64::from(step) / f64::from(STEPS);
        let place = if angle < 1e-6 {
            a
        } else {
            let (left, right) = (trig::sin((1.0 - share) * angle), trig::sin(share * angle));
            [0, 1, 2].map(|axis| (left * a[axis] + right * b[axis]) / trig::sin(angle))
        };
        let mut point = on_map(position(place));
        if let Some((before, _)) = points.last() {
            while point.0 - before > 5_000 {
                point.0 -= 10_000;
            }
            while before - point.0 > 5_000 {
                point.0 += 10_000;
            }
        }
        points.push(point);
    }
    points
}

/// The points as the `d` of an SVG path.
#[must_use]
pub fn path(points: &[MapPoint]) -> String {
    let mut path = String::with_capacity(points.len() * 12);
    for (position, point) in points.iter().enumerate() {
        path.push(if position == 0 { 'M' } else { 'L' });
        push_tenths(&mut path, point.0);
        path.push(' ');
        push_tenths(&mut path, point.1);
    }
    path
}

/// `1234` tenths are written `123.4`.
#[must_use]
pub fn tenths(value: i32) -> String {
    let mut text = String::new();
    push_tenths(&mut text, value);
    text
}

fn push_tenths(text: &mut String, value: i32) {
    let sign = if value < 0 { "-" } else { "" };
    let value = value.unsigned_abs();
    write!(text, "{sign}{}.{}", value / 10, value % 10).expect("writing to a String never fails");
}

fn vector(place: Position) -> [f64; 3] {
    let (latitude, longitude) = (place.latitude.to_radians(), place.longitude.to_radians());
    let (sin, cos) = (trig::sin, trig::cos);
    [cos(latitude) * cos(longitude), cos(latitude) * sin(longitude), sin(latitude)]
}

fn position(vector: [f64; 3]) -> Position {
    let [x, y, z] = vector;
    Position {
        latitude: trig::asin(z.clamp(-1.0, 1.0)).to_degrees(),
        longitude: trig::atan2(y, x).to_degrees(),
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

/// The browser's own functions: Rust's would be compiled in.
#[cfg(target_arch = "wasm32")]
mod trig {
    pub(super) use js_sys::Math::{acos, asin, atan2, cos, sin};
}

/// Rust's functions, for tests.
#[cfg(not(target_arch = "wasm32"))]
mod trig {
    pub(super) fn acos(x: f64) -> f64 {
        x.acos()
    }
    pub(super) fn asin(x: f64) -> f64 {
        x.asin()
    }
    pub(super) fn atan2(y: f64, x: f64) -> f64 {
        y.atan2(x)
    }
    pub(super) fn cos(x: f64) -> f64 {
        x.cos()
    }
    pub(super) fn sin(x: f64) -> f64 {
        x.sin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SFO: Position = Position { latitude: 37.6188, longitude: -122.3754 };
    const NRT: Position = Position { latitude: 35.7647, longitude: 140.386 };
    const LHR: Position = Position { latitude: 51.4706, longitude: -0.4619 };

    #[test]
    fn an_arc_begins_and_ends_at_its_airports() {
        let points = great_circle(SFO, LHR);
        assert_eq!(points.first(), Some(&on_map(SFO)));
        assert_eq!(points.last(), Some(&on_map(LHR)));
        assert_eq!(points.len(), 49);
    }

    #[test]
    fn an_arc_over_the_pacific_runs_on_across_the_date_line() {
        let points = great_circle(SFO, NRT);
        assert!(points.windows(2).all(|pair| (pair[1].0 - pair[0].0).abs() < 500), "{points:?}");
        let (x, y) = *points.last().unwrap();
        assert_eq!((x + 10_000, y), on_map(NRT));
    }

    #[test]
    fn an_arc_bends_towards_the_pole() {
        let northernmost = great_circle(SFO, NRT).into_iter().map(|(_, y)| y).min().unwrap();
        assert!(northernmost < on_map(SFO).1 - 200, "{northernmost}");
    }

    #[test]
    fn an_arc_to_where_it_began_is_a_point() {
        assert!(great_circle(SFO, SFO).iter().all(|point| *point == on_map(SFO)));
    }

    #[test]
    fn paths_are_written_in_tenths() {
        assert_eq!(path(&[(1_234, 5), (-7, 10_000)]), "M123.4 0.5L-0.7 1000.0");
    }
}
