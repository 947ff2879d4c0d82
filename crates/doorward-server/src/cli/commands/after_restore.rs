//! `after-restore`: what a PostgreSQL that was put back to an earlier moment must not let in again.

use serde_json::json;

use super::restore::make_worthless;
use crate::Failure;
use crate::cli::output::Answer;
use crate::config::DatabaseInUse;
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, MasterSecrets, SecretVariables};
use crate::installation::derive;
use crate::open_store::{OpenStore, Patience};
use doorward::platform::SystemClock;
use doorward_core::time::Clock;

pub(super) async fn run(source: &ConfigSource) -> Result<Answer, Failure> {
    let settings = source.load()?.settings;
    if let DatabaseInUse::Sqlite(_) = settings.database() {
        return Err(Failure::Unusable(
            "after-restore is for a PostgreSQL that was put back: with SQLite, doorward restore does all of it".to_owned(),
        ));
    }
    let secrets = SecretVariables::read(source.environment())?;
    let directory = DataDirectory::open_or_create(&settings.data_dir)?;
    let secrets = MasterSecrets::load_shared(&directory, secrets)?;
    let store = OpenStore::open(&settings, derive(&secrets)?.audit_chain_key(), Patience::None).await?;
    nobody_runs(&store).await?;
    let worthless = make_worthless(store, &settings, &secrets).await?;
    let ended = worthless.sessions_ended;
    let text = format!("{ended} sessions ended, signing keys replaced, one-time links dropped");
    let json = json!({
        "sessions_ended": ended,
        "authenticator_apps_unreadable": worthless.authenticator_apps_unreadable,
    });
    Ok(Answer::line(text, json))
}

/// A node that runs signs with a key that is about to be dropped.
async fn nobody_runs(store: &OpenStore) -> Result<(), Failure> {
    let nodes =
        store.port().nodes().await.map_err(|error| Failure::failed("cannot read the database", error))?;
    let now = SystemClock::new().wall().map_err(|error| Failure::failed("cannot tell the time", error))?;
    let running: Vec<_> =
        nodes.iter().filter(|node| !node.is_silent(now)).map(|node| node.name.as_str()).collect();
    if running.is_empty() {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "stop the nodes that run first, or wait ten seconds if they have just died: {}",
        running.join(", ")
    )))
}
