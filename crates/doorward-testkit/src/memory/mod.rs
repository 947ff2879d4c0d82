//! The store as plainly as it can be said: maps behind one lock. What the contract means, made runnable; other
//! stores are compared with it.

mod attempts;
mod audit;
mod console;
mod factor_store;
mod factors;
mod link;
mod node;
mod password;
mod pending;
mod refresh;
mod revocation;
mod session;
mod setup;
mod signing_key;
mod state;
mod statistics;
mod store;
mod trust;
mod user;

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU8, Ordering},
};

use doorward_core::{store::StoreError, time::Timestamp};

use state::State;

/// A store that forgets everything with its last clone. Clones share what is remembered, as two processes share a
/// database.
#[derive(Clone, Default)]
pub struct MemoryStore {
    state: Arc<Mutex<State>>,
    faults: Arc<AtomicU8>,
}

/// What goes wrong with a [`MemoryStore`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Every operation answers `Unavailable`, and none happens.
    Unavailable,
    /// Reads work; every write answers `Unavailable`, and none happens: a full disk.
    ReadOnly,
    /// Reads work; every write answers `Unavailable` although it happened: an answer lost on the way.
    AnswersLost,
}

/// The error of a [`Fault`].
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the test wants the store to fail")]
    Wanted,
    #[error("an id was given twice")]
    IdInUse,
    #[error("the session to be opened is another user's")]
    ForeignSession,
    #[error("the session to be opened was not earned")]
    NothingShown,
    #[error("the passkey to be added is another user's")]
    ForeignPasskey,
}

fn unavailable() -> StoreError {
    StoreError::Unavailable(Box::new(Broken::Wanted))
}

/// Random ids do not meet: whoever gives one twice has no randomness to trust.
fn id_in_use() -> StoreError {
    StoreError::Unavailable(Box::new(Broken::IdInUse))
}

/// Only a defect of ours could ask for this.
fn foreign_session() -> StoreError {
    StoreError::Unavailable(Box::new(Broken::ForeignSession))
}

/// Only a defect of ours could ask for this.
fn nothing_shown() -> StoreError {
    StoreError::Unavailable(Box::new(Broken::NothingShown))
}

/// Only a defect of ours could ask for this.
fn foreign_passkey() -> StoreError {
    StoreError::Unavailable(Box::new(Broken::ForeignPasskey))
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Another store that remembers the same: a backup.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self { state: Arc::new(Mutex::new(self.state().clone())), ..Self::default() }
    }

    /// Puts the store back to what `backup` remembers, in every clone.
    pub fn put_back(&self, backup: &Self) {
        let state = backup.state().clone();
        *self.state() = state;
    }

    /// From now on this goes wrong, in every clone.
    pub fn break_down(&self, fault: Fault) {
        let code = match fault {
            Fault::None => 0,
            Fault::Unavailable => 1,
            Fault::ReadOnly => 2,
            Fault::AnswersLost => 3,
        };
        self.faults.store(code, Ordering::SeqCst);
    }

    fn fault(&self) -> Fault {
        match self.faults.load(Ordering::SeqCst) {
            0 => Fault::None,
            1 => Fault::Unavailable,
            2 => Fault::ReadOnly,
            _ => Fault::AnswersLost,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, query: impl FnOnce(&State) -> T) -> Result<T, StoreError> {
        if self.fault() == Fault::Unavailable { Err(unavailable()) } else { Ok(query(&self.state())) }
    }

    /// Works on a copy, which becomes the state only if all of it went well.
    fn write<T>(
        &self,
        now: Option<Timestamp>,
        work: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let fault = self.fault();
        if matches!(fault, Fault::Unavailable | Fault::ReadOnly) {
            return Err(unavailable());
        }
        let mut state = self.state();
        let mut next = state.clone();
        let done = work(&mut next)?;
        next.highest_time = next.highest_time.max(now.unwrap_or_default());
        *state = next;
        if fault == Fault::AnswersLost { Err(unavailable()) } else { Ok(done) }
    }
}
