//! Who gives way: of the entries of a small set one that was not used since the hand last passed it (CLOCK, Corbató 1968).
//!
//! A use is one bit, set by readers; hardly ever, since it mostly is set. So what is used stays, what was used once and
//! never again goes first, and no reader moves anything.

use std::sync::atomic::{AtomicU64, Ordering};

/// Bits of the state that say which entries were used; the hand's place is above them.
const USED_BITS: u32 = 32;
const USED: u64 = (1 << USED_BITS) - 1;

/// Notes a use of entry `way`, below 32.
pub(super) fn note_use(state: &AtomicU64, way: usize) {
    let bit = 1 << way;
    if state.load(Ordering::Relaxed) & bit == 0 {
        state.fetch_or(bit, Ordering::Relaxed);
    }
}

/// The entry of `ways`, 32 at most, that gives way now. Who asks at the same time is told another one.
pub(super) fn choose_victim(state: &AtomicU64, ways: usize) -> usize {
    let advanced = |state| Some(advance(state, ways).1);
    match state.fetch_update(Ordering::Relaxed, Ordering::Relaxed, advanced) {
        Ok(before) | Err(before) => advance(before, ways).0,
    }
}

/// The victim, and the state once the hand has passed it.
fn advance(state: u64, ways: usize) -> (usize, u64) {
    let (mut used, mut hand) = (state & USED, state >> USED_BITS);
    let ways = ways as u64;
    // After one round no bit is left.
    loop {
        let way = hand % ways;
        hand = (way + 1) % ways;
        if used & (1 << way) == 0 {
            return (usize::try_from(way).unwrap_or_default(), hand << USED_BITS | used);
        }
        used &= !(1 << way);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_stays_and_the_others_go_in_turn() {
        let state = AtomicU64::new(0);
        note_use(&state, 1);
        assert_eq!([(); 4].map(|()| choose_victim(&state, 4)), [0, 2, 3, 0]);
        // Its use has been forgotten by now.
        assert_eq!(choose_victim(&state, 4), 1);
    }

    #[test]
    fn where_all_were_used_the_first_in_turn_goes() {
        let state = AtomicU64::new(0);
        (0..15).for_each(|way| note_use(&state, way));
        assert_eq!([(); 3].map(|()| choose_victim(&state, 15)), [0, 1, 2]);
    }
}
