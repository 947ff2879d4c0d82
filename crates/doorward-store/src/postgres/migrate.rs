//! Migrations: embedded, forward only, applied under a lock in one transaction, and verified at every start.
//!
//! While nodes are upgraded one after the other, those of the version before go on with the newer schema: a migration only
//! adds what they need not know, or says from which version on it is understood.

use tokio_postgres::{
    Client, Transaction,
    types::{ToSql, Type},
};

use super::{
    advisory_lock::{SCHEMA, number_of_one},
    open_error::PostgresOpenError,
    schema::schema_of,
    transfer::{self, Fingerprint},
};
use crate::schema_difference::{Schema, differences};

/// One step of the schema. One that was released is never changed: databases remember its text, and refuse another.
struct Migration {
    statements: &'static str,
    /// The oldest schema version whose program can work with the schema that this makes.
    works_with: u32,
}

/// Every migration, in order; the version of a schema is how many of them made it.
const MIGRATIONS: &[Migration] =
    &[Migration { statements: include_str!("migrations/0001_initial.sql"), works_with: 1 }];

/// The table in which a database remembers what made it. Its name tells databases that are ours from others.
const HISTORY: &str = "CREATE TABLE doorward_migrations
    (version bigint PRIMARY KEY, statements text NOT NULL, works_with bigint NOT NULL)";

fn newest_version() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

pub(super) fn failed(error: tokio_postgres::Error) -> PostgresOpenError {
    PostgresOpenError::Schema(Box::new(error))
}

/// What a database is opened for.
#[derive(Clone, Copy)]
pub(super) enum Opening {
    /// For nodes to serve from.
    ToServe,
    /// For everything of another to be moved into it.
    ForTransfer(Fingerprint),
}

/// Brings the schema up to date and checks that it is what it should be. Of nodes that start at once, one makes it and the
/// others find it.
pub(super) async fn migrate(client: &mut Client, opening: Opening) -> Result<(), PostgresOpenError> {
    let transaction = client.transaction().await.map_err(failed)?;
    let lock = format!("SELECT pg_advisory_xact_lock({})", number_of_one(SCHEMA));
    transaction.batch_execute(&lock).await.map_err(failed)?;
    match (transfer::unfinished(&transaction).await.map_err(failed)?, opening) {
        (None, _) => {}
        (Some(_), Opening::ToServe) => return Err(PostgresOpenError::TransferUnfinished),
        // Made and checked when it began, by this version.
        (Some(begun), Opening::ForTransfer(fingerprint)) if begun == fingerprint => return Ok(()),
        (Some(_), Opening::ForTransfer(_)) => return Err(PostgresOpenError::AnotherTransfer),
    }
    let found = version_of(&transaction).await?;
    apply(&transaction, found).await?;
    if found <= newest_version() {
        verify(&transaction).await?;
    }
    if let Opening::ForTransfer(fingerprint) = opening {
        transfer::begin(&transaction, &fingerprint).await?;
    }
    transaction.commit().await.map_err(failed)
}

/// The version of the schema; 0 for an empty database.
async fn version_of(transaction: &Transaction<'_>) -> Result<u32, PostgresOpenError> {
    let ours = "SELECT to_regclass('doorward_migrations') IS NOT NULL";
    let ours: bool = transaction.query_typed_one(ours, &[]).await.map_err(failed)?.get(0);
    if !ours {
        let tables =
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1 LIMIT 1";
        return match transaction.query_typed_opt(tables, &[]).await.map_err(failed)? {
            None => Ok(0),
            Some(row) => Err(PostgresOpenError::NotDoorward { table: row.get(0) }),
        };
    }
    let version = "SELECT version, works_with FROM doorward_migrations ORDER BY version DESC LIMIT 1";
    let Some(row) = transaction.query_typed_opt(version, &[]).await.map_err(failed)? else { return Ok(0) };
    let number = |column| u32::try_from(row.get::<_, i64>(column)).unwrap_or(u32::MAX);
    let (found, works_with, known) = (number(0), number(1), newest_version());
    if found > known && works_with > known {
        return Err(PostgresOpenError::Newer { found, known });
    }
    Ok(found)
}

/// Applies the migrations after version `from`.
async fn apply(transaction: &Transaction<'_>, from: u32) -> Result<(), PostgresOpenError> {
    if from == 0 {
        transaction.batch_execute(HISTORY).await.map_err(failed)?;
    }
    for (version, Migration { statements, works_with }) in
        (1_i64..).zip(MIGRATIONS).filter(|(version, _)| *version > i64::from(from))
    {
        transaction.batch_execute(statements).await.map_err(failed)?;
        let works_with = i64::from(*works_with);
        let remember = "INSERT INTO doorward_migrations VALUES ($1, $2, $3)";
        let types = [
            (&version as &(dyn ToSql + Sync), Type::INT8),
            (statements, Type::TEXT),
            (&works_with, Type::INT8),
        ];
        transaction.execute_typed(remember, &types).await.map_err(failed)?;
    }
    Ok(())
}

/// Whether the schema is what the migrations make, and was made by these very migrations.
async fn verify(transaction: &Transaction<'_>) -> Result<(), PostgresOpenError> {
    let found = schema_of(transaction, "current_schema()").await.map_err(failed)?;
    let mut differences = differences(&expected(transaction).await.map_err(failed)?, &found);
    let remembered = "SELECT statements FROM doorward_migrations ORDER BY version";
    let remembered = transaction.query_typed(remembered, &[]).await.map_err(failed)?;
    for (number, (found, migration)) in (1..).zip(remembered.iter().zip(MIGRATIONS)) {
        if found.get::<_, &str>(0) != migration.statements {
            differences.push(format!("migration {number} was another one"));
        }
    }
    if differences.is_empty() { Ok(()) } else { Err(PostgresOpenError::SchemaDiffers { differences }) }
}

/// What the migrations make, made beside what is there and undone at once.
async fn expected(transaction: &Transaction<'_>) -> Result<Schema, tokio_postgres::Error> {
    let beside =
        "SAVEPOINT beside; CREATE SCHEMA doorward_expected; SET LOCAL search_path = doorward_expected";
    transaction.batch_execute(beside).await?;
    transaction.batch_execute(HISTORY).await?;
    for migration in MIGRATIONS {
        transaction.batch_execute(migration.statements).await?;
    }
    let expected = schema_of(transaction, "'doorward_expected'").await;
    transaction.batch_execute("ROLLBACK TO beside").await?;
    expected
}
