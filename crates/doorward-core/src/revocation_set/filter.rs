//! A Bloom filter (Bloom 1970; in blocks of one word: Putze, Sanders, Singler 2007). Nearly every request is made by
//! somebody about whom nothing was revoked: the filter says so at the cost of one word of memory, where the table it
//! stands before costs a walk through several.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::revocation::Subject;

/// At so many a word, and four bits each, it is wrong about one absent subject in two hundred.
const SUBJECTS_A_WORD: usize = 4;

/// Parts that the set consists of.
pub(super) const PARTS: usize = 64;
/// Shards of each part.
pub(super) const SHARDS: usize = 64;

/// Where a subject belongs. Identifiers are random bits that nobody chooses, so they are used as they are: who has a
/// session opened until its identifier falls where others do only makes that one place a little slower.
pub(super) struct Place {
    /// Below [`PARTS`].
    pub(super) part: usize,
    /// Below [`SHARDS`].
    pub(super) shard: usize,
    word: u32,
    bits: u64,
}

impl Place {
    pub(super) fn of(subject: &Subject) -> Self {
        let id = match subject {
            Subject::Session(id) => id.as_bytes(),
            Subject::User(id) => id.as_bytes(),
        };
        let [first, second, third, fourth, fifth, sixth, .., a, b, c, d] = *id;
        Self {
            part: usize::from(first >> 2),
            shard: usize::from(second >> 2),
            word: u32::from_be_bytes([third, fourth, fifth, sixth]),
            bits: [a, b, c, d].into_iter().fold(0, |bits, byte| bits | 1 << (byte & 63)),
        }
    }
}

/// Which subjects a part may hold; of none, nothing is allocated. Cloning it gives the same filter.
#[derive(Clone)]
pub(super) struct Filter(Option<Arc<[AtomicU64]>>);

impl Filter {
    /// The filter that holds nothing, and has no room.
    pub(super) const NONE: Self = Self(None);

    /// A filter that holds nothing, and has room for so many.
    pub(super) fn with_room_for(subjects: usize) -> Self {
        if subjects == 0 {
            return Self::NONE;
        }
        let words = subjects.div_ceil(SUBJECTS_A_WORD).next_power_of_two();
        Self(Some((0..words).map(|_| AtomicU64::new(0)).collect()))
    }

    /// How many it may hold before it is wrong too often.
    pub(super) fn room(&self) -> usize {
        self.0.as_ref().map_or(0, |words| words.len() * SUBJECTS_A_WORD)
    }

    /// Adds the subject of this place. In one without room for anything it is not found again.
    pub(super) fn add(&self, place: &Place) {
        if let Some(word) = self.word(place) {
            // Whoever sees these bits sees what was written to the table before.
            word.fetch_or(place.bits, Ordering::Release);
        }
    }

    /// Whether the subject of this place may have been added; false means that it was not.
    pub(super) fn may_hold(&self, place: &Place) -> bool {
        self.word(place).is_some_and(|word| word.load(Ordering::Acquire) & place.bits == place.bits)
    }

    fn word(&self, place: &Place) -> Option<&AtomicU64> {
        let words = self.0.as_ref()?;
        // The number of words is a power of two.
        words.get(usize::try_from(place.word).ok()? & words.len().wrapping_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::UserId;

    fn place(number: u64) -> Place {
        // An odd multiplier spreads consecutive numbers over all bits, as random identifiers are.
        let spread = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        Place::of(&Subject::User(UserId::from_bytes((spread ^ (spread >> 64)).to_be_bytes())))
    }

    #[test]
    fn what_was_added_is_always_found_and_hardly_anything_else() {
        let filter = Filter::with_room_for(4096);
        assert_eq!(filter.room(), 4096);
        (0..4096).for_each(|number| filter.add(&place(number)));
        assert!((0..4096).all(|number| filter.may_hold(&place(number))));
        let wrong = (4096..104_096).filter(|number| filter.may_hold(&place(*number))).count();
        assert!(wrong < 2000, "{wrong} of 100000");
    }

    #[test]
    fn one_without_room_holds_nothing() {
        let filter = Filter::with_room_for(0);
        assert!(!filter.may_hold(&place(1)));
        assert_eq!(filter.room(), 0);
    }
}
