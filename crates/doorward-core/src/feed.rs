//! Following the revocation feed: what other nodes, other processes and earlier runs revoked.

use std::sync::atomic::Ordering;

use crate::{
    authority::{Authority, StartError},
    signing_keys::load_ring,
};

/// Entries read at once.
const BATCH: u32 = 1000;

impl Authority {
    /// Reads what is new in the feed and puts it in force. To be called several times within
    /// [`MAX_STALENESS`](crate::verifier::MAX_STALENESS), by one task.
    ///
    /// # Errors
    /// [`StartError`]: the feed could not be confirmed; when that lasts, the verifier stops letting anybody in.
    pub async fn follow_feed(&self) -> Result<(), StartError> {
        // What is revoked after this moment may be missing from what is read below.
        let began = self.time.monotonic();
        loop {
            let after = self.feed_position.load(Ordering::Acquire);
            let feed = self.store.feed(after, BATCH).await?;
            self.verifier().apply(feed.entries.iter().map(|entry| &entry.revocation));
            self.time.observe(feed.highest_time);
            // Never back: what was read before setup was completed on this node is old news.
            self.setup_complete.fetch_or(feed.setup_complete, Ordering::AcqRel);
            if self.signing_keys_version.load(Ordering::Acquire) != feed.signing_keys_version {
                self.reload_signing_keys(feed.signing_keys_version).await?;
            }
            let full = u32::try_from(feed.entries.len()).is_ok_and(|read| read >= BATCH);
            let last = feed.entries.last().map_or(after, |entry| entry.seq);
            self.feed_position.store(if full { last } else { feed.last_seq.max(last) }, Ordering::Release);
            if !full {
                self.verifier().confirm(began, self.time.now()?);
                return Ok(());
            }
        }
    }

    async fn reload_signing_keys(&self, version: u64) -> Result<(), StartError> {
        let ring = load_ring(
            self.store.as_ref(),
            &self.keys,
            self.entropy.as_ref(),
            &self.time,
            self.settings().lifetimes.access_ttl,
        )
        .await?;
        self.verifier().replace_ring(ring);
        // Stored last, and as it was read before the keys: a change in between is seen the next time.
        self.signing_keys_version.store(version, Ordering::Release);
        Ok(())
    }
}
