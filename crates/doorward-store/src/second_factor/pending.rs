//! Logins that wait for their second factor, and the codes that are tried.

use doorward_core::{
    ids::UserId,
    password::PasswordHash,
    second_factor::{BeginPending, ClaimCode, CodeFacts, PendingId, PendingLogin},
    secret::TokenHash,
    store::{Revoked, StoreError, UserCredentials, Write},
    time::Timestamp,
};

use super::totp;
use crate::{
    attempts,
    failure::Failure,
    revocation::end_one,
    sql::{Columns, Lock, Sql, only_number, params},
    user::{self, read_credentials, user_columns},
};

/// Writes a pending login for whoever still has the password that was verified, and a factor.
pub(crate) async fn begin_pending(
    sql: &impl Sql,
    write: &Write,
    verified: &PasswordHash,
    begin: &BeginPending,
) -> Result<Revoked, Failure> {
    let login = &begin.login;
    sql.lock(Lock::User(login.user_id)).await?;
    user::credentials(sql, login.user_id)
        .await?
        .filter(|found| {
            found.password.as_ref() == Some(verified) && !found.user.disabled && found.user.factors.any()
        })
        .ok_or(StoreError::Stale)?;
    attempts::refuse_while_locked(sql, write.now, begin.unless_locked).await?;
    let mut ended = Vec::new();
    for id in &begin.replaces {
        ended.extend(end_one(sql, write, *id, None).await?);
    }
    if let Some(superseded) = begin.supersedes {
        end_pending(sql, superseded).await?;
    }
    insert(sql, login).await?;
    sql.append(&write.audit)?;
    let mut revoked = Revoked::default();
    for session in ended {
        revoked.sessions.push(session.id);
        revoked.revocations.push(session.announce(sql, write)?);
        session.record(sql, write, "replaced")?;
    }
    Ok(revoked)
}

async fn insert(sql: &impl Sql, login: &PendingLogin) -> Result<(), Failure> {
    sql.queue(
        "INSERT INTO pending_logins (hash, id, user_id, expires_at, tries_left, trust_device)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            login.hash.as_bytes(),
            login.id.as_bytes(),
            login.user_id.as_bytes(),
            login.expires_at.as_millis(),
            login.tries_left,
            login.trust_device,
        ],
    )
    .await?;
    Ok(())
}

/// A live pending login with its user.
pub(crate) async fn pending(
    sql: &impl Sql,
    hashes: &[TokenHash],
    now: Timestamp,
) -> Result<Option<(PendingLogin, UserCredentials)>, Failure> {
    for hash in hashes {
        let found = sql
            .one(PENDING, params![hash.as_bytes(), now.as_millis()], |columns| {
                Ok((read_pending(columns)?, read_credentials(columns)?))
            })
            .await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

pub(crate) const PENDING: &str = concat!(
    "SELECT pending_logins.id, pending_logins.hash, pending_logins.user_id, pending_logins.expires_at,
        pending_logins.tries_left, pending_logins.trust_device, ",
    user_columns!(),
    ", users.password FROM pending_logins JOIN users ON users.id = pending_logins.user_id
     WHERE pending_logins.hash = ?1 AND pending_logins.expires_at > ?2 AND pending_logins.tries_left > 0"
);

fn read_pending(columns: &mut Columns<'_>) -> Result<PendingLogin, Failure> {
    Ok(PendingLogin {
        id: PendingId::from_bytes(columns.take()?),
        hash: TokenHash::from_bytes(columns.take()?),
        user_id: UserId::from_bytes(columns.take()?),
        expires_at: columns.time()?,
        tries_left: columns.number()?,
        trust_device: columns.take()?,
    })
}

/// Ends a pending login, if it is there.
pub(crate) async fn end_pending(sql: &impl Sql, id: PendingId) -> Result<(), Failure> {
    sql.queue(END, params![id.as_bytes()]).await?;
    Ok(())
}

pub(crate) const END: &str = "DELETE FROM pending_logins WHERE id = ?1";

/// Ends every pending login of a user.
pub(crate) async fn end_pending_of(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue(END_OF_USER, params![user.as_bytes()]).await?;
    Ok(())
}

pub(crate) const END_OF_USER: &str = "DELETE FROM pending_logins WHERE user_id = ?1";

/// Ends the pending login that a session completes. Its last try may have been the one that was right.
pub(crate) async fn complete(
    sql: &impl Sql,
    write: &Write,
    id: PendingId,
    user: UserId,
) -> Result<(), Failure> {
    let params = params![id.as_bytes(), user.as_bytes(), write.now.as_millis()];
    if sql.change(COMPLETE, params).await? == 0 { Err(StoreError::NotFound.into()) } else { Ok(()) }
}

pub(crate) const COMPLETE: &str =
    "DELETE FROM pending_logins WHERE id = ?1 AND user_id = ?2 AND expires_at > ?3";

/// Takes one try, before it is known what it is worth.
pub(crate) async fn claim_code(
    sql: &impl Sql,
    now: Timestamp,
    claim: ClaimCode,
) -> Result<CodeFacts, Failure> {
    let user = claim.user.as_bytes();
    sql.lock(Lock::User(claim.user)).await?;
    let tries_left = match claim.pending {
        Some(id) => sql
            .one(TAKE_TRY, params![id.as_bytes(), user, now.as_millis()], only_number)
            .await?
            .ok_or(StoreError::NotFound)?,
        None => 0,
    };
    let running = sql.one(COUNT_CODE, params![user, u32::MAX], only_number).await?;
    let running = running.ok_or(StoreError::NotFound)?;
    Ok(CodeFacts { totp: totp::totp(sql, claim.user).await?, running, tries_left })
}

pub(crate) const TAKE_TRY: &str = "UPDATE pending_logins SET tries_left = tries_left - 1
     WHERE id = ?1 AND user_id = ?2 AND expires_at > ?3 AND tries_left > 0 RETURNING tries_left";
pub(crate) const COUNT_CODE: &str = "UPDATE users SET codes_running = CASE WHEN codes_running < ?2 THEN codes_running + 1 ELSE codes_running END WHERE id = ?1 RETURNING codes_running";

/// Counts codes anew.
pub(crate) async fn count_codes_anew(sql: &impl Sql, user: UserId) -> Result<(), Failure> {
    sql.queue("UPDATE users SET codes_running = 0 WHERE id = ?1", params![user.as_bytes()]).await?;
    Ok(())
}
