//! The database, and whoever writes to it.

use doorward_core::{
    ids::SessionId,
    revocation::{Effect, FeedEntry, Revocation, Subject},
    time::Timestamp,
    user::Epoch,
};

use crate::world::{Flaw, MARGIN, World, timestamp};

/// The session that a writer ends.
pub(crate) fn session(writer: usize) -> SessionId {
    SessionId::from_bytes([writer.try_into().unwrap_or(u8::MAX); 16])
}

/// A transaction that ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Writer {
    Idle,
    /// Under way, since then, with the number it was given if it has one yet.
    Open {
        since: u8,
        number: Option<u8>,
    },
    /// Done and acknowledged at the same moment, which is the most that is ever promised.
    Ended {
        at: u8,
    },
}

/// What is committed, and who holds the counter's row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Committed {
    /// In order of their numbers.
    pub(crate) feed: Vec<FeedEntry>,
    /// The counter's row.
    last: u8,
    /// A sequence, which no transaction waits for and none gives back: only for the design that is not ours.
    sequence: u8,
    /// Which sessions are over, since when.
    pub(crate) ended: Vec<(usize, u8)>,
}

/// The database.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Database {
    pub(crate) committed: Committed,
    pub(crate) writers: Vec<Writer>,
}

impl Database {
    pub(crate) fn new(writers: usize) -> Self {
        Self { committed: Committed::default(), writers: vec![Writer::Idle; writers] }
    }

    fn row_is_locked(&self) -> bool {
        self.writers.iter().any(|writer| matches!(writer, Writer::Open { number: Some(_), .. }))
    }

    pub(crate) fn begin(&mut self, writer: usize, now: u8) {
        self.writers[writer] = Writer::Open { since: now, number: None };
    }

    /// A number is taken: of the counter's row, which stays locked until the transaction ends; or of a sequence.
    pub(crate) fn take_number(&mut self, writer: usize, flaw: Flaw) -> Option<()> {
        let Writer::Open { since, number: None } = self.writers[writer] else { return None };
        let number = if flaw.counts_by_a_sequence() {
            self.committed.sequence += 1;
            self.committed.sequence
        } else if self.row_is_locked() {
            return None;
        } else {
            self.committed.last + 1
        };
        self.writers[writer] = Writer::Open { since, number: Some(number) };
        Some(())
    }

    pub(crate) fn commit(&mut self, writer: usize, now: u8, world: &World) -> Option<()> {
        let Writer::Open { since, number: Some(number) } = self.writers[writer] else { return None };
        // Every operation has a deadline, far below the margin by which entries outlive tokens.
        if now - since > MARGIN && world.flaw != Flaw::TransactionsWithoutEnd {
            return None;
        }
        let revocation = Revocation {
            subject: Subject::Session(session(writer)),
            effect: Effect::Revoked,
            epoch: Epoch(1),
            expires_at: timestamp(since + world.ttl + MARGIN),
        };
        self.committed.feed.push(FeedEntry { seq: number.into(), revocation });
        self.committed.feed.sort_by_key(|entry| entry.seq);
        self.committed.last = self.committed.last.max(number);
        self.committed.ended.push((writer, now));
        self.writers[writer] = Writer::Ended { at: now };
        Some(())
    }

    /// By its client, its deadline, or the death of its node, which also gives back the row.
    pub(crate) fn abort(&mut self, writer: usize) {
        self.writers[writer] = Writer::Idle;
    }

    /// What a reader is given.
    pub(crate) fn read(&self, after: u64, limit: u32, flaw: Flaw) -> Vec<FeedEntry> {
        let under_way = self.writers.iter().filter_map(|writer| match writer {
            Writer::Open { number, .. } => *number,
            Writer::Idle | Writer::Ended { .. } => None,
        });
        let below = match under_way.min() {
            Some(oldest) if flaw == Flaw::BelowTheOldestTransaction => u64::from(oldest),
            Some(_) | None => u64::MAX,
        };
        let entries = self.committed.feed.iter().filter(|entry| entry.seq > after && entry.seq < below);
        entries.take(limit.try_into().unwrap_or(usize::MAX)).copied().collect()
    }

    pub(crate) fn clean_up(&mut self, no_longer_needed: Timestamp) {
        self.committed.feed.retain(|entry| entry.revocation.expires_at > no_longer_needed);
    }

    /// Puts it back. Whatever was under way is gone, and nothing that was ended since is promised to be over.
    pub(crate) fn restore(&mut self, backup: Committed) {
        self.committed = backup;
        let ended = &self.committed.ended;
        for (writer, state) in self.writers.iter_mut().enumerate() {
            let at = ended.iter().find(|(ended, _)| *ended == writer);
            *state = at.map_or(Writer::Idle, |(_, at)| Writer::Ended { at: *at });
        }
    }
}
