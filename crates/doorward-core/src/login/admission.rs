//! Who tries to log in, what the guard and the rate limit say about it, and what is counted and recorded when it fails.

use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    device::KnownDevice,
    guard::{Attempt, AttemptRecord, Subject},
    ids::UserId,
    password::Lane,
    rate_limit::Source,
    refusal::Refusal,
    second_factor::SecondProof,
    sign_in::Origin,
    store::UserCredentials,
    time::Timestamp,
    user::NormalisedName,
};

use super::Progress;

/// A login under way: who tries, and what they are up against.
pub(super) struct Examined {
    pub(super) known: Option<UserCredentials>,
    /// The device, if it is known to the very account that is tried.
    pub(super) device: Option<KnownDevice>,
    pub(super) attempt: Attempt,
    pub(super) progress: Progress,
    /// The factor that was shown.
    pub(super) shown: SecondProof,
}

impl Authority {
    /// Turns a stranger away who was turned away a moment ago.
    pub(super) async fn turn_away_again(
        &self,
        username: &str,
        origin: &Origin,
        now: Timestamp,
    ) -> Result<(), Refusal> {
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
    pub(super) async fn admit_login(
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
    pub(super) async fn examine(&self, username: &str, origin: &Origin) -> Result<Examined, Refusal> {
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
    pub(super) fn lane(&self, login: &Examined, now: Timestamp) -> Lane {
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
    pub(super) async fn refuse_login(
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
}

/// The event of a refused login. The name that was typed is not recorded: people type passwords into the wrong field.
pub(super) fn login_refused(
    user: Option<UserId>,
    refusal: &Refusal,
    origin: &Origin,
    now: Timestamp,
) -> AuditEvent {
    let event = AuditEvent::new(EventName::LoginRefused, now, Actor::Anonymous, &origin.client);
    user.into_iter().fold(event.because(refusal.code()), AuditEvent::about_user)
}
