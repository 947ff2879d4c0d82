//! Login: a sequence of proofs. Which proof comes next, and whether the ones given suffice, is one pure decision;
//! the use case asks it again after every proof. A further factor is a further [`Proof`], not another login.

mod admission;
mod completion;

use crate::{
    authority::Authority,
    guard::Standing,
    password::{Lane, PasswordHash, PasswordVerdict, PlainPassword},
    rate_limit::Source,
    refusal::Refusal,
    second_factor::{PendingIssued, SecondProof},
    sign_in::{Origin, SignedIn},
    store::{StoreError, UserCredentials},
    time::Timestamp,
    user::User,
};

/// A way of proving who one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The password of the account.
    Password,
    /// The second factor, for those who have one.
    SecondFactor,
}

/// The proofs that came with a login.
#[derive(Clone, Copy)]
pub struct PresentedProofs<'a> {
    /// The password, as typed.
    pub password: &'a str,
    /// A code, where it comes along at once; otherwise the login waits for it.
    pub code: Option<&'a str>,
    /// Whether the device is to be trusted, once the second factor was shown.
    pub trust_device: bool,
}

impl<'a> PresentedProofs<'a> {
    /// A password and nothing else.
    #[must_use]
    pub const fn password(password: &'a str) -> Self {
        Self { password, code: None, trust_device: false }
    }
}

/// What a login came to.
#[derive(Debug)]
pub enum LoginOutcome {
    /// The proofs suffice: a session is open.
    Authenticated(Box<SignedIn>),
    /// The password was right; the second factor is due.
    SecondFactorDue(Box<PendingIssued>),
}

/// What is known of a login after the proofs examined so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What the guard said before anything was examined.
    pub standing: Standing,
    /// What became of the password; none when it was not examined yet.
    pub password: Option<PasswordVerdict>,
    /// What became of the second factor; none when it was not asked for yet.
    pub second: Option<SecondVerdict>,
}

/// What became of the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondVerdict {
    /// It was shown on this device lately, which is trusted.
    Trusted,
    /// It was shown.
    Shown,
    /// It was not shown, and can be later.
    Due,
}

/// What a login needs next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Examine this proof.
    Examine(Proof),
    /// Refuse.
    Refuse(Refusal),
    /// Wait for the second factor.
    Wait,
    /// Open the session.
    Open,
}

/// Decides how a login goes on. An unknown user goes the same way as a known one with a wrong password.
#[must_use]
pub fn decide(user: Option<&User>, progress: Progress) -> Next {
    if let Err(refusal) = progress.standing.check() {
        return Next::Refuse(refusal);
    }
    match (progress.password, user) {
        (None, _) => Next::Examine(Proof::Password),
        (Some(PasswordVerdict::Wrong), _) | (Some(_), None) => Next::Refuse(Refusal::InvalidCredentials),
        // Only somebody who knows the password is told that the account is disabled (M-D05).
        (Some(_), Some(user)) if user.disabled => Next::Refuse(Refusal::AccountDisabled),
        (Some(PasswordVerdict::Right | PasswordVerdict::RightButOutdated), Some(user)) => {
            match progress.second {
                None if user.factors.any() => Next::Examine(Proof::SecondFactor),
                Some(SecondVerdict::Due) => Next::Wait,
                None | Some(SecondVerdict::Trusted | SecondVerdict::Shown) => Next::Open,
            }
        }
    }
}

/// How often a login is decided again when its user changed meanwhile.
const MAX_DECISIONS: u32 = 3;

impl Authority {
    /// Logs somebody in.
    ///
    /// Where there is a single operator the name is not heeded ([`Mode`](crate::mode::Mode)).
    ///
    /// Takes the same work for known and unknown names: one look-up, one hash, one write.
    ///
    /// # Errors
    /// - [`Refusal::RateLimited`]: too many attempts from this address, or by this known device.
    /// - [`Refusal::TooManyAttempts`]: the last attempt failed too recently.
    /// - [`Refusal::AccountLocked`]: too many attempts failed; known devices have a lock of their own.
    /// - [`Refusal::InvalidCredentials`]
    /// - [`Refusal::AccountDisabled`]: only with the right password.
    /// - [`Refusal::SessionLimitReached`]: where the policy is to refuse.
    /// - [`Refusal::Overloaded`], [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn login(
        &self,
        username: &str,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<LoginOutcome, Refusal> {
        let now = self.time.now()?;
        let username = self.settings().mode.account_name(username);
        // A flood of strangers costs no look-up. Whether a device is known to this account is seen after one.
        if origin.device.is_none() {
            self.admit_login(origin.client.address.map(Source::Address), None, origin, now).await?;
            self.turn_away_again(username, origin, now).await?;
        }
        for round in 0..MAX_DECISIONS {
            match self.try_login(username, proofs, origin, now, round == 0).await {
                Err(LoginStep::Again) => {}
                Err(LoginStep::Refused(refusal)) => return Err(refusal),
                Ok(outcome) => return Ok(outcome),
            }
        }
        Err(Refusal::StoreUnavailable)
    }

    async fn try_login(
        &self,
        username: &str,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
        now: Timestamp,
        first_round: bool,
    ) -> Result<LoginOutcome, LoginStep> {
        let mut login = self.examine(username, origin).await?;
        let known = login.known.clone();
        let user = known.as_ref().map(|known| &known.user);
        if first_round && origin.device.is_some() {
            let source = match login.device {
                Some(device) => Some(Source::Device(device.id)),
                None => origin.client.address.map(Source::Address),
            };
            self.admit_login(source, user.map(|user| user.id), origin, now).await?;
        }
        loop {
            match decide(user, login.progress) {
                Next::Examine(Proof::Password) => {
                    let stored = login.known.as_ref().and_then(|known| known.password.as_ref());
                    let lane = self.lane(&login, now);
                    login.progress.password =
                        Some(self.examine_password(proofs.password, stored, lane).await?);
                }
                Next::Examine(Proof::SecondFactor) => {
                    let Some(known) = &login.known else { return Err(Refusal::InvalidCredentials.into()) };
                    // Before a code is examined: it would tell that the password was right.
                    if let Err(locked) = self.check_not_locked_by_now(login.attempt.subject).await? {
                        return Err(self.refuse_login(&login, locked, origin).await?.into());
                    }
                    let shown = self.examine_second(&known.user, proofs, origin).await?;
                    login.progress.second = Some(match &shown {
                        SecondProof::None => SecondVerdict::Due,
                        SecondProof::TrustedDevice(_) => SecondVerdict::Trusted,
                        SecondProof::Given(_) => SecondVerdict::Shown,
                    });
                    login.shown = shown;
                }
                Next::Wait => {
                    let Some(known) = &login.known else { return Err(Refusal::InvalidCredentials.into()) };
                    let pending = self.wait_for_factor(known, &login, proofs, origin).await?;
                    return Ok(LoginOutcome::SecondFactorDue(Box::new(pending)));
                }
                Next::Refuse(refusal) => {
                    return Err(self.refuse_login(&login, refusal, origin).await?.into());
                }
                Next::Open => {
                    let Some(known) = &login.known else { return Err(Refusal::InvalidCredentials.into()) };
                    let signed_in = self.open_after_login(known, &login, origin, now).await?;
                    if login.progress.password == Some(PasswordVerdict::RightButOutdated) {
                        self.upgrade_hash(known, proofs).await;
                    }
                    return Ok(LoginOutcome::Authenticated(Box::new(signed_in)));
                }
            }
        }
    }

    /// Compares a typed password with a stored hash, at the same cost when there is none.
    pub(crate) async fn examine_password(
        &self,
        typed: &str,
        stored: Option<&PasswordHash>,
        lane: Lane,
    ) -> Result<PasswordVerdict, Refusal> {
        let cost = self.settings().hashing_cost;
        match PlainPassword::presented(typed) {
            Some(password) => self.hashing.verify(password, stored, cost, lane).await,
            // No account can have it. It costs a hash all the same: it is counted as a failure, and who could fail for
            // nothing could make more failures than are remembered (`SubjectKind::most_remembered`).
            None => self.hashing.verify(PlainPassword::impossible(), None, cost, lane).await,
        }
    }

    /// Makes the stored hash anew at the current cost. A failure is of no consequence: the next login tries again.
    async fn upgrade_hash(&self, known: &UserCredentials, proofs: PresentedProofs<'_>) {
        let (Some(expected), Some(password)) = (&known.password, PlainPassword::presented(proofs.password))
        else {
            return;
        };
        if let Ok(new) = self.hashing.hash(password, self.settings().hashing_cost).await {
            drop(self.store.upgrade_password_hash(known.user.id, expected, &new).await);
        }
    }
}

enum LoginStep {
    /// The user changed meanwhile: decide again on fresh facts.
    Again,
    Refused(Refusal),
}

impl From<Refusal> for LoginStep {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StoreError> for LoginStep {
    fn from(error: StoreError) -> Self {
        Self::Refused(error.into())
    }
}
