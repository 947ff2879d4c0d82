//! `restore`

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use doorward::platform::SystemClock;
use doorward_core::audit::{Actor, AuditEvent, EventName};
use doorward_core::audit_chain::AuditChainKey;
use doorward_core::authority::Caller;
use doorward_core::client::Client;
use doorward_core::store::Write;
use doorward_core::time::Clock;
use doorward_store::sqlite::{self, BackupFacts};
use serde_json::json;

use crate::Failure;
use crate::cli::output::Answer;
use crate::cli::progress::Progress;
use crate::cli::refused::refused;
use crate::cli::views;
use crate::config::Settings;
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, Lock, MasterSecrets, PREVIOUS_MASTER_KEY_FILE, SecretVariables};
use crate::installation::{Hashing, Installation, derive, sqlite_only};
use crate::open_store::OpenStore;

/// What an operator of PostgreSQL does instead.
const POSTGRES_RESTORES: &str = "restore is for SQLite; put a PostgreSQL back by its own means while no node runs, then run doorward after-restore";

/// Everything is done to a copy beside the database, which takes its place at the end: whatever goes wrong before,
/// the database is as it was.
pub(super) async fn run(
    source: &ConfigSource,
    backup: PathBuf,
    keep_sessions: bool,
) -> Result<Answer, Failure> {
    let settings = source.load()?.settings;
    let database = sqlite_only(&settings, POSTGRES_RESTORES)?;
    let secrets = SecretVariables::read(source.environment())?;
    let directory = DataDirectory::open_or_create(&settings.data_dir)?;
    let _lock = Lock::exclusive(&directory)
        .map_err(|error| error.into_failure(&directory, "stop `doorward serve` first, and other commands"))?;
    let draft = with_suffix(&database, ".restoring");
    remove_database(&draft)?;
    let facts = copy(backup.clone(), draft.clone()).await?;
    // A backup can be restored where its master secret is not: only kept sessions need the one they were signed under.
    let made_under = keep_sessions.then_some(draft.as_path());
    let secrets = MasterSecrets::load_or_generate(&directory, made_under, secrets)?;
    let Worthless { sessions_ended: ended, authenticator_apps_unreadable: unreadable } = if keep_sessions {
        eprintln!(
            "warning: --danger-keep-sessions: sessions that were revoked since the backup are alive again"
        );
        // Kept sessions are of no use without the keys they were signed with.
        let store = OpenStore::open_sqlite(draft.clone(), derive(&secrets)?.audit_chain_key()).await?;
        let installation = Installation::over(store, &settings, &secrets, Hashing::COMMAND).await?;
        Worthless { sessions_ended: 0, authenticator_apps_unreadable: reseal(&installation).await? }
    } else {
        let store = OpenStore::open_sqlite(draft.clone(), derive(&secrets)?.audit_chain_key()).await?;
        make_worthless(store, &settings, &secrets).await?
    };
    let kept = put_in_place(&draft, &database, derive(&secrets)?.audit_chain_key()).await?;
    let made = views::time(facts.highest_time);
    let mut text = format!("{} users restored as of {made}; {ended} sessions ended", facts.users);
    if let Some(kept) = &kept {
        text =
            format!("{text}; the database before is kept as {}: delete it when all is well", kept.display());
    }
    let json = json!({
        "users": facts.users,
        "as_of": made,
        "sessions_ended": ended,
        "sessions_kept": keep_sessions,
        "authenticator_apps_unreadable": unreadable,
        "replaced": kept.map(|path| path.display().to_string()),
    });
    Ok(Answer::line(text, json))
}

async fn copy(backup: PathBuf, draft: PathBuf) -> Result<BackupFacts, Failure> {
    let copied = tokio::task::spawn_blocking(move || {
        let mut bar = Progress::new("restoring");
        sqlite::restore(&backup, &draft, |progress| bar.report(progress.done, Some(progress.total)))
    });
    let copied = copied.await.map_err(|error| Failure::failed("cannot restore", error))?;
    copied.map_err(|error| Failure::failed("cannot restore", error))
}

/// What came of [`make_worthless`].
pub(super) struct Worthless {
    pub(super) sessions_ended: usize,
    pub(super) authenticator_apps_unreadable: u64,
}

/// Ends every session of a database that was put back and drops the keys that signed for them, before anything has to open those
/// keys; what is to live on is sealed under the current master secret.
pub(super) async fn make_worthless(
    store: OpenStore,
    settings: &Settings,
    secrets: &MasterSecrets,
) -> Result<Worthless, Failure> {
    let failed = |error| Failure::failed("cannot end the sessions of the backup", error);
    let now = SystemClock::new().wall().map_err(|error| Failure::failed("cannot tell the time", error))?;
    let event = AuditEvent::new(EventName::SigningKeyRetired, now, Actor::CommandLine, &Client::default());
    let write = Write { now, revocations_expire_at: now, audit: event.because("restored") };
    store.port().drop_keys_and_links(write).await.map_err(failed)?;
    let installation = Installation::over(store, settings, secrets, Hashing::COMMAND).await?;
    let ended = installation.authority().end_everything(&Caller::command_line()).await;
    let sessions_ended =
        ended.map_err(|refusal| refused("cannot end the sessions of the backup", &refusal))?;
    Ok(Worthless { sessions_ended, authenticator_apps_unreadable: reseal(&installation).await? })
}

/// Seals the secrets of authenticator apps under the current master secret. How many cannot be opened, since theirs is
/// gone; whoever restores is told.
async fn reseal(installation: &Installation) -> Result<u64, Failure> {
    let done = installation.authority().reseal_totp_secrets().await;
    let done =
        done.map_err(|refusal| refused("cannot seal the authenticator apps of the backup", &refusal))?;
    if done.unreadable > 0 {
        eprintln!(
            "warning: {} authenticator apps were set up under a master secret that is not here, and let nobody in: put \
             it in place as {PREVIOUS_MASTER_KEY_FILE} and restore again, or run `doorward user reset-factors` for their \
             owners",
            done.unreadable
        );
    }
    Ok(done.unreadable)
}

/// Swaps the draft in, and keeps what was there before.
async fn put_in_place(
    draft: &Path,
    database: &Path,
    audit_key: AuditChainKey,
) -> Result<Option<PathBuf>, Failure> {
    let failed = |error: io::Error| Failure::failed(format!("cannot replace {}", database.display()), error);
    // Whoever wrote the draft may be closing it still; what is in its log would stay behind, the end of every session with it.
    sqlite::settle(draft).map_err(|error| Failure::failed("cannot restore", error))?;
    let kept = if database.exists() {
        // Opening and closing it moves what its write-ahead log holds into it. Where it is too damaged for that, the
        // log is lost with it, which is why it is being replaced.
        drop(OpenStore::open_sqlite(database.to_owned(), audit_key).await);
        drop(sqlite::settle(database));
        let kept = with_suffix(database, ".before-restore");
        remove_database(&kept)?;
        fs::hard_link(database, &kept).map_err(failed)?;
        Some(kept)
    } else {
        None
    };
    for journal in ["-wal", "-shm"] {
        remove(&with_suffix(database, journal)).map_err(failed)?;
    }
    fs::rename(draft, database).map_err(failed)?;
    let parent = database.parent().filter(|parent| !parent.as_os_str().is_empty());
    fs::File::open(parent.unwrap_or(Path::new(".")))
        .and_then(|directory| directory.sync_all())
        .map_err(failed)?;
    remove_database(draft)?;
    Ok(kept)
}

/// Removes a database and what lies beside it.
fn remove_database(path: &Path) -> Result<(), Failure> {
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let file = with_suffix(path, suffix);
        remove(&file).map_err(|error| Failure::failed(format!("cannot remove {}", file.display()), error))?;
    }
    Ok(())
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
