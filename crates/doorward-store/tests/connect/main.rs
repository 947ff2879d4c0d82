//! The way to a real PostgreSQL: passwords, TLS, several hosts, and what is said when there is no way.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test, outside of its functions"
)]

mod certificates;
mod reaching;
mod tls;

use doorward_store::postgres::{Address, ConnectError};

/// Connects as the address says, and tells whether TLS is on.
async fn connect(url: &str) -> Result<bool, ConnectError> {
    let address = Address::parse(url, None).unwrap_or_else(|error| panic!("{url}: {error}"));
    let (client, connection) = address.connect().await?;
    tokio::spawn(connection);
    let row = client.query_one("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]).await;
    Ok(row.unwrap().get(0))
}

/// Why there is no connection, as it is told.
async fn refused(url: &str) -> ConnectError {
    connect(url).await.expect_err(url)
}
