//! Measures what administrators look at, in a database as large as it should stay quick with:
//! `cargo run --release -p doorward-store --example console_lists -- [USERS SESSIONS EVENTS]`, by default 1,000,000,
//! 5,000,000 and 10,000,000, which takes some 7 GB in the directory for temporary files.

mod fill;
mod looks;

use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::audit_key;

/// How much there is.
#[derive(Clone, Copy)]
struct Sizes {
    users: i64,
    sessions: i64,
    events: i64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1).map(|number| number.parse::<i64>());
    let mut size = |default| given.next().unwrap_or(Ok(default));
    let sizes = Sizes { users: size(1_000_000)?, sessions: size(5_000_000)?, events: size(10_000_000)? };
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("doorward.db");
    drop(SqliteStore::open(&path, SqliteOptions::default(), audit_key())?);
    fill::fill(&path, sizes)?;
    println!("{} MB in the database", std::fs::metadata(&path)?.len() / 1_000_000);
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key())?;
    looks::measure(&store, sizes).await?;
    Ok(())
}
