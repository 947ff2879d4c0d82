//! PostgreSQL: where the database is, and the way to it.

pub mod address;
mod connect;
mod connect_error;
mod connection_url;
mod passfile;
mod tls;
mod tls_stream;

pub use address::{Address, AddressError};
pub use connect::{Connected, Connection, Notifications};
pub use connect_error::ConnectError;
