use std::sync::Arc;
use std::time::Duration;

use ring::rand::{SecureRandom, SystemRandom};

/// When a failed message is delivered again, and when it is given up.
#[derive(Clone)]
pub struct Redelivery {
    /// A message that fails at this age is a dead letter.
    pub give_up_after: Duration,
    /// A stream's record is skipped after this many attempts; a sweep of the outbox publishes its event.
    pub stream_attempts: u32,
    /// The longest wait before the second attempt.
    pub first: Duration,
    /// The factor by which each wait grows.
    pub factor: u32,
    /// The longest wait of all.
    pub longest: Duration,
    /// A message that is neither acknowledged nor refused within this is delivered again.
    pub visibility: Duration,
    /// Time-out of a function.
    pub call_timeout: Duration,
    /// A random number from 0 to 1.
    pub jitter: Arc<dyn Fn() -> f64 + Send + Sync>,
}

impl Default for Redelivery {
    /// Waits of half a second to two minutes, for twelve hours.
    fn default() -> Self {
        Self {
            give_up_after: Duration::from_secs(12 * 3600),
            stream_attempts: 5,
            first: Duration::from_millis(500),
            factor: 2,
            longest: Duration::from_secs(120),
            visibility: Duration::from_secs(60),
            call_timeout: Duration::from_secs(10), // visibility is six times as long, as AWS advises
            jitter: Arc::new(fraction),
        }
    }
}

impl Redelivery {
    /// How long to wait after attempt number `attempt` (from 1) failed: between half and all of the exponential
    /// step, so that what failed together does not come again together.
    #[must_use]
    pub fn wait_after(&self, attempt: u32) -> Duration {
        let step = self.factor.checked_pow(attempt.saturating_sub(1)).map_or(self.longest, |times| {
            self.first.checked_mul(times).unwrap_or(self.longest).min(self.longest)
        });
        step / 2 + step.mul_f64((self.jitter)().clamp(0.0, 1.0)) / 2
    }

    /// [`wait_after`](Self::wait_after) in milliseconds.
    pub(super) fn wait_after_ms(&self, attempt: u32) -> i64 {
        millis(self.wait_after(attempt))
    }

    pub(super) fn give_up_after_ms(&self) -> i64 {
        millis(self.give_up_after)
    }

    pub(super) fn visibility_ms(&self) -> i64 {
        millis(self.visibility)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A number from 0 to 1. The middle when there is no randomness: jitter only spreads the load.
fn fraction() -> f64 {
    let mut bytes = [0_u8; 2];
    match SystemRandom::new().fill(&mut bytes) {
        Ok(()) => f64::from(u16::from_le_bytes(bytes)) / f64::from(u16::MAX),
        Err(_) => 0.5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_up_to_a_limit_and_are_never_less_than_half() {
        let policy = Redelivery::default();
        for (attempt, step_ms) in
            [(1, 500), (2, 1_000), (3, 2_000), (8, 64_000), (9, 120_000), (u32::MAX, 120_000)]
        {
            for _ in 0..20 {
                let wait = policy.wait_after(attempt);
                let step = Duration::from_millis(step_ms);
                assert!(wait >= step / 2 && wait <= step, "attempt {attempt}: {wait:?}");
            }
        }
        assert!(policy.visibility >= policy.call_timeout * 6);
    }
}
