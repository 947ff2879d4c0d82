//! Clean-up of what no decision needs any more, a bounded number of rows at a time.

use doorward_core::{
    store::{CleanUp, CleanedUp},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    attempts, event_counts,
    failure::{Failure, Trouble},
    gauges, signing_key,
    sql::change,
};

/// Removes what core says may go.
pub(crate) fn clean_up(connection: &Connection, what: CleanUp) -> Result<CleanedUp, Failure> {
    let remove = |sql: &str, until: Timestamp| -> Result<u32, Failure> {
        let removed = change(connection, sql, params![until.as_millis(), what.limit])?;
        u32::try_from(removed).map_err(|_| Trouble::TooLarge.into())
    };
    let removed = CleanedUp {
        sessions: remove(SESSIONS, what.sessions_ended_before)?,
        links: remove(LINKS, what.now)?,
        revocations: remove(REVOCATIONS, what.now)?,
        signing_keys: remove(SIGNING_KEYS, what.keys_retired_before)?,
        attempts: attempts::clean_up(connection, what.attempts_expired_before, what.limit)?,
        factor_rests: FACTOR_RESTS
            .iter()
            .try_fold(0, |sum, sql| Ok::<u32, Failure>(sum + remove(sql, what.now)?))?,
        statistics: {
            let counts = event_counts::clean_up(connection, what.statistics_before, what.limit)?;
            let samples = gauges::clean_up(connection, what.statistics_before, what.limit)?;
            u32::try_from(counts + samples).map_err(|_| Trouble::TooLarge)?
        },
        audit_events: 0,
    };
    if removed.signing_keys > 0 {
        signing_key::tell_nodes(connection)?;
    }
    Ok(removed)
}

pub(crate) const SESSIONS: &str = "DELETE FROM sessions WHERE rowid IN
    (SELECT rowid FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
pub(crate) const LINKS: &str = "DELETE FROM links WHERE rowid IN
    (SELECT rowid FROM links WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
pub(crate) const REVOCATIONS: &str = "DELETE FROM revocations WHERE seq IN
    (SELECT seq FROM revocations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
/// Pending logins, unconfirmed authenticator apps, trusted devices, spent challenges.
pub(crate) const FACTOR_RESTS: [&str; 4] = [
    "DELETE FROM pending_logins WHERE hash IN
        (SELECT hash FROM pending_logins WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM totp_enrolments WHERE user_id IN
        (SELECT user_id FROM totp_enrolments WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM trusted_devices WHERE (user_id, device) IN
        (SELECT user_id, device FROM trusted_devices WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM spent_challenges WHERE hash IN
        (SELECT hash FROM spent_challenges WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
];
const SIGNING_KEYS: &str = "DELETE FROM signing_keys WHERE rowid IN
    (SELECT rowid FROM signing_keys WHERE retired_at <= ?1 ORDER BY retired_at, id LIMIT ?2)";
