//! Why a benchmark could not be taken.

use std::fmt::Display;

/// What to tell the person who ran it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }

    /// `what` could not be read, written or reached.
    pub(crate) fn io(what: impl Display, error: impl Display) -> Self {
        Self(format!("{what}: {error}"))
    }
}
