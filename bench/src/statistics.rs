//! Quantiles.

use std::time::Duration;

/// Values in order.
pub(crate) struct Sorted(Vec<f64>);

impl Sorted {
    /// Sorts them.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Self(values)
    }

    /// Latencies, in microseconds.
    pub(crate) fn micros<'a>(latencies: impl IntoIterator<Item = &'a Duration>) -> Self {
        Self::of(latencies.into_iter().map(|latency| latency.as_secs_f64() * 1e6))
    }

    /// The smallest value that `per_mille` of all do not exceed (nearest rank); not a number where there are none.
    pub(crate) fn quantile(&self, per_mille: usize) -> f64 {
        let rank = (self.0.len() * per_mille).div_ceil(1000).saturating_sub(1);
        self.0.get(rank).copied().unwrap_or(f64::NAN)
    }

    pub(crate) fn median(&self) -> f64 {
        self.quantile(500)
    }

    /// The distance of the quartiles.
    pub(crate) fn spread(&self) -> f64 {
        self.quantile(750) - self.quantile(250)
    }

    /// How often a value of these exceeds one of `other`'s, ties counted half (Mann and Whitney): 0.5 where nothing
    /// tells the two apart, and the share of right guesses of somebody who goes by a single value.
    pub(crate) fn exceeds(&self, other: &Self) -> f64 {
        let mut won = 0.0;
        for value in &self.0 {
            let below = other.0.partition_point(|lower| lower < value);
            let not_above = other.0.partition_point(|lower| lower <= value);
            won += (below + not_above) as f64 / 2.0;
        }
        won / (self.0.len() * other.0.len()) as f64
    }

    /// How many there are.
    pub(crate) const fn count(&self) -> usize {
        self.0.len()
    }

    /// The largest value.
    pub(crate) fn max(&self) -> f64 {
        self.quantile(1000)
    }
}

/// The median over the rounds of a measurement.
pub(crate) fn median(values: &[f64]) -> f64 {
    Sorted::of(values.iter().copied()).median()
}

#[cfg(test)]
mod tests {
    use super::Sorted;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let sorted = Sorted::of((1..=100).rev().map(f64::from));
        assert_eq!(
            [1, 250, 500, 990, 1000].map(|per_mille| sorted.quantile(per_mille)),
            [1.0, 25.0, 50.0, 99.0, 100.0]
        );
        assert_eq!((sorted.spread(), sorted.max()), (50.0, 100.0));
    }

    #[test]
    fn what_is_told_apart_always_exceeds_always_and_equals_half_the_time() {
        let (low, high) = (Sorted::of([1.0, 2.0]), Sorted::of([3.0, 4.0, 5.0]));
        assert_eq!((high.exceeds(&low), low.exceeds(&high), low.exceeds(&low)), (1.0, 0.0, 0.5));
    }

    #[test]
    fn of_nothing_there_is_no_median() {
        assert!(Sorted::of([]).median().is_nan());
    }
}
