//! The revocation feed: following it (what other nodes, other processes and earlier runs revoked), and handing it on
//! to whoever verifies tokens elsewhere.

use std::{
    sync::{MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use crate::{
    authority::{Authority, StartError},
    feed_reading::{FeedPosition, FeedStep},
    refusal::Refusal,
    revocation::FeedEntry,
    signing_keys::load_ring,
    store::Feed,
};

/// Entries read at once.
const BATCH: u32 = 1000;

/// How much of the feed this node knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeedState {
    /// Everything up to this number is in force here.
    pub seq: u64,
    /// Monotonic time as of which that is so: whatever was revoked before has a number up to [`FeedState::seq`].
    pub confirmed_at: Duration,
    /// Changes whenever a signing key is added, retired or removed; the keys here are as of this.
    pub signing_keys_version: u64,
    /// How often this node had to begin the feed anew: numbers from before may be other entries' now.
    pub anew: u64,
}

/// A part of the feed, for a reader elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedPart {
    /// What comes next.
    Next {
        /// Entries in order of their numbers.
        entries: Vec<FeedEntry>,
        /// Where the reader is once it has applied them; not the last entry's number where later ones have expired.
        seq: u64,
        /// Whether that is the end of the feed, as of now.
        is_end: bool,
    },
    /// The reader's number says nothing here: it lies above the feed, which was put back to an earlier state, or so far
    /// below it that entries in between are gone. It has to begin again, after 0.
    PositionUnknown,
}

impl Authority {
    /// Reads what is new in the feed and puts it in force. To be called several times within
    /// [`Settings::max_staleness`](crate::settings::Settings::max_staleness), by one task.
    ///
    /// # Errors
    /// [`StartError`]: the feed could not be confirmed; when that lasts, the verifier stops letting anybody in.
    pub async fn follow_feed(&self) -> Result<(), StartError> {
        // What is revoked after this moment may be missing from what is read below.
        let began = self.time.monotonic();
        let mut position = *self.feed_position();
        let mut anew = self.feed_state().anew;
        loop {
            let after = position.asks_after();
            let feed = self.store.feed(after, BATCH).await?;
            self.verifier().apply(feed.entries.iter().map(|entry| &entry.revocation));
            self.time.observe(feed.highest_time);
            // Never back: what was read before setup was completed on this node is old news.
            self.setup_complete.fetch_or(feed.setup_complete, Ordering::AcqRel);
            if self.signing_keys_version.load(Ordering::Acquire) != feed.signing_keys_version {
                self.reload_signing_keys(feed.signing_keys_version).await?;
            }
            let step = position.step(&feed.entries, BATCH);
            position = match step {
                // What was read stays in force as well: it can only refuse, and expires.
                FeedStep::Anew => {
                    anew = anew.saturating_add(1);
                    FeedPosition::BEGINNING
                }
                FeedStep::More(further) | FeedStep::End(further) => further,
            };
            *self.feed_position() = position;
            if matches!(step, FeedStep::End(_)) {
                self.verifier().confirm(began, self.time.now()?);
                let (seq, _) = end_of(&feed, after, BATCH);
                *self.feed_confirmed.lock().unwrap_or_else(PoisonError::into_inner) = FeedState {
                    seq,
                    confirmed_at: began,
                    signing_keys_version: feed.signing_keys_version,
                    anew,
                };
                return Ok(());
            }
        }
    }

    fn feed_position(&self) -> MutexGuard<'_, FeedPosition> {
        self.feed_position.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much of the feed is in force on this node, and as of when.
    #[must_use]
    pub fn feed_state(&self) -> FeedState {
        *self.feed_confirmed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the feed holds after the number `after`, at most `limit` entries; 0 is its beginning. Read from the store,
    /// so that it may be ahead of [`Authority::feed_state`].
    ///
    /// # Errors
    /// [`Refusal::RevocationStateStale`], [`Refusal::StoreUnavailable`]: whoever relies on the answer must not take this
    /// for the end.
    pub async fn revocations(&self, after: u64, limit: u32) -> Result<FeedPart, Refusal> {
        let limit = limit.clamp(1, BATCH);
        let feed = self.store.feed(after, limit).await?;
        self.verifier().check_fresh()?;
        let next = feed.entries.first().map_or(feed.last_seq.saturating_add(1), |entry| entry.seq);
        if feed.last_seq < after
            || (after > 0 && next > after.saturating_add(1) && !self.is_kept(after).await?)
        {
            return Ok(FeedPart::PositionUnknown);
        }
        let (seq, is_end) = end_of(&feed, after, limit);
        Ok(FeedPart::Next { entries: feed.entries, seq, is_end })
    }

    /// Whether the feed reaches back to the entry after this number. Entries go in the order in which they expire, which is
    /// about that of their numbers: what is missing in between concerns nobody any more.
    async fn is_kept(&self, after: u64) -> Result<bool, Refusal> {
        let oldest = self.store.feed(0, 1).await?;
        Ok(oldest.entries.first().is_some_and(|entry| entry.seq <= after))
    }

    async fn reload_signing_keys(&self, version: u64) -> Result<(), StartError> {
        let ring = load_ring(self.store.as_ref(), &self.keys, self.entropy.as_ref(), &self.time).await?;
        self.verifier().replace_ring(ring);
        // Stored last, and as it was read before the keys: a change in between is seen the next time.
        self.signing_keys_version.store(version, Ordering::Release);
        Ok(())
    }
}

/// Where a reader is that was at `after` and has read `feed`, with this limit, and whether that is its end.
fn end_of(feed: &Feed, after: u64, limit: u32) -> (u64, bool) {
    let last = feed.entries.last().map_or(after, |entry| entry.seq);
    let full = u32::try_from(feed.entries.len()).is_ok_and(|read| read >= limit);
    // Of a feed that is read to its end, those that come after the last have expired.
    if full { (last, last >= feed.last_seq) } else { (feed.last_seq.max(last), true) }
}
