//! Logins that wait for their second factor, and the codes that are tried.

use doorward_core::{
    ids::UserId,
    password::PasswordHash,
    second_factor::{BeginPending, ClaimCode, CodeFacts, PendingId, PendingLogin},
    secret::TokenHash,
    store::{Revoked, StoreError, UserCredentials, Write},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::totp;
use crate::{
    attempts, audit,
    failure::Failure,
    revocation::end_one,
    sql::{Columns, change, one, only_number},
    user::{self, read_credentials, user_columns},
};

/// Writes a pending login for whoever still has the password that was verified, and a factor.
pub(crate) fn begin_pending(
    connection: &Connection,
    write: &Write,
    verified: &PasswordHash,
    begin: &BeginPending,
) -> Result<Revoked, Failure> {
    let login = &begin.login;
    user::credentials(connection, login.user_id)?
        .filter(|found| {
            found.password.as_ref() == Some(verified) && !found.user.disabled && found.user.factors.any()
        })
        .ok_or(StoreError::Stale)?;
    attempts::refuse_while_locked(connection, write.now, begin.unless_locked)?;
    let mut ended = Vec::new();
    for id in &begin.replaces {
        ended.extend(end_one(connection, write, *id, None)?);
    }
    if let Some(superseded) = begin.supersedes {
        end_pending(connection, superseded)?;
    }
    insert(connection, login)?;
    audit::append(connection, &write.audit)?;
    let mut revoked = Revoked::default();
    for session in ended {
        revoked.sessions.push(session.id);
        revoked.revocations.push(session.announce(connection, write)?);
        session.record(connection, write, "replaced")?;
    }
    Ok(revoked)
}

fn insert(connection: &Connection, login: &PendingLogin) -> Result<(), Failure> {
    change(
        connection,
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
    )?;
    Ok(())
}

/// A live pending login with its user.
pub(crate) fn pending(
    connection: &Connection,
    hashes: &[TokenHash],
    now: Timestamp,
) -> Result<Option<(PendingLogin, UserCredentials)>, Failure> {
    for hash in hashes {
        let found = one(connection, PENDING, params![hash.as_bytes(), now.as_millis()], |columns| {
            Ok((read_pending(columns)?, read_credentials(columns)?))
        })?;
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
pub(crate) fn end_pending(connection: &Connection, id: PendingId) -> Result<(), Failure> {
    change(connection, END, [id.as_bytes()])?;
    Ok(())
}

pub(crate) const END: &str = "DELETE FROM pending_logins WHERE id = ?1";

/// Ends every pending login of a user.
pub(crate) fn end_pending_of(connection: &Connection, user: UserId) -> Result<(), Failure> {
    change(connection, END_OF_USER, [user.as_bytes()])?;
    Ok(())
}

pub(crate) const END_OF_USER: &str = "DELETE FROM pending_logins WHERE user_id = ?1";

/// Ends the pending login that a session completes. Its last try may have been the one that was right.
pub(crate) fn complete(
    connection: &Connection,
    write: &Write,
    id: PendingId,
    user: UserId,
) -> Result<(), Failure> {
    let params = params![id.as_bytes(), user.as_bytes(), write.now.as_millis()];
    if change(connection, COMPLETE, params)? == 0 { Err(StoreError::NotFound.into()) } else { Ok(()) }
}

pub(crate) const COMPLETE: &str =
    "DELETE FROM pending_logins WHERE id = ?1 AND user_id = ?2 AND expires_at > ?3";

/// Takes one try, before it is known what it is worth.
pub(crate) fn claim_code(
    connection: &Connection,
    now: Timestamp,
    claim: ClaimCode,
) -> Result<CodeFacts, Failure> {
    let user = claim.user.as_bytes();
    let tries_left = match claim.pending {
        Some(id) => one(connection, TAKE_TRY, params![id.as_bytes(), user, now.as_millis()], only_number)?
            .ok_or(StoreError::NotFound)?,
        None => 0,
    };
    let running = one(connection, COUNT_CODE, params![user, u32::MAX], only_number)?;
    let running = running.ok_or(StoreError::NotFound)?;
    Ok(CodeFacts { totp: totp::totp(connection, claim.user)?, running, tries_left })
}

pub(crate) const TAKE_TRY: &str = "UPDATE pending_logins SET tries_left = tries_left - 1
     WHERE id = ?1 AND user_id = ?2 AND expires_at > ?3 AND tries_left > 0 RETURNING tries_left";
pub(crate) const COUNT_CODE: &str =
    "UPDATE users SET codes_running = min(codes_running + 1, ?2) WHERE id = ?1 RETURNING codes_running";

/// Counts codes anew.
pub(crate) fn count_codes_anew(connection: &Connection, user: UserId) -> Result<(), Failure> {
    change(connection, "UPDATE users SET codes_running = 0 WHERE id = ?1", [user.as_bytes()])?;
    Ok(())
}
