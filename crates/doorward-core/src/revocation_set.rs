//! What every node keeps in memory of the revocation feed: the few sessions and users whose older tokens are not
//! to be believed. Read on every request, without a lock that a writer could hold against readers.

use papaya::HashMap;

use crate::{
    ids::{SessionId, UserId},
    revocation::{Effect, Revocation, Subject},
    time::Timestamp,
    user::Epoch,
};

/// The set. Applying the same entry twice, or entries in another order, gives the same set.
#[derive(Default)]
pub struct RevocationSet {
    sessions: HashMap<SessionId, Least>,
    users: HashMap<UserId, Least>,
}

/// The least epochs that are still valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Least {
    /// Below it a token is dead.
    alive: Epoch,
    /// Below it a token is to be refreshed.
    accurate: Epoch,
    /// No token below can be alive from here on.
    expires_at: Timestamp,
}

impl Least {
    const fn of(revocation: &Revocation) -> Self {
        let alive = match revocation.effect {
            Effect::Revoked => revocation.epoch,
            Effect::Outdated => Epoch(0),
        };
        Self { alive, accurate: revocation.epoch, expires_at: revocation.expires_at }
    }

    fn with(self, other: Self) -> Self {
        Self {
            alive: self.alive.max(other.alive),
            accurate: self.accurate.max(other.accurate),
            expires_at: self.expires_at.max(other.expires_at),
        }
    }

    fn effect_on(self, epoch: Epoch) -> Option<Effect> {
        if epoch < self.alive {
            Some(Effect::Revoked)
        } else if epoch < self.accurate {
            Some(Effect::Outdated)
        } else {
            None
        }
    }
}

impl RevocationSet {
    /// Takes over an entry of the feed.
    pub fn apply(&self, revocation: &Revocation) {
        let least = Least::of(revocation);
        match revocation.subject {
            Subject::Session(id) => {
                self.sessions.pin().update_or_insert(id, |known| known.with(least), least);
            }
            Subject::User(id) => {
                self.users.pin().update_or_insert(id, |known| known.with(least), least);
            }
        }
    }

    /// What the set says about a token of these epochs; the graver effect where both say something.
    #[must_use]
    pub fn effect_on(
        &self,
        (session, session_epoch): (SessionId, Epoch),
        (user, user_epoch): (UserId, Epoch),
    ) -> Option<Effect> {
        let on_session = self.sessions.pin().get(&session).and_then(|least| least.effect_on(session_epoch));
        let on_user = self.users.pin().get(&user).and_then(|least| least.effect_on(user_epoch));
        match (on_session, on_user) {
            (Some(Effect::Revoked), _) | (_, Some(Effect::Revoked)) => Some(Effect::Revoked),
            (Some(Effect::Outdated), _) | (_, Some(Effect::Outdated)) => Some(Effect::Outdated),
            (None, None) => None,
        }
    }

    /// Forgets entries that no token alive at `now` can be below.
    pub fn forget_expired(&self, now: Timestamp) {
        self.sessions.pin().retain(|_, least| least.expires_at > now);
        self.users.pin().retain(|_, least| least.expires_at > now);
    }

    /// How many sessions and users are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sessions.len() + self.users.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SESSION: SessionId = SessionId::from_bytes([1; 16]);
    const USER: UserId = UserId::from_bytes([2; 16]);

    fn entry(subject: Subject, effect: Effect, epoch: u64) -> Revocation {
        Revocation { subject, effect, epoch: Epoch(epoch), expires_at: Timestamp::from_millis(1000) }
    }

    fn effect(set: &RevocationSet, session_epoch: u64, user_epoch: u64) -> Option<Effect> {
        set.effect_on((SESSION, Epoch(session_epoch)), (USER, Epoch(user_epoch)))
    }

    #[test]
    fn a_token_below_the_least_epoch_is_dead_and_one_at_it_is_not() {
        let set = RevocationSet::default();
        assert_eq!(effect(&set, 0, 0), None);
        set.apply(&entry(Subject::Session(SESSION), Effect::Revoked, 3));
        assert_eq!(effect(&set, 2, 0), Some(Effect::Revoked));
        assert_eq!(effect(&set, 3, 0), None);
    }

    #[test]
    fn a_later_change_of_role_does_not_soften_an_earlier_revocation() {
        let set = RevocationSet::default();
        set.apply(&entry(Subject::User(USER), Effect::Revoked, 3));
        set.apply(&entry(Subject::User(USER), Effect::Outdated, 5));
        assert_eq!(effect(&set, 0, 2), Some(Effect::Revoked));
        assert_eq!(effect(&set, 0, 4), Some(Effect::Outdated));
        assert_eq!(effect(&set, 0, 5), None);
    }

    #[test]
    fn entries_are_kept_until_their_last_token_has_expired() {
        let set = RevocationSet::default();
        set.apply(&entry(Subject::Session(SESSION), Effect::Revoked, 1));
        set.forget_expired(Timestamp::from_millis(999));
        assert_eq!(effect(&set, 0, 0), Some(Effect::Revoked));
        set.forget_expired(Timestamp::from_millis(1000));
        assert!(set.is_empty());
    }

    proptest! {
        #[test]
        fn order_and_repetition_of_entries_do_not_matter(
            entries in prop::collection::vec((any::<bool>(), any::<bool>(), 0u64..6), 1..8),
            seed in any::<u64>(),
        ) {
            let entries: Vec<_> = entries.into_iter().map(|(session, revoked, epoch)| {
                let subject = if session { Subject::Session(SESSION) } else { Subject::User(USER) };
                entry(subject, if revoked { Effect::Revoked } else { Effect::Outdated }, epoch)
            }).collect();
            let (forward, shuffled) = (RevocationSet::default(), RevocationSet::default());
            entries.iter().for_each(|e| forward.apply(e));
            let start = usize::try_from(seed % entries.len() as u64).unwrap();
            for e in entries.iter().rev().chain(entries.iter().cycle().skip(start).take(entries.len())) {
                shuffled.apply(e);
            }
            for session in 0..7 {
                for user in 0..7 {
                    prop_assert_eq!(effect(&forward, session, user), effect(&shuffled, session, user));
                }
            }
        }
    }
}
