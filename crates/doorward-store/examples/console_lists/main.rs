//! Measures what administrators look at, in a database as large as it should stay quick with:
//! `cargo run --release -p doorward-store --example console_lists -- [USERS SESSIONS EVENTS]`, by default 1,000,000,
//! 5,000,000 and 10,000,000, which takes some 7 GB in the directory for temporary files.

mod looks;

use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    builders::{START, audit_key},
    population::Population,
};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut given = std::env::args().skip(1).map(|number| number.parse::<u64>());
    let mut size = |default| given.next().unwrap_or(Ok(default));
    let population = Population {
        now: START,
        users: size(1_000_000)?,
        sessions: size(5_000_000)?,
        events: size(10_000_000)?,
        locks: 200_000,
        revocations: 0,
        password: format!("$argon2id$v=19$m=19456,t=2,p=1${}", "x".repeat(66)),
    };
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("doorward.db");
    drop(SqliteStore::open(&path, SqliteOptions::default(), audit_key())?);
    population.fill(&path, |rows| {
        if rows % 1_000_000 == 0 {
            println!("{rows} of {} rows", population.rows());
        }
    })?;
    println!("{} MB in the database", std::fs::metadata(&path)?.len() / 1_000_000);
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key())?;
    looks::measure(&store, &population).await?;
    Ok(())
}
