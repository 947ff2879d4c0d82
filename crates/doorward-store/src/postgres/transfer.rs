//! A database into which everything of another is moved: marked until that is done, so that no node serves half of it.

use doorward_core::{audit_chain::AuditChainKey, store::StoreError};
use tokio_postgres::{Transaction, types::Type};

use super::{
    Address, PostgresOpenError, PostgresOptions, PostgresStore, connect_and_migrate,
    migrate::{Opening, failed},
};
use crate::{
    database::Database,
    sql::{Sql, params},
    transfer::tables,
};

/// What a transfer was begun with: see [`crate::transfer`].
pub(super) type Fingerprint = [u8; 32];

/// The table that marks it. No migration makes it, so that also a version that knows nothing of transfers refuses.
const MARKER: &str = "CREATE TABLE doorward_transfer (fingerprint bytea NOT NULL)";
const FOUND: &str = "SELECT fingerprint FROM doorward_transfer";
const REMEMBER: &str = "INSERT INTO doorward_transfer VALUES ($1)";
const COMPLETE: &str = "DROP TABLE doorward_transfer";

/// What the transfer was begun with that is not finished, if there is one.
pub(super) async fn unfinished(
    transaction: &Transaction<'_>,
) -> Result<Option<Vec<u8>>, tokio_postgres::Error> {
    let marked = "SELECT to_regclass('doorward_transfer') IS NOT NULL";
    if !transaction.query_typed_one(marked, &[]).await?.get::<_, bool>(0) {
        return Ok(None);
    }
    let found = transaction.query_typed_opt(FOUND, &[]).await?;
    Ok(Some(found.map(|row| row.get(0)).unwrap_or_default()))
}

/// Begins a transfer into tables that have just been made, or were never used.
pub(super) async fn begin(
    transaction: &Transaction<'_>,
    fingerprint: &Fingerprint,
) -> Result<(), PostgresOpenError> {
    for table in tables() {
        let used = format!("SELECT EXISTS (SELECT 1 FROM {table})");
        if transaction.query_typed_one(&used, &[]).await.map_err(failed)?.get(0) {
            return Err(PostgresOpenError::NotEmpty { table });
        }
    }
    transaction.batch_execute(MARKER).await.map_err(failed)?;
    let fingerprint = fingerprint.as_slice();
    transaction.execute_typed(REMEMBER, &[(&fingerprint, Type::BYTEA)]).await.map_err(failed)?;
    Ok(())
}

impl PostgresStore {
    /// Opens a database for a transfer, begun now or before.
    ///
    /// # Errors
    /// [`PostgresOpenError`]; among others that it is in use, or has part of another transfer in it.
    pub(crate) async fn receiving(
        address: Address,
        options: PostgresOptions,
        key: AuditChainKey,
        fingerprint: Fingerprint,
    ) -> Result<Self, PostgresOpenError> {
        connect_and_migrate(address, options, key, Opening::ForTransfer(fingerprint)).await
    }

    /// Lets nodes in.
    pub(crate) async fn transfer_is_complete(&self) -> Result<(), StoreError> {
        self.database
            .write(None, |sql| {
                Box::pin(async move { sql.change(COMPLETE, params![]).await.map(|_: u64| ()) })
            })
            .await
    }
}
