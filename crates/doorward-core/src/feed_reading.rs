//! How a reader of the revocation feed knows where it is, and whether what it knows is fresh enough. Pure; explored
//! state by state by `tests/feed_model`.

use std::time::Duration;

use crate::revocation::FeedEntry;

/// A place in the feed: the last entry that was read.
///
/// A number alone would not do. A database that was put back to an earlier state gives the same numbers to other entries,
/// and may have given out more of them by the time a reader comes back: it would go on behind them. So each reading
/// begins with the entry that the one before ended with, and compares it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FeedPosition(Option<FeedEntry>);

/// Where a reader goes from what it has just read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedStep {
    /// The entry it stood at is not there: this is another feed than the one it read, or the entry has expired. It begins
    /// anew, and reads all that is kept; what it has in force already stays, for it can only refuse.
    Anew,
    /// There may be more from here on.
    More(FeedPosition),
    /// That was all there was.
    End(FeedPosition),
}

impl FeedPosition {
    /// Nothing was read yet.
    pub const BEGINNING: Self = Self(None);

    /// The number after which to ask for entries.
    #[must_use]
    pub const fn asks_after(self) -> u64 {
        match self.0 {
            Some(entry) => entry.seq.saturating_sub(1),
            None => 0,
        }
    }

    /// Where a reader goes that stood here and was given `entries` when it asked after [`FeedPosition::asks_after`] for
    /// `limit` of them, which is at least 2.
    #[must_use]
    pub fn step(self, entries: &[FeedEntry], limit: u32) -> FeedStep {
        if self.0.is_some_and(|stood| entries.first() != Some(&stood)) {
            return FeedStep::Anew;
        }
        let position = Self(entries.last().copied().or(self.0));
        let is_full = u32::try_from(entries.len()).is_ok_and(|read| read >= limit);
        if is_full { FeedStep::More(position) } else { FeedStep::End(position) }
    }
}

/// Whether somebody may be let in at monotonic time `now` by what was confirmed at `confirmed_at`: when the reading began
/// that found the end of the feed, not when it was answered.
#[must_use]
pub fn is_fresh(confirmed_at: Duration, now: Duration, max_staleness: Duration) -> bool {
    now.saturating_sub(confirmed_at) <= max_staleness
}
