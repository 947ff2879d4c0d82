//! Why an operation inside a transaction did not happen.

use std::sync::{Arc, mpsc::TrySendError};

use doorward_core::store::{Conflict, StoreError};
use tokio_postgres::error::SqlState;

/// Ends an operation: what it did is rolled back, its caller gets the [`StoreError`].
///
/// A type of its own so that `?` takes the databases' errors, which all mean [`StoreError::Unavailable`].
#[derive(Debug)]
pub enum Failure {
    /// For good.
    Refused(StoreError),
    /// Somebody else was in the way: the whole operation is to be run anew.
    Again(StoreError),
    /// A statement that has to change just one row did not.
    Moved,
}

impl Failure {
    /// What the caller is told.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Refused(error) | Self::Again(error) => error,
            Self::Moved => StoreError::Stale,
        }
    }

    /// Whether somebody else wrote the chain of the audit log that a connection took for its own.
    pub(crate) fn is_of_moved_chain(&self) -> bool {
        let Self::Again(StoreError::Unavailable(why)) = self else { return false };
        matches!(why.downcast_ref(), Some(Trouble::ChainMoved))
    }

    /// What it means of a statement that has to change just one row.
    pub(crate) fn unless_moved(self, otherwise: Option<Self>) -> Self {
        if matches!(self, Self::Moved) { otherwise.unwrap_or(self) } else { self }
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

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        let in_the_way = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].map(Some);
        if in_the_way.contains(&error.code().cloned()) {
            return Self::Again(StoreError::Unavailable(without_rows(error)));
        }
        if error.code().is_some_and(|code| code.code() == NOT_JUST_ONE) {
            return Self::Moved;
        }
        Self::Refused(StoreError::Unavailable(without_rows(error)))
    }
}

/// What the database says, for a log. Its details quote rows, and rows hold password hashes.
#[derive(Debug, thiserror::Error)]
#[error("{message} ({code})")]
struct Said {
    message: String,
    code: String,
}

fn without_rows(error: tokio_postgres::Error) -> Box<dyn std::error::Error + Send + Sync> {
    match error.as_db_error() {
        Some(said) => {
            Box::new(Said { message: said.message().to_owned(), code: said.code().code().to_owned() })
        }
        None => Box::new(error),
    }
}

/// The state that PostgreSQL's `expect_one` ends a transaction with.
const NOT_JUST_ONE: &str = "DW001";

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
    /// The database did not answer in time.
    #[error("the database takes too long")]
    TooLate,
    /// A write began before its connection had a chain of the audit log.
    #[error("the connection has no chain of the audit log")]
    NoChain,
    /// Somebody else wrote the chain of the audit log that a connection took for its own.
    #[error("the chain of the audit log was moved")]
    ChainMoved,
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

impl Failure {
    /// Of a type that no `?` makes of it by itself.
    pub(crate) fn again(trouble: Trouble) -> Self {
        Self::Again(trouble.into())
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        Self::Unavailable(Box::new(trouble))
    }
}
