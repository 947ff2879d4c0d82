//! The store on PostgreSQL: for several nodes.
//!
//! Each operation is one transaction of one connection of a pool. What it has no need to wait for is sent and goes on, so
//! that a refresh takes one round trip and the opening of a session two.

pub mod address;
mod advisory_lock;
mod chain;
mod connect;
mod connect_error;
mod connection_url;
mod database;
mod feed;
mod migrate;
mod open_error;
mod passfile;
mod pool;
mod schema;
mod slot;
mod tls;
mod tls_stream;
mod transaction;
mod transfer;
mod values;

use std::{fmt, sync::Arc, time::Duration};

pub use address::{Address, AddressError};
pub use connect::{Connected, Connection, Notifications};
pub use connect_error::ConnectError;
pub use database::Postgres;
use doorward_core::{audit_chain::AuditChainKey, entropy::Entropy};
pub use feed::CHANNEL;
pub use open_error::PostgresOpenError;

use crate::store::SqlStore;
use database::Shared;
use migrate::Opening;

/// Connections that are kept for the reading of the feed.
pub const FEED_CONNECTIONS: usize = 2;

/// How a [`PostgresStore`] works.
#[derive(Clone)]
pub struct PostgresOptions {
    /// The most connections at once, beside [`FEED_CONNECTIONS`].
    pub connections: usize,
    /// An operation that takes longer is answered with `Unavailable`; a transaction that stands still for so long is ended
    /// by the database.
    pub timeout: Duration,
    /// Statements are prepared once a connection. Not possible where a pooler gives each transaction another connection.
    pub prepared_statements: bool,
    /// For pauses between attempts that others were in the way of.
    pub entropy: Arc<dyn Entropy>,
}

impl PostgresOptions {
    /// What is right for a server.
    #[must_use]
    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        Self { connections: 16, timeout: Duration::from_secs(5), prepared_statements: true, entropy }
    }
}

impl fmt::Debug for PostgresOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions")
            .field("connections", &self.connections)
            .field("timeout", &self.timeout)
            .field("prepared_statements", &self.prepared_statements)
            .finish_non_exhaustive()
    }
}

/// The store in a PostgreSQL database, for any number of nodes.
///
/// - An operation is answered once it is durable there, in the same transaction as its audit event and its entries in the
///   feed. Whoever's connection is lost before the answer does not know whether it happened: `Unavailable`.
/// - Operations on one user, or on the attempts of one subject, follow each other, on whichever node; others run at once.
/// - No session state of the database is relied on where [`PostgresOptions::prepared_statements`] is off.
/// - What belongs to no transaction (the hint of [`CHANNEL`]) is listened for on a connection of its own.
///
/// Made and used within a Tokio runtime with time and I/O.
pub type PostgresStore = SqlStore<Postgres>;

/// What a pool does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Connections there are.
    pub connections: usize,
    /// Of them, those that nobody uses.
    pub idle: usize,
    /// Operations that wait for one.
    pub waiting: usize,
}

impl PostgresStore {
    /// Connects, and brings the schema up to date. `key` chains the audit log
    /// ([`ServerKeys::audit_chain_key`](doorward_core::master::ServerKeys::audit_chain_key)).
    ///
    /// # Errors
    /// [`PostgresOpenError`], which says what to do.
    pub async fn open(
        address: Address,
        options: PostgresOptions,
        key: AuditChainKey,
    ) -> Result<Self, PostgresOpenError> {
        let store = connect_and_migrate(address, options, key, Opening::ToServe).await?;
        store.reseal_chains().await?;
        Ok(store)
    }

    /// What its connections do now.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        let status = self.database.pool().status();
        PoolStatus { connections: status.size, idle: status.available, waiting: status.waiting }
    }
}

async fn connect_and_migrate(
    address: Address,
    options: PostgresOptions,
    key: AuditChainKey,
    opening: Opening,
) -> Result<PostgresStore, PostgresOpenError> {
    let (mut client, connection) = address.connect().await?;
    let driven = tokio::spawn(connection);
    let migrated = migrate::migrate(&mut client, opening).await;
    drop(client);
    // Its errors were those of what was asked.
    drop(driven.await);
    migrated?;
    let pool = pool::pool_of(address.clone(), &options, options.connections);
    let feed_pool = pool::pool_of(address, &options, FEED_CONNECTIONS);
    let PostgresOptions { timeout, prepared_statements, entropy, .. } = options;
    Ok(PostgresStore {
        database: Postgres::new(Shared::new(pool, feed_pool, key, entropy, timeout, prepared_statements)),
    })
}
