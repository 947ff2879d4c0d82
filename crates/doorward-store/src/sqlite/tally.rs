//! How many events a group adds, and where in the log the hours lie.

use std::collections::{BTreeMap, btree_map::Entry};

use doorward_core::audit::AuditEntry;
use rusqlite::Connection;

use super::transaction::change;
use crate::{
    event_counts::hour_of,
    failure::Failure,
    sql::{integer, params},
};

/// What a group of events adds.
#[derive(Default)]
pub(crate) struct Tally {
    counts: BTreeMap<(i64, String, String), u64>,
    /// The first and the last place of each hour.
    places: BTreeMap<i64, (u64, u64)>,
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
