//! Login: a sequence of proofs. Which proof comes next, and whether the ones given suffice, is one pure decision;
//! the use case asks it again after every proof. A further factor is a further [`Proof`], not another login.

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    device::KnownDevice,
    guard::{Attempt, AttemptRecord, Standing, Subject},
    ids::UserId,
    password::{Lane, PasswordHash, PasswordVerdict, PlainPassword},
    rate_limit::Source,
    refusal::Refusal,
    second_factor::{
        BeginPending, FactorMethod, PendingId, PendingIssued, PendingLogin, PresentedCode, SecondProof,
        code::{CodeFailure, CodeVerdict},
        pending::{CODES_PER_LOGIN, PENDING_TTL, PendingToken},
    },
    session::{AuthMethod, Authentication, Transport},
    sign_in::{Origin, SignedIn},
    store::{SessionProof, StoreError, UserCredentials},
    time::Timestamp,
    user::{NormalisedName, User},
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

/// A login under way: who tries, and what they are up against.
struct Examined {
    known: Option<UserCredentials>,
    /// The device, if it is known to the very account that is tried.
    device: Option<KnownDevice>,
    attempt: Attempt,
    progress: Progress,
    /// The factor that was shown.
    shown: SecondProof,
}

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
                    if let Err(locked) = self.check_not_locked_by_now(login.attempt.subject).await? {
                        return Err(self.refuse_login(&login, locked, origin).await?.into());
                    }
                    let signed_in = self.open_after_login(known, &login, origin, now).await?;
                    if login.progress.password == Some(PasswordVerdict::RightButOutdated) {
                        self.upgrade_hash(known, proofs).await;
                    }
                    return Ok(LoginOutcome::Authenticated(Box::new(signed_in)));
                }
            }
        }
    }

    /// Turns a stranger away who was turned away a moment ago.
    async fn turn_away_again(&self, username: &str, origin: &Origin, now: Timestamp) -> Result<(), Refusal> {
        let name = Subject::unknown_name(&self.keys, &NormalisedName::of(username));
        let stranger = (name, origin.client.address.map(Subject::address));
        let Some((user, standing)) = self.turned_away.again(stranger, now, self.time.monotonic()) else {
            return Ok(());
        };
        let told = standing.check();
        if let Err(refusal) = &told {
            self.record_turned_away(login_refused(user, refusal, origin, now)).await?;
        }
        told
    }

    /// Counts an attempt against the rate limit.
    async fn admit_login(
        &self,
        source: Option<Source>,
        user: Option<UserId>,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        match self.limiter.admit(source, now, self.settings().login_rate) {
            Ok(()) => Ok(()),
            Err(refusal) => {
                self.record_turned_away(login_refused(user, &refusal, origin, now)).await?;
                Err(refusal)
            }
        }
    }

    /// Who tries, and what the guard says about it. One read, whatever the name.
    async fn examine(&self, username: &str, origin: &Origin) -> Result<Examined, Refusal> {
        let name = NormalisedName::of(username);
        let unknown = Subject::unknown_name(&self.keys, &name);
        let address = origin.client.address.map(Subject::address);
        let device = origin.device.map(|device| (device, Subject::device(device)));
        let others: Vec<Subject> = address.into_iter().chain(device.map(|(_, subject)| subject)).collect();
        // Before the store is asked: what it said before an unlocking must not be believed from after it.
        let asked_at = self.time.monotonic();
        let changes = self.turned_away.changes();
        let facts = self.store.login_facts(&name, unknown, &others).await?;
        // After the store was asked: by a time before it, a lock of this very moment would last longer than any lock does.
        let now = self.time.now()?;
        let of = |subject: Subject| {
            let place = others.iter().position(|other| *other == subject);
            place.and_then(|place| facts.others.get(place)).cloned().unwrap_or_default()
        };
        let user = facts.credentials.as_ref().map(|known| &known.user);
        let device = device.filter(|(device, _)| user.is_some_and(|user| device.is_known_to(user)));
        let (subject, record): (Subject, AttemptRecord) = match (device, user) {
            (Some((_, subject)), _) => (subject, of(subject)),
            (None, Some(user)) => (Subject::account(user.id), facts.name),
            (None, None) => (unknown, facts.name),
        };
        let address = address.map(|subject| (subject, of(subject)));
        let address = address.as_ref().map(|(subject, record)| (*subject, record));
        let policy = &self.settings().guard;
        // A known device waits for its own failures only: others may share its address.
        let attempt = Attempt::judge((subject, &record), address, device.is_none(), now, policy);
        if device.is_none() {
            let (stranger, user) = ((unknown, attempt.address), user.map(|user| user.id));
            let told = (user, attempt.standing);
            self.turned_away.remember(stranger, told, (now, asked_at), changes);
        }
        let progress = Progress { standing: attempt.standing, password: None, second: None };
        let device = device.map(|(device, _)| device);
        Ok(Examined { known: facts.credentials, device, attempt, progress, shown: SecondProof::None })
    }

    /// In which lane the password waits for its hash. Everybody with an account can have as many known devices as they
    /// like; together they get no more of the lane than one of them might, so that nobody fills it for all others.
    fn lane(&self, login: &Examined, now: Timestamp) -> Lane {
        login.device.map_or(Lane::Stranger, |device| self.lane_of(device.user_id, now))
    }

    /// In which lane a password of `user` waits that a known device or a session of theirs shows.
    pub(crate) fn lane_of(&self, user: UserId, now: Timestamp) -> Lane {
        let rate = self.settings().login_rate;
        match self.limiter.admit(Some(Source::DevicesOf(user)), now, rate) {
            Ok(()) => Lane::Known,
            Err(_) => Lane::Stranger,
        }
    }

    /// Records a refusal, and counts it if a proof was examined. The refusal to answer with.
    async fn refuse_login(
        &self,
        login: &Examined,
        refusal: Refusal,
        origin: &Origin,
    ) -> Result<Refusal, Refusal> {
        // Now, and not when the attempt came in: it may have waited for its hash.
        let now = self.time.now()?;
        let event = login_refused(login.known.as_ref().map(|known| known.user.id), &refusal, origin, now);
        if login.progress.password.is_none() {
            self.record_turned_away(event).await?;
            return Ok(refusal);
        }
        let counts = refusal == Refusal::InvalidCredentials;
        self.count_failure(&login.attempt, counts, refusal, event).await
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

    async fn open_after_login(
        &self,
        known: &UserCredentials,
        login: &Examined,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<SignedIn, LoginStep> {
        let Some(verified) = &known.password else { return Err(Refusal::InvalidCredentials.into()) };
        let authentication = match &login.shown {
            SecondProof::None | SecondProof::TrustedDevice(_) => Authentication::by_password(now),
            SecondProof::Given(shown) => shown.added_to(&[AuthMethod::Password], now),
        };
        let mut open = self.new_session(known.user.id, origin, authentication, now).map_err(Refusal::from)?;
        // Only what is complete in all its factors.
        let complete = !matches!(login.shown, SecondProof::TrustedDevice(_));
        open.forgives = complete.then_some(login.attempt.subject);
        let actor = Actor::User(known.user.id);
        let mut audit = AuditEvent::new(EventName::LoginSucceeded, now, actor, &origin.client)
            .about_user(known.user.id)
            .about_session(open.session.id)
            .with("transport", origin.transport.as_str());
        match &login.shown {
            SecondProof::None => {}
            SecondProof::TrustedDevice(_) => audit = audit.with("factor", "trusted_device"),
            SecondProof::Given(shown) => audit = audit.with("factor", shown.method().as_str()),
        }
        let proof = SessionProof { second: login.shown.clone(), ..SessionProof::password(verified.clone()) };
        let opened = self.store.open_session(self.write(now, audit), proof, open).await;
        self.turned_away.changed();
        match opened {
            Ok(opened) => {
                self.applied(now, &opened.revocations);
                if let Some(presented) = origin.pending {
                    self.end_pending_login(presented).await?;
                }
                Ok(self.signed_in(opened.opened, now)?)
            }
            Err(StoreError::Stale | StoreError::NotFound) => Err(LoginStep::Again),
            Err(StoreError::AlreadySpent) => {
                let event = login_refused(Some(known.user.id), &Refusal::MfaCodeInvalid, origin, now);
                let failure = CodeFailure::of(Refusal::MfaCodeInvalid);
                Err(self.refuse_factor(failure, event, origin).await?.into())
            }
            Err(error) => {
                // What remains of a lock is counted from now, and not from when the attempt came in: it may have waited
                // for its hash.
                let now = self.now()?;
                let refusal = match error {
                    // The right password, too late: whoever guesses many at once must not learn which one it was.
                    StoreError::Locked { until } => Refusal::AccountLocked { retry_after: until.since(now) },
                    other => Refusal::from(other),
                };
                if matches!(refusal, Refusal::SessionLimitReached | Refusal::AccountLocked { .. }) {
                    self.record_refused(login_refused(Some(known.user.id), &refusal, origin, now)).await?;
                }
                Err(refusal.into())
            }
        }
    }

    /// The second factor: not asked for on a trusted device; examined if it came along; due otherwise, where a login can
    /// wait for it.
    async fn examine_second(
        &self,
        user: &User,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<SecondProof, Refusal> {
        let now = self.time.now()?;
        let device = origin.device.filter(|device| device.is_known_to(user)).map(|device| device.id);
        if let (Some(device), Some(_)) = (device, self.settings().second_factors.trust_device)
            && self.store.is_trusted(user.id, device, now).await?
        {
            return Ok(SecondProof::TrustedDevice(device));
        }
        let refused = || login_refused(Some(user.id), &Refusal::MfaCodeInvalid, origin, now);
        match (proofs.code, origin.transport) {
            (None, Transport::Cookie) => Ok(SecondProof::None),
            (None, Transport::Bearer) => {
                self.record_refused(refused()).await?;
                Err(Refusal::MfaCodeInvalid)
            }
            (Some(typed), _) => {
                match self.examine_code(user.id, None, PresentedCode::of_either_kind(typed)).await? {
                    CodeVerdict::Right(shown) => Ok(SecondProof::Given(shown)),
                    CodeVerdict::Wrong(failure) => {
                        Err(self.refuse_factor(failure, refused(), origin).await?)
                    }
                }
            }
        }
    }

    /// Begins the state in which a login waits for its second factor.
    async fn wait_for_factor(
        &self,
        known: &UserCredentials,
        login: &Examined,
        proofs: PresentedProofs<'_>,
        origin: &Origin,
    ) -> Result<PendingIssued, LoginStep> {
        let now = self.now()?;
        let Some(verified) = &known.password else { return Err(Refusal::InvalidCredentials.into()) };
        let user = &known.user;
        let entropy = self.entropy.as_ref();
        let PendingToken { token, hash } = self.keys.new_pending_token(entropy).map_err(Refusal::from)?;
        let id = PendingId::generate(entropy).map_err(Refusal::from)?;
        let csrf_token = self.keys.issue_csrf_token(entropy, id).map_err(Refusal::from)?;
        let waiting = PendingLogin {
            id,
            hash,
            user_id: user.id,
            expires_at: now.plus(PENDING_TTL),
            tries_left: CODES_PER_LOGIN,
            trust_device: proofs.trust_device,
        };
        let begin = BeginPending {
            login: waiting,
            replaces: origin.replaces.clone(),
            supersedes: origin.pending,
            unless_locked: login.attempt.subject,
        };
        let audit = AuditEvent::new(EventName::LoginPending, now, Actor::User(user.id), &origin.client)
            .about_user(user.id);
        match self.store.begin_pending(self.write(now, audit), verified, begin).await {
            Ok(ended) => {
                self.applied(now, &ended.revocations);
                if login.progress.password == Some(PasswordVerdict::RightButOutdated) {
                    self.upgrade_hash(known, proofs).await;
                }
                let methods = FactorMethod::of(user.factors);
                Ok(PendingIssued { token, csrf_token, methods, lifetime: PENDING_TTL })
            }
            Err(StoreError::Stale | StoreError::NotFound) => Err(LoginStep::Again),
            Err(StoreError::Locked { until }) => {
                let refusal = Refusal::AccountLocked { retry_after: until.since(now) };
                self.record_refused(login_refused(Some(user.id), &refusal, origin, now)).await?;
                Err(refusal.into())
            }
            Err(error) => Err(error.into()),
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

/// The event of a refused login. The name that was typed is not recorded: people type passwords into the wrong field.
fn login_refused(user: Option<UserId>, refusal: &Refusal, origin: &Origin, now: Timestamp) -> AuditEvent {
    let event = AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &origin.client);
    user.into_iter().fold(event.because(refusal.code()), AuditEvent::about_user)
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
