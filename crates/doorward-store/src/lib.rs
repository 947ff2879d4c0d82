//! What Doorward remembers: SQLite behind the core's [`Store`](doorward_core::store::Store) port.
//!
//! A concept has the same name in every room: core's `refresh` decides, `refresh` here remembers. See
//! [`SqliteStore`] for what it promises.

mod attempts;
mod audit;
mod audit_chain;
mod audit_lines;
mod audit_reading;
mod audit_retention;
mod cleanup;
mod console_store;
mod database;
mod event_counts;
mod factor_store;
mod failure;
mod gauges;
mod link;
mod locks;
mod node;
mod page;
mod password;
pub mod postgres;
mod refresh;
mod revocation;
mod schema_difference;
mod second_factor;
mod session;
mod setup;
mod signing_key;
mod sql;
pub mod sqlite;
mod store;
pub mod transfer;
mod user;
mod user_search;

pub use postgres::{PostgresOpenError, PostgresOptions, PostgresStore};
pub use sqlite::{OpenError, SqliteOptions, SqliteStore};
pub use store::SqlStore;
