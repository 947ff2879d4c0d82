//! What Doorward remembers: SQLite behind the core's [`Store`](doorward_core::store::Store) port.
//!
//! A concept has the same name in every room: core's `refresh` decides, `sqlite::refresh` here remembers. See
//! [`SqliteStore`] for what it promises.

pub mod sqlite;

pub use sqlite::{OpenError, SqliteOptions, SqliteStore};
