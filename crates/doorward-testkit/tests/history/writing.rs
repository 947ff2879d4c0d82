//! Histories written by hand, in milliseconds.

use std::time::Duration;

use doorward_testkit::history::{
    Answer, Asked, Given, History, Operation, Outcome, Promises, Rule, TokenName,
};

pub(crate) const BOUND: Duration = Duration::from_millis(100);
pub(crate) const PROMISES: Promises = Promises { bound: BOUND, logins_end_others: false };

/// The refresh token of a session's generation.
pub(crate) fn token(session: &str, generation: u32) -> TokenName {
    TokenName::of(&format!("refresh {session} {generation}"))
}

/// The access token that came with it.
pub(crate) fn access(session: &str, generation: u32) -> TokenName {
    TokenName::of(&format!("access {session} {generation}"))
}

/// Both, as an answer.
pub(crate) fn tokens(session: &str, generation: u32) -> Answer {
    Answer::Tokens(Given { access: access(session, generation), refresh: token(session, generation) })
}

/// An operation with an answer.
pub(crate) fn answered(from: u64, until: u64, asked: Asked, answer: Answer) -> Operation {
    let outcome = Outcome::Answered { at: Duration::from_millis(until), answer };
    Operation { outcome, ..unknown(from, asked) }
}

/// An operation without one.
pub(crate) fn unknown(from: u64, asked: Asked) -> Operation {
    Operation {
        client: "somebody".to_owned(),
        node: "a node".to_owned(),
        invoked: Duration::from_millis(from),
        asked,
        outcome: Outcome::Unknown,
    }
}

pub(crate) fn log_in(user: &str) -> Asked {
    Asked::LogIn { user: user.to_owned(), replaces: None }
}

pub(crate) fn end_all(user: &str) -> Asked {
    Asked::EndAll { user: user.to_owned(), except: None }
}

/// A refresh that was given the successor.
pub(crate) fn refreshed(from: u64, until: u64, generation: u32) -> Operation {
    answered(from, until, refresh(generation), tokens("s", generation + 1))
}

pub(crate) fn refresh(generation: u32) -> Asked {
    Asked::Refresh(token("s", generation))
}

pub(crate) fn end() -> Asked {
    Asked::End(token("s", 0))
}

/// What is broken by these operations on session `s` of ann, which a login asked for at 5 ms and answered at 10 ms opened.
pub(crate) fn broken(operations: impl IntoIterator<Item = Operation>) -> Vec<Rule> {
    broken_under(PROMISES, operations)
}

pub(crate) fn broken_under(promises: Promises, operations: impl IntoIterator<Item = Operation>) -> Vec<Rule> {
    let login = answered(5, 10, log_in("ann"), tokens("s", 0));
    let mut operations: Vec<_> = operations.into_iter().chain([login]).collect();
    let rules = |operations: &[Operation]| -> Vec<Rule> {
        let history = History { operations: operations.to_vec() };
        history.check(promises).into_iter().map(|violation| violation.rule).collect()
    };
    let found = rules(&operations);
    operations.reverse();
    let mut reversed = rules(&operations);
    reversed.sort_by_key(|rule| found.iter().position(|other| other == rule));
    assert_eq!(found, reversed, "the order in which clients wrote down what they saw does not matter");
    found
}
