//! Randomness that repeats itself.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use aws_lc_rs::digest;
use doorward_core::entropy::{Entropy, EntropyFailed};

/// An [`Entropy`] that gives the same bytes for the same seed: SHA-256 of the seed and a counter. Safe to share
/// between threads; which of them gets which bytes is then a matter of the race.
#[derive(Debug)]
pub struct SeededEntropy {
    seed: u64,
    drawn: AtomicU64,
    fails: AtomicBool,
}

impl SeededEntropy {
    /// Starts anew from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { seed, drawn: AtomicU64::new(0), fails: AtomicBool::new(false) }
    }

    /// From now on there is no randomness to be had, or there is again.
    pub fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    /// A number below `bound`; 0 when `bound` is 0. Not quite even, and good enough to choose what a test does.
    pub fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.draw(&mut bytes);
        u64::from_be_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }

    fn draw(&self, destination: &mut [u8]) {
        for chunk in destination.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let mut input = [0; 16];
            let (seed, counter) = input.split_at_mut(8);
            seed.copy_from_slice(&self.seed.to_be_bytes());
            counter.copy_from_slice(&self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes());
            let block = digest::digest(&digest::SHA256, &input);
            for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
                *to = *from;
            }
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(EntropyFailed);
        }
        self.draw(destination);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(entropy: &dyn Entropy) -> Result<[u8; 40], EntropyFailed> {
        entropy.bytes()
    }

    #[test]
    fn one_seed_gives_one_sequence_without_repeats() {
        let (left, right) = (SeededEntropy::new(7), SeededEntropy::new(7));
        let first = bytes(&left).unwrap();
        assert_eq!(first, bytes(&right).unwrap());
        assert_ne!(first, bytes(&left).unwrap());
        assert_ne!(first, bytes(&SeededEntropy::new(8)).unwrap());
    }

    #[test]
    fn failing_entropy_gives_nothing() {
        let entropy = SeededEntropy::new(7);
        entropy.fail(true);
        assert!(bytes(&entropy).is_err());
    }
}
