//! What a server keeps, and where.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::failure::Failure;
use crate::scenarios::Surroundings;

/// The directory that a server is started in, with its data and its log.
pub(crate) struct Data(Place);

enum Place {
    /// Goes when it is dropped.
    Passing(TempDir),
    /// Stays for later runs.
    Kept(PathBuf),
}

impl Data {
    /// A new place with nothing in it; removed when dropped.
    pub(crate) fn none_yet(surroundings: &Surroundings) -> Result<Self, Failure> {
        surroundings.directory().map(|directory| Self(Place::Passing(directory)))
    }

    /// What an earlier run kept in `path`.
    pub(crate) const fn kept(path: PathBuf) -> Self {
        Self(Place::Kept(path))
    }

    /// Moves it to `path`, to stay there.
    pub(crate) fn keep(self, path: &Path) -> Result<Self, Failure> {
        let failed = |error| Failure::io(path.display(), error);
        match self.0 {
            Place::Kept(before) => fs::rename(before, path).map_err(failed)?,
            // Moved first: were it interrupted in between, nothing unfinished would be taken for it.
            Place::Passing(directory) => {
                fs::rename(directory.path(), path).map_err(failed)?;
                drop(directory.keep());
            }
        }
        Ok(Self::kept(path.to_owned()))
    }

    pub(crate) fn path(&self) -> &Path {
        match &self.0 {
            Place::Passing(directory) => directory.path(),
            Place::Kept(path) => path,
        }
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.directory().join("doorward.db")
    }

    /// Size of everything in it, in MiB.
    pub(crate) fn mib(&self) -> f64 {
        let files = fs::read_dir(self.directory()).into_iter().flatten().flatten();
        let sizes = files.filter_map(|file| file.metadata().ok()).map(|file| file.len() as f64);
        sizes.sum::<f64>() / (1024.0 * 1024.0)
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    /// What the server wrote into its log.
    pub(crate) fn said(&self) -> Result<String, Failure> {
        let log = self.log();
        fs::read_to_string(&log).map_err(|error| Failure::io(log.display(), error))
    }

    fn directory(&self) -> PathBuf {
        self.path().join("doorward-data")
    }
}
