//! Which seats of a cabin may be sold.

use std::collections::BTreeSet;

/// The seats, numbered from 1, that may be sold of a cabin with `capacity` seats of which `taken` are taken.
///
/// After a change to a smaller aircraft, seats with numbers above its capacity are taken too. The lowest free numbers
/// are then sold, and only as many as keep the number of taken seats within the capacity. Since everybody counts this
/// way, a sale that takes one of these seats leaves exactly the others to be sold: two sales at once can exceed the
/// capacity only by taking one seat twice, which the store refuses.
#[must_use]
pub fn sellable(capacity: u32, taken: &BTreeSet<u32>) -> Vec<u32> {
    let left = (capacity as usize).saturating_sub(taken.len());
    (1..=capacity).filter(|seat| !taken.contains(seat)).take(left).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_more_seats_are_sold_than_the_aircraft_has() {
        for (capacity, taken, seats) in [
            (4, vec![], vec![1, 2, 3, 4]),
            (4, vec![2], vec![1, 3, 4]),
            (4, vec![1, 2, 3, 4], vec![]),
            (4, vec![7], vec![1, 2, 3]), // one above the capacity: three more, not four
            (4, vec![2, 7, 8], vec![1]),
            (4, vec![5, 6, 7, 8], vec![]), // full, though all its own numbers are free
            (4, vec![5, 6, 7, 8, 9], vec![]), // overbooked by the change
            (0, vec![], vec![]),
        ] {
            assert_eq!(sellable(capacity, &taken.iter().copied().collect()), seats, "{capacity}: {taken:?}");
        }
    }

    proptest! {
        #[test]
        fn a_sold_seat_leaves_exactly_the_others(
            capacity in 0_u32..30,
            taken in prop::collection::btree_set(1_u32..60, 0..40),
        ) {
            let seats = sellable(capacity, &taken);
            prop_assert!(seats.is_empty() || taken.len() + seats.len() <= capacity as usize);
            for seat in &seats {
                let mut after = taken.clone();
                after.insert(*seat);
                let others: Vec<u32> = seats.iter().copied().filter(|other| other != seat).collect();
                prop_assert_eq!(sellable(capacity, &after), others);
            }
        }
    }
}
