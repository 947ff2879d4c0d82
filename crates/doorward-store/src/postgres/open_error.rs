//! Why a PostgreSQL database cannot be used, said so that its owner knows what to do.

use doorward_core::store::StoreError;

use super::ConnectError;

/// Why a PostgreSQL database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum PostgresOpenError {
    /// There is no way to it.
    #[error("cannot connect to the database")]
    Connect(#[from] ConnectError),
    /// It holds tables of somebody else.
    #[error(
        "the database holds tables of another program ({table}): make one for Doorward alone (CREATE DATABASE doorward) \
         and name that"
    )]
    NotDoorward {
        /// One of them.
        table: String,
    },
    /// A newer version has been here, and this one would not understand what it finds.
    #[error(
        "the database was brought up to date by a newer Doorward (schema {found}, this version knows {known}), which left \
         behind what this version can work with: run the newer version"
    )]
    Newer {
        /// The schema version it has.
        found: u32,
        /// The newest this version knows.
        known: u32,
    },
    /// The tables are not what this version made.
    #[error(
        "the database does not have the schema this version of Doorward made ({}): undo what was changed by hand, or \
         restore a backup", differences.join("; ")
    )]
    SchemaDiffers {
        /// One sentence for each difference.
        differences: Vec<String>,
    },
    /// Everything is being moved into it, or was until that was interrupted.
    #[error(
        "what is moved into the database from another (doorward migrate) is not complete: wait until that is done; if it \
         was interrupted, run it again, or make the database anew (DROP DATABASE, CREATE DATABASE)"
    )]
    TransferUnfinished,
    /// It holds a part of something else than is to be moved into it.
    #[error(
        "the database holds a part of what another database held, or this one before it was written to again: make it anew \
         (DROP DATABASE, CREATE DATABASE), and run the command again"
    )]
    AnotherTransfer,
    /// There is something in it, and something else is to be moved into it.
    #[error(
        "the database is in use (its table {table} is not empty): make one for what is to be moved (CREATE DATABASE doorward) \
         and name that"
    )]
    NotEmpty {
        /// A table that is not empty.
        table: &'static str,
    },
    /// The schema could not be made, brought up to date, or looked at; it is as it was.
    #[error("the schema of the database cannot be made or checked")]
    Schema(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Something went wrong with what is in it.
    #[error("the database cannot be read or written")]
    Store(#[from] StoreError),
}
