//! Failed attempts.

use doorward_core::{
    guard::{AttemptRecord, FailedAttempt, FailureRecorded, Subject, SubjectKind},
    ids::UserId,
    store::{LoginFacts, StoreError, Write},
    time::Timestamp,
    user::{Epoch, NormalisedName},
};

use super::state::State;

/// A record with when nothing depends on it any more.
#[derive(Clone)]
pub(super) struct Remembered {
    record: AttemptRecord,
    expires_at: Timestamp,
}

impl State {
    pub(super) fn login_facts(
        &self,
        name: &NormalisedName,
        unknown: Subject,
        others: &[Subject],
    ) -> LoginFacts {
        let credentials = self.credentials_by_name(name);
        let subject = credentials.as_ref().map_or(unknown, |known| Subject::account(known.user.id));
        LoginFacts { credentials, name: self.attempts_of(subject), others: self.attempts(others) }
    }

    pub(super) fn attempts(&self, subjects: &[Subject]) -> Vec<AttemptRecord> {
        subjects.iter().map(|subject| self.attempts_of(*subject)).collect()
    }

    fn attempts_of(&self, subject: Subject) -> AttemptRecord {
        self.attempts.get(&subject).map(|found| found.record.clone()).unwrap_or_default()
    }

    /// Who is locked, and until when.
    pub(super) fn locked_subjects(&self, now: Timestamp) -> impl Iterator<Item = (Subject, Timestamp)> {
        self.attempts.iter().filter_map(move |(subject, found)| Some((*subject, found.record.lock_at(now)?)))
    }

    pub(super) fn record_failure(&mut self, failed: &FailedAttempt) -> FailureRecorded {
        let records = failed.subjects().map(|(subject, _)| self.attempts_of(subject)).collect();
        let (after, outcome) = failed.apply(records);
        let remembered =
            failed.subjects().zip(after).filter(|(_, record)| *record != AttemptRecord::default());
        for ((subject, rules), record) in remembered {
            let expires_at = record.expires_at(&rules);
            self.attempts.insert(subject, Remembered { record, expires_at });
            self.make_room_for_attempts(subject.kind);
        }
        for event in failed.events(outcome) {
            self.record(&event);
        }
        FailureRecorded { locked_until: outcome.locked_until() }
    }

    fn make_room_for_attempts(&mut self, kind: SubjectKind) {
        let Some(most) = kind.most_remembered().and_then(|most| usize::try_from(most).ok()) else { return };
        let of_kind = self.attempts.iter().filter(|(subject, _)| subject.kind == kind);
        if of_kind.clone().count() > most {
            let first = of_kind.min_by_key(|(_, found)| found.expires_at).map(|(subject, _)| *subject);
            first.map(|subject| self.attempts.remove(&subject));
        }
    }

    pub(super) fn forgive(&mut self, now: Timestamp, subject: Subject) -> Result<(), StoreError> {
        self.refuse_while_locked(now, subject)?;
        self.attempts.remove(&subject);
        Ok(())
    }

    pub(super) fn refuse_while_locked(&self, now: Timestamp, subject: Subject) -> Result<(), StoreError> {
        match self.attempts_of(subject).lock_at(now) {
            Some(until) => Err(StoreError::Locked { until }),
            None => Ok(()),
        }
    }

    pub(super) fn unlock(&mut self, write: &Write, user: UserId) -> Result<(), StoreError> {
        self.user_mut(user)?;
        self.attempts.retain(|subject, _| subject.owner != Some(user));
        self.factors.codes_running.remove(&user);
        self.record(&write.audit);
        Ok(())
    }

    pub(super) fn forget_devices(&mut self, write: &Write, user: UserId) -> Result<(), StoreError> {
        self.raise_device_epoch(user)?;
        self.record(&write.audit);
        Ok(())
    }

    pub(super) fn raise_device_epoch(&mut self, user: UserId) -> Result<(), StoreError> {
        self.factors.trust_none_of(user);
        let epoch = &mut self.user_mut(user)?.user.device_epoch;
        *epoch = Epoch(epoch.0 + 1);
        Ok(())
    }

    pub(super) fn clean_up_attempts(&mut self, until: Timestamp, limit: u32) -> u32 {
        let mut removed = 0;
        for kind in SubjectKind::ALL {
            let mut expired: Vec<_> = self
                .attempts
                .iter()
                .filter(|(subject, found)| subject.kind == kind && found.expires_at <= until)
                .map(|(subject, found)| (found.expires_at, *subject))
                .collect();
            expired.sort();
            for (_, subject) in expired.into_iter().take(usize::try_from(limit).unwrap_or(usize::MAX)) {
                self.attempts.remove(&subject);
                removed += 1;
            }
        }
        removed
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use doorward_core::{audit::EventName, guard::GuardPolicy};

    use super::*;
    use crate::builders::{START, write};

    #[test]
    fn past_the_most_that_is_remembered_of_what_is_made_up_the_first_to_expire_gives_way() {
        let mut state = State::default();
        let address = |number: u32| Subject::address(Ipv4Addr::from(number).into());
        let account = Subject::account(UserId::from_bytes([1; 16]));
        let expiring =
            |at| Remembered { record: AttemptRecord::default(), expires_at: Timestamp::from_millis(at) };
        let most = SubjectKind::Address.most_remembered().unwrap();
        state.attempts.extend((0..most).map(|number| (address(number), expiring(1 + i64::from(number)))));
        state.attempts.insert(account, expiring(0));
        let failed = FailedAttempt {
            now: START,
            counts: true,
            subject: address(most),
            address: None,
            audit: write(EventName::LoginRefused, START).audit,
            recorded: false,
            policy: GuardPolicy::default(),
        };
        state.record_failure(&failed);
        let remembered = |subject| state.attempts.contains_key(&subject);
        assert_eq!(state.attempts.len(), most as usize + 1);
        assert!(remembered(account) && remembered(address(most)) && remembered(address(1)));
        assert!(!remembered(address(0)));
    }
}
