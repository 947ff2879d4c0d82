//! A filter file in use.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use doorward_core::password::{BreachedPasswords, LookUpFailed, Sha1};
use tracing::error;
use xorf::{BinaryFuse16, Filter};

use super::format::{Directory, Entry, NoDirectory, ShardPlace};

/// A filter file, open. Look-ups may go on at once from any number of threads.
///
/// A file that is replaced by another (as `doorward breached build` does) goes on being read until it is opened
/// again. One that is overwritten or cut short instead is noticed by the checksum of what a look-up reads, and the
/// look-up fails.
#[derive(Debug)]
pub struct BreachedFilter {
    path: PathBuf,
    file: File,
    directory: Directory,
}

/// How much of a file is checked when it is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// What stands before the fingerprints, and the file's length: the same time for every size.
    Directory,
    /// All of it.
    Everything,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read.
    #[error("cannot read this file ({0})")]
    Read(#[from] io::Error),
    /// It is something else.
    #[error("this is no filter of breached passwords")]
    AnotherFormat,
    /// It is of a later version.
    #[error("this filter is of version {0}, which this program does not know")]
    AnotherVersion(u32),
    /// It was one, once.
    #[error("this filter is damaged or incomplete")]
    Damaged,
}

impl From<NoDirectory> for OpenError {
    fn from(why: NoDirectory) -> Self {
        match why {
            NoDirectory::AnotherFormat => Self::AnotherFormat,
            NoDirectory::AnotherVersion(version) => Self::AnotherVersion(version),
            NoDirectory::Damaged => Self::Damaged,
        }
    }
}

impl BreachedFilter {
    /// Opens a file that [`build`](super::build()) made.
    ///
    /// # Errors
    /// [`OpenError`]
    pub fn open(path: &Path, check: Check) -> Result<Self, OpenError> {
        // Before it is opened: opening a pipe would wait for who writes into it.
        if !path.metadata()?.is_file() {
            return Err(OpenError::AnotherFormat);
        }
        let file = File::open(path)?;
        let file_bytes = file.metadata()?.len();
        let mut head = vec![0; Directory::LEAST_BYTES];
        read_at(&file, &mut head, 0).map_err(|error| match error {
            OpenError::Damaged => OpenError::AnotherFormat,
            other => other,
        })?;
        let mut bytes = vec![0; Directory::extent(&head)?];
        read_at(&file, &mut bytes, 0)?;
        let directory = Directory::decode(&bytes, file_bytes)?;
        let filter = Self { path: path.to_owned(), file, directory };
        if check == Check::Everything {
            for place in &filter.directory.shards {
                filter.fingerprints(place)?;
            }
        }
        Ok(filter)
    }

    /// How many different hashes it was made of.
    #[must_use]
    pub const fn entries(&self) -> u64 {
        self.directory.entries
    }

    fn look_up(&self, hash: &Sha1) -> Result<bool, OpenError> {
        let entry = Entry::of(hash);
        let place = self.directory.shards.get(entry.shard(self.directory.shard_bits));
        let place = place.ok_or(OpenError::Damaged)?;
        if place.fingerprints == 0 {
            return Ok(false);
        }
        let bytes = self.fingerprints(place)?;
        let (prints, _) = bytes.as_chunks();
        let fingerprints = prints.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect();
        let filter = BinaryFuse16 { descriptor: place.descriptor.clone(), fingerprints };
        Ok(filter.contains(&entry.key))
    }

    fn fingerprints(&self, place: &ShardPlace) -> Result<Vec<u8>, OpenError> {
        let mut bytes = vec![0; usize::try_from(place.bytes()).map_err(|_| OpenError::Damaged)?];
        read_at(&self.file, &mut bytes, place.offset)?;
        if crc32fast::hash(&bytes) == place.checksum { Ok(bytes) } else { Err(OpenError::Damaged) }
    }
}

impl BreachedPasswords for BreachedFilter {
    fn contains(&self, hash: &Sha1) -> Result<bool, LookUpFailed> {
        self.look_up(hash).map_err(|why| {
            error!(
                event = "password.breached_filter_failed",
                path = %self.path.display(),
                "no password can be set: {why}; build it anew by doorward breached build, then send SIGHUP"
            );
            LookUpFailed
        })
    }
}

/// Reads by position, which no other reader moves.
fn read_at(file: &File, into: &mut [u8], offset: u64) -> Result<(), OpenError> {
    file.read_exact_at(into, offset).map_err(|error| match error.kind() {
        // It has become shorter.
        io::ErrorKind::UnexpectedEof => OpenError::Damaged,
        _ => OpenError::Read(error),
    })
}

#[cfg(test)]
mod tests;
