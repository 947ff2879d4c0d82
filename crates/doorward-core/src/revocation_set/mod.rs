//! What every node keeps in memory of the revocation feed: the few sessions and users whose older tokens are not
//! to be believed. Read on every request, without a lock that a writer could hold against readers.
//!
//! A filter answers for those about whom nothing was revoked; behind it are 4096 small tables, each of which is replaced
//! whole by whoever changes it. So what a reader sees never changes under it, and no change, however many entries there
//! are, takes longer than copying a table. See decision 0024.

use std::sync::{
    Mutex, MutexGuard, OnceLock, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use arc_swap::ArcSwap;

use crate::{
    ids::{SessionId, UserId},
    revocation::{Effect, Revocation, Subject},
    time::Timestamp,
    user::Epoch,
};

mod filter;
#[cfg(test)]
mod tests;

use filter::{Filter, PARTS, Place, SHARDS};

/// Entries that [`RevocationSet::forget_expired`] looks at before it stops, after the part that it is in.
const LOOKED_AT_ONCE: usize = 4096;

/// The set. Applying the same entry twice, or entries in another order, gives the same set.
pub struct RevocationSet {
    /// A filter for each part. Replaced when one of them is.
    filters: ArcSwap<[Filter; PARTS]>,
    /// Parts and shards are made when they are first needed: most sets are small.
    parts: [OnceLock<Box<Part>>; PARTS],
    writing: Mutex<Writing>,
    len: AtomicUsize,
}

type Part = [Shard; SHARDS];

/// Its entries, ordered by subject.
type Shard = OnceLock<ArcSwap<Box<[Known]>>>;

/// What only those need who write: one at a time.
struct Writing {
    /// How many each part holds: as many as its filter.
    lens: [usize; PARTS],
    /// The part to be looked through next for what has expired.
    next: usize,
}

#[derive(Clone, Copy)]
struct Known {
    subject: Subject,
    least: Least,
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

impl Default for RevocationSet {
    fn default() -> Self {
        Self {
            filters: ArcSwap::from_pointee([const { Filter::NONE }; PARTS]),
            parts: [const { OnceLock::new() }; PARTS],
            writing: Mutex::new(Writing { lens: [0; PARTS], next: 0 }),
            len: AtomicUsize::new(0),
        }
    }
}

impl RevocationSet {
    /// Takes over an entry of the feed. Once this returns, whoever asks is told of it.
    pub fn apply(&self, revocation: &Revocation) {
        let known = Known { subject: revocation.subject, least: Least::of(revocation) };
        let place = Place::of(&known.subject);
        let mut writing = self.writing();
        let (Some(part), Some(len)) = (self.parts.get(place.part), writing.lens.get_mut(place.part)) else {
            return;
        };
        let shards = part.get_or_init(|| Box::new([const { Shard::new() }; SHARDS]));
        let Some(shard) = shards.get(place.shard) else { return };
        let shard = shard.get_or_init(ArcSwap::default);
        let before = shard.load();
        let Some(table) = with(&before, known) else { return };
        let is_new = table.len() > before.len();
        // First the table, then the filter: who is let through by the filter finds the entry.
        shard.store(table.into());
        if is_new {
            *len += 1;
            self.len.fetch_add(1, Ordering::Relaxed);
            self.add_to_filter(&place, shards, *len);
        }
    }

    /// What the set says about a token of these epochs; the graver effect where both say something.
    #[must_use]
    pub fn effect_on(
        &self,
        (session, session_epoch): (SessionId, Epoch),
        (user, user_epoch): (UserId, Epoch),
    ) -> Option<Effect> {
        let (session, user) = (Subject::Session(session), Subject::User(user));
        let (session_place, user_place) = (Place::of(&session), Place::of(&user));
        let filters = self.filters.load();
        let may_hold = |place: &Place| filters.get(place.part).is_some_and(|filter| filter.may_hold(place));
        // Not `||`: both words come from memory at the same time, and nearly always both are asked.
        if !(may_hold(&session_place) | may_hold(&user_place)) {
            return None;
        }
        let on_session =
            self.least(&session_place, &session).and_then(|least| least.effect_on(session_epoch));
        let on_user = self.least(&user_place, &user).and_then(|least| least.effect_on(user_epoch));
        match (on_session, on_user) {
            (Some(Effect::Revoked), _) | (_, Some(Effect::Revoked)) => Some(Effect::Revoked),
            (Some(Effect::Outdated), _) | (_, Some(Effect::Outdated)) => Some(Effect::Outdated),
            (None, None) => None,
        }
    }

    /// Forgets entries that no token alive at `now` can be below. Looks at a part of a large set only, at another one
    /// each time, so that it is never long about it: what has expired is gone after 64 times.
    pub fn forget_expired(&self, now: Timestamp) {
        let mut writing = self.writing();
        let mut looked_at = 0;
        for _ in 0..PARTS {
            let part = writing.next;
            writing.next = (part + 1) % PARTS;
            let shards = self.parts.get(part).and_then(OnceLock::get);
            let (Some(shards), Some(len)) = (shards, writing.lens.get_mut(part)) else { continue };
            if *len == 0 {
                continue;
            }
            let forgotten: usize = shards.iter().filter_map(Shard::get).map(|shard| forget(shard, now)).sum();
            looked_at += *len;
            if forgotten > 0 {
                *len -= forgotten;
                self.len.fetch_sub(forgotten, Ordering::Relaxed);
                self.rebuild_filter(part, shards, *len);
            }
            if looked_at >= LOOKED_AT_ONCE {
                return;
            }
        }
    }

    /// How many sessions and users are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn least(&self, place: &Place, subject: &Subject) -> Option<Least> {
        let table = self.parts.get(place.part)?.get()?.get(place.shard)?.get()?.load();
        let at = table.binary_search_by(|known| known.subject.cmp(subject)).ok()?;
        table.get(at).map(|known| known.least)
    }

    /// Has the filter of a part that holds `len` by now let through the subject of this place.
    fn add_to_filter(&self, place: &Place, shards: &Part, len: usize) {
        match self.filters.load().get(place.part) {
            Some(filter) if len <= filter.room() => filter.add(place),
            Some(_) | None => self.rebuild_filter(place.part, shards, len),
        }
    }

    fn rebuild_filter(&self, part: usize, shards: &Part, len: usize) {
        let filter = Filter::with_room_for(len);
        for shard in shards.iter().filter_map(Shard::get) {
            shard.load().iter().for_each(|known| filter.add(&Place::of(&known.subject)));
        }
        let mut filters = <[Filter; PARTS]>::clone(&self.filters.load());
        if let Some(replaced) = filters.get_mut(part) {
            *replaced = filter;
        }
        self.filters.store(filters.into());
    }
}

/// The table with one entry more, or with one that says more; none where it says as much already, as of what this
/// node revoked itself and then reads in the feed.
fn with(table: &[Known], known: Known) -> Option<Box<[Known]>> {
    match table.binary_search_by(|other| other.subject.cmp(&known.subject)) {
        Ok(at) => {
            let mut table: Box<[Known]> = table.into();
            let merged = table.get_mut(at)?;
            let least = merged.least.with(known.least);
            if least == merged.least {
                return None;
            }
            merged.least = least;
            Some(table)
        }
        Err(at) => {
            let (before, after) = table.split_at_checked(at)?;
            Some([before, &[known], after].concat().into())
        }
    }
}

/// Forgets what has expired of one shard; gives how many that were.
fn forget(shard: &ArcSwap<Box<[Known]>>, now: Timestamp) -> usize {
    let table = shard.load();
    let kept = table.iter().filter(|known| known.least.expires_at > now);
    let forgotten = table.len() - kept.clone().count();
    if forgotten > 0 {
        shard.store(kept.copied().collect::<Box<[Known]>>().into());
    }
    forgotten
}
