//! Migrations: embedded, forward only, applied under a lock, and verified at every start.

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use doorward_core::audit_chain::AuditChainKey;
use rusqlite::{Connection, params};

use super::{
    chain::chain_existing,
    connection::with_suffix,
    open_error::OpenError,
    schema::schema_of,
    search_keys::{self, fill_keys},
    transaction::SqliteTransaction,
};
use crate::{
    failure::Failure,
    schema_difference::{Schema, differences},
};

/// One step of the schema. One that was released is never changed: databases remember its text, and refuse another.
struct Migration {
    statements: &'static str,
    rows: Option<MovesRows>,
}

/// What statements alone cannot do with the rows that are there.
struct MovesRows {
    /// Run after the statements, in their transaction.
    step: fn(&SqliteTransaction, &AuditChainKey) -> Result<(), Failure>,
    /// Run after that, to clear up, or for what is made sooner of rows that are complete.
    afterwards: &'static str,
}

impl Migration {
    const fn of(statements: &'static str) -> Self {
        Self { statements, rows: None }
    }
}

/// Every migration, in order; the version of a schema is how many of them made it.
const MIGRATIONS: &[Migration] = &[
    Migration::of(include_str!("migrations/0001_initial.sql")),
    Migration {
        statements: include_str!("migrations/0002_audit_chain.sql"),
        rows: Some(MovesRows { step: chain_existing, afterwards: "DROP TABLE audit_before_chain" }),
    },
    Migration::of(include_str!("migrations/0003_attempts.sql")),
    Migration::of(include_str!("migrations/0004_second_factors.sql")),
    Migration {
        statements: include_str!("migrations/0005_searching.sql"),
        rows: Some(MovesRows {
            step: |sql, _| fill_keys(&sql.connection()),
            afterwards: search_keys::INDICES,
        }),
    },
    Migration::of(include_str!("migrations/0006_locks.sql")),
    Migration::of(include_str!("migrations/0007_statistics.sql")),
    Migration::of(include_str!("migrations/0008_key_terms.sql")),
    Migration::of(include_str!("migrations/0009_nodes.sql")),
];

/// Tells SQLite files that are ours from others: "dwrd".
const APPLICATION_ID: i64 = 0x6477_7264;

/// The table in which a database remembers what made it.
const HISTORY: &str =
    "CREATE TABLE migrations (version INTEGER PRIMARY KEY, statements TEXT NOT NULL) STRICT";

/// The newest schema this version knows.
pub(crate) const fn newest_version() -> u32 {
    // A handful: the cast loses nothing, and `try_from` is not const.
    #[expect(clippy::cast_possible_truncation, reason = "there are not four billion migrations")]
    let count = MIGRATIONS.len() as u32;
    count
}

/// Held while a database is opened: of two processes that start at once, one makes the schema and the other finds
/// it. Given back when dropped, and by the system when the process dies.
pub(crate) struct OpeningLock {
    _file: File,
}

impl OpeningLock {
    /// Waits for whoever is opening the same database. A file of its own: locks on the database are SQLite's.
    pub(crate) fn acquire(database: &Path) -> Result<Self, OpenError> {
        let path = with_suffix(database, ".lock");
        OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|file| file.lock().map(|()| Self { _file: file }))
            .map_err(|source| OpenError::File { path, source })
    }
}

/// Brings the schema up to date and checks that it is what it should be.
pub(crate) fn migrate(sql: &SqliteTransaction, path: &Path, key: &AuditChainKey) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let found = version_of(&sql.connection(), path)?;
    if found == newest_version() {
        return verify(&sql.connection(), path, found);
    }
    sql.connection().execute_batch("BEGIN EXCLUSIVE").map_err(sqlite)?;
    // Before the commit: an upgrade that does not give the right schema has not happened.
    let migrated = apply(sql, found, key)
        .map_err(|error| OpenError::Migration { path: path.to_owned(), source: error.into_error() })
        .and_then(|()| verify(&sql.connection(), path, newest_version()))
        .and_then(|()| sql.connection().execute_batch("COMMIT").map_err(sqlite));
    if migrated.is_err() && !sql.connection().is_autocommit() {
        // The error that brought us here is the one to report; the connection is closed next.
        drop(sql.connection().execute_batch("ROLLBACK"));
    }
    migrated
}

/// The version of the schema; 0 for an empty file.
pub(crate) fn version_of(connection: &Connection, path: &Path) -> Result<u32, OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(sqlite);
    let (application_id, found) = (pragma("application_id")?, pragma("user_version")?);
    let is_empty = application_id == 0 && found == 0 && schema_of(connection).map_err(sqlite)?.is_empty();
    if application_id != APPLICATION_ID && !is_empty {
        return Err(OpenError::NotDoorward { path: path.to_owned() });
    }
    let known = newest_version();
    let found = u32::try_from(found).map_err(|_| OpenError::NotDoorward { path: path.to_owned() })?;
    if found > known {
        return Err(OpenError::Newer { path: path.to_owned(), found, known });
    }
    Ok(found)
}

/// Applies the migrations after version `from`.
fn apply(sql: &SqliteTransaction, from: u32, key: &AuditChainKey) -> Result<(), Failure> {
    if from == 0 {
        sql.connection().execute_batch(HISTORY)?;
        sql.connection().pragma_update(None, "application_id", APPLICATION_ID)?;
    }
    for (version, Migration { statements, rows }) in
        (1..).zip(MIGRATIONS).filter(|(version, _)| *version > from)
    {
        sql.connection().execute_batch(statements)?;
        if let Some(MovesRows { step, afterwards }) = rows {
            step(sql, key)?;
            sql.connection().execute_batch(afterwards)?;
        }
        let connection = sql.connection();
        connection.execute("INSERT INTO migrations VALUES (?1, ?2)", params![version, statements])?;
        connection.pragma_update(None, "user_version", version)?;
    }
    Ok(())
}

/// Whether the schema is what the first `version` migrations make, and was made by these very migrations.
pub(crate) fn verify(connection: &Connection, path: &Path, version: u32) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    let expected = expected_schema(version).map_err(sqlite)?;
    let found = schema_of(connection).map_err(sqlite)?;
    let mut differences = differences(&expected, &found);
    if differences.is_empty() {
        differences = changed_migrations(connection, version).map_err(sqlite)?;
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(OpenError::SchemaDiffers { path: path.to_owned(), differences })
    }
}

fn expected_schema(version: u32) -> rusqlite::Result<Schema> {
    let scratch = Connection::open_in_memory()?;
    scratch.execute_batch(HISTORY)?;
    for (_, migration) in (1..=version).zip(MIGRATIONS) {
        scratch.execute_batch(migration.statements)?;
        scratch.execute_batch(migration.rows.as_ref().map_or("", |rows| rows.afterwards))?;
    }
    schema_of(&scratch)
}

/// Migrations that the database remembers otherwise than this version knows them. A migration that only moves
/// data leaves no trace in the schema.
fn changed_migrations(connection: &Connection, version: u32) -> rusqlite::Result<Vec<String>> {
    let mut remembered = connection.prepare("SELECT statements FROM migrations WHERE version = ?1")?;
    let mut changed = Vec::new();
    for (version, Migration { statements, .. }) in (1..=version).zip(MIGRATIONS) {
        let same = remembered
            .query_map([version], |row| row.get::<_, String>(0))?
            .any(|found| found.is_ok_and(|found| found == *statements));
        if !same {
            changed.push(format!("migration {version} was another one"));
        }
    }
    Ok(changed)
}
