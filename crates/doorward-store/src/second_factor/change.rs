//! Changes of factors: each makes every older authentication of the user stale.

use doorward_core::{
    ids::UserId,
    revocation::Effect,
    second_factor::{AskedBy, FactorChange, FactorsChanged, LastFactor},
    store::{Conflict, StoreError, Write},
    user::{Factors, User},
};

use super::{passkey, pending, recovery_code, totp, trust};
use crate::{
    failure::Failure,
    session::session_alone,
    sql::{Lock, Sql, only, params},
    user::{self, outdate},
};

/// Changes somebody's factors.
pub(crate) async fn change_factors(
    sql: &impl Sql,
    write: &Write,
    id: UserId,
    asked_by: Option<AskedBy>,
    change: &FactorChange,
) -> Result<FactorsChanged, Failure> {
    sql.lock(Lock::User(id)).await?;
    let mut user = user::user(sql, id).await?.ok_or(StoreError::NotFound)?;
    if let Some(AskedBy { session, epoch }) = asked_by {
        session_alone(sql, session)
            .await?
            .filter(|session| session.user_id == id && session.is_live(write.now) && epoch == user.epoch)
            .ok_or(StoreError::Stale)?;
    }
    let recovery_codes_made = apply(sql, write, &mut user, change).await?;
    let Factors { totp, passkeys, recovery_codes_left } = user.factors;
    let params = params![id.as_bytes(), totp, passkeys, recovery_codes_left, user.factors.any()];
    let due = sql.one(KEEP_IN_STEP, params, only).await?.ok_or(StoreError::NotFound)?;
    let becomes_due = due && !user.must_change_password;
    user.must_change_password = due;
    sql.queue(AUTHENTICATED_LONG_AGO, params![id.as_bytes(), write.now.as_millis()]).await?;
    trust::trust_none_of(sql, id).await?;
    pending::end_pending_of(sql, id).await?;
    totp::remove_enrolment(sql, id).await?;
    let revocation = outdate(sql, write, id, Effect::Outdated).await?;
    user.epoch = revocation.epoch;
    sql.append(&write.audit.of_password(becomes_due))?;
    Ok(FactorsChanged { user, revocations: vec![revocation], recovery_codes_made })
}

const KEEP_IN_STEP: &str = "UPDATE users SET totp = ?2, passkeys = ?3, recovery_codes_left = ?4,
        must_change_password =
            CASE WHEN must_change_password <> 0 OR (password_needs_factor <> 0 AND ?5 = 0) THEN 1 ELSE 0 END
     WHERE id = ?1 RETURNING must_change_password";

pub(crate) const AUTHENTICATED_LONG_AGO: &str = "UPDATE sessions SET auth_time = 0
     WHERE user_id = ?1 AND revoked_at IS NULL AND expires_at > ?2 AND idle_expires_at > ?2";

/// Does it, and keeps the user's factors in step. Whether recovery codes were made that were not asked for.
async fn apply(
    sql: &impl Sql,
    write: &Write,
    user: &mut User,
    change: &FactorChange,
) -> Result<bool, Failure> {
    let id = user.id;
    match change {
        FactorChange::ConfirmTotp { session, sealed, state, recovery_codes } => {
            totp::confirm(sql, write, id, (*session, sealed), *state).await?;
            pending::count_codes_anew(sql, id).await?;
            user.factors.totp = true;
            user.factors.recovery_codes_left = recovery_code::replace(sql, id, recovery_codes).await?;
        }
        FactorChange::RemoveTotp(last) => {
            if !totp::remove(sql, id).await? {
                return Err(StoreError::NotFound.into());
            }
            pending::count_codes_anew(sql, id).await?;
            user.factors.totp = false;
            after_removal(sql, user, *last).await?;
        }
        FactorChange::AddPasskey { passkey, challenge, recovery_codes, most } => {
            passkey::spend_challenge(sql, challenge).await?;
            passkey::add(sql, user, passkey, *most).await?;
            user.factors.passkeys += 1;
            if user.factors.recovery_codes_left == 0 && !recovery_codes.is_empty() {
                user.factors.recovery_codes_left = recovery_code::replace(sql, id, recovery_codes).await?;
                return Ok(true);
            }
        }
        FactorChange::RemovePasskey(passkey, last) => {
            if !passkey::remove(sql, id, passkey).await? {
                return Err(StoreError::NotFound.into());
            }
            user.factors.passkeys = user.factors.passkeys.saturating_sub(1);
            after_removal(sql, user, *last).await?;
        }
        FactorChange::ReplaceRecoveryCodes(_) if !user.factors.any() => {
            return Err(StoreError::NotFound.into());
        }
        FactorChange::ReplaceRecoveryCodes(hashes) => {
            user.factors.recovery_codes_left = recovery_code::replace(sql, id, hashes).await?;
        }
        FactorChange::Reset => {
            totp::remove(sql, id).await?;
            passkey::remove_all_of(sql, id).await?;
            recovery_code::replace(sql, id, &[]).await?;
            pending::count_codes_anew(sql, id).await?;
            user.factors = Factors::default();
        }
    }
    Ok(false)
}

/// Recovery codes stand in for a factor: they go with the last one, if that may go.
async fn after_removal(sql: &impl Sql, user: &mut User, last: LastFactor) -> Result<(), Failure> {
    if user.factors.any() {
        return Ok(());
    }
    match last {
        LastFactor::Stays => Err(Conflict::FactorRequired.into()),
        LastFactor::MayGo => {
            user.factors.recovery_codes_left = recovery_code::replace(sql, user.id, &[]).await?;
            Ok(())
        }
    }
}
