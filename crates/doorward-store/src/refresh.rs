//! Refresh families: one generation forward, or one more repeat of the last.
//!
//! Each is one statement that says on what it depends, and changes one row or fails: of two racers the second finds the
//! family moved, and a session that was revoked meanwhile moves no more. Nothing is read before, so that a refresh takes
//! PostgreSQL one round trip.

use doorward_core::{
    ids::{DeviceId, SessionId},
    session::{Generation, SessionOfUser},
    store::{AdvanceRefresh, RepeatRefresh, StoreError, Write},
    time::Timestamp,
};

use super::{
    failure::Failure,
    session::{SESSION, read_session_of_user, session},
    sql::{Sql, params},
};

/// Moves a family to its next generation.
///
/// # Errors
/// [`StoreError::Stale`], whatever the reason: [`why_not`] tells.
pub(crate) async fn advance_refresh(
    sql: &impl Sql,
    write: &Write,
    advance: &AdvanceRefresh,
) -> Result<SessionOfUser, Failure> {
    let params = params![
        advance.id.as_bytes(),
        as_sought(advance.expected),
        write.now.as_millis(),
        advance.idle_expires_at.as_millis(),
        advance.device.as_ref().map(DeviceId::as_bytes),
        advance.user_agent.as_str(),
        advance.address.map(|address| address.to_string()),
    ];
    sql.queue_one(ADVANCE, params, StoreError::Stale.into()).await?;
    sql.append(&write.audit)?;
    as_it_is_now(sql, advance.id).await
}

macro_rules! where_it_may_refresh {
    () => {
        " WHERE id = ?1 AND generation = ?2
            AND revoked_at IS NULL AND expires_at > ?3 AND idle_expires_at > ?3
            AND EXISTS (SELECT 1 FROM users
                WHERE users.id = sessions.user_id AND users.disabled = 0 AND users.must_change_password = 0)"
    };
}

pub(crate) const ADVANCE: &str = concat!(
    "UPDATE sessions SET generation = generation + 1, spent_at = ?3, repeats = 0,
        elsewhere_streak = CASE WHEN repeated_elsewhere <> 0 THEN elsewhere_streak + 1 ELSE 0 END,
        repeated_elsewhere = 0, last_seen_at = ?3,
        idle_expires_at = CASE WHEN ?4 < expires_at THEN ?4 ELSE expires_at END,
        device = ?5, user_agent = ?6, address = ?7",
    where_it_may_refresh!()
);

/// Counts one more presentation of the last generation.
///
/// # Errors
/// As [`advance_refresh`].
pub(crate) async fn repeat_refresh(
    sql: &impl Sql,
    now: Timestamp,
    repeat: &RepeatRefresh,
) -> Result<SessionOfUser, Failure> {
    let params = params![
        repeat.id.as_bytes(),
        as_sought(repeat.current),
        now.as_millis(),
        repeat.max_repeats,
        repeat.elsewhere,
    ];
    sql.queue_one(REPEAT, params, StoreError::Stale.into()).await?;
    as_it_is_now(sql, repeat.id).await
}

pub(crate) const REPEAT: &str = concat!(
    "UPDATE sessions SET repeats = repeats + 1,
        repeated_elsewhere = CASE WHEN ?5 <> 0 THEN 1 ELSE repeated_elsewhere END",
    where_it_may_refresh!(),
    " AND repeats < ?4"
);

/// No family is at a generation that cannot be kept.
fn as_sought(generation: Generation) -> i64 {
    i64::try_from(generation.0).unwrap_or(i64::MAX)
}

async fn as_it_is_now(sql: &impl Sql, id: SessionId) -> Result<SessionOfUser, Failure> {
    let found = sql.last_one(SESSION, params![id.as_bytes()], read_session_of_user).await?;
    // Where the statement before waited for the session's row, PostgreSQL compared the user as they were when it began: what
    // has changed since would be told by a token of an epoch that is still valid.
    let may_refresh = |found: &SessionOfUser| !found.user.disabled && !found.user.must_change_password;
    found.filter(may_refresh).ok_or_else(|| StoreError::NotFound.into())
}

/// Why a family did not move: [`StoreError::NotFound`] where the session or its user may not refresh at all, otherwise
/// [`StoreError::Stale`].
pub(crate) async fn why_not(sql: &impl Sql, id: SessionId, now: Timestamp) -> Result<StoreError, Failure> {
    let may_refresh = session(sql, id).await?.is_some_and(|found| {
        found.session.is_live(now) && !found.user.disabled && !found.user.must_change_password
    });
    Ok(if may_refresh { StoreError::Stale } else { StoreError::NotFound })
}
