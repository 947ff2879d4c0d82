//! `backup`

use std::path::PathBuf;
use std::sync::Arc;

use doorward_store::SqliteStore;
use serde_json::json;

use super::Opened;
use crate::Failure;
use crate::cli::output::Answer;
use crate::cli::progress::Progress;
use crate::open_store::OpenStore;

/// What an operator of PostgreSQL does instead.
const POSTGRES_BACKS_UP: &str = "backup is for SQLite: copy a PostgreSQL by its own means, for instance pg_dump --format=custom \
                                 (docs/OPERATING.md, \"Several nodes\")";

pub(super) async fn run(opened: &Opened, destination: PathBuf) -> Result<Answer, Failure> {
    let store = match &opened.installation.store {
        OpenStore::Sqlite(store) => Arc::clone(store),
        OpenStore::Postgres(_) => return Err(Failure::Unusable(POSTGRES_BACKS_UP.to_owned())),
    };
    let copied = tokio::task::spawn_blocking(move || copy(&store, destination)).await;
    let (path, bytes) = copied.map_err(|error| Failure::failed("cannot back up", error))??;
    let text = format!(
        "{bytes} bytes written to {}. The master secret is not in it: keep that as well, elsewhere",
        path.display()
    );
    Ok(Answer::line(text, json!({ "path": path.display().to_string(), "bytes": bytes })))
}

fn copy(store: &SqliteStore, to: PathBuf) -> Result<(PathBuf, u64), Failure> {
    let mut bar = Progress::new("copying");
    let copied = store.backup_to(&to, |progress| bar.report(progress.done, Some(progress.total)));
    copied.map_err(|error| Failure::failed("cannot back up", error))?;
    let bytes = to.metadata().map_err(|error| Failure::failed("cannot back up", error))?.len();
    Ok((to, bytes))
}
