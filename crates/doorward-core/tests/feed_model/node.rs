//! A node: what it knows, how it reads, whom it lets in.

use std::{cell::RefCell, collections::HashMap};

use doorward_core::{
    feed_reading::{FeedPosition, FeedStep, is_fresh},
    ids::UserId,
    revocation::{FeedEntry, Revocation, Subject},
    revocation_set::RevocationSet,
    time::Timestamp,
    user::Epoch,
};

use crate::{
    database::session,
    world::{BOUND, Flaw, World, duration},
};

/// Entries read at once: as few as a reading can do with, so that it takes several.
pub(crate) const BATCH: u32 = 2;

/// Sessions that a world may have.
const MOST_WRITERS: usize = 2;

const BEGINNING_OF_TIME: Timestamp = Timestamp::from_millis(i64::MIN);

/// What the real set says.
#[derive(Clone)]
struct Told {
    /// What it has not forgotten.
    kept: Vec<Revocation>,
    /// Whose end it knows of.
    known: Vec<usize>,
}

thread_local! {
    /// A real set is made for a million entries, and takes its time to be made. The same few are asked for over and over.
    static TOLD: RefCell<HashMap<(Vec<Revocation>, i64), Told>> = RefCell::default();
}

/// Puts these in force in a real set, has it forget, and asks it.
fn ask_the_set(in_force: &[Revocation], no_longer_needed: Timestamp) -> Told {
    TOLD.with_borrow_mut(|told| {
        let key = (in_force.to_vec(), no_longer_needed.as_millis());
        told.entry(key).or_insert_with(|| ask_a_new_set(in_force, no_longer_needed)).clone()
    })
}

fn ask_a_new_set(in_force: &[Revocation], no_longer_needed: Timestamp) -> Told {
    let set_of = |revocations: &[Revocation]| {
        let set = RevocationSet::default();
        for revocation in revocations {
            set.apply(revocation);
        }
        set.forget_expired(no_longer_needed);
        set
    };
    let kept = |revocation: &&Revocation| !set_of(&[**revocation]).is_empty();
    let user = UserId::from_bytes([0xff; 16]);
    let set = set_of(in_force);
    let is_over = |of: &usize| set.effect_on((session(*of), Epoch(0)), (user, Epoch(0))).is_some();
    Told {
        kept: in_force.iter().filter(kept).copied().collect(),
        known: (0..MOST_WRITERS).filter(is_over).collect(),
    }
}

/// Where the reading is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Reading {
    None,
    /// Asked; `began` when the first part was.
    Asked {
        began: u8,
    },
    /// Read by the database, and on its way back.
    Answered {
        began: u8,
        entries: Vec<FeedEntry>,
        last: u8,
    },
}

/// A request that is being decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Request {
    pub(crate) of: usize,
    pub(crate) received: u8,
    /// Half of the decision was taken, and went well.
    pub(crate) is_half_decided: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    /// It has read the feed once since it was started.
    pub(crate) serves: bool,
    /// Stopped by SIGSTOP: time passes, and it goes on where it was.
    pub(crate) is_paused: bool,
    /// Ticks that its clock has missed: none, by a clock that is fit for this.
    pub(crate) clock_missed: u8,
    confirmed_at: u8,
    position: FeedPosition,
    /// Only for the design that is not ours.
    number: u64,
    in_force: Vec<Revocation>,
    /// Whose end it knows of, as the real set tells it.
    known: Vec<usize>,
    pub(crate) reading: Reading,
    pub(crate) request: Option<Request>,
}

/// What came of applying an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    Anew,
    More,
    /// The feed was confirmed as of then.
    Confirmed {
        began: u8,
    },
}

impl Node {
    pub(crate) fn started(now: u8) -> Self {
        Self {
            serves: false,
            is_paused: false,
            clock_missed: 0,
            confirmed_at: now,
            position: FeedPosition::BEGINNING,
            number: 0,
            in_force: Vec::new(),
            known: Vec::new(),
            reading: Reading::Asked { began: now },
            request: None,
        }
    }

    /// The process is started again, in the state of a new one.
    pub(crate) fn restart(&mut self, now: u8, flaw: Flaw) {
        let new = Self::started(now);
        *self = match flaw {
            Flaw::PositionSurvivesRestart => Self { position: self.position, ..new },
            _ => new,
        };
    }

    pub(crate) fn clock(&self, now: u8) -> u8 {
        now - self.clock_missed
    }

    pub(crate) fn asks_after(&self, flaw: Flaw) -> u64 {
        if flaw == Flaw::PositionIsANumber { self.number } else { self.position.asks_after() }
    }

    fn step(&mut self, entries: &[FeedEntry], last: u8, flaw: Flaw) -> FeedStep {
        if flaw != Flaw::PositionIsANumber {
            return self.position.step(entries, BATCH);
        }
        if u64::from(last) < self.number {
            return FeedStep::Anew;
        }
        self.number = entries.last().map_or(self.number, |entry| entry.seq);
        if entries.len() >= 2 { FeedStep::More(self.position) } else { FeedStep::End(self.position) }
    }

    /// As `Authority::follow_feed` does with each answer.
    pub(crate) fn apply(&mut self, now: u8, world: &World) -> Option<Applied> {
        let Reading::Answered { began, entries, last } = std::mem::replace(&mut self.reading, Reading::None)
        else {
            return None;
        };
        for entry in &entries {
            if !self.in_force.contains(&entry.revocation) {
                self.in_force.push(entry.revocation);
            }
        }
        self.in_force.sort_by_key(|revocation| match revocation.subject {
            Subject::Session(id) => *id.as_bytes(),
            Subject::User(id) => *id.as_bytes(),
        });
        let step = self.step(&entries, last, world.flaw);
        self.forget(BEGINNING_OF_TIME);
        Some(match step {
            FeedStep::Anew => {
                self.position = FeedPosition::BEGINNING;
                self.number = 0;
                self.reading = Reading::Asked { began };
                Applied::Anew
            }
            FeedStep::More(position) => {
                self.position = position;
                self.reading = Reading::Asked { began };
                Applied::More
            }
            FeedStep::End(position) => {
                self.position = position;
                self.serves = true;
                let confirmed_at =
                    if world.flaw == Flaw::ConfirmsAsOfTheAnswer { self.clock(now) } else { began };
                self.confirmed_at = self.confirmed_at.max(confirmed_at);
                self.forget(world.no_longer_needed(now));
                Applied::Confirmed { began }
            }
        })
    }

    /// What remains in force, and what that tells.
    fn forget(&mut self, no_longer_needed: Timestamp) {
        let Told { kept, known } = ask_the_set(&self.in_force, no_longer_needed);
        self.in_force = kept;
        self.known = known;
    }

    pub(crate) fn is_fresh(&self, now: u8) -> bool {
        is_fresh(duration(self.confirmed_at), duration(self.clock(now)), duration(BOUND))
    }

    pub(crate) fn knows_the_end_of(&self, of: usize) -> bool {
        self.known.contains(&of)
    }

    /// Whether a request that is received and decided in this instant is let in.
    pub(crate) fn lets_in(&self, of: usize, now: u8) -> bool {
        self.runs() && self.is_fresh(now) && !self.knows_the_end_of(of)
    }

    pub(crate) fn runs(&self) -> bool {
        self.serves && !self.is_paused
    }

    /// The next half of a decision, as `Verifier::verify` takes it: whether this node is fresh, then whom it knows to be
    /// over. None once it is taken, with what it says.
    pub(crate) fn decide(&mut self, now: u8, flaw: Flaw) -> Option<(Request, bool)> {
        let mut request = self.request.take()?;
        let is_about_freshness = request.is_half_decided == (flaw == Flaw::FreshnessIsAskedLast);
        let good = if is_about_freshness { self.is_fresh(now) } else { !self.knows_the_end_of(request.of) };
        if !good || request.is_half_decided {
            return Some((request, good));
        }
        request.is_half_decided = true;
        self.request = Some(request);
        None
    }
}
