//! What can happen, and what must not.

use std::time::Duration;

use doorward_core::time::Timestamp;
use stateright::{Model, Property};

use crate::{
    database::{Committed, Database, Writer},
    node::{Applied, BATCH, Node, Reading, Request},
};

/// `revocation.max_staleness`, in ticks of the time.
pub(crate) const BOUND: u8 = 1;
/// Entries outlive the tokens they concern by so many ticks.
pub(crate) const MARGIN: u8 = 1;

pub(crate) fn duration(ticks: u8) -> Duration {
    Duration::from_secs(ticks.into())
}

pub(crate) fn timestamp(ticks: u8) -> Timestamp {
    Timestamp::from_seconds(ticks.into())
}

/// Designs that are not ours. Each shows that the checker would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Flaw {
    None,
    /// Numbers come from a sequence: a lower one may be committed after a higher one was read.
    Sequence,
    /// Numbers come from a sequence, and only those below the oldest open transaction are read.
    BelowTheOldestTransaction,
    /// The feed counts as confirmed when the answer comes, and not when the question was asked.
    ConfirmsAsOfTheAnswer,
    /// A node that is started again goes on where it was, with an empty set.
    PositionSurvivesRestart,
    /// A node goes on behind the number it has read, if the feed has come that far.
    PositionIsANumber,
    /// A paused node's clock stands still, as that of a suspended machine may.
    ClockStopsInPauses,
    /// A request is looked up in the set first, and then it is asked whether the set is fresh.
    FreshnessIsAskedLast,
    /// Entries are removed as soon as those expired that were issued before the transaction began.
    CleansUpEarly,
    /// A transaction may take longer than entries outlive tokens.
    TransactionsWithoutEnd,
}

impl Flaw {
    pub(crate) fn counts_by_a_sequence(self) -> bool {
        matches!(self, Self::Sequence | Self::BelowTheOldestTransaction)
    }
}

/// What is explored.
#[derive(Clone, Copy)]
pub(crate) struct World {
    pub(crate) flaw: Flaw,
    pub(crate) writers: usize,
    pub(crate) nodes: usize,
    /// An access token's lifetime.
    pub(crate) ttl: u8,
    /// The last tick.
    pub(crate) ends: u8,
    /// Questions and answers are lost, and transactions abort.
    pub(crate) losses: bool,
    /// How often something of these happens.
    pub(crate) restarts: u8,
    pub(crate) pauses: u8,
    pub(crate) restores: u8,
    /// Clean-up runs.
    pub(crate) cleans_up: bool,
    /// Requests are decided in two halves, with anything in between.
    pub(crate) requests: bool,
}

impl World {
    /// As `Verifier::no_longer_needed`: each entry is kept for a token's lifetime on top.
    pub(crate) fn no_longer_needed(&self, now: u8) -> Timestamp {
        timestamp(now).minus(duration(self.ttl))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// An access token's lifetime.
    ttl: u8,
    pub(crate) now: u8,
    pub(crate) database: Database,
    pub(crate) nodes: Vec<Node>,
    backup: Option<Committed>,
    restarts: u8,
    pauses: u8,
    restores: u8,
    pub(crate) history: History,
}

/// What has happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct History {
    /// A request was let in that should not have been.
    pub(crate) let_in_too_late: bool,
    /// A feed was confirmed without an entry that was committed before the reading began.
    pub(crate) skipped: bool,
    pub(crate) began_anew: bool,
    pub(crate) read_in_parts: bool,
    pub(crate) refused_when_stale: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    Tick,
    Begin(usize),
    TakeNumber(usize),
    Commit(usize),
    Abort(usize),
    /// A poll, or a notification that came through: a lost one is a poll that comes later.
    Ask(usize),
    Answer(usize),
    Apply(usize),
    /// The question or its answer is lost.
    Lose(usize),
    Restart(usize),
    Pause(usize),
    Resume(usize),
    CleanUp,
    BackUp,
    Restore,
    Receive {
        node: usize,
        of: usize,
    },
    Decide(usize),
}

impl State {
    fn tick(&mut self, flaw: Flaw) {
        self.now += 1;
        for node in &mut self.nodes {
            node.clock_missed += u8::from(node.is_paused && flaw == Flaw::ClockStopsInPauses);
        }
    }

    /// Since when everybody must hold a session over whose tokens may still be alive: since it was acknowledged.
    fn ended_at(&self, writer: usize) -> Option<u8> {
        match self.database.writers[writer] {
            // A token may have been issued as late as that.
            Writer::Ended { at } if self.now < at + self.ttl => Some(at),
            Writer::Ended { .. } | Writer::Idle | Writer::Open { .. } => None,
        }
    }

    fn answer(&mut self, node: usize, flaw: Flaw) -> Option<()> {
        let Reading::Asked { began } = self.nodes[node].reading else { return None };
        let entries = self.database.read(self.nodes[node].asks_after(flaw), BATCH, flaw);
        let last =
            self.database.committed.feed.last().map_or(0, |entry| entry.seq.try_into().unwrap_or(u8::MAX));
        self.nodes[node].reading = Reading::Answered { began, entries, last };
        Some(())
    }

    fn apply(&mut self, node: usize, world: &World) -> Option<()> {
        let now = self.now;
        let missed = self.nodes[node].clock_missed;
        match self.nodes[node].apply(now, world)? {
            Applied::Anew => self.history.began_anew = true,
            Applied::More => self.history.read_in_parts = true,
            Applied::Confirmed { began } => {
                let known = |writer| self.nodes[node].knows_the_end_of(writer);
                let ended_before = |writer| self.ended_at(writer).is_some_and(|at| at < began + missed);
                let skipped =
                    (0..self.database.writers.len()).any(|writer| ended_before(writer) && !known(writer));
                self.history.skipped |= skipped;
            }
        }
        Some(())
    }

    fn decide(&mut self, node: usize, flaw: Flaw) {
        let now = self.now;
        if let Some((request, let_in)) = self.nodes[node].decide(now, flaw) {
            self.history.refused_when_stale |= !let_in && !self.nodes[node].is_fresh(now);
            let late = self.ended_at(request.of).is_some_and(|at| request.received > at + BOUND);
            self.history.let_in_too_late |= let_in && late;
        }
    }

    /// Whether somebody would be let in now whose session was known to be over longer ago than the bound.
    fn lets_in_too_late(&self) -> bool {
        let late = (0..self.database.writers.len())
            .filter(|writer| self.ended_at(*writer).is_some_and(|at| self.now > at + BOUND));
        late.into_iter().any(|writer| self.nodes.iter().any(|node| node.lets_in(writer, self.now)))
    }

    /// Whether each node needs only to be left alone for a moment, with whatever transactions are under way, to serve
    /// again and to know of everything that was committed.
    fn recovers_at_once(&self, world: &World) -> bool {
        let mut healthy = self.clone();
        for node in 0..healthy.nodes.len() {
            healthy.nodes[node].is_paused = false;
            healthy.nodes[node].reading = Reading::Asked { began: healthy.nodes[node].clock(healthy.now) };
            // At most: the entry it stood at is gone, and then all there is, one by one.
            for _ in 0..=2 * healthy.database.writers.len() + 1 {
                let _ = healthy.answer(node, world.flaw).and_then(|()| healthy.apply(node, world));
            }
        }
        let known = |node: &Node, writer| healthy.ended_at(writer).is_none() || node.knows_the_end_of(writer);
        let recovered = |node: &Node| {
            node.runs()
                && node.is_fresh(healthy.now)
                && (0..healthy.database.writers.len()).all(|writer| known(node, writer))
        };
        healthy.nodes.iter().all(recovered)
    }
}

pub(crate) const IN_TIME: &str = "nobody is let in past an acknowledged end and the bound";
pub(crate) const NOT_AFTER_RECEIPT: &str =
    "no request received after that is let in, whatever happens while it is decided";
pub(crate) const NOTHING_SKIPPED: &str =
    "whoever confirms the feed has what was committed before the reading began";
pub(crate) const RECOVERS: &str =
    "left alone, every node serves at once and knows everything, whoever holds a transaction open";

impl Model for World {
    type State = State;
    type Action = Action;

    fn init_states(&self) -> Vec<State> {
        vec![State {
            ttl: self.ttl,
            now: 0,
            database: Database::new(self.writers),
            nodes: vec![Node::started(0); self.nodes],
            backup: None,
            restarts: self.restarts,
            pauses: self.pauses,
            restores: self.restores,
            history: History::default(),
        }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Action>) {
        if state.now < self.ends {
            actions.push(Action::Tick);
        }
        for (writer, at) in state.database.writers.iter().enumerate() {
            match at {
                Writer::Idle => actions.push(Action::Begin(writer)),
                Writer::Open { number: None, .. } => actions.push(Action::TakeNumber(writer)),
                Writer::Open { number: Some(_), .. } => actions.push(Action::Commit(writer)),
                Writer::Ended { .. } => {}
            }
            if self.losses && matches!(at, Writer::Open { .. }) {
                actions.push(Action::Abort(writer));
            }
        }
        for (node, at) in state.nodes.iter().enumerate() {
            match at.reading {
                Reading::None if at.is_paused => {}
                Reading::None => actions.push(Action::Ask(node)),
                Reading::Asked { .. } => actions.push(Action::Answer(node)),
                Reading::Answered { .. } if at.is_paused => {}
                Reading::Answered { .. } => actions.push(Action::Apply(node)),
            }
            if self.losses && matches!(at.reading, Reading::Asked { .. }) {
                actions.push(Action::Lose(node));
            }
            if state.restarts > 0 && at.serves {
                actions.push(Action::Restart(node));
            }
            if at.is_paused {
                actions.push(Action::Resume(node));
            } else if state.pauses > 0 && at.serves {
                actions.push(Action::Pause(node));
            }
            if self.requests && at.runs() {
                match at.request {
                    Some(_) => actions.push(Action::Decide(node)),
                    None => actions.extend((0..self.writers).map(|of| Action::Receive { node, of })),
                }
            }
        }
        if self.cleans_up {
            actions.push(Action::CleanUp);
        }
        if state.restores > 0 {
            match state.backup {
                Some(_) => actions.push(Action::Restore),
                None if state.now == 0 => actions.push(Action::BackUp),
                None => {}
            }
        }
    }

    fn next_state(&self, last: &State, action: Action) -> Option<State> {
        let mut state = last.clone();
        let now = state.now;
        match action {
            Action::Tick => state.tick(self.flaw),
            Action::Begin(writer) => state.database.begin(writer, now),
            Action::TakeNumber(writer) => state.database.take_number(writer, self.flaw)?,
            Action::Commit(writer) => state.database.commit(writer, now, self)?,
            Action::Abort(writer) => state.database.abort(writer),
            Action::Ask(node) => {
                // Nobody is served by one that has not started: it may as well start now.
                if !last.nodes[node].serves {
                    state.nodes[node].restart(now, self.flaw);
                }
                state.nodes[node].reading = Reading::Asked { began: state.nodes[node].clock(now) };
            }
            Action::Answer(node) => state.answer(node, self.flaw)?,
            Action::Apply(node) => state.apply(node, self)?,
            Action::Lose(node) => state.nodes[node].reading = Reading::None,
            Action::Restart(node) => {
                state.restarts -= 1;
                state.nodes[node].restart(now, self.flaw);
            }
            Action::Pause(node) => {
                state.pauses -= 1;
                state.nodes[node].is_paused = true;
            }
            Action::Resume(node) => state.nodes[node].is_paused = false,
            Action::CleanUp => {
                let early = self.flaw == Flaw::CleansUpEarly;
                state.database.clean_up(if early {
                    timestamp(now + MARGIN + 1)
                } else {
                    self.no_longer_needed(now)
                });
            }
            Action::BackUp => state.backup = Some(last.database.committed.clone()),
            Action::Restore => {
                state.restores -= 1;
                state.database.restore(last.backup.clone()?);
            }
            Action::Receive { node, of } => {
                state.nodes[node].request = Some(Request { of, received: now, is_half_decided: false });
            }
            Action::Decide(node) => state.decide(node, self.flaw),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::<Self>::always(IN_TIME, |_, state| !state.lets_in_too_late()),
            Property::<Self>::always(NOT_AFTER_RECEIPT, |_, state| !state.history.let_in_too_late),
            Property::<Self>::always(NOTHING_SKIPPED, |_, state| !state.history.skipped),
            Property::<Self>::always(RECOVERS, |world, state| state.recovers_at_once(world)),
            // Without these the others would say little.
            Property::<Self>::sometimes("a node does not know yet", |world, state| {
                (0..world.writers).any(|writer| {
                    state.ended_at(writer).is_some()
                        && state.nodes.iter().any(|node| node.lets_in(writer, state.now))
                })
            }),
            Property::<Self>::sometimes("a node is too old to serve", |_, state| {
                state.nodes.iter().any(|node| node.runs() && !node.is_fresh(state.now))
            }),
            Property::<Self>::sometimes("every end is known everywhere", |world, state| {
                (0..world.writers).all(|writer| {
                    state.ended_at(writer).is_some()
                        && state.nodes.iter().all(|node| node.knows_the_end_of(writer))
                })
            }),
        ];
        if self.writers > 1 {
            properties.push(Property::<Self>::sometimes("a reading takes several questions", |_, state| {
                state.history.read_in_parts
            }));
        }
        if self.restores > 0 || self.cleans_up {
            properties
                .push(Property::<Self>::sometimes("a node begins anew", |_, state| state.history.began_anew));
        }
        if self.requests {
            properties.push(Property::<Self>::sometimes(
                "a request is refused by a node that is too old",
                |_, state| state.history.refused_when_stale,
            ));
        }
        properties
    }
}
