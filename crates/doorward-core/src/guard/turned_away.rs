//! Strangers who were turned away a moment ago are turned away again without asking the store: a flood against a locked
//! account then costs a look-up in memory an attempt, and takes no reader away from those who are let in.
//!
//! It only ever refuses, and believes what the store said for as long as this node has written nothing that could change
//! it, and never for longer than [`BELIEVED_FOR`], after which it hears of what other nodes wrote.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use quick_cache::sync::Cache;

use super::{
    record::Standing,
    subject::{Subject, SubjectKey},
};
use crate::{ids::UserId, time::Timestamp};

/// For so long, by the monotonic clock and by the wall clock, what the store said of a stranger is believed.
const BELIEVED_FOR: Duration = Duration::from_millis(50);

/// Strangers remembered at most; which ones give way makes no difference but to the cost.
const MAX_STRANGERS: usize = 4_096;

/// What strangers try: a name, and, for waits, from which address. A lock holds from everywhere.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Stranger {
    name: SubjectKey,
    address: Option<SubjectKey>,
}

#[derive(Clone, Copy)]
struct Told {
    user: Option<UserId>,
    /// Locked, or else delayed.
    locked: bool,
    until: Timestamp,
    /// As of when.
    now: Timestamp,
    monotonic: Duration,
    changes: Changes,
}

/// How often something was written, when the store was asked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Changes(u64);

/// What strangers were told last. Any number of threads may ask it at once.
pub(crate) struct TurnedAway {
    told: Cache<Stranger, Told>,
    changes: AtomicU64,
}

impl Default for TurnedAway {
    fn default() -> Self {
        Self { told: Cache::new(MAX_STRANGERS), changes: AtomicU64::new(0) }
    }
}

impl TurnedAway {
    /// To be asked before the store is: what it says may be old by the time it is remembered.
    pub(crate) fn changes(&self) -> Changes {
        Changes(self.changes.load(Ordering::Acquire))
    }

    /// Something was written by which strangers may be judged otherwise.
    pub(crate) fn changed(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// Remembers what the guard said of a stranger. `name` is the name as [`Subject::unknown_name`] has it, whether or not
    /// it is somebody's.
    pub(crate) fn remember(
        &self,
        (name, address): (Subject, Option<Subject>),
        (user, standing): (Option<UserId>, Standing),
        (now, monotonic): (Timestamp, Duration),
        changes: Changes,
    ) {
        let (locked, remaining) = match standing {
            Standing::Clear => return,
            Standing::Delayed { remaining } => (false, remaining),
            Standing::Locked { remaining } => (true, remaining),
        };
        let address = address.filter(|_| !locked).map(|address| address.key);
        let told = Told { user, locked, until: now.plus(remaining), now, monotonic, changes };
        self.told.insert(Stranger { name: name.key, address }, told);
    }

    /// What a stranger is to be told again, and whose name it is.
    pub(crate) fn again(
        &self,
        (name, address): (Subject, Option<Subject>),
        now: Timestamp,
        monotonic: Duration,
    ) -> Option<(Option<UserId>, Standing)> {
        let address = address.map(|address| address.key);
        let locked = self.told.get(&Stranger { name: name.key, address: None });
        let told = locked.or_else(|| self.told.get(&Stranger { name: name.key, address }))?;
        // Told a moment after `now` was read, perhaps: no more remains than then.
        let remaining = told.until.since(now.max(told.now));
        let age = monotonic.saturating_sub(told.monotonic).max(now.since(told.now));
        if remaining.is_zero() || age > BELIEVED_FOR || told.changes != self.changes() {
            return None;
        }
        let standing =
            if told.locked { Standing::Locked { remaining } } else { Standing::Delayed { remaining } };
        Some((told.user, standing))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::SubjectKind;

    const NOW: Timestamp = Timestamp::from_seconds(1_000);
    const MILLISECOND: Duration = Duration::from_millis(1);
    const SECOND: Duration = Duration::from_secs(1);

    const fn subject(kind: SubjectKind, byte: u8) -> Subject {
        Subject { kind, key: [byte; 16], owner: None }
    }
    const NAME: Subject = subject(SubjectKind::UnknownName, 1);
    const HERE: Option<Subject> = Some(subject(SubjectKind::Address, 2));
    const ELSEWHERE: Option<Subject> = Some(subject(SubjectKind::Address, 3));

    fn told(standing: Standing) -> TurnedAway {
        let told = TurnedAway::default();
        told.remember((NAME, HERE), (None, standing), (NOW, SECOND), told.changes());
        told
    }

    #[test]
    fn a_lock_is_told_again_everywhere_with_what_remains_and_for_a_moment_only() {
        let told = told(Standing::Locked { remaining: 10 * SECOND });
        let later = NOW.plus(MILLISECOND);
        let remaining = 10 * SECOND - MILLISECOND;
        let again = |address, monotonic| told.again((NAME, address), later, monotonic);
        assert_eq!(again(ELSEWHERE, SECOND), Some((None, Standing::Locked { remaining })));
        assert!(again(HERE, SECOND + BELIEVED_FOR).is_some());
        assert!(again(HERE, SECOND + BELIEVED_FOR + MILLISECOND).is_none());
        assert!(told.again((subject(SubjectKind::UnknownName, 9), HERE), later, SECOND).is_none());
        assert!(told.again((NAME, HERE), NOW.plus(BELIEVED_FOR + MILLISECOND), SECOND).is_none());
        told.changed();
        assert!(again(HERE, SECOND).is_none());
    }

    #[test]
    fn a_wait_is_told_again_to_the_same_address_only_and_not_past_its_end() {
        let told = told(Standing::Delayed { remaining: MILLISECOND });
        let remaining = MILLISECOND;
        assert_eq!(told.again((NAME, HERE), NOW, SECOND), Some((None, Standing::Delayed { remaining })));
        assert!(told.again((NAME, ELSEWHERE), NOW, SECOND).is_none());
        assert!(told.again((NAME, HERE), NOW.plus(MILLISECOND), SECOND).is_none());
    }
}
