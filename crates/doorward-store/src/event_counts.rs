//! How many events there were, and where in the log the hours lie: written with the events themselves.

use std::ops::RangeInclusive;

use doorward_core::{
    audit::AuditFilter,
    statistics::{EventCount, HOUR},
    time::Timestamp,
};

use super::{
    failure::Failure,
    sql::{Columns, Sql, Text, only, params},
};

/// The number of the hour since 1970 that a time lies in.
pub(crate) fn hour_of(at: Timestamp) -> i64 {
    at.number_of(HOUR)
}

/// The number of the first hour that begins then or later.
fn first_hour_from(at: Timestamp) -> i64 {
    let hour = hour_of(at);
    if Timestamp::beginning(hour, HOUR) < at { hour.saturating_add(1) } else { hour }
}

/// How many events there were in these hours.
pub(crate) async fn event_counts(
    sql: &impl Sql,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<EventCount>, Failure> {
    sql.many(COUNTS, params![first_hour_from(from), first_hour_from(until)], read_count).await
}

/// PostgreSQL counts by chain, so that those who write at once do not wait for each other.
pub(crate) const COUNTS: Text = Text {
    sqlite: "SELECT hour, name, reason, count FROM event_counts
     WHERE hour >= ?1 AND hour < ?2 ORDER BY hour, name, reason",
    postgres: "SELECT hour, name, reason, CAST(sum(count) AS bigint) FROM event_counts
     WHERE hour >= ?1 AND hour < ?2 GROUP BY hour, name, reason ORDER BY hour, name, reason",
};

fn read_count(columns: &mut Columns<'_>) -> Result<EventCount, Failure> {
    Ok(EventCount {
        hour: Timestamp::beginning(columns.take()?, HOUR),
        name: columns.take()?,
        reason: Some(columns.take::<String>()?).filter(|reason| !reason.is_empty()),
        count: columns.number()?,
    })
}

/// The part of the log that holds every event of the times that `filter` asks for; none if there is no such event.
pub(crate) async fn places(
    sql: &impl Sql,
    filter: &AuditFilter,
) -> Result<Option<RangeInclusive<i64>>, Failure> {
    let first = match filter.after {
        Some(after) => sql.one(FIRST_PLACE, params![hour_of(after)], only::<Option<i64>>).await?.flatten(),
        None => Some(i64::MIN),
    };
    let last = match filter.before {
        Some(before) => sql.one(LAST_PLACE, params![hour_of(before)], only::<Option<i64>>).await?.flatten(),
        None => Some(i64::MAX),
    };
    Ok(first.zip(last).map(|(first, last)| first..=last))
}

pub(crate) const FIRST_PLACE: &str = "SELECT min(first_seq) FROM audit_hours WHERE hour >= ?1";
pub(crate) const LAST_PLACE: &str = "SELECT max(last_seq) FROM audit_hours WHERE hour <= ?1";

/// Removes the counts of hours that began before this, the oldest first; how many.
pub(crate) async fn clean_up(sql: &impl Sql, before: Timestamp, limit: u32) -> Result<u64, Failure> {
    let counts = sql.change(OLD_COUNTS, params![first_hour_from(before), limit]).await?;
    sql.queue(OLD_PLACES, params![limit]).await?;
    Ok(counts)
}

pub(crate) const OLD_COUNTS: Text = Text {
    sqlite: "DELETE FROM event_counts WHERE (hour, name, reason) IN
    (SELECT hour, name, reason FROM event_counts WHERE hour < ?1 ORDER BY hour LIMIT ?2)",
    postgres: "DELETE FROM event_counts WHERE (hour, chain, name, reason) IN
    (SELECT hour, chain, name, reason FROM event_counts WHERE hour < ?1 ORDER BY hour LIMIT ?2)",
};
/// Of the oldest hours those whose events retention has removed.
const OLD_PLACES: &str =
    "DELETE FROM audit_hours WHERE hour IN (SELECT hour FROM audit_hours ORDER BY hour LIMIT ?1)
    AND last_seq < (SELECT min(seq) FROM audit)";
