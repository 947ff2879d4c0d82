//! Why a database cannot be used, said so that its owner knows what to do.

use std::{io, path::PathBuf};

use doorward_core::store::StoreError;

/// Why a database cannot be opened, backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its directory cannot be read or written.
    #[error("{path}: {source}", path = path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refused.
    #[error("the database {path}: {source}", path = path.display())]
    Sqlite {
        /// Which database.
        path: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
    },
    /// The file is a database, but of another program.
    #[error(
        "{path} is the database of another program: name another file, or move this one away",
        path = path.display()
    )]
    NotDoorward {
        /// Which database.
        path: PathBuf,
    },
    /// A newer version has been here; this one does not know what its tables mean.
    #[error(
        "the database {path} was written by a newer Doorward (schema {found}, this version knows {known}): run \
         that version, or restore a backup that was made before the upgrade",
        path = path.display()
    )]
    Newer {
        /// Which database.
        path: PathBuf,
        /// The schema version it has.
        found: u32,
        /// The newest this version knows.
        known: u32,
    },
    /// The tables are not what this version made.
    #[error(
        "the database {path} does not have the schema this version of Doorward made ({differences}): undo what was \
         changed by hand, or restore a backup",
        path = path.display(),
        differences = differences.join("; ")
    )]
    SchemaDiffers {
        /// Which database.
        path: PathBuf,
        /// One sentence for each difference.
        differences: Vec<String>,
    },
    /// What is in the database could not be brought up to date; it is as it was.
    #[error("the database {path} could not be brought up to date: restore a backup", path = path.display())]
    Migration {
        /// Which database.
        path: PathBuf,
        /// What went wrong.
        source: StoreError,
    },
    /// The audit log was written before there was a chain.
    #[error(
        "the audit log of {path} has no chain yet: start `doorward serve` of this version once, which makes it",
        path = path.display()
    )]
    NotChained {
        /// Which database.
        path: PathBuf,
    },
    /// What is in the database cannot be read.
    #[error("the database {path} cannot be read", path = path.display())]
    Unreadable {
        /// Which database.
        path: PathBuf,
        /// What went wrong.
        source: StoreError,
    },
    /// The file is damaged.
    #[error("the database {path} is damaged ({}): restore a backup", findings.join("; "), path = path.display())]
    Damaged {
        /// Which database.
        path: PathBuf,
        /// What SQLite's integrity check found.
        findings: Vec<String>,
    },
}
