//! What clean-up takes away, as it is asked of a store.

use crate::time::Timestamp;

/// What clean-up may remove. Chosen by core, so that nothing is removed that a decision still needs (M-A18).
#[derive(Clone, Copy, Debug)]
pub struct CleanUp {
    /// Feed entries, links, pending logins, authenticator apps that nobody confirmed, trusted devices and spent challenges
    /// that expired at or before this go.
    pub now: Timestamp,
    /// Sessions whose absolute end lies at or before this go, revoked or not.
    pub sessions_ended_before: Timestamp,
    /// Retired signing keys whose last token expired at or before this go.
    pub keys_retired_before: Timestamp,
    /// Records of failed attempts that no decision needs at this time go.
    pub attempts_expired_before: Timestamp,
    /// Counts of hours, and samples of times, before this go.
    pub statistics_before: Timestamp,
    /// What retention lets go of the audit log; nothing if there is none.
    pub audit: Option<AuditRetention>,
    /// At most so many rows of each kind in one transaction, so that logins are not held up.
    pub limit: u32,
}

impl CleanUp {
    /// The time that the removal was decided with: recorded as the store's highest, because a node whose clock is set
    /// back behind it would otherwise decide as if what is gone had never been.
    #[must_use]
    pub fn decided_at(&self) -> Timestamp {
        let Self {
            now,
            sessions_ended_before,
            keys_retired_before,
            attempts_expired_before,
            statistics_before,
            audit,
            limit: _,
        } = *self;
        let audit = audit.map_or(now, |retention| retention.now);
        [sessions_ended_before, keys_retired_before, attempts_expired_before, statistics_before]
            .into_iter()
            .fold(now.max(audit), Timestamp::max)
    }
}

/// How long events are kept. Of a chain only the oldest go, in one piece, and only by the time of genuine rows: see
/// [`crate::audit_chain`]. Each time something is let go, [`EventName::AuditTrimmed`](crate::audit::EventName::AuditTrimmed)
/// says what, in the same transaction.
#[derive(Clone, Copy, Debug)]
pub struct AuditRetention {
    /// The time of the event that tells of it.
    pub now: Timestamp,
    /// Events before this go,
    pub remove_before: Timestamp,
    /// once the oldest of them lies before this: not every few minutes, with an event each time. And not for
    /// events alone that tell of earlier removals: with a short retention there would be no end of it.
    pub due_before: Timestamp,
}

/// How many rows a clean-up removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CleanedUp {
    /// Sessions.
    pub sessions: u32,
    /// One-time links.
    pub links: u32,
    /// Feed entries.
    pub revocations: u32,
    /// Signing keys.
    pub signing_keys: u32,
    /// Records of failed attempts.
    pub attempts: u32,
    /// Pending logins, unconfirmed authenticator apps, trusted devices and spent challenges.
    pub factor_rests: u32,
    /// Counts of events, and samples.
    pub statistics: u32,
    /// Events of the audit log.
    pub audit_events: u32,
}
