//! Clean-up, and the audit log as administrators read it.

use std::time::Duration;

use crate::{
    audit::EventName,
    audit::{AuditEntry, AuditFilter, AuditPart},
    audit_chain::ChainHead,
    authority::{Authority, Caller},
    page::{Page, PageRequest},
    refusal::Refusal,
    statistics::STATISTICS_KEPT,
    store::{AuditRetention, AuditSink, CleanUp, CleanedUp},
    time::Timestamp,
};

/// A session's row is kept for so long after its absolute end, so that its refresh tokens are answered truthfully:
/// expired, revoked or replayed, and not unknown.
const SESSION_RETENTION: Duration = Duration::from_secs(7 * 24 * 3600);

/// A retired key is kept for so long after the last token it signed has expired by this node's clock: others may be behind
/// it (by [`MAX_CLOCK_LAG`](crate::time::MAX_CLOCK_LAG) at most), and what has just expired is told from what is not ours.
const RETIRED_KEY_MARGIN: Duration = Duration::from_secs(60);

/// Rows of each kind removed in one transaction.
const BATCH: u32 = 500;

/// The longest that events outlive their retention, so that what is let go in small parts is let go once a day and has
/// one event. A tenth of a short retention.
const RETENTION_SLACK: Duration = Duration::from_secs(24 * 3600);

fn retention(kept: Duration, now: Timestamp) -> AuditRetention {
    let remove_before = now.minus(kept);
    AuditRetention { now, remove_before, due_before: remove_before.minus(RETENTION_SLACK.min(kept / 10)) }
}

impl Authority {
    /// Removes what no decision needs any more, a bounded part of it at a time; call it again while it removes
    /// something.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn clean_up(&self) -> Result<CleanedUp, Refusal> {
        let now = self.time.now()?;
        let retention = self.settings().audit_retention.map(|kept| retention(kept, now));
        let tokens_alive = self.settings().lifetimes.access_ttl + RETIRED_KEY_MARGIN;
        let what = CleanUp {
            // For links it makes no difference: expired ones are good for nothing, kept or not.
            now: self.verifier().no_longer_needed(now),
            sessions_ended_before: now.minus(SESSION_RETENTION),
            keys_retired_before: now.minus(tokens_alive),
            attempts_expired_before: now,
            statistics_before: now.minus(STATISTICS_KEPT),
            audit: retention,
            limit: BATCH,
        };
        let removed = self.store.clean_up(what).await?;
        self.time.observe(now);
        Ok(removed)
    }

    /// Where the audit log's chains end.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn audit_heads(&self) -> Result<Vec<ChainHead>, Refusal> {
        Ok(self.store.audit_heads().await?)
    }

    /// Hands events to `sink`, oldest first and as of one moment, until it has enough. Where the chains of the whole log
    /// ended at that moment.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn export_audit(
        &self,
        filter: &AuditFilter,
        sink: AuditSink,
    ) -> Result<Vec<ChainHead>, Refusal> {
        Ok(self.store.export_audit(filter, sink).await?)
    }

    /// Events, newest first.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Result<Page<AuditEntry>, Refusal> {
        Ok(self.store.audit(filter, page).await?)
    }

    /// Records that the log is taken away as a file of this format.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn record_audit_export(&self, caller: &Caller, format: &str) -> Result<(), Refusal> {
        let event = caller.event(EventName::AuditExported, self.time.now()?);
        self.record(event.with("format", format)).await
    }

    /// Events after a place in the log, oldest first: for exports, and for whoever follows the log as it is written. At
    /// most `limit` at once; the next ones come after [`AuditPart::upto`].
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn audit_after(
        &self,
        filter: &AuditFilter,
        after: u64,
        limit: u32,
    ) -> Result<AuditPart, Refusal> {
        Ok(self.store.audit_after(filter, after, limit).await?)
    }

    /// Makes everything that was signed, opened or sent before worthless, after the store was put back to an earlier
    /// state: sessions revoked since, and links used since, would otherwise be alive again.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn end_everything(&self, caller: &Caller) -> Result<usize, Refusal> {
        let ended = self.revoke_everything(caller, "restored").await?;
        let now = self.time.now()?;
        let audit = caller.event(EventName::SigningKeyRetired, now).because("restored");
        self.store.drop_keys_and_links(self.write(now, audit)).await?;
        self.follow_feed().await.map_err(|_| Refusal::StoreUnavailable)?;
        Ok(ended)
    }
}
