use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::rand::{SecureRandom, SystemRandom};

/// Randomness for record locators, the seats to try, and jitter.
///
/// A SplitMix64 sequence, seeded once. Nothing that it decides is a secret: a locator opens nothing without its owner's
/// token, so guessing the next one gains nothing.
#[derive(Clone, Debug)]
pub struct Random(Arc<AtomicU64>);

/// The operating system gave no randomness.
#[derive(Debug, thiserror::Error)]
#[error("the system gave no randomness to start from")]
pub struct NoRandomness;

impl Random {
    /// A sequence seeded by the operating system.
    ///
    /// # Errors
    /// When the operating system has no randomness; nothing can be sold then.
    pub fn system() -> Result<Self, NoRandomness> {
        let mut seed = [0_u8; 8];
        SystemRandom::new().fill(&mut seed).map_err(|_| NoRandomness)?;
        Ok(Self::seeded(u64::from_le_bytes(seed)))
    }

    /// The sequence that `seed` starts: the same every time.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(AtomicU64::new(seed)))
    }

    /// The next 64 random bits.
    #[must_use]
    pub fn draw(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut bits = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number from 0 up to and without `bound`; 0 when `bound` is 0.
    #[must_use]
    pub fn below(&self, bound: usize) -> usize {
        // The high half of draw x bound: as even as 64 bits allow, without a loop.
        ((u128::from(self.draw()) * bound as u128) >> 64) as usize
    }

    /// `count` of `choices`, in no order; `None` if there are fewer.
    #[must_use]
    pub fn choose<T>(&self, mut choices: Vec<T>, count: usize) -> Option<Vec<T>> {
        if choices.len() < count {
            return None;
        }
        for chosen in 0..count {
            let other = chosen + self.below(choices.len() - chosen);
            choices.swap(chosen, other);
        }
        choices.truncate(count);
        Some(choices)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_gives_its_own_sequence() {
        // The first outputs of the published SplitMix64 for seed 1234567.
        let random = Random::seeded(1_234_567);
        assert_eq!(random.draw(), 6_457_827_717_110_365_317);
        assert_eq!(random.draw(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn chosen_seats_are_distinct_and_every_seat_is_chosen_sometimes() {
        let random = Random::seeded(7);
        let mut ever_chosen = BTreeSet::new();
        for _ in 0..200 {
            let seats = random.choose((1..=20).collect(), 3).unwrap();
            let distinct: BTreeSet<i32> = seats.iter().copied().collect();
            assert_eq!(distinct.len(), 3, "{seats:?}");
            ever_chosen.extend(distinct);
        }
        assert_eq!(ever_chosen, (1..=20).collect());
    }

    #[test]
    fn more_than_there_is_cannot_be_chosen() {
        let random = Random::seeded(7);
        assert_eq!(random.choose(vec![1, 2], 3), None);
        assert_eq!(random.choose(Vec::<u8>::new(), 0), Some(vec![]));
        assert_eq!(random.below(0), 0);
    }
}
