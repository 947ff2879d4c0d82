//! One session's operations on one line of time.
//!
//! A session opens, moves from generation 0 to 1, to 2 and so on, and ends. Let `T(i)` be the instant at which it came to
//! generation `i`, and `E` the instant of its end. An operation that can be linearised somewhere between its question and
//! its answer says no more than: such an instant lies not before, or not after, one of its own two. So the instants are
//! looked for one after the other, each as early as it can be: whatever forbids that forbids every later choice too.
//!
//! - A refresh by generation `k` that was given its successor happened in `[T(k+1), T(k+2))` and before `E`; somebody
//!   who presented `k`, and was given the successor or has no answer, is who moved the session at `T(k+1)`.
//! - A refresh by generation `k` that was refused as reused happened at or after `T(k+1)`, and at or after `E`, or is `E`.
//! - Whoever was told that it is over was so at or after `E`.
//! - Somebody caused `E`.

use std::{collections::BTreeMap, time::Duration};

use super::{
    Answer, Asked, Operation, Promises,
    tokens::Tokens,
    violation::{Broken, Rule},
};

/// An instant, and the operation because of which it cannot be earlier, or later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Limit {
    at: Duration,
    by: usize,
}

/// From when until when something may have happened.
#[derive(Clone, Copy)]
struct Span {
    from: Duration,
    until: Duration,
    by: usize,
}

impl Span {
    const fn of(by: usize, operation: &Operation, until: Duration) -> Self {
        Self { from: operation.invoked, until, by }
    }
}

/// The refreshes by one generation.
#[derive(Default)]
struct Presented {
    given: Vec<Span>,
    reused: Vec<Span>,
    unknown: Vec<Span>,
}

impl Presented {
    /// Who may have moved the session on.
    fn movers(&self) -> impl Iterator<Item = &Span> {
        self.given.iter().chain(&self.unknown)
    }

    /// Whether somebody knows that the session moved on.
    const fn has_moved(&self) -> bool {
        !(self.given.is_empty() && self.reused.is_empty())
    }

    /// Refreshes without an answer that may have ended the session, because their token had been spent before.
    fn may_be_reused(&self) -> impl Iterator<Item = Span> {
        self.unknown.iter().filter_map(move |span| {
            if !self.given.is_empty() {
                return Some(*span);
            }
            // Nobody has the successor. Another one without an answer may have been given it.
            let others = self.unknown.iter().filter(|other| other.by != span.by);
            others.map(|other| other.from).min().map(|spent| Span { from: span.from.max(spent), ..*span })
        })
    }
}

/// What concerns one session.
pub(super) struct Line<'a> {
    session: usize,
    opening: &'a Operation,
    user: &'a str,
    by_generation: BTreeMap<usize, Presented>,
    /// What may have ended it.
    causes: Vec<Span>,
    /// Since when somebody knows that it is over.
    known_over: Option<Limit>,
    let_in: Vec<Span>,
    forgotten: Vec<usize>,
}

impl<'a> Line<'a> {
    pub(super) fn new(session: usize, opening: &'a Operation) -> Self {
        let user = match &opening.asked {
            Asked::LogIn { user, .. } | Asked::EndAll { user, .. } => user,
            Asked::Refresh(_) | Asked::Enter(_) | Asked::End(_) => "",
        };
        Self {
            session,
            opening,
            user,
            by_generation: BTreeMap::new(),
            causes: Vec::new(),
            known_over: None,
            let_in: Vec::new(),
            forgotten: Vec::new(),
        }
    }

    /// Takes over what an operation says about this session, if anything.
    pub(super) fn add(
        &mut self,
        index: usize,
        operation: &'a Operation,
        tokens: &Tokens,
        promises: Promises,
    ) {
        let span = Span::of(index, operation, operation.until());
        let ours = |name| tokens.session(name) == Some(self.session);
        match &operation.asked {
            Asked::LogIn { replaces: Some(name), .. } if ours(*name) => self.ends(operation, span),
            Asked::LogIn { user, .. } => {
                if promises.logins_end_others && user == self.user && index != self.session {
                    self.causes.push(span);
                }
            }
            Asked::Refresh(name) => {
                if let Some(place) = tokens.place(*name).filter(|place| place.session == self.session) {
                    self.refreshes(place.generation, operation, span);
                }
            }
            Asked::Enter(name) if ours(*name) => match operation.answer() {
                Some(Answer::Done) => self.let_in.push(span),
                Some(Answer::Over) => self.is_over(span),
                Some(Answer::NotOurs) => self.forgotten.push(index),
                Some(Answer::Tokens(_) | Answer::Reused) | None => {}
            },
            Asked::End(name) if ours(*name) => self.ends(operation, span),
            Asked::EndAll { user, except } => {
                let spared = index == self.session || except.is_some_and(ours);
                if user == self.user && !spared {
                    self.ends_all(operation, span);
                }
            }
            Asked::Enter(_) | Asked::End(_) => {}
        }
    }

    fn refreshes(&mut self, generation: usize, operation: &Operation, span: Span) {
        let presented = self.by_generation.entry(generation).or_default();
        match operation.answer() {
            Some(Answer::Tokens(_)) => presented.given.push(span),
            Some(Answer::Reused) => {
                presented.reused.push(span);
                self.causes.push(span);
                self.is_over(span);
            }
            Some(Answer::Over) => self.is_over(span),
            Some(Answer::NotOurs) => self.forgotten.push(span.by),
            Some(Answer::Done) => {}
            None => presented.unknown.push(span),
        }
    }

    fn is_over(&mut self, span: Span) {
        let since = Limit { at: span.until, by: span.by };
        self.known_over = Some(self.known_over.map_or(since, |known| known.min(since)));
    }

    fn ends(&mut self, operation: &Operation, span: Span) {
        match operation.answer() {
            // Who comes too late ends nothing.
            Some(Answer::Over) => self.is_over(span),
            Some(Answer::NotOurs) => self.forgotten.push(span.by),
            Some(Answer::Done | Answer::Tokens(_) | Answer::Reused) => {
                self.causes.push(span);
                self.is_over(span);
            }
            None => self.causes.push(span),
        }
    }

    /// What ends all sessions of a user does not end one that opens after it.
    fn ends_all(&mut self, operation: &Operation, span: Span) {
        match operation.answer() {
            Some(Answer::Over | Answer::NotOurs) => {}
            Some(Answer::Done | Answer::Tokens(_) | Answer::Reused) => {
                if span.from > self.opening.until() {
                    self.is_over(span);
                }
                self.causes.push(span);
            }
            None => self.causes.push(span),
        }
    }

    pub(super) fn check(&self, bound: Duration) -> Vec<Broken> {
        let mut broken: Vec<Broken> = Vec::new();
        for &index in &self.forgotten {
            broken.push(Broken::new(Rule::NothingForgotten, [self.session, index]));
        }
        if let Some(known) = self.known_over {
            let too_late = |entered: &&Span| entered.from > known.at.saturating_add(bound);
            for entered in self.let_in.iter().filter(too_late) {
                broken.push(Broken::new(Rule::NobodyInPastTheBound, [known.by, entered.by]));
            }
        }
        broken.extend(self.check_order().err());
        broken
    }

    /// Looks for the earliest instants.
    fn check_order(&self) -> Result<(), Broken> {
        // Only the answer told anybody a token, so that whatever used one came later.
        let mut reached = Limit { at: self.opening.until(), by: self.session };
        let mut before: Option<&Presented> = None;
        for presented in self.by_generation.values() {
            // Whoever was given this generation's token was so before it was spent.
            let given_before = before.into_iter().flat_map(|before| &before.given);
            let not_before = given_before.map(|span| Limit { at: span.from, by: span.by });
            let earliest = not_before.fold(reached, Limit::max);
            reached = Self::moved_on(presented, earliest)?.unwrap_or(earliest);
            before = Some(presented);
        }
        self.check_end(reached)
    }

    /// When the session moved on from a generation; none if nobody says that it did.
    fn moved_on(presented: &Presented, earliest: Limit) -> Result<Option<Limit>, Broken> {
        let knowing = presented.given.iter().chain(&presented.reused);
        let Some(latest) = knowing.map(|span| Limit { at: span.until, by: span.by }).min() else {
            return Ok(None);
        };
        if presented.movers().next().is_none() {
            return Err(Broken::new(Rule::NoFalseAlarm, [latest.by]));
        }
        let possible = presented.movers().filter(|span| span.until >= earliest.at);
        let moved = possible.map(|span| Limit { at: span.from, by: span.by }.max(earliest)).min();
        match moved {
            Some(moved) if moved.at <= latest.at => Ok(Some(moved)),
            Some(moved) if earliest.at <= latest.at => {
                Err(Broken::new(Rule::NoFalseAlarm, [moved.by, latest.by]))
            }
            Some(_) | None => Err(Broken::new(Rule::NoRefreshByAnOldToken, [earliest.by, latest.by])),
        }
    }

    fn check_end(&self, reached: Limit) -> Result<(), Broken> {
        let Some(latest) = self.known_over else { return Ok(()) };
        let given = self.by_generation.values().flat_map(|presented| &presented.given);
        let earliest = given.map(|span| Limit { at: span.from, by: span.by }).fold(reached, Limit::max);
        if earliest.at > latest.at {
            return Err(Broken::new(Rule::NoRefreshAfterTheEnd, [latest.by, earliest.by]));
        }
        let unknown = self.by_generation.values().flat_map(Presented::may_be_reused);
        // What was never refreshed may have ended before the login was even answered.
        let has_moved = self.by_generation.values().any(Presented::has_moved);
        let earliest = if has_moved { earliest.at } else { self.opening.invoked };
        let caused = self
            .causes
            .iter()
            .copied()
            .chain(unknown)
            .any(|span| span.until >= earliest && span.from.max(earliest) <= latest.at);
        if caused { Ok(()) } else { Err(Broken::new(Rule::NoEndWithoutACause, [self.session, latest.by])) }
    }
}
