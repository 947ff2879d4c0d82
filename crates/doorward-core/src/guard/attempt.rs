//! A failed attempt on its way into the store, which decides in the transaction what it changes.

use super::{
    record::{AfterFailure, AttemptRecord},
    rules::{GuardPolicy, SubjectRules},
    subject::Subject,
};
use crate::{
    audit::{AuditEvent, EventName},
    refusal::Refusal,
    time::Timestamp,
};

/// An attempt that failed.
#[derive(Clone, Debug)]
pub struct FailedAttempt {
    /// When its failure was found.
    pub now: Timestamp,
    /// Whether it counts. The right password of an account that is disabled does not; whether it may be told is
    /// still a question of the lock, and while that lasts it counts for the address as any other.
    pub counts: bool,
    /// Who failed: the one whose lock decides on the answer.
    pub subject: Subject,
    /// From where; its failures count, it is never locked.
    pub address: Option<Subject>,
    /// The event of the refusal, with the reason it has unless the subject is locked.
    pub audit: AuditEvent,
    /// Whether it is recorded by itself. A lock always is: nobody hides one by making so much noise that refusals are
    /// only counted any more.
    pub recorded: bool,
    /// The rules in force.
    pub policy: GuardPolicy,
}

/// What became of a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FailureRecorded {
    /// The end of the subject's lock, if it is locked now.
    pub locked_until: Option<Timestamp>,
}

impl FailedAttempt {
    /// The subjects that the failure counts for, each with its rules, the one who failed first.
    pub fn subjects(&self) -> impl Iterator<Item = (Subject, SubjectRules)> {
        let all = std::iter::once(self.subject).chain(self.address);
        all.map(|subject| (subject, self.policy.rules(subject.kind)))
    }

    /// The records after this attempt, and what it changed for the subject. Stores call it in their transaction, with
    /// the records of [`FailedAttempt::subjects`] in the same order, so that of N racing failures N are counted.
    #[must_use]
    pub fn apply(&self, records: Vec<AttemptRecord>) -> (Vec<AttemptRecord>, AfterFailure) {
        let mut subject = AfterFailure::Counted;
        let mut after = Vec::with_capacity(records.len());
        for (index, (record, (_, rules))) in records.into_iter().zip(self.subjects()).enumerate() {
            let unchanged = record.clone();
            let (changed, outcome) = record.after_failure(self.now, &rules);
            if index == 0 {
                subject = outcome;
            }
            // Whoever comes while the subject is locked is not to learn whether they were right, by asking from the same
            // address afterwards: there, all of them count.
            let locked_out = matches!(subject, AfterFailure::WasLocked { .. });
            after.push(if self.counts || locked_out { changed } else { unchanged });
        }
        // What does not count cannot lock either; it only learns whether there is a lock already.
        let found = match subject {
            AfterFailure::Locked { .. } if !self.counts => AfterFailure::Counted,
            other => other,
        };
        (after, found)
    }

    /// The events of the attempt: the refusal, with the reason its client is told, and the lock it led to.
    #[must_use]
    pub fn events(&self, outcome: AfterFailure) -> Vec<AuditEvent> {
        let Some(until) = outcome.locked_until() else {
            return self.recorded.then(|| self.audit.clone()).into_iter().collect();
        };
        let remaining = until.since(self.now);
        let reason = Some(Refusal::AccountLocked { retry_after: remaining }.code().to_owned());
        let refused = AuditEvent { reason, ..self.audit.clone() };
        let locked = matches!(outcome, AfterFailure::Locked { .. }).then(|| {
            AuditEvent { name: EventName::AccountLocked, details: Vec::new(), ..refused.clone() }
                .with("subject", self.subject.kind.as_str())
                .with("seconds", remaining.as_secs())
        });
        self.recorded.then_some(refused).into_iter().chain(locked).collect()
    }
}
