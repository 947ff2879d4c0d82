//! Authenticator apps: their sealed secrets, and which codes are spent.

use doorward_core::{
    ids::{SessionId, UserId},
    second_factor::{
        SealedTotp, TotpEnrolment,
        totp::{Step, TotpState},
    },
    store::{StoreError, Write},
    time::Timestamp,
};

use crate::{
    failure::Failure,
    sql::{Lock, Sql, integer, params},
    user,
};

/// A user's authenticator app.
pub(crate) async fn totp(sql: &impl Sql, user: UserId) -> Result<Option<SealedTotp>, Failure> {
    sql.one(TOTP, params![user.as_bytes()], |columns| {
        let sealed = columns.take()?;
        let last_step = columns.optional_number()?.map(Step);
        Ok(SealedTotp { sealed, state: TotpState { last_step, drift: columns.number()? } })
    })
    .await
}

pub(crate) const TOTP: &str = "SELECT sealed, last_step, drift FROM totp WHERE user_id = ?1";

/// Moves on to the step of a code, if that is later than the last one and of the app that is in force: the same code,
/// however many race, moves once, and a code of another app does not.
pub(crate) async fn advance(
    sql: &impl Sql,
    user: UserId,
    sealed: &[u8],
    state: TotpState,
) -> Result<bool, Failure> {
    let Some(Step(step)) = state.last_step else { return Ok(false) };
    let params = params![user.as_bytes(), integer(step)?, state.drift, sealed];
    Ok(sql.change(ADVANCE, params).await? > 0)
}

pub(crate) const ADVANCE: &str = "UPDATE totp SET last_step = ?2, drift = ?3
     WHERE user_id = ?1 AND sealed = ?4 AND (last_step IS NULL OR last_step < ?2)";

/// Keeps an authenticator app that is being set up.
pub(crate) async fn begin_enrolment(
    sql: &impl Sql,
    write: &Write,
    id: UserId,
    enrolment: &TotpEnrolment,
) -> Result<(), Failure> {
    sql.lock(Lock::User(id)).await?;
    user::user(sql, id).await?.ok_or(StoreError::NotFound)?;
    sql.queue(
        "INSERT INTO totp_enrolments (user_id, session_id, sealed, expires_at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id) DO UPDATE SET
            session_id = excluded.session_id, sealed = excluded.sealed, expires_at = excluded.expires_at",
        params![
            id.as_bytes(),
            enrolment.session.as_bytes(),
            &enrolment.sealed,
            enrolment.expires_at.as_millis(),
        ],
    )
    .await?;
    sql.append(&write.audit)
}

/// The authenticator app that a user is setting up in this session.
pub(crate) async fn enrolment(
    sql: &impl Sql,
    user: UserId,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<TotpEnrolment>, Failure> {
    let params = params![user.as_bytes(), session.as_bytes(), now.as_millis()];
    sql.one(ENROLMENT, params, |columns| {
        Ok(TotpEnrolment { session, sealed: columns.take()?, expires_at: columns.time()? })
    })
    .await
}

pub(crate) const ENROLMENT: &str = "SELECT sealed, expires_at FROM totp_enrolments
     WHERE user_id = ?1 AND session_id = ?2 AND expires_at > ?3";

/// Has the authenticator app that a user is setting up in one session go on in another.
pub(crate) async fn move_enrolment(
    sql: &impl Sql,
    user: UserId,
    from: SessionId,
    to: SessionId,
) -> Result<(), Failure> {
    sql.queue(
        "UPDATE totp_enrolments SET session_id = ?3 WHERE user_id = ?1 AND session_id = ?2",
        params![user.as_bytes(), from.as_bytes(), to.as_bytes()],
    )
    .await?;
    Ok(())
}

/// Puts the authenticator app in force that is being set up, if it is this one.
pub(crate) async fn confirm(
    sql: &impl Sql,
    write: &Write,
    user: UserId,
    (session, sealed): (SessionId, &[u8]),
    state: TotpState,
) -> Result<(), Failure> {
    enrolment(sql, user, session, write.now)
        .await?
        .filter(|enrolment| enrolment.sealed == sealed)
        .ok_or(StoreError::Stale)?;
    let last_step = state.last_step.map(|Step(step)| integer(step)).transpose()?;
    sql.queue(
        "INSERT INTO totp (user_id, sealed, last_step, drift) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (user_id) DO UPDATE SET
            sealed = excluded.sealed, last_step = excluded.last_step, drift = excluded.drift",
        params![user.as_bytes(), sealed, last_step, state.drift],
    )
    .await?;
    Ok(())
}

/// Removes the authenticator app of a user; whether there was one.
pub(crate) async fn remove(sql: &impl Sql, user: UserId) -> Result<bool, Failure> {
    Ok(sql.change("DELETE FROM totp WHERE user_id = ?1", params![user.as_bytes()]).await? > 0)
}

/// Removes the authenticator app that a user is setting up, if there is one.
pub(crate) async fn remove_enrolment(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue("DELETE FROM totp_enrolments WHERE user_id = ?1", params![user.as_bytes()]).await?;
    Ok(())
}

/// The sealed secrets of so many users.
pub(crate) async fn sealed(
    sql: &impl Sql,
    after: Option<UserId>,
    limit: u32,
) -> Result<Vec<(UserId, Vec<u8>)>, Failure> {
    // Nothing comes before every id.
    let after = after.as_ref().map_or(&[] as &[u8], |user| user.as_bytes().as_slice());
    sql.many(SEALED, params![after, limit], |columns| {
        Ok((UserId::from_bytes(columns.take()?), columns.take()?))
    })
    .await
}

const SEALED: &str = "WITH owners AS (
        SELECT user_id FROM totp WHERE user_id > ?1
        UNION SELECT user_id FROM totp_enrolments WHERE user_id > ?1
        ORDER BY user_id LIMIT ?2)
     SELECT user_id, sealed, 1 AS place FROM owners JOIN totp USING (user_id)
     UNION ALL SELECT user_id, sealed, 2 FROM owners JOIN totp_enrolments USING (user_id)
     ORDER BY user_id, place";

/// Seals a user's secret anew, wherever it stands.
pub(crate) async fn reseal(
    sql: &impl Sql,
    user: UserId,
    expected: &[u8],
    sealed: &[u8],
) -> Result<(), Failure> {
    for statement in [
        "UPDATE totp SET sealed = ?3 WHERE user_id = ?1 AND sealed = ?2",
        "UPDATE totp_enrolments SET sealed = ?3 WHERE user_id = ?1 AND sealed = ?2",
    ] {
        sql.queue(statement, params![user.as_bytes(), expected, sealed]).await?;
    }
    Ok(())
}
