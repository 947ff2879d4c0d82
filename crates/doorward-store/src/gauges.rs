//! How many users, live sessions and locked accounts there are, and the samples that are kept of it.

use doorward_core::{
    statistics::{Gauges, SAMPLED_EVERY},
    time::Timestamp,
};

use super::{
    failure::Failure,
    sql::{Columns, Sql, Text, integer, only_number, params},
};

/// How much there is now.
pub(crate) async fn gauges_at(sql: &impl Sql, now: Timestamp) -> Result<Gauges, Failure> {
    let at = now.as_millis();
    Ok(Gauges {
        as_of: now,
        users: sql.one(USERS, &[], only_number).await?.unwrap_or(0),
        live_sessions: sql.one(LIVE_SESSIONS, params![at], only_number).await?.unwrap_or(0),
        locked_accounts: sql.one(LOCKED_ACCOUNTS, params![at], only_number).await?.unwrap_or(0),
    })
}

const USERS: &str = "SELECT count(*) FROM users";
/// Reads the rows of all sessions that were not revoked, in the order they lie in: what tells whether one is alive is in
/// no index, because a refresh changes it.
pub(crate) const LIVE_SESSIONS: Text = Text {
    sqlite: "SELECT count(*) FROM sessions INDEXED BY unrevoked_sessions_by_age
     WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1",
    postgres: "SELECT count(*) FROM sessions WHERE revoked_at IS NULL AND expires_at > ?1 AND idle_expires_at > ?1",
};
pub(crate) const LOCKED_ACCOUNTS: &str = "SELECT count(*) FROM (
        SELECT owner FROM attempts WHERE (owner IS NULL) = FALSE AND locked_until > ?1 AND kind = 'account'
        UNION SELECT id FROM users WHERE codes_running >= 100 AND totp = 1) AS locked";

/// The samples of these times, oldest first.
pub(crate) async fn samples(
    sql: &impl Sql,
    from: Timestamp,
    until: Timestamp,
) -> Result<Vec<Gauges>, Failure> {
    sql.many(SAMPLES, params![quarter_of(from), from.as_millis(), until.as_millis()], read_sample).await
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
pub(crate) async fn keep_sample(sql: &impl Sql, sample: Gauges) -> Result<(), Failure> {
    let Gauges { as_of, users, live_sessions, locked_accounts } = sample;
    sql.queue("INSERT INTO samples (quarter, as_of, users, live_sessions, locked_accounts) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT DO NOTHING",
        params![
            quarter_of(as_of),
            as_of.as_millis(),
            integer(users)?,
            integer(live_sessions)?,
            integer(locked_accounts)?
        ],
    ).await?;
    Ok(())
}

/// The number of the quarter of an hour since 1970 that a time lies in.
fn quarter_of(at: Timestamp) -> i64 {
    at.number_of(SAMPLED_EVERY)
}

/// Removes samples of times before this, the oldest first; how many.
pub(crate) async fn clean_up(sql: &impl Sql, before: Timestamp, limit: u32) -> Result<u64, Failure> {
    sql.change(OLD_SAMPLES, params![quarter_of(before), before.as_millis(), limit]).await
}

pub(crate) const OLD_SAMPLES: &str = "DELETE FROM samples WHERE quarter IN
    (SELECT quarter FROM samples WHERE quarter <= ?1 AND as_of < ?2 ORDER BY quarter LIMIT ?3)";
