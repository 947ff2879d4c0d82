//! What a session is earned with, used up as it opens.

use doorward_core::{
    audit::AuditEvent,
    second_factor::{FactorUse, SecondProof},
    session::Session,
    store::{SessionProof, StoreError, Write},
    user::User,
};
use rusqlite::Connection;

use super::{passkey, pending, recovery_code, totp, trust};
use crate::failure::{Failure, Trouble};

/// Refuses a session that is not as strong as its user's factors demand, whatever operation it is part of.
pub(crate) fn check_strength(
    connection: &Connection,
    write: &Write,
    owner: &User,
    session: &Session,
    second: &SecondProof,
) -> Result<(), Failure> {
    let enough = match second {
        _ if !owner.factors.any() => true,
        SecondProof::TrustedDevice(device) => trust::is_trusted(connection, owner.id, *device, write.now)?,
        SecondProof::None | SecondProof::Given(_) => session.authentication.aal >= 2,
    };
    if enough { Ok(()) } else { Err(StoreError::Stale.into()) }
}

/// Uses up what can be used once, and trusts the session's device if that is wished. `owner` has one recovery code less
/// afterwards if that is what was shown; the event that tells so.
pub(crate) fn use_up(
    connection: &Connection,
    write: &Write,
    owner: &mut User,
    session: &Session,
    proof: &SessionProof,
) -> Result<Option<AuditEvent>, Failure> {
    if !proof.shows_enough() {
        return Err(Trouble::NothingShown.into());
    }
    if let Some(id) = proof.pending {
        pending::complete(connection, write, id, owner.id)?;
    }
    let event = match &proof.second {
        SecondProof::None if owner.factors.any() => return Err(StoreError::Stale.into()),
        SecondProof::None | SecondProof::TrustedDevice(_) => None,
        SecondProof::Given(shown) => spend(connection, write, owner, shown)?,
    };
    if let (Some(until), Some(device)) = (proof.trust_until, session.device) {
        trust::trust(connection, owner.id, device, until)?;
    }
    Ok(event)
}

fn spend(
    connection: &Connection,
    write: &Write,
    owner: &mut User,
    shown: &FactorUse,
) -> Result<Option<AuditEvent>, Failure> {
    let id = owner.id;
    let mut event = None;
    let fresh = match shown {
        FactorUse::Totp { sealed, state } => totp::advance(connection, id, sealed, *state)?,
        FactorUse::RecoveryCode(hashes) => {
            let fresh = recovery_code::spend(connection, id, hashes)?;
            if fresh {
                owner.factors.recovery_codes_left = recovery_code::one_less(connection, id)?;
                event = Some(write.audit.of_recovery_code_used(owner.factors.recovery_codes_left));
            }
            fresh
        }
        FactorUse::Passkey { id: passkey, sign_count, synced: _, challenge } => {
            passkey::spend_challenge(connection, challenge)?;
            passkey::advance(connection, write.now, id, passkey, *sign_count)?
        }
    };
    if !fresh {
        return Err(StoreError::AlreadySpent.into());
    }
    if matches!(shown, FactorUse::Totp { .. } | FactorUse::RecoveryCode(_)) {
        pending::count_codes_anew(connection, id)?;
    }
    Ok(event)
}
