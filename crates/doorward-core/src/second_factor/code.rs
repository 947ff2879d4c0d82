//! One-time codes, of an authenticator app or from the list of recovery codes: examined wherever one is asked for, by
//! the same rules.

use super::{
    pending::PendingId,
    recovery_code::normalise,
    remembered::{ClaimCode, CodeFacts, FactorUse, MAX_CODES_RUNNING},
    totp::{self, TotpSecret, TotpState, TotpVerdict},
};
use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    guard::Attempt,
    ids::UserId,
    master::{CannotOpen, KeyUse},
    rate_limit::Source,
    refusal::Refusal,
    sign_in::Origin,
    store::StoreError,
    time::Timestamp,
    user::{Factors, User},
};

/// A way to show a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactorMethod {
    /// A code of an authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A recovery code.
    RecoveryCode,
}

impl FactorMethod {
    /// As requests, answers and audit events name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::RecoveryCode => "recovery_code",
        }
    }

    /// What somebody with these factors can show.
    #[must_use]
    pub fn of(factors: Factors) -> Vec<Self> {
        let has = [
            (Self::Totp, factors.totp),
            (Self::Passkey, factors.passkeys > 0),
            (Self::RecoveryCode, factors.any() && factors.recovery_codes_left > 0),
        ];
        has.into_iter().filter_map(|(method, has)| has.then_some(method)).collect()
    }
}

/// A code as somebody typed it.
#[derive(Clone, Copy)]
pub enum PresentedCode<'a> {
    /// Of an authenticator app.
    Totp(&'a str),
    /// A recovery code.
    Recovery(&'a str),
}

impl<'a> PresentedCode<'a> {
    /// A code without a word on what it is: six digits are no recovery code.
    #[must_use]
    pub fn of_either_kind(typed: &'a str) -> Self {
        match normalise(typed) {
            Some(_) => Self::Recovery(typed),
            None => Self::Totp(typed),
        }
    }

    /// What it is.
    #[must_use]
    pub const fn method(&self) -> FactorMethod {
        match self {
            Self::Totp(_) => FactorMethod::Totp,
            Self::Recovery(_) => FactorMethod::RecoveryCode,
        }
    }
}

impl std::fmt::Debug for PresentedCode<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.method().as_str())
    }
}

/// What became of a code.
#[derive(Debug)]
pub(crate) enum CodeVerdict {
    /// It is right, as far as can be told before it is used up.
    Right(FactorUse),
    /// It is not, or was used before.
    Wrong(CodeFailure),
}

/// A code that was refused.
#[derive(Clone, Debug)]
pub(crate) struct CodeFailure {
    /// What its bearer is told.
    pub(crate) refusal: Refusal,
    /// It was the one that locked the authenticator app.
    locks: bool,
}

/// What sealed secrets of authenticator apps are bound to.
pub(super) fn sealing_context(user: UserId) -> [u8; 20] {
    let mut context = *b"totp................";
    context.iter_mut().skip(4).zip(user.as_bytes()).for_each(|(to, from)| *to = *from);
    context
}

impl Authority {
    /// Lets somebody who has shown the password, or none, try a second factor: by the rate limit, and for strangers by
    /// the failures of their address.
    ///
    /// # Errors
    /// [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]; recorded as `refused`.
    pub(crate) async fn admit_factor(
        &self,
        user: &User,
        origin: &Origin,
        refused: EventName,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(device) = origin.device.filter(|device| device.is_known_to(user)) else {
            return self.admit_bearer(origin, refused, now).await;
        };
        let admitted = self.limiter.admit(Some(Source::Device(device.id)), now, self.settings().login_rate);
        if let Err(refusal) = &admitted {
            let event = AuditEvent::new(refused, now, Actor::Anonymous, &origin.client);
            self.record_refused(event.about_user(user.id).because(refusal.code())).await?;
        }
        admitted
    }

    /// Examines a code, which counts before it is known whether it is right.
    ///
    /// # Errors
    /// - [`Refusal::NotAuthenticated`]: the pending login is over.
    /// - [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub(crate) async fn examine_code(
        &self,
        user: UserId,
        pending: Option<PendingId>,
        code: PresentedCode<'_>,
    ) -> Result<CodeVerdict, Refusal> {
        let now = self.time.now()?;
        let facts = match self.store.claim_code(now, ClaimCode { user, pending }).await {
            Err(StoreError::NotFound) => return Err(Refusal::NotAuthenticated),
            facts => facts?,
        };
        let shown = match code {
            // Right or wrong: the answer is the same.
            PresentedCode::Totp(_) if facts.running > MAX_CODES_RUNNING => {
                return Ok(CodeVerdict::Wrong(CodeFailure { refusal: Refusal::FactorLocked, locks: false }));
            }
            PresentedCode::Totp(typed) => self.examine_totp(user, &facts, typed, now)?,
            PresentedCode::Recovery(typed) => normalise(typed)
                .map(|code| FactorUse::RecoveryCode(self.keys.hashes(KeyUse::RecoveryCode, &code))),
        };
        Ok(match shown {
            Some(shown) => CodeVerdict::Right(shown),
            None => CodeVerdict::Wrong(CodeFailure {
                refusal: Refusal::MfaCodeInvalid,
                locks: facts.running == MAX_CODES_RUNNING,
            }),
        })
    }

    fn examine_totp(
        &self,
        user: UserId,
        facts: &CodeFacts,
        typed: &str,
        now: Timestamp,
    ) -> Result<Option<FactorUse>, Refusal> {
        let Some(sealed) = &facts.totp else { return Ok(None) };
        let secret = self.open_totp(user, &sealed.sealed)?;
        Ok(match totp::examine(&secret, typed, now, sealed.state) {
            TotpVerdict::Right { step, drift } => {
                let state = TotpState { last_step: Some(step), drift };
                Some(FactorUse::Totp { sealed: sealed.sealed.clone(), state })
            }
            TotpVerdict::Wrong | TotpVerdict::Used => None,
        })
    }

    /// The secret of an authenticator app. One that does not open was sealed under a master secret that is gone: that is
    /// no wrong code, and nobody gets in by it.
    pub(super) fn open_totp(&self, user: UserId, sealed: &[u8]) -> Result<TotpSecret, Refusal> {
        let broken = |_: CannotOpen| Refusal::StoreUnavailable;
        let (plain, _) = self.keys.open(&sealing_context(user), sealed).map_err(broken)?;
        let bytes = plain.as_slice().try_into().map_err(|_| Refusal::StoreUnavailable)?;
        Ok(TotpSecret::from_bytes(bytes))
    }

    /// Records a second factor that was refused, and counts it against the address it came from. The refusal to answer
    /// with.
    pub(crate) async fn refuse_factor(
        &self,
        failure: CodeFailure,
        event: AuditEvent,
        origin: &Origin,
    ) -> Result<Refusal, Refusal> {
        let locked = failure.locks.then(|| AuditEvent { name: EventName::FactorLocked, ..event.clone() });
        self.count_address_failure(origin.client.address, event.because(failure.refusal.code())).await?;
        if let Some(locked) = locked {
            self.record(locked.because(Refusal::FactorLocked.code())).await?;
        }
        Ok(failure.refusal)
    }
}

impl Authority {
    /// As [`Authority::refuse_factor`], for somebody signed in: counted against their session.
    pub(crate) async fn refuse_factor_in_session(
        &self,
        attempt: &Attempt,
        failure: CodeFailure,
        event: AuditEvent,
    ) -> Result<Refusal, Refusal> {
        let locked = failure.locks.then(|| AuditEvent { name: EventName::FactorLocked, ..event.clone() });
        let event = event.because(failure.refusal.code());
        let refusal = self.count_failure(attempt, true, failure.refusal, event).await?;
        if let Some(locked) = locked {
            self.record(locked.because(Refusal::FactorLocked.code())).await?;
        }
        Ok(refusal)
    }
}

impl CodeFailure {
    /// A factor that is no code, or that somebody else has used up meanwhile.
    pub(crate) const fn of(refusal: Refusal) -> Self {
        Self { refusal, locks: false }
    }
}
