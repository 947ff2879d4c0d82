//! How many users, live sessions and locked accounts there are, and the samples that are kept of it.

use doorward_core::{
    statistics::{Gauges, SAMPLED_EVERY},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    failure::Failure,
    sql::{Columns, change, integer, many, one, only_number},
};

/// How much there is now.
pub(crate) fn gauges_at(connection: &Connection, now: Timestamp) -> Result<Gauges, Failure> {
    let at = now.as_millis();
    Ok(Gauges {
        as_of: now,
        users: one(connection, USERS, [], only_number)?.unwrap_or(0),
        live_sessions: one(connection, LIVE_SESSIONS, [at], only_number)?.unwrap_or(0),
        locked_accounts: one(connection, LOCKED_ACCOUNTS, [at], only_number)?.unwrap_or(0),
    })
}

const USERS: &str = "SELECT count(*) FROM users";
/// Reads the rows of all sessions that were not revoked, in the order they lie in: what tells whether one is alive is in
/// no index, because a refresh changes it.
pub(crate) const LIVE_SESSIONS: &str = "SELECT count(*) FROM sessions INDEXED BY unrevoked_sessions_by_age
     WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1";
pub(crate) const LOCKED_ACCOUNTS: &str = "SELECT count(*) FROM (
        SELECT owner FROM attempts WHERE (owner IS NULL) = 0 AND locked_until > ?1 AND kind = 'account'
        UNION SELECT id FROM users WHERE codes_running >= 100 AND totp = 1)";

/// The samples of these times, oldest first.
pub(crate) fn samples(
    connection: &Connection,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Gauges>, Failure> {
    many(connection, SAMPLES, [quarter_of(from), from.as_millis(), until.as_millis()], read_sample)
}

/// A sample lies in its quarter of an hour, wherever in it.
pub(crate) const SAMPLES: &str = "SELECT as_of, users, live_sessions, locked_accounts FROM samples
     WHERE quarter >= ?1 AND as_of >= ?2 AND as_of < ?3 ORDER BY quarter";

fn read_sample(columns: &mut Columns<'_>) -> Result<Gauges, Failure> {
    Ok(Gauges {
        as_of: columns.time()?,
        users: columns.number()?,
        live_sessions: columns.number()?,
        locked_accounts: columns.number()?,
    })
}

/// Keeps a sample, unless there is one of the same quarter of an hour.
pub(crate) fn keep_sample(connection: &Connection, sample: Gauges) -> Result<(), Failure> {
    let Gauges { as_of, users, live_sessions, locked_accounts } = sample;
    change(
        connection,
        "INSERT INTO samples (quarter, as_of, users, live_sessions, locked_accounts) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
        params![
            quarter_of(as_of),
            as_of.as_millis(),
            integer(users)?,
            integer(live_sessions)?,
            integer(locked_accounts)?
        ],
    )?;
    Ok(())
}

/// The number of the quarter of an hour since 1970 that a time lies in.
fn quarter_of(at: Timestamp) -> i64 {
    at.number_of(SAMPLED_EVERY)
}

/// Removes samples of times before this, the oldest first; how many.
pub(crate) fn clean_up(connection: &Connection, before: Timestamp, limit: u32) -> Result<usize, Failure> {
    change(connection, OLD_SAMPLES, params![quarter_of(before), before.as_millis(), limit])
}

pub(crate) const OLD_SAMPLES: &str = "DELETE FROM samples WHERE quarter IN
    (SELECT quarter FROM samples WHERE quarter <= ?1 AND as_of < ?2 ORDER BY quarter LIMIT ?3)";
