//! Why an operation inside a transaction did not happen.

use std::sync::{Arc, mpsc::TrySendError};

use doorward_core::store::{Conflict, StoreError};

/// Ends an operation: what it did is rolled back, its caller gets the [`StoreError`].
///
/// A type of its own so that `?` takes the databases' errors, which all mean [`StoreError::Unavailable`].
#[derive(Debug)]
pub enum Failure {
    /// For good.
    Refused(StoreError),
    /// Somebody else was in the way: the whole operation is to be run anew.
    Again(StoreError),
}

impl Failure {
    /// What the caller is told.
    pub(crate) fn into_error(self) -> StoreError {
        let (Self::Refused(error) | Self::Again(error)) = self;
        error
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Refused(error)
    }
}

impl From<Conflict> for Failure {
    fn from(conflict: Conflict) -> Self {
        Self::Refused(StoreError::Conflict(conflict))
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Refused(StoreError::Unavailable(Box::new(error)))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(StoreError::Unavailable(Box::new(error)))
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self::Refused(trouble.into())
    }
}

/// Why the store is unavailable, where SQLite itself did not say.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// More work is waiting than memory should be spent on.
    #[error("the queue is full")]
    QueueFull,
    /// The thread that would do the work is gone.
    #[error("the store is shut down")]
    ShutDown,
    /// An operation waits where there is nothing to wait for.
    #[error("an operation waits")]
    Waits,
    /// An operation panicked.
    #[error("an operation panicked")]
    Panicked,
    /// The group that an operation was part of was not committed.
    #[error("the transaction was not committed")]
    NotCommitted(#[source] Arc<StoreError>),
    /// A row holds what this version never wrote.
    #[error("the database holds a {0} that cannot be read")]
    Unreadable(&'static str),
    /// A session was to be opened for somebody else than the user it was decided about.
    #[error("the session to be opened is another user's")]
    ForeignSession,
    /// A session was to be opened for nothing that its bearer has shown.
    #[error("the session to be opened was not earned")]
    NothingShown,
    /// A passkey was to be added to somebody else's account than it was made for.
    #[error("the passkey to be added is another user's")]
    ForeignPasskey,
    /// A number is larger than SQLite keeps.
    #[error("a number is too large to be stored")]
    TooLarge,
}

impl Trouble {
    /// Why a queue took no more.
    pub(crate) fn of_queue<T>(error: TrySendError<T>) -> Self {
        match error {
            TrySendError::Full(_) => Self::QueueFull,
            TrySendError::Disconnected(_) => Self::ShutDown,
        }
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unavailable(Box::new(trouble))
    }
}
