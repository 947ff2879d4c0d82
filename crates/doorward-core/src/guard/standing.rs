//! What the guard says about an attempt: asked before anything is examined, told after it failed.

use std::{net::IpAddr, time::Duration};

use super::{
    attempt::FailedAttempt,
    record::{AttemptRecord, Standing},
    rules::GuardPolicy,
    subject::Subject,
};
use crate::{
    audit::{Actor, AuditEvent, EventName},
    authority::Authority,
    ids::UserId,
    rate_limit::Source,
    refusal::Refusal,
    sign_in::Origin,
    time::Timestamp,
};

/// An account as its owner may know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountStanding {
    /// Whether strangers, which is every browser that never signed in here, may try.
    pub strangers: Standing,
}

/// Who tries, with what is remembered of them.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) subject: Subject,
    pub(crate) address: Option<Subject>,
    /// What the guard says about it.
    pub(crate) standing: Standing,
}

impl Attempt {
    /// Judges an attempt by what was remembered of its subject, and, where `address_waits`, of its address.
    pub(crate) fn judge(
        (subject, record): (Subject, &AttemptRecord),
        address: Option<(Subject, &AttemptRecord)>,
        address_waits: bool,
        now: Timestamp,
        policy: &GuardPolicy,
    ) -> Self {
        let own = record.standing(now, &policy.rules(subject.kind));
        let of_address = address
            .filter(|_| address_waits)
            .map_or(Standing::Clear, |(subject, record)| record.standing(now, &policy.rules(subject.kind)));
        Self { subject, address: address.map(|(subject, _)| subject), standing: own.stricter(of_address) }
    }
}

impl Standing {
    /// The one of two that holds up longer; a lock before any delay.
    #[must_use]
    pub fn stricter(self, other: Self) -> Self {
        if self.rank() >= other.rank() { self } else { other }
    }

    const fn rank(self) -> (u8, Duration) {
        match self {
            Self::Clear => (0, Duration::ZERO),
            Self::Delayed { remaining } => (1, remaining),
            Self::Locked { remaining } => (2, remaining),
        }
    }

    /// The refusal that it means, if any.
    ///
    /// # Errors
    /// [`Refusal::TooManyAttempts`], [`Refusal::AccountLocked`]
    pub const fn check(self) -> Result<(), Refusal> {
        match self {
            Self::Clear => Ok(()),
            Self::Delayed { remaining } => Err(Refusal::TooManyAttempts { retry_after: remaining }),
            Self::Locked { remaining } => Err(Refusal::AccountLocked { retry_after: remaining }),
        }
    }
}

impl Authority {
    /// What the guard says about an account, for its owner.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn account_standing(&self, user: UserId) -> Result<AccountStanding, Refusal> {
        let account = Subject::account(user);
        let records = self.store.attempts(&[account]).await?;
        let now = self.time.now()?;
        let rules = self.settings().guard.rules(account.kind);
        let strangers = records.first().map_or(Standing::Clear, |record| record.standing(now, &rules));
        Ok(AccountStanding { strangers })
    }

    /// Lets somebody try a token that names no account, if neither the rate limit nor the guard stands against their
    /// address.
    ///
    /// # Errors
    /// [`Refusal::RateLimited`], [`Refusal::TooManyAttempts`]; recorded as `refused`.
    pub(crate) async fn admit_bearer(
        &self,
        origin: &Origin,
        refused: EventName,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Some(address) = origin.client.address else { return Ok(()) };
        let settings = self.settings();
        let subject = Subject::address(address);
        let judged = match self.limiter.admit(Some(Source::Address(address)), now, settings.login_rate) {
            Ok(()) => {
                let records = self.store.attempts(&[subject]).await?;
                let rules = settings.guard.rules(subject.kind);
                records.first().map_or(Standing::Clear, |record| record.standing(now, &rules)).check()
            }
            refused => refused,
        };
        if let Err(refusal) = &judged {
            let event = AuditEvent::new(refused, now, Actor::Anonymous, &origin.client);
            self.record_refused(event.because(refusal.code())).await?;
        }
        judged
    }

    /// Judges whoever has to show their password again in a session: by that session, whatever others do to the
    /// account or from the same address.
    pub(crate) async fn judge_session(
        &self,
        session: Subject,
        address: Option<IpAddr>,
    ) -> Result<Attempt, Refusal> {
        let records = self.store.attempts(&[session]).await?;
        let now = self.time.now()?;
        let clear = AttemptRecord::default();
        let record = records.first().unwrap_or(&clear);
        let address = address.map(|address| (Subject::address(address), &clear));
        Ok(Attempt::judge((session, record), address, false, now, &self.settings().guard))
    }

    /// Whether somebody else's failures have locked a subject while its proof was examined. Who guesses many at once must
    /// not learn which guess was right, neither by the answer nor by its time: so it is asked before anything else is
    /// done, and the right one is refused by the same write as the wrong ones. Where nothing else is done before the
    /// session opens, the store is told of the attempt instead ([`Self::unless_locked`]).
    pub(crate) async fn check_not_locked_by_now(
        &self,
        subject: Subject,
    ) -> Result<Result<(), Refusal>, Refusal> {
        let records = self.store.attempts(&[subject]).await?;
        let until = records.first().and_then(AttemptRecord::locked_until);
        let now = self.time.now()?;
        let remaining = until.map_or(Duration::ZERO, |until| until.since(now));
        if remaining.is_zero() {
            Ok(Ok(()))
        } else {
            Ok(Err(Refusal::AccountLocked { retry_after: remaining }))
        }
    }

    /// Counts the failure of an attempt, unless it is one that does not count, and records its event, which tells when
    /// that was. The refusal to answer with: the one given, or that of the lock.
    pub(crate) async fn count_failure(
        &self,
        attempt: &Attempt,
        counts: bool,
        refusal: Refusal,
        event: AuditEvent,
    ) -> Result<Refusal, Refusal> {
        let locked_until = self.record_failure(attempt.subject, attempt.address, counts, event).await?;
        // Who locked it may have failed after this one, and have been counted before it.
        let now = self.time.now()?;
        Ok(match locked_until {
            Some(until) => Refusal::AccountLocked { retry_after: until.since(now) },
            None => refusal,
        })
    }

    /// An attempt that found everything right, as the store is to record it should somebody else's failures have locked its
    /// subject: `refused` is the event of that refusal. Locks are few, so that it is not asked whether there is room for it
    /// among the events.
    pub(crate) fn unless_locked(&self, attempt: &Attempt, refused: AuditEvent) -> FailedAttempt {
        FailedAttempt {
            now: refused.at,
            counts: false,
            subject: attempt.subject,
            address: attempt.address,
            audit: refused,
            recorded: true,
            policy: self.settings().guard.clone(),
        }
    }

    /// Counts a failure by address alone, and records it.
    pub(crate) async fn count_address_failure(
        &self,
        address: Option<IpAddr>,
        event: AuditEvent,
    ) -> Result<(), Refusal> {
        let Some(subject) = address.map(Subject::address) else {
            return self.record_refused(event).await;
        };
        self.record_failure(subject, None, true, event).await.map(drop)
    }

    /// The end of the subject's lock, if it is locked now.
    async fn record_failure(
        &self,
        subject: Subject,
        address: Option<Subject>,
        counts: bool,
        audit: AuditEvent,
    ) -> Result<Option<Timestamp>, Refusal> {
        let now = audit.at;
        let recorded = self.budgeted(audit.clone()).is_some();
        let policy = self.settings().guard.clone();
        let failed = FailedAttempt { now, counts, subject, address, audit, recorded, policy };
        let done = self.store.record_failure(failed).await;
        self.turned_away.changed();
        let done = done?;
        self.time.observe(now);
        Ok(done.locked_until)
    }
}
