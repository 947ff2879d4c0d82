//! `migrate`

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward::platform::SystemEntropy;
use doorward_store::postgres::{Address, PostgresOptions};
use doorward_store::transfer::{TableCheck, Transfer, TransferError};
use serde_json::{Value as Json, json};

use crate::Failure;
use crate::cli::output::{Answer, Output, Text};
use crate::cli::progress::Progress;
use crate::config::{Complaint, Database, DatabaseInUse, Settings, database};
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, Lock, MasterSecrets, SecretVariables};
use crate::failure::with_causes;
use crate::installation::derive;

/// Rows to a transaction: some tenths of a second of work.
const BATCH: u32 = 2_000;

/// A batch waits for a busy disk rather than to fail.
const TIMEOUT: Duration = Duration::from_secs(120);

/// One that writes, and one to spare for its end.
const CONNECTIONS: usize = 2;

/// Both sides were read, whatever came of it: that is printed in either case.
pub(super) async fn run(
    source: &ConfigSource,
    from: Option<String>,
    to: Option<String>,
    out: Output,
) -> Result<(), Failure> {
    let settings = source.load()?.settings;
    let from = file(&settings, from.as_deref(), source)?;
    let to = address(&settings, to.as_deref(), source)?;
    let secrets = SecretVariables::read(source.environment())?;
    let directory = DataDirectory::open(&settings.data_dir)?;
    let _lock = Lock::exclusive(&directory)
        .map_err(|error| error.into_failure(&directory, "stop `doorward serve` first, and other commands"))?;
    if !from.exists() {
        return Err(Failure::failed("cannot migrate", format!("{} does not exist", from.display())));
    }
    let secrets = MasterSecrets::load_or_generate(&directory, Some(&from), secrets)?;
    let options = PostgresOptions {
        connections: CONNECTIONS,
        timeout: TIMEOUT,
        prepared_statements: settings.store_pool.prepared_statements,
        ..PostgresOptions::new(Arc::new(SystemEntropy))
    };
    let shown = to.to_string();
    let key = derive(&secrets)?.audit_chain_key();
    let mut bar = Progress::new("moving");
    let moved = Transfer { from, to, options, key, batch: BATCH }
        .run(|progress| bar.report(progress.done, Some(progress.total)))
        .await;
    drop(bar);
    match moved {
        Ok(checks) => out.print(answer(&checks, &shown)),
        Err(error) => {
            if let TransferError::Differs(checks) = &error {
                out.print(answer(checks, &shown))?;
            }
            Err(Failure::failed("cannot migrate", with_causes(&error)))
        }
    }
}

/// What is moved: as given, or the file that is there unless `store.url` names another.
fn file(settings: &Settings, from: Option<&str>, source: &ConfigSource) -> Result<PathBuf, Failure> {
    let Some(text) = from else {
        return Ok(match settings.database() {
            DatabaseInUse::Sqlite(path) => path,
            DatabaseInUse::Postgres(_) => settings.database_in_data_dir(),
        });
    };
    match database(text, source.environment()) {
        Ok(Database::Sqlite(path)) => Ok(path),
        Ok(_) => Err(unusable("--from", "only what SQLite holds can be moved: write sqlite:PATH".to_owned())),
        Err(mend) => Err(unusable("--from", mend)),
    }
}

/// Where it is moved to: as given, or `store.url`, so that no password has to be written on a command line.
fn address(settings: &Settings, to: Option<&str>, source: &ConfigSource) -> Result<Address, Failure> {
    const MEND: &str = "write postgres://USER@HOST:PORT/DATABASE, or have store.url name it";
    let given = match to {
        Some(text) => database(text, source.environment()).map_err(|mend| unusable("--to", mend))?,
        None => settings.database.clone(),
    };
    match given {
        Database::Postgres(address) => Ok(*address),
        Database::InDataDirectory | Database::Sqlite(_) => Err(unusable("--to", MEND.to_owned())),
    }
}

/// The value is not shown: it may hold a password.
fn unusable(flag: &str, mend: String) -> Failure {
    Complaint::new(flag, mend).into()
}

fn answer(checks: &[TableCheck], to: &str) -> Answer {
    let table = |check: &TableCheck| -> Json {
        json!({
            "name": check.table,
            "rows": check.sent.rows,
            "sha256": check.sent.to_string(),
            "arrived_rows": check.arrived.rows,
            "arrived_sha256": check.arrived.to_string(),
        })
    };
    let same = checks.iter().all(TableCheck::is_same);
    let tables: Vec<_> = checks.iter().map(table).collect();
    let json = json!({ "to": to, "same": same, "tables": tables });
    let row = |check: &TableCheck| {
        let found = if check.is_same() { "same" } else { "different" };
        vec![
            check.table.to_owned(),
            check.sent.rows.to_string(),
            check.arrived.rows.to_string(),
            check.sent.to_string(),
            found.to_owned(),
        ]
    };
    let columns = &["table", "sent", "arrived", "sha256", "compared"];
    Answer { json, text: Text::Table { columns, rows: checks.iter().map(row).collect(), empty: "" } }
}
