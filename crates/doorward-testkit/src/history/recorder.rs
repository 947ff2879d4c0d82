//! Writes down what clients ask and are answered, while they do.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use doorward_core::time::Clock;

use super::{Answer, Asked, Given, History, Operation, Outcome};

/// Writes a [`History`]. All clients share one, from any thread; its clock orders what they do, so it has to be one that
/// they share too, and not a node's.
pub struct Recorder {
    clock: Arc<dyn Clock>,
    operations: Mutex<Vec<Operation>>,
}

impl Recorder {
    /// A recorder with nothing written yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, operations: Mutex::default() }
    }

    /// To be called before the first byte of a question is sent. Whatever is not answered through what this gives has an
    /// unknown outcome.
    pub fn asks(&self, client: impl Into<String>, node: impl Into<String>, asked: Asked) -> Ongoing<'_> {
        let invoked = self.clock.monotonic();
        let mut operations = self.operations();
        operations.push(Operation {
            client: client.into(),
            node: node.into(),
            invoked,
            asked,
            outcome: Outcome::Unknown,
        });
        Ongoing { recorder: self, index: operations.len() - 1 }
    }

    /// What was written so far.
    #[must_use]
    pub fn history(&self) -> History {
        History { operations: self.operations().clone() }
    }

    fn answer(&self, index: usize, at: Duration, answer: Answer) {
        if let Some(operation) = self.operations().get_mut(index) {
            operation.outcome = Outcome::Answered { at, answer };
        }
    }

    fn operations(&self) -> MutexGuard<'_, Vec<Operation>> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A question on its way. Dropped, its outcome is unknown.
pub struct Ongoing<'a> {
    recorder: &'a Recorder,
    index: usize,
}

impl Ongoing<'_> {
    /// It was let in, or it ended what it was to end.
    pub fn done(self) {
        self.answered(Answer::Done);
    }

    /// It was given tokens: the texts of an access token and a refresh token.
    pub fn given(self, access: &str, refresh: &str) {
        self.answered(Answer::Tokens(Given::of(access, refresh)));
    }

    /// It was refused with this code. A refusal that says nothing about a session, or leaves open what happened (any 503),
    /// counts as no answer.
    pub fn refused(self, code: &str) {
        if let Some(answer) = Answer::of_code(code) {
            self.answered(answer);
        }
    }

    /// It was answered.
    pub fn answered(self, answer: Answer) {
        self.recorder.answer(self.index, self.recorder.clock.monotonic(), answer);
    }
}
