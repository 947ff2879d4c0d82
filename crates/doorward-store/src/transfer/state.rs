//! The counters, which lie elsewhere in each database.

use super::checksum::{Checksum, Digest};
use crate::{
    failure::{Failure, Trouble},
    sql::{Sql, Text, params},
};

/// Where they are called for.
pub(super) const TABLE: &str = "state";

/// The counters that nodes watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State {
    pub(super) feed_seq: i64,
    signing_keys_version: i64,
    setup_complete: i64,
    pub(super) highest_time: i64,
}

impl State {
    pub(super) async fn read(sql: &impl Sql) -> Result<Self, Failure> {
        let found = sql.one(STATE, &[], |columns| {
            Ok(Self {
                feed_seq: columns.take()?,
                signing_keys_version: columns.take()?,
                setup_complete: columns.take()?,
                highest_time: columns.take()?,
            })
        });
        found.await?.ok_or_else(|| Trouble::Unreadable("state").into())
    }

    /// Writes the counters into a PostgreSQL that holds the tables already, and has what numbers rows go on above them.
    /// Done again it does the same.
    pub(super) async fn write(&self, sql: &impl Sql) -> Result<(), Failure> {
        let Self { feed_seq, signing_keys_version, setup_complete, highest_time } = self;
        let counters = params![feed_seq, signing_keys_version, setup_complete];
        sql.queue(COUNTERS, counters).await?;
        sql.queue(HIGHEST_TIME, params![highest_time]).await?;
        sql.queue(AUDIT_PLACES, &[]).await?;
        sql.queue(ATTEMPT_IDS, &[]).await?;
        // Otherwise the first minutes would be planned as for empty tables.
        sql.queue("ANALYZE", &[]).await
    }

    pub(super) fn checksum(&self) -> Checksum {
        let Self { feed_seq, signing_keys_version, setup_complete, highest_time } = self;
        let mut digest = Digest::default();
        digest.row(params![feed_seq, signing_keys_version, setup_complete, highest_time]);
        digest.finish()
    }
}

const STATE: Text = Text {
    sqlite: "SELECT feed_seq, signing_keys_version, setup_complete, highest_time FROM state",
    postgres: "SELECT feed_seq, signing_keys_version, setup_complete,
        (SELECT coalesce(max(highest_time), 0) FROM audit_chains) FROM state",
};
const COUNTERS: &str = "UPDATE state SET feed_seq = ?1, signing_keys_version = ?2, setup_complete = ?3";
const HIGHEST_TIME: &str = "UPDATE audit_chains SET highest_time = ?1";
/// Above the hours as well: retention may have removed the rows that came last.
const AUDIT_PLACES: &str = "SELECT setval('audit_seq', greatest(1, max(seq),
        (SELECT max(last_seq) FROM audit_hours), (SELECT max(head_seq) FROM audit_chains))) FROM audit";
const ATTEMPT_IDS: &str =
    "SELECT setval(pg_get_serial_sequence('attempts', 'id'), greatest(1, max(id))) FROM attempts";
