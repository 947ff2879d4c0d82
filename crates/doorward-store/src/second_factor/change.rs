//! Changes of factors: each makes every older authentication of the user stale.

use doorward_core::{
    ids::UserId,
    revocation::Effect,
    second_factor::{AskedBy, FactorChange, FactorsChanged, LastFactor},
    store::{Conflict, StoreError, Write},
    user::{Factors, User},
};
use rusqlite::{Connection, params};

use super::{passkey, pending, recovery_code, totp, trust};
use crate::{
    audit,
    failure::Failure,
    session::session_alone,
    sql,
    user::{self, outdate},
};

/// Changes somebody's factors.
pub(crate) fn change_factors(
    connection: &Connection,
    write: &Write,
    id: UserId,
    asked_by: Option<AskedBy>,
    change: &FactorChange,
) -> Result<FactorsChanged, Failure> {
    let mut user = user::user(connection, id)?.ok_or(StoreError::NotFound)?;
    if let Some(AskedBy { session, epoch }) = asked_by {
        session_alone(connection, session)?
            .filter(|session| session.user_id == id && session.is_live(write.now) && epoch == user.epoch)
            .ok_or(StoreError::Stale)?;
    }
    let recovery_codes_made = apply(connection, write, &mut user, change)?;
    let Factors { totp, passkeys, recovery_codes_left } = user.factors;
    let params = params![id.as_bytes(), totp, passkeys, recovery_codes_left, user.factors.any()];
    let due = sql::one(connection, KEEP_IN_STEP, params, sql::only)?.ok_or(StoreError::NotFound)?;
    let becomes_due = due && !user.must_change_password;
    user.must_change_password = due;
    sql::change(connection, AUTHENTICATED_LONG_AGO, params![id.as_bytes(), write.now.as_millis()])?;
    trust::trust_none_of(connection, id)?;
    pending::end_pending_of(connection, id)?;
    totp::remove_enrolment(connection, id)?;
    let revocation = outdate(connection, write, id, Effect::Outdated)?;
    user.epoch = revocation.epoch;
    audit::append(connection, &write.audit.of_password(becomes_due))?;
    Ok(FactorsChanged { user, revocations: vec![revocation], recovery_codes_made })
}

const KEEP_IN_STEP: &str = "UPDATE users SET totp = ?2, passkeys = ?3, recovery_codes_left = ?4,
        must_change_password = must_change_password OR (password_needs_factor AND NOT ?5)
     WHERE id = ?1 RETURNING must_change_password";

pub(crate) const AUTHENTICATED_LONG_AGO: &str = "UPDATE sessions SET auth_time = 0
     WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2";

/// Does it, and keeps the user's factors in step. Whether recovery codes were made that were not asked for.
fn apply(
    connection: &Connection,
    write: &Write,
    user: &mut User,
    change: &FactorChange,
) -> Result<bool, Failure> {
    let id = user.id;
    match change {
        FactorChange::ConfirmTotp { session, sealed, state, recovery_codes } => {
            totp::confirm(connection, write, id, (*session, sealed), *state)?;
            pending::count_codes_anew(connection, id)?;
            user.factors.totp = true;
            user.factors.recovery_codes_left = recovery_code::replace(connection, id, recovery_codes)?;
        }
        FactorChange::RemoveTotp(last) => {
            if !totp::remove(connection, id)? {
                return Err(StoreError::NotFound.into());
            }
            pending::count_codes_anew(connection, id)?;
            user.factors.totp = false;
            after_removal(connection, user, *last)?;
        }
        FactorChange::AddPasskey { passkey, challenge, recovery_codes, most } => {
            passkey::spend_challenge(connection, challenge)?;
            passkey::add(connection, user, passkey, *most)?;
            user.factors.passkeys += 1;
            if user.factors.recovery_codes_left == 0 && !recovery_codes.is_empty() {
                user.factors.recovery_codes_left = recovery_code::replace(connection, id, recovery_codes)?;
                return Ok(true);
            }
        }
        FactorChange::RemovePasskey(passkey, last) => {
            if !passkey::remove(connection, id, passkey)? {
                return Err(StoreError::NotFound.into());
            }
            user.factors.passkeys = user.factors.passkeys.saturating_sub(1);
            after_removal(connection, user, *last)?;
        }
        FactorChange::ReplaceRecoveryCodes(_) if !user.factors.any() => {
            return Err(StoreError::NotFound.into());
        }
        FactorChange::ReplaceRecoveryCodes(hashes) => {
            user.factors.recovery_codes_left = recovery_code::replace(connection, id, hashes)?;
        }
        FactorChange::Reset => {
            totp::remove(connection, id)?;
            passkey::remove_all_of(connection, id)?;
            recovery_code::replace(connection, id, &[])?;
            pending::count_codes_anew(connection, id)?;
            user.factors = Factors::default();
        }
    }
    Ok(false)
}

/// Recovery codes stand in for a factor: they go with the last one, if that may go.
fn after_removal(connection: &Connection, user: &mut User, last: LastFactor) -> Result<(), Failure> {
    if user.factors.any() {
        return Ok(());
    }
    match last {
        LastFactor::Stays => Err(Conflict::FactorRequired.into()),
        LastFactor::MayGo => {
            user.factors.recovery_codes_left = recovery_code::replace(connection, user.id, &[])?;
            Ok(())
        }
    }
}
