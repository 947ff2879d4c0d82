//! Clean-up of what no decision needs any more, a bounded number of rows at a time.

use doorward_core::{
    audit_chain::AuditChainKey,
    store::{CleanUp, CleanedUp},
    time::Timestamp,
};

use super::{
    attempts,
    audit_retention::{self, Expired},
    event_counts,
    failure::{Failure, Trouble},
    gauges, signing_key,
    sql::{Duty, Sql, params},
};

/// Removes what core says may go.
pub(crate) async fn clean_up(
    sql: &impl Sql,
    what: CleanUp,
    key: &AuditChainKey,
    expired: &[Expired],
) -> Result<CleanedUp, Failure> {
    if !sql.takes_on(Duty::CleanUp).await? {
        return Ok(CleanedUp::default());
    }
    if let Some(retention) = what.audit {
        for expired in expired {
            audit_retention::let_go(sql, key, expired, retention).await?;
        }
    }
    let remove = async |text: &'static str, until: Timestamp| {
        count(sql.change(text, params![until.as_millis(), what.limit]).await?)
    };
    let mut removed = CleanedUp {
        sessions: remove(SESSIONS, what.sessions_ended_before).await?,
        links: remove(LINKS, what.now).await?,
        revocations: remove(REVOCATIONS, what.now).await?,
        signing_keys: remove(SIGNING_KEYS, what.keys_retired_before).await?,
        attempts: attempts::clean_up(sql, what.attempts_expired_before, what.limit).await?,
        statistics: count(
            event_counts::clean_up(sql, what.statistics_before, what.limit).await?
                + gauges::clean_up(sql, what.statistics_before, what.limit).await?,
        )?,
        audit_events: audit_retention::remove(sql, key, what.limit).await?,
        ..CleanedUp::default()
    };
    for rests in FACTOR_RESTS {
        removed.factor_rests += remove(rests, what.now).await?;
    }
    if removed.signing_keys > 0 {
        signing_key::tell_nodes(sql).await?;
    }
    Ok(removed)
}

fn count(removed: u64) -> Result<u32, Failure> {
    u32::try_from(removed).map_err(|_| Trouble::TooLarge.into())
}

pub(crate) const SESSIONS: &str = "DELETE FROM sessions WHERE id IN
    (SELECT id FROM sessions WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
pub(crate) const LINKS: &str = "DELETE FROM links WHERE hash IN
    (SELECT hash FROM links WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
pub(crate) const REVOCATIONS: &str = "DELETE FROM revocations WHERE seq IN
    (SELECT seq FROM revocations WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)";
/// Pending logins, unconfirmed authenticator apps, trusted devices, spent challenges. Where the end of a row may change it is
/// asked for again, as in [`attempts::EXPIRED`].
pub(crate) const FACTOR_RESTS: [&str; 4] = [
    "DELETE FROM pending_logins WHERE hash IN
        (SELECT hash FROM pending_logins WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
    "DELETE FROM totp_enrolments WHERE user_id IN
        (SELECT user_id FROM totp_enrolments WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
        AND expires_at <= ?1",
    "DELETE FROM trusted_devices WHERE (user_id, device) IN
        (SELECT user_id, device FROM trusted_devices WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
        AND expires_at <= ?1",
    "DELETE FROM spent_challenges WHERE hash IN
        (SELECT hash FROM spent_challenges WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)",
];
const SIGNING_KEYS: &str = "DELETE FROM signing_keys WHERE id IN
    (SELECT id FROM signing_keys WHERE retired_at <= ?1 ORDER BY retired_at, id LIMIT ?2)";
