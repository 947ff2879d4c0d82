//! What the servers share beside which the bench measures Doorward: how they listen.

use std::error::Error;
use std::io::{Write, stdout};

use axum::Router;
use tokio::net::TcpListener;

/// Serves on a free port of this machine until the process is killed. Where it listens is the first line it prints.
///
/// # Errors
/// Where there is no port to be had, or nobody reads what it prints.
pub async fn serve(app: Router) -> Result<(), Box<dyn Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    writeln!(stdout(), "{}", listener.local_addr()?)?;
    stdout().flush()?;
    Ok(axum::serve(listener, app).await?)
}
