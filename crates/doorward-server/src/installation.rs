//! What a data directory holds, opened: the store, the keys, and the authority over both.

use std::path::PathBuf;
use std::sync::Arc;

use doorward::Doorward;
use doorward::platform::{SystemClock, SystemEntropy};
use doorward_core::authority::{Authority, Parts, StartError};
use doorward_core::master::ServerKeys;
use doorward_core::mode::OPERATOR;
use doorward_core::store::Store;

use crate::config::{Complaint, DatabaseInUse, Settings};
use crate::data_directory::{DataDirectory, MasterSecrets, SecretVariables};
use crate::open_store::{OpenStore, Patience};
use crate::{Failure, wiring};

/// How much hashing goes on at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hashing {
    pub(crate) threads: usize,
    pub(crate) queue: usize,
}

impl Hashing {
    /// A command hashes one password.
    pub(crate) const COMMAND: Self = Self { threads: 1, queue: 1 };

    /// A server hashes as many as it has cores. Who waits longer than the queue takes is better told to come back.
    pub(crate) fn server() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self { threads, queue: threads.saturating_mul(32) }
    }
}

/// An open installation.
pub(crate) struct Installation {
    pub(crate) doorward: Doorward,
    pub(crate) store: OpenStore,
    /// A previous master secret is given beside the current one.
    pub(crate) rotating: bool,
}

impl Installation {
    /// The use cases.
    pub(crate) fn authority(&self) -> &Authority {
        self.doorward.authority()
    }

    /// Opens the database and its keys; makes them on first use.
    pub(crate) async fn open(
        directory: &DataDirectory,
        settings: &Settings,
        secrets: SecretVariables,
        hashing: Hashing,
        patience: Patience,
    ) -> Result<Self, Failure> {
        let secrets = MasterSecrets::for_database(directory, &settings.database(), secrets)?;
        let store = OpenStore::open(settings, derive(&secrets)?.audit_chain_key(), patience).await?;
        Self::over(store, settings, &secrets, hashing).await
    }

    /// An installation over a store that need not be the one in use.
    pub(crate) async fn over(
        store: OpenStore,
        settings: &Settings,
        secrets: &MasterSecrets,
        hashing: Hashing,
    ) -> Result<Self, Failure> {
        let doorward = start(store.port(), derive(secrets)?, settings, hashing).await?;
        Ok(Self { doorward, store, rotating: secrets.previous.is_some() })
    }
}

/// The database file, for what only SQLite's needs; with PostgreSQL a refusal that says what to do `instead`.
pub(crate) fn sqlite_only(settings: &Settings, instead: &str) -> Result<PathBuf, Failure> {
    match settings.database() {
        DatabaseInUse::Sqlite(path) => Ok(path),
        DatabaseInUse::Postgres(address) => {
            Err(Failure::Unusable(format!("the database is {address}: {instead}")))
        }
    }
}

/// The keys that follow from the master secrets.
pub(crate) fn derive(secrets: &MasterSecrets) -> Result<ServerKeys, Failure> {
    let previous: Vec<_> = secrets.previous.iter().cloned().collect();
    ServerKeys::derive(&secrets.current, &previous)
        .map_err(|error| Failure::failed("cannot derive the keys", error))
}

async fn start(
    store: Arc<dyn Store>,
    keys: ServerKeys,
    settings: &Settings,
    hashing: Hashing,
) -> Result<Doorward, Failure> {
    let config = wiring::library_config(settings)?;
    let parts = Parts {
        store,
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        keys,
        token_rules: config.token_rules(),
        settings: config.settings.clone(),
        hashing_threads: hashing.threads,
        hashing_queue: hashing.queue,
    };
    let failed = |why| Failure::failed("cannot start", why);
    let authority = Authority::start(parts).await.map_err(|error| match error {
        StartError::NoOperator => no_operator(settings).into(),
        other => failed(crate::failure::with_causes(&other)),
    })?;
    Doorward::new(config, Arc::new(authority)).map_err(|error| failed(crate::failure::with_causes(&error)))
}

/// The database was set up in the other mode: nobody could log in, and nothing says which of its administrators is
/// meant to be the operator.
fn no_operator(settings: &Settings) -> Complaint {
    let mend = format!(
        "{} was set up with accounts, and none of its administrators is called {OPERATOR:?}: write \"accounts\", or name \
         another data_dir, or make that account first (DOORWARD_MODE=accounts doorward user add {OPERATOR} --role admin)",
        settings.database()
    );
    Complaint::new("mode", mend).with_value("\"single_operator\"")
}
