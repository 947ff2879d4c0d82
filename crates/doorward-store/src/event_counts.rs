//! How many events there were, and where in the log the hours lie: written with the events themselves.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    ops::RangeInclusive,
};

use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    statistics::{EventCount, HOUR},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    failure::Failure,
    sql::{Columns, change, integer, many, one, only},
};

/// What a group of events adds.
#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<(i64, String, String), u64>,
    /// The first and the last place of each hour.
    places: BTreeMap<i64, (u64, u64)>,
}

/// The number of the hour since 1970 that a time lies in.
fn hour_of(at: Timestamp) -> i64 {
    at.number_of(HOUR)
}

/// The number of the first hour that begins then or later.
fn first_hour_from(at: Timestamp) -> i64 {
    let hour = hour_of(at);
    if Timestamp::beginning(hour, HOUR) < at { hour.saturating_add(1) } else { hour }
}

impl Tally {
    pub(crate) fn add(&mut self, entry: &AuditEntry) {
        let hour = hour_of(entry.at);
        let reason = entry.reason.clone().unwrap_or_default();
        let count = self.counts.entry((hour, entry.name.clone(), reason)).or_default();
        *count = count.saturating_add(entry.stands_for());
        match self.places.entry(hour) {
            Entry::Vacant(places) => drop(places.insert((entry.seq, entry.seq))),
            Entry::Occupied(mut places) => places.get_mut().1 = entry.seq,
        }
    }

    pub(crate) fn write(self, connection: &Connection) -> Result<(), Failure> {
        for ((hour, name, reason), count) in self.counts {
            change(connection, COUNT, params![hour, name, reason, integer(count)?])?;
        }
        for (hour, (first, last)) in self.places {
            change(connection, PLACE, params![hour, integer(first)?, integer(last)?])?;
        }
        Ok(())
    }
}

const COUNT: &str = "INSERT INTO event_counts (hour, name, reason, count) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (hour, name, reason) DO UPDATE SET count = count + excluded.count";
const PLACE: &str = "INSERT INTO audit_hours (hour, first_seq, last_seq) VALUES (?1, ?2, ?3)
     ON CONFLICT (hour) DO UPDATE SET last_seq = excluded.last_seq";

/// How many events there were in these hours.
pub(crate) fn event_counts(
    connection: &Connection,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<EventCount>, Failure> {
    many(connection, COUNTS, [first_hour_from(from), first_hour_from(until)], read_count)
}

pub(crate) const COUNTS: &str = "SELECT hour, name, reason, count FROM event_counts
     WHERE hour >= ?1 AND hour < ?2 ORDER BY hour, name, reason";

fn read_count(columns: &mut Columns<'_>) -> Result<EventCount, Failure> {
    Ok(EventCount {
        hour: Timestamp::beginning(columns.take()?, HOUR),
        name: columns.take()?,
        reason: Some(columns.take::<String>()?).filter(|reason| !reason.is_empty()),
        count: columns.number()?,
    })
}

/// The part of the log that holds every event of the times that `filter` asks for; none if there is no such event.
pub(crate) fn places(
    connection: &Connection,
    filter: &AuditFilter,
) -> Result<Option<RangeInclusive<i64>>, Failure> {
    let first = match filter.after {
        Some(after) => one(connection, FIRST_PLACE, [hour_of(after)], only::<Option<i64>>)?.flatten(),
        None => Some(i64::MIN),
    };
    let last = match filter.before {
        Some(before) => one(connection, LAST_PLACE, [hour_of(before)], only::<Option<i64>>)?.flatten(),
        None => Some(i64::MAX),
    };
    Ok(first.zip(last).map(|(first, last)| first..=last))
}

pub(crate) const FIRST_PLACE: &str = "SELECT min(first_seq) FROM audit_hours WHERE hour >= ?1";
pub(crate) const LAST_PLACE: &str = "SELECT max(last_seq) FROM audit_hours WHERE hour <= ?1";

/// Removes the counts of hours that began before this, the oldest first; how many.
pub(crate) fn clean_up(connection: &Connection, before: Timestamp, limit: u32) -> Result<usize, Failure> {
    let counts = change(connection, OLD_COUNTS, params![first_hour_from(before), limit])?;
    change(connection, OLD_PLACES, [limit])?;
    Ok(counts)
}

pub(crate) const OLD_COUNTS: &str = "DELETE FROM event_counts WHERE (hour, name, reason) IN
    (SELECT hour, name, reason FROM event_counts WHERE hour < ?1 ORDER BY hour LIMIT ?2)";
/// Of the oldest hours those whose events retention has removed.
const OLD_PLACES: &str =
    "DELETE FROM audit_hours WHERE hour IN (SELECT hour FROM audit_hours ORDER BY hour LIMIT ?1)
    AND last_seq < (SELECT min(seq) FROM audit)";
