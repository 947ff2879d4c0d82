//! Backups while running, and what a restore needs.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use doorward_core::time::Timestamp;
use rusqlite::{Connection, OpenFlags, backup::Backup, backup::StepResult};

use super::{
    connection::{create_private, sync_directory_of, with_suffix},
    migrate::{verify, version_of},
    open_error::OpenError,
};

/// How long [`settle`] waits for others.
const SETTLE_WITHIN: Duration = Duration::from_secs(10);

/// Pages copied between two reports of progress: 4 MiB.
const PAGES_PER_STEP: i32 = 1024;

/// How far a backup is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupProgress {
    /// Pages copied.
    pub done: u64,
    /// Pages to be copied.
    pub total: u64,
}

/// What a backup is, as its file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackupFacts {
    /// The version of its schema; opening it brings it up to date.
    pub schema_version: u32,
    /// The last time that was recorded in it: about when it was made.
    pub highest_time: Timestamp,
    /// How many users it holds.
    pub users: u64,
}

/// Checks that a file is a whole and sound backup that this version can use. Reads all of it; changes nothing.
///
/// # Errors
/// [`OpenError`], which says what is wrong with the file.
pub fn verify_backup(path: &Path) -> Result<BackupFacts, OpenError> {
    let connection = open_backup(path)?;
    check(&connection, path)
}

/// Makes the database `to` out of a backup, after checking it. The sessions in it are as alive as they were:
/// whoever restores ends them and drops the signing keys, unless they know what they do.
///
/// # Errors
/// [`OpenError`]: the backup is not sound, or `to` exists already; nothing is left behind.
pub fn restore(
    backup: &Path,
    to: &Path,
    progress: impl FnMut(BackupProgress),
) -> Result<BackupFacts, OpenError> {
    let connection = open_backup(backup)?;
    let facts = check(&connection, backup)?;
    copy(&connection, backup, to, progress)?;
    Ok(facts)
}

/// Moves what the write-ahead log of a database holds into its file, which is all there is of it afterwards: for whoever
/// moves the file. Waits for those who have it open still, for ten seconds.
///
/// # Errors
/// [`OpenError`]: the database cannot be opened, or somebody goes on reading from its log.
pub fn settle(path: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(sqlite)?;
    connection.busy_timeout(SETTLE_WITHIN).map_err(sqlite)?;
    let busy: i64 =
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(sqlite)?;
    if busy == 0 {
        Ok(())
    } else {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        Err(sqlite(rusqlite::Error::SqliteFailure(code, None)))
    }
}

fn open_backup(path: &Path) -> Result<Connection, OpenError> {
    // SQLite would say "unable to open" where the system knows better.
    let found = fs::metadata(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    if found.len() == 0 {
        let findings = vec!["the file is empty".to_owned()];
        return Err(OpenError::Damaged { path: path.to_owned(), findings });
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    std::path::absolute(path).map_err(|source| OpenError::File { path: path.to_owned(), source }).and_then(
        |absolute| {
            Connection::open_with_flags(absolute, flags)
                .map_err(|source| OpenError::Sqlite { path: path.to_owned(), source })
        },
    )
}

fn check(connection: &Connection, path: &Path) -> Result<BackupFacts, OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let schema_version = version_of(connection, path)?;
    verify(connection, path, schema_version)?;
    let mut findings: Vec<String> = connection
        .prepare("PRAGMA integrity_check")
        .and_then(|mut check| check.query_map([], |row| row.get(0))?.collect())
        .map_err(sqlite)?;
    findings.retain(|finding| finding != "ok");
    if !findings.is_empty() {
        return Err(OpenError::Damaged { path: path.to_owned(), findings });
    }
    connection
        .query_row("SELECT highest_time, (SELECT count(*) FROM users) FROM state", [], |row| {
            let (highest_time, users): (i64, i64) = (row.get(0)?, row.get(1)?);
            Ok(BackupFacts {
                schema_version,
                highest_time: Timestamp::from_millis(highest_time),
                users: users.unsigned_abs(),
            })
        })
        .map_err(sqlite)
}

/// Copies a database into a new file.
pub(super) fn copy(
    source: &Connection,
    source_path: &Path,
    to: &Path,
    progress: impl FnMut(BackupProgress),
) -> Result<(), OpenError> {
    let claim = Claim::of(to).map_err(|source| OpenError::File { path: to.to_owned(), source })?;
    copy_pages(source, &claim.partial, progress)
        .map_err(|source| OpenError::Sqlite { path: source_path.to_owned(), source })?;
    claim.keep().map_err(|source| OpenError::File { path: to.to_owned(), source })
}

/// A file name that is ours: an empty file stands for it while the content grows beside it. So a name that is taken
/// is never overwritten, and a half-written file never has the name of a whole one.
struct Claim {
    target: PathBuf,
    partial: PathBuf,
    kept: bool,
}

impl Claim {
    fn of(target: &Path) -> io::Result<Self> {
        let target = std::path::absolute(target)?;
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&target)?;
        let claim = Self { partial: with_suffix(&target, ".partial"), target, kept: false };
        // What a killed backup left behind.
        match fs::remove_file(&claim.partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        create_private(&claim.partial)?;
        Ok(claim)
    }

    fn keep(mut self) -> io::Result<()> {
        File::open(&self.partial)?.sync_all()?;
        fs::rename(&self.partial, &self.target)?;
        self.kept = true;
        sync_directory_of(&self.target)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.kept {
            // The error that brought us here is the one to report.
            drop(fs::remove_file(&self.partial));
            drop(fs::remove_file(&self.target));
        }
    }
}

fn copy_pages(
    source: &Connection,
    to: &Path,
    mut progress: impl FnMut(BackupProgress),
) -> rusqlite::Result<()> {
    // One snapshot for the whole copy: without it every write of a busy server would start the copy anew.
    source.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(to, flags)?;
    {
        let backup = Backup::new(source, &mut target)?;
        loop {
            let step = backup.step(PAGES_PER_STEP)?;
            let counts = backup.progress();
            let total = u64::try_from(counts.pagecount).unwrap_or(0);
            let remaining = u64::try_from(counts.remaining).unwrap_or(0);
            progress(BackupProgress { done: total.saturating_sub(remaining), total });
            if step == StepResult::Done {
                break;
            }
        }
    }
    source.execute_batch("COMMIT")?;
    // The copy says it is in WAL mode, as its source; a single file is easier to carry away.
    target.pragma_update_and_check(None, "journal_mode", "delete", |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)
}
