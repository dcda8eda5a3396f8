//! How often the trip page asks for a booking's miles until they are known.

/// The wait before the first poll after a booking was just made.
const AFTER_BOOKING_MS: u32 = 150;
/// The waits before the next polls; the last one repeats.
const WAITS_MS: [u32; 6] = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
/// After this the page shows that it takes longer than usual.
const SLOW_AFTER_MS: u32 = 2 * 60_000;
/// After this the page polls on request only.
const STOP_AFTER_MS: u32 = 5 * 60_000;

/// How long the page has polled for the miles, without the time that it was hidden.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Polling {
    asked: u32,
    waited_ms: u32,
}

/// The message shown meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// They usually arrive within a minute.
    Usual,
    /// It takes longer than usual.
    Slow,
    /// Polling has ended; it resumes on request.
    Ended,
}

impl Polling {
    /// The message after the wait so far.
    #[must_use]
    pub(crate) fn patience(self) -> Patience {
        match self.waited_ms {
            STOP_AFTER_MS.. => Patience::Ended,
            SLOW_AFTER_MS.. => Patience::Slow,
            _ => Patience::Usual,
        }
    }

    /// The milliseconds to wait before the next poll, and the state after that wait.
    #[must_use]
    pub(crate) fn next(self, just_booked: bool) -> (u32, Self) {
        let wait_ms = match self.asked.checked_sub(1) {
            None if just_booked => AFTER_BOOKING_MS,
            None => 0,
            Some(later) => WAITS_MS[(later as usize).min(WAITS_MS.len() - 1)],
        };
        (
            wait_ms,
            Self { asked: self.asked.saturating_add(1), waited_ms: self.waited_ms.saturating_add(wait_ms) },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(just_booked: bool) -> Vec<(u32, Patience)> {
        let mut polling = Polling::default();
        let mut waits = Vec::new();
        while polling.patience() != Patience::Ended {
            let (wait_ms, next) = polling.next(just_booked);
            polling = next;
            waits.push((wait_ms, polling.patience()));
        }
        waits
    }

    #[test]
    fn asks_become_rarer_and_end_after_five_minutes() {
        let all = waits(true);
        let first: Vec<u32> = all.iter().take(8).map(|(wait_ms, _)| *wait_ms).collect();
        assert_eq!(first, [150, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 30_000]);
        let total_ms: u32 = all.iter().map(|(wait_ms, _)| wait_ms).sum();
        assert!((300_000..330_000).contains(&total_ms), "{total_ms}");
    }

    #[test]
    fn after_two_minutes_it_takes_longer_than_usual() {
        let mut waited_ms = 0;
        for (wait_ms, patience) in waits(false) {
            waited_ms += wait_ms;
            assert_eq!(patience == Patience::Usual, waited_ms < 120_000, "{waited_ms}");
        }
    }

    #[test]
    fn a_trip_that_is_not_new_is_asked_about_at_once() {
        assert_eq!(Polling::default().next(false).0, 0);
    }
}
