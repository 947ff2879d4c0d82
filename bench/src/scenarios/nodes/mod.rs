//! Several nodes on one PostgreSQL: a cluster of its own that waits for the disk, and nodes in this process, each with its
//! own pool of connections. What HTTP costs is left out: it would hide the database. Only verification is measured over
//! HTTP on real servers, since it asks no database.

mod latency;
mod people;
mod rows;
mod statements;
mod throughput;
mod verify;

use std::net::SocketAddr;
use std::sync::Arc;

use doorward::platform::{SystemClock, SystemEntropy};
use doorward_core::access_token::TokenRules;
use doorward_core::authority::{Authority, Parts};
use doorward_core::master::{MasterSecret, ServerKeys};
use doorward_core::rate_limit::Rate;
use doorward_core::settings::Settings;
use doorward_store::postgres::{Address, PostgresOptions, PostgresStore};
use doorward_testkit::builders;
use doorward_testkit::postgres::{Cluster, Database, Settings as ClusterSettings};

use crate::failure::Failure;

pub(super) use latency::run as revocation_latency;
pub(super) use rows::run as row_sizes;
pub(super) use throughput::run as throughput;
pub(super) use verify::run as verify;

/// Connections of a node.
const CONNECTIONS: usize = 16;

/// A database as a small installation has it; everything that is answered is on the disk.
fn cluster() -> Cluster {
    ClusterSettings::new()
        .with("fsync", "on")
        .with("full_page_writes", "on")
        .with("shared_buffers", "256MB")
        .with("max_wal_size", "2GB")
        .with("shared_preload_libraries", "pg_stat_statements")
        .start()
}

const ABOUT_THE_CLUSTER: &str = "PostgreSQL with fsync on, 256 MB of buffers, on the same two cores as the nodes and whoever \
                                 asks them; nodes in this process, 16 connections each";

fn address(database: &Database<'_>, way: SocketAddr) -> Result<Address, Failure> {
    Address::parse(&database.url_by(way), None).map_err(|error| Failure::io("the database's address", error))
}

/// A node that reaches the database by `way`. Hashing takes no time there: what it costs is known, and the database is
/// what is measured.
async fn node(address: Address, connections: usize) -> Result<Arc<Authority>, Failure> {
    let secret =
        MasterSecret::parse(&"A".repeat(43)).map_err(|error| Failure::io("a master secret", error))?;
    let keys = ServerKeys::derive(&secret, &[]).map_err(|error| Failure::io("keys", error))?;
    let options = PostgresOptions { connections, ..PostgresOptions::new(Arc::new(SystemEntropy)) };
    let store = PostgresStore::open(address, options, keys.audit_chain_key())
        .await
        .map_err(|error| Failure::io("the store", error))?;
    let usual = builders::settings();
    let settings =
        Settings { login_rate: Rate { attempts: std::num::NonZeroU32::MAX, ..usual.login_rate }, ..usual };
    let token_rules = TokenRules {
        issuer: "bench".to_owned(),
        audience: "bench".to_owned(),
        access_ttl: settings.lifetimes.access_ttl,
    };
    let parts = Parts {
        store: Arc::new(store),
        clock: Arc::new(SystemClock::new()),
        entropy: Arc::new(SystemEntropy),
        keys,
        token_rules,
        settings,
        hashing_threads: 1,
        hashing_queue: 256,
    };
    Authority::start(parts).await.map(Arc::new).map_err(|error| Failure::io("a node", error))
}
