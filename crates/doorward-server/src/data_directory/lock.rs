//! Who works on the data directory right now.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;

use super::DataDirectory;
use crate::failure::Failure;

/// The name of the lock file. It stays behind; what counts is the lock on it, which ends with its process.
const LOCK_FILE: &str = "doorward.lock";

/// A lock on the data directory, held until dropped.
#[derive(Debug)]
#[must_use = "the lock ends when this is dropped"]
pub struct Lock {
    _file: File,
}

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody else works on the directory.
    #[error("somebody else works on it")]
    Held,
    /// The disk says no.
    #[error(transparent)]
    Io(std::io::Error),
}

impl LockError {
    /// As a command's failure, with `mend` for the case that somebody else works on the directory.
    #[must_use]
    pub fn into_failure(self, directory: &DataDirectory, mend: &str) -> Failure {
        let path = directory.path().display();
        match self {
            Self::Held => Failure::Failed(format!("data_dir {path} is in use: {mend}")),
            Self::Io(error) => Failure::failed(format!("cannot lock the data directory {path}"), error),
        }
    }
}

impl Lock {
    /// The lock of a server: several may hold it, since the store keeps them apart, and restoring waits for all.
    ///
    /// # Errors
    /// [`LockError::Held`] while the directory is being restored.
    pub fn shared(directory: &DataDirectory) -> Result<Self, LockError> {
        Self::take(directory, File::try_lock_shared)
    }

    /// The lock of who replaces everything: nobody else may be there.
    ///
    /// # Errors
    /// [`LockError::Held`] while a server runs on the directory.
    pub fn exclusive(directory: &DataDirectory) -> Result<Self, LockError> {
        Self::take(directory, File::try_lock)
    }

    fn take(
        directory: &DataDirectory,
        lock: fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, LockError> {
        let path = directory.path().join(LOCK_FILE);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path)
            .map_err(LockError::Io)?;
        lock(&file).map_err(|error| match error {
            TryLockError::WouldBlock => LockError::Held,
            TryLockError::Error(error) => LockError::Io(error),
        })?;
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restoring_and_serving_exclude_each_other() {
        let tmp = tempfile::tempdir().unwrap();
        let directory = DataDirectory::open_or_create(tmp.path()).unwrap();
        let servers = (Lock::shared(&directory).unwrap(), Lock::shared(&directory).unwrap());
        assert!(matches!(Lock::exclusive(&directory), Err(LockError::Held)));
        drop(servers);
        let _restoring = Lock::exclusive(&directory).unwrap();
        assert!(matches!(Lock::shared(&directory), Err(LockError::Held)));
    }
}
