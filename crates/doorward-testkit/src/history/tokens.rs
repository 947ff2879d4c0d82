//! Which token belongs to which session, and to which of its generations, as far as clients can tell.

use std::collections::BTreeMap;

use super::{
    Answer, Asked, Operation, TokenName,
    violation::{Broken, Rule},
};

/// A refresh token's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The operation that opened its session.
    pub(super) session: usize,
    /// How many refreshes after that it was given.
    pub(super) generation: usize,
}

/// Every token that somebody was given.
#[derive(Default)]
pub(super) struct Tokens {
    refresh: BTreeMap<TokenName, Place>,
    access: BTreeMap<TokenName, usize>,
}

/// Pairs of tokens that go together, by one of them.
#[derive(Default)]
struct Pairs(BTreeMap<TokenName, Pair>);

struct Pair {
    other: TokenName,
    by: usize,
    is_disputed: bool,
}

impl Pairs {
    /// Takes over what an operation says. Each dispute is told once.
    fn learn(&mut self, name: TokenName, other: TokenName, by: usize) -> Option<Broken> {
        let known = self.0.entry(name).or_insert(Pair { other, by, is_disputed: false });
        let dispute = known.other != other && !known.is_disputed;
        known.is_disputed |= dispute;
        dispute.then(|| Broken::new(Rule::OneSuccessor, [known.by, by]))
    }

    fn other(&self, name: TokenName) -> Option<TokenName> {
        self.0.get(&name).map(|pair| pair.other)
    }
}

impl Tokens {
    /// Follows every chain of refreshes from the login on. Fails where a chain forks or two of them meet, and where
    /// somebody presents what nobody was given.
    pub(super) fn trace(operations: &[Operation]) -> (Self, Vec<Broken>) {
        let mut tokens = Self::default();
        let mut broken = Vec::new();
        let mut successors = Pairs::default();
        let mut predecessors = Pairs::default();
        for (index, operation) in operations.iter().enumerate() {
            if let (Asked::Refresh(presented), Some(given)) = (&operation.asked, operation.given()) {
                broken.extend(successors.learn(*presented, given.refresh, index));
                broken.extend(predecessors.learn(given.refresh, *presented, index));
            }
        }
        for (session, operation) in operations.iter().enumerate() {
            let Some(given) = operation.given() else { continue };
            if matches!(operation.asked, Asked::Refresh(_)) {
                continue;
            }
            let mut next = Some(given.refresh);
            let mut generation = 0;
            while let Some(name) = next {
                let place = Place { session, generation };
                // Two logins that give one token, or a chain that bites its tail.
                if let Some(other) = tokens.refresh.insert(name, place) {
                    broken.push(Broken::new(Rule::OneSuccessor, [other.session, session]));
                    break;
                }
                generation += 1;
                next = successors.other(name);
            }
        }
        for (index, operation) in operations.iter().enumerate() {
            if let Some(given) = operation.given() {
                let session = match operation.asked {
                    Asked::Refresh(presented) => tokens.refresh.get(&presented).map(|place| place.session),
                    _ => Some(index),
                };
                tokens.access.extend(session.map(|session| (given.access, session)));
            }
        }
        for (index, operation) in operations.iter().enumerate() {
            let unheard_of = operation.names().any(|name| tokens.session(name).is_none());
            if unheard_of || !operation.may_be_answered_so() {
                broken.push(Broken::new(Rule::Recording, [index]));
            }
        }
        (tokens, broken)
    }

    /// The operations that opened a session.
    pub(super) fn openings<'a>(
        &self,
        operations: &'a [Operation],
    ) -> impl Iterator<Item = (usize, &'a Operation)> + use<'a> {
        operations.iter().enumerate().filter(|(_, operation)| {
            operation.given().is_some() && !matches!(operation.asked, Asked::Refresh(_))
        })
    }

    pub(super) fn place(&self, refresh: TokenName) -> Option<Place> {
        self.refresh.get(&refresh).copied()
    }

    /// The session that a token of either kind belongs to.
    pub(super) fn session(&self, name: TokenName) -> Option<usize> {
        self.access.get(&name).copied().or_else(|| self.place(name).map(|place| place.session))
    }
}

impl Operation {
    /// The tokens it names.
    fn names(&self) -> impl Iterator<Item = TokenName> {
        match self.asked {
            Asked::LogIn { replaces: name, .. } | Asked::EndAll { except: name, .. } => name,
            Asked::Refresh(name) | Asked::Enter(name) | Asked::End(name) => Some(name),
        }
        .into_iter()
    }

    fn may_be_answered_so(&self) -> bool {
        let in_order = self.invoked <= self.until();
        let Some(answer) = self.answer() else { return true };
        in_order
            && match self.asked {
                Asked::LogIn { .. } => matches!(answer, Answer::Tokens(_)),
                Asked::Refresh(_) => !matches!(answer, Answer::Done),
                Asked::Enter(_) | Asked::End(_) => {
                    matches!(answer, Answer::Done | Answer::Over | Answer::NotOurs)
                }
                Asked::EndAll { .. } => matches!(answer, Answer::Done | Answer::Tokens(_) | Answer::Over),
            }
    }
}
