//! The store of an installation, whichever database it is in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward::platform::SystemEntropy;
use doorward_core::audit_chain::AuditChainKey;
use doorward_core::store::Store;
use doorward_store::postgres::{Address, PostgresOpenError, PostgresOptions};
use doorward_store::{PostgresStore, SqliteOptions, SqliteStore};
use tokio::time::interval;
use tracing::warn;

use crate::Failure;
use crate::config::{DatabaseInUse, Settings};
use crate::failure::with_causes;

/// How often a database that takes no connections is tried again.
const TRY_AGAIN_EVERY: Duration = Duration::from_secs(1);

/// Whether a PostgreSQL that takes no connections yet is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A command: whoever typed it knows best.
    None,
    /// A server: it may be started together with its database.
    AMinute,
}

impl Patience {
    const fn tries(self) -> u32 {
        match self {
            Self::None => 1,
            Self::AMinute => 60,
        }
    }
}

/// An open store.
#[derive(Clone)]
pub(crate) enum OpenStore {
    /// In a file.
    Sqlite(Arc<SqliteStore>),
    /// In a PostgreSQL.
    Postgres(Arc<PostgresStore>),
}

impl OpenStore {
    /// Opens the store that the settings name; it may have to bring the schema up to date.
    pub(crate) async fn open(
        settings: &Settings,
        key: AuditChainKey,
        patience: Patience,
    ) -> Result<Self, Failure> {
        match settings.database() {
            DatabaseInUse::Sqlite(path) => Self::open_sqlite(path, key).await,
            DatabaseInUse::Postgres(address) => Self::open_postgres(address, settings, key, patience).await,
        }
    }

    /// Opens a file of SQLite's, which blocks.
    pub(crate) async fn open_sqlite(path: PathBuf, key: AuditChainKey) -> Result<Self, Failure> {
        let opened =
            tokio::task::spawn_blocking(move || SqliteStore::open(&path, SqliteOptions::default(), key));
        let opened = opened.await.map_err(|error| Failure::failed("cannot open the database", error))?;
        let opened = opened.map_err(|error| Failure::failed("cannot open the database", error))?;
        Ok(Self::Sqlite(Arc::new(opened)))
    }

    async fn open_postgres(
        address: &Address,
        settings: &Settings,
        key: AuditChainKey,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let options = PostgresOptions {
            connections: usize::try_from(settings.store_pool.size).unwrap_or(usize::MAX),
            timeout: settings.store_pool.timeout,
            prepared_statements: settings.store_pool.prepared_statements,
            ..PostgresOptions::new(Arc::new(SystemEntropy))
        };
        let mut tries = patience.tries();
        let mut ticks = interval(TRY_AGAIN_EVERY);
        loop {
            ticks.tick().await;
            tries = tries.saturating_sub(1);
            match PostgresStore::open(address.clone(), options.clone(), key.clone()).await {
                Ok(store) => return Ok(Self::Postgres(Arc::new(store))),
                Err(PostgresOpenError::Connect(error)) if error.may_pass() && tries > 0 => {
                    warn!(event = "store.waiting", "{error}; trying again");
                }
                // These say themselves what is wrong with which database.
                Err(PostgresOpenError::Connect(error)) => return Err(Failure::Failed(error.to_string())),
                Err(error) => {
                    return Err(Failure::failed(format!("cannot open {address}"), with_causes(&error)));
                }
            }
        }
    }

    /// The store as the use cases know it.
    pub(crate) fn port(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => Arc::clone(store) as Arc<dyn Store>,
            Self::Postgres(store) => Arc::clone(store) as Arc<dyn Store>,
        }
    }
}
