//! From numbers to lengths, by way of round ones.

/// More than anything that is counted; so that no sum below overflows.
const CEILING: u64 = 1_000_000_000_000_000_000;
/// How many steps there are at most: more numbers than that are noise.
const STEPS_MAX: u64 = 4;

/// An axis of numbers from zero, in steps of one, two or five times a power of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale {
    step: u64,
    steps: u64,
}

impl Scale {
    /// The shortest that holds every number up to `greatest`, in four steps at most. There is always one step, so that
    /// an axis of nothing but zeros has two ends.
    #[must_use]
    pub fn reaching(greatest: u64) -> Self {
        let greatest = greatest.min(CEILING);
        let rounds = std::iter::successors(Some(1_u64), |power| power.checked_mul(10));
        let mut candidates = rounds.flat_map(|power| [1, 2, 5].map(|times| power.saturating_mul(times)));
        let step = candidates.find(|step| greatest.div_ceil(*step) <= STEPS_MAX).unwrap_or(CEILING);
        Self { step, steps: greatest.div_ceil(step).max(1) }
    }

    /// The numbers at the axis, from zero up.
    pub fn ticks(self) -> impl Iterator<Item = u64> {
        (0..=self.steps).map(move |at| at * self.step)
    }

    /// The greatest number at the axis.
    #[must_use]
    pub const fn top(self) -> u64 {
        self.step * self.steps
    }

    /// How far up the axis a number is, from 0 to 1. What is greater than the top is drawn at the top.
    #[must_use]
    pub fn share(self, value: u64) -> f64 {
        value.min(self.top()) as f64 / self.top() as f64
    }
}
