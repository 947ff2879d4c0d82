//! Adding to the feed, and the hint that there is something new in it.

use doorward_core::revocation::Revocation;

use crate::{
    failure::Failure,
    revocation::names_of,
    sql::{IntoValue, Value, integer},
};

/// The channel on which a hint is given when the feed grows. It carries nothing: what is new is read from the feed.
pub const CHANNEL: &str = "doorward_feed";

pub(super) const NOTIFY: &str = "SELECT pg_notify(?1, '')";

pub(super) const ANNOUNCE: &str = "WITH next AS (UPDATE state SET feed_seq = feed_seq + 1 RETURNING feed_seq)
     INSERT INTO revocations (seq, subject, subject_id, effect, epoch, expires_at)
     SELECT feed_seq, ?1, ?2, ?3, ?4, ?5 FROM next";

pub(super) fn params_of(revocation: &Revocation) -> Result<[Value<'_>; 5], Failure> {
    let (kind, id, effect) = names_of(revocation);
    Ok([
        kind.into_value(),
        id.into_value(),
        effect.into_value(),
        integer(revocation.epoch.0)?.into_value(),
        revocation.expires_at.as_millis().into_value(),
    ])
}
