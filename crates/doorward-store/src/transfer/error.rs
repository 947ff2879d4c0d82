//! Why not everything was moved, said so that its owner knows what to do.

use doorward_core::store::StoreError;

use super::TableCheck;
use crate::{OpenError, PostgresOpenError};

/// Why a transfer is not complete.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// The SQLite file cannot be used.
    #[error("cannot open the database that is to be moved")]
    Source(#[from] OpenError),
    /// The PostgreSQL database cannot be used, or is not empty.
    #[error("cannot open the database that everything is to be moved to")]
    Target(#[from] PostgresOpenError),
    /// The SQLite file cannot be read.
    #[error("cannot read what is to be moved")]
    Read(#[source] StoreError),
    /// The PostgreSQL database does not take it, or does not give it back.
    #[error(
        "PostgreSQL did not take all of it: see to that and run the same command again, which goes on where it was"
    )]
    Write(#[source] StoreError),
    /// Somebody wrote to the SQLite file.
    #[error(
        "the database that is being moved was written to meanwhile: stop whatever uses it, make the new one anew (DROP \
         DATABASE, CREATE DATABASE), and run the command again"
    )]
    SourceChanged,
    /// Both were read, and are not the same.
    #[error(
        "what arrived is not what was sent ({}): make the new database anew (DROP DATABASE, CREATE DATABASE), and run the \
         command again; nothing serves from it as it is", different(.0)
    )]
    Differs(
        /// Every table, those that are the same included.
        Vec<TableCheck>,
    ),
}

fn different(checks: &[TableCheck]) -> String {
    let tables: Vec<_> = checks.iter().filter(|check| !check.is_same()).map(|check| check.table).collect();
    tables.join(", ")
}
