//! Sorting of short lists. The standard library's sorting is made for long ones and adds 3 KB for each
//! type of item and key; a page sorts a few dozen.

/// Puts `items` in ascending order of their keys; equal ones stay as they are.
pub fn by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && key(&items[at]) < key(&items[at - 1]) {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_keys_keep_their_order() {
        let mut items = [(3, 'a'), (1, 'b'), (2, 'c'), (1, 'd'), (3, 'e'), (0, 'f')];
        by_key(&mut items, |(key, _)| *key);
        assert_eq!(items.map(|(_, name)| name).iter().collect::<String>(), "fbdcae");
        by_key::<u8, u8>(&mut [], |each| *each);
    }
}
