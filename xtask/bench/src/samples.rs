//! Durations and their percentiles.

use std::time::Duration;

use crate::figure::{self, Limit};

/// Durations of one repeated operation.
#[derive(Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, took: Duration) {
        self.0.push(took);
    }

    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Prints the median and the 99th percentile with their limits in milliseconds.
    pub(crate) fn print(&self, what: &str, p50_ms: f64, p99_ms: f64) {
        for (percent, limit_ms) in [(50, p50_ms), (99, p99_ms)] {
            let value = self.percentile_ms(percent);
            figure::print(&format!("{what}, p{percent}"), value, "ms", Limit::AtMost(limit_ms));
        }
    }

    /// The smallest duration, in milliseconds, that `percent` of the samples don't exceed; zero without samples.
    fn percentile_ms(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
        sorted.get(place).map_or(0.0, |took| took.as_secs_f64() * 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_samples() {
        let mut samples = Samples::default();
        assert!(samples.percentile_ms(50).abs() < f64::EPSILON);
        for millis in (1..=200).rev() {
            samples.add(Duration::from_millis(millis));
        }
        for (percent, millis) in [(50, 100.0), (99, 198.0), (100, 200.0)] {
            assert!((samples.percentile_ms(percent) - millis).abs() < 1e-9, "p{percent}");
        }
    }
}
