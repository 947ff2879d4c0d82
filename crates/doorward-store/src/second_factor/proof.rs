//! What a session is earned with, used up as it opens.

use doorward_core::{
    audit::AuditEvent,
    second_factor::{FactorUse, SecondProof},
    session::Session,
    store::{SessionProof, StoreError, Write},
    user::User,
};

use super::{passkey, pending, recovery_code, totp, trust};
use crate::{
    failure::{Failure, Trouble},
    sql::Sql,
};

/// Refuses a session that is not as strong as its user's factors demand, whatever operation it is part of.
pub(crate) async fn check_strength(
    sql: &impl Sql,
    write: &Write,
    owner: &User,
    session: &Session,
    second: &SecondProof,
) -> Result<(), Failure> {
    let enough = match second {
        _ if !owner.factors.any() => true,
        SecondProof::TrustedDevice(device) => trust::is_trusted(sql, owner.id, *device, write.now).await?,
        SecondProof::None | SecondProof::Given(_) => session.authentication.aal >= 2,
    };
    if enough { Ok(()) } else { Err(StoreError::Stale.into()) }
}

/// Uses up what can be used once, and trusts the session's device if that is wished. `owner` has one recovery code less
/// afterwards if that is what was shown; the event that tells so.
pub(crate) async fn use_up(
    sql: &impl Sql,
    write: &Write,
    owner: &mut User,
    session: &Session,
    proof: &SessionProof,
) -> Result<Option<AuditEvent>, Failure> {
    if !proof.shows_enough() {
        return Err(Trouble::NothingShown.into());
    }
    if let Some(id) = proof.pending {
        pending::complete(sql, write, id, owner.id).await?;
    }
    let event = match &proof.second {
        SecondProof::None if owner.factors.any() => return Err(StoreError::Stale.into()),
        SecondProof::None | SecondProof::TrustedDevice(_) => None,
        SecondProof::Given(shown) => spend(sql, write, owner, shown).await?,
    };
    if let (Some(until), Some(device)) = (proof.trust_until, session.device) {
        trust::trust(sql, owner.id, device, until).await?;
    }
    Ok(event)
}

async fn spend(
    sql: &impl Sql,
    write: &Write,
    owner: &mut User,
    shown: &FactorUse,
) -> Result<Option<AuditEvent>, Failure> {
    let id = owner.id;
    let mut event = None;
    let fresh = match shown {
        FactorUse::Totp { sealed, state } => totp::advance(sql, id, sealed, *state).await?,
        FactorUse::RecoveryCode(hashes) => {
            let fresh = recovery_code::spend(sql, id, hashes).await?;
            if fresh {
                owner.factors.recovery_codes_left = recovery_code::one_less(sql, id).await?;
                event = Some(write.audit.of_recovery_code_used(owner.factors.recovery_codes_left));
            }
            fresh
        }
        FactorUse::Passkey { id: passkey, sign_count, synced: _, challenge } => {
            passkey::spend_challenge(sql, challenge).await?;
            passkey::advance(sql, write.now, id, passkey, *sign_count).await?
        }
    };
    if !fresh {
        return Err(StoreError::AlreadySpent.into());
    }
    if matches!(shown, FactorUse::Totp { .. } | FactorUse::RecoveryCode(_)) {
        pending::count_codes_anew(sql, id).await?;
    }
    Ok(event)
}
