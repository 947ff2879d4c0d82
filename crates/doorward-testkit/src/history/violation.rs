//! What was broken, for people.

use std::fmt;

use super::Operation;

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A refresh token has one successor, and no other token has the same.
    OneSuccessor,
    /// Once its session is known to be over, no refresh succeeds.
    NoRefreshAfterTheEnd,
    /// A token is given its successor only until that one is spent in turn.
    NoRefreshByAnOldToken,
    /// Nobody is told that a token was spent before while nobody else had presented it.
    NoFalseAlarm,
    /// A session ends only if somebody ended it.
    NoEndWithoutACause,
    /// A token that was given to somebody is known for as long as its session is.
    NothingForgotten,
    /// Nobody is let in by a request sent later than an acknowledged end and the bound.
    NobodyInPastTheBound,
    /// The history makes no sense by itself: somebody names a token that nobody was given, is answered before asking,
    /// or what cannot be answered. A fault of whoever recorded it; nothing else is to be believed then.
    Recording,
}

impl Rule {
    const fn sentence(self) -> &'static str {
        match self {
            Self::OneSuccessor => "a refresh token has one successor",
            Self::NoRefreshAfterTheEnd => "no refresh succeeds after an acknowledged end",
            Self::NoRefreshByAnOldToken => "no token is served once its successor was spent",
            Self::NoFalseAlarm => "nobody is told of a reuse that was none",
            Self::NoEndWithoutACause => "no session ends without somebody ending it",
            Self::NothingForgotten => "no token that was given is forgotten",
            Self::NobodyInPastTheBound => "nobody is let in past an acknowledged end and the bound",
            Self::Recording => "the history is well-formed",
        }
    }
}

/// A broken promise, with the indices of the operations that contradict each other.
pub(super) struct Broken {
    rule: Rule,
    operations: Vec<usize>,
}

impl Broken {
    pub(super) fn new(rule: Rule, operations: impl IntoIterator<Item = usize>) -> Self {
        Self { rule, operations: operations.into_iter().collect() }
    }
}

/// A broken promise, with the operations that contradict each other. Its `Display` is for the message of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The promise.
    pub rule: Rule,
    /// The operations.
    pub operations: Vec<Operation>,
}

impl Violation {
    pub(super) fn new(broken: Broken, operations: &[Operation]) -> Self {
        let Broken { rule, operations: indices } = broken;
        let operations = indices.into_iter().filter_map(|index| operations.get(index).cloned()).collect();
        Self { rule, operations }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "broken: {}", self.rule.sentence())?;
        for operation in &self.operations {
            let Operation { client, node, invoked, asked, outcome } = operation;
            write!(f, "\n  {client} asked {node} at {invoked:?}: {asked:?} -> {outcome:?}")?;
        }
        Ok(())
    }
}
