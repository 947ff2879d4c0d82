//! `serve`: from settings to a running server, and down again.

mod connections;
mod feed_hint;
mod head_timer;
mod listener;
mod metrics;
mod reload;
mod reseal;

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward::Doorward;
use doorward_core::authority::Caller;
use doorward_core::refusal::Refusal;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tracing::{error, info, warn};

use self::listener::Served;
use crate::config::{DatabaseInUse, Loaded, Settings};
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, Lock, SecretVariables};
use crate::installation::{Hashing, Installation};
use crate::open_store::Patience;
use crate::{Failure, breached, logging};

/// How long requests that run when the server is told to stop may take to finish.
const DRAIN: Duration = Duration::from_secs(10);

/// Runs the server until it is told to stop.
pub(crate) fn run(source: &ConfigSource, json: bool) -> Result<(), Failure> {
    let loaded = source.load()?;
    let secrets = SecretVariables::read(source.environment())?;
    logging::start(source.log_filter())?;
    let directory = DataDirectory::open_or_create(&loaded.settings.data_dir)?;
    let _lock = Lock::shared(&directory)
        .map_err(|error| error.into_failure(&directory, "it is being restored; wait until that is done"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::failed("cannot start", error))?;
    runtime.block_on(serve(source, &loaded, &directory, secrets, json))
}

async fn serve(
    source: &ConfigSource,
    loaded: &Loaded,
    directory: &DataDirectory,
    secrets: SecretVariables,
    json: bool,
) -> Result<(), Failure> {
    // Before anything else: from here on SIGHUP reloads and SIGTERM drains, instead of killing.
    let mut signals = Signals::listen()?;
    for warning in &loaded.warnings {
        warn!(event = "config.weak", "{warning}");
    }
    let settings = &loaded.settings;
    breached::check_configured(settings)?;
    let metrics = metrics::install()?;
    let opening = Installation::open(directory, settings, secrets, Hashing::server(), Patience::AMinute);
    let installation = tokio::select! {
        opened = opening => opened?,
        // While the database is waited for.
        () = signals.stop() => return Ok(()),
    };
    let doorward = &installation.doorward;
    let public = bind("http.listen", settings.http.listen).await?;
    let admin = match settings.http.admin_listen {
        Some(address) => Some(bind("http.admin_listen", address).await?),
        None => None,
    };
    let limits = connections::Limits::of_this_process();
    let (stop, stopping) = watch::channel(false);

    let mut tasks = JoinSet::new();
    // Until the end: requests that finish while draining need fresh revocations too.
    let background = doorward.clone();
    tasks.spawn(async move { background.run_background().await });
    tasks.spawn(metrics::keep_small(metrics.clone()));
    // Through a pooler nothing would be heard, and whoever gets the connection next would listen instead.
    if let DatabaseInUse::Postgres(address) = settings.database()
        && settings.store_pool.prepared_statements
    {
        tasks.spawn(feed_hint::run(address.clone(), doorward.clone()));
    }
    tasks.spawn(reseal::run(Arc::clone(doorward.authority()), installation.rotating));
    let mut listeners = JoinSet::new();
    let served = Served { router: doorward.router(), forward_auth: Some(doorward.clone()) };
    listeners.spawn(listener::run(public, served, limits, stopping.clone()));
    if let Some(admin) = admin {
        let router = metrics::routes(metrics, Arc::clone(doorward.authority()), installation.store.clone());
        let served = Served { router, forward_auth: None };
        listeners.spawn(listener::run(admin, served, limits, stopping.clone()));
    }
    announce_setup(doorward, json).await?;

    signals.wait_for_stop(source, settings.clone(), doorward).await;
    info!(
        event = "server.stopping",
        drain_seconds = DRAIN.as_secs(),
        "stopping: running requests may finish"
    );
    // Nobody listens any more only where everything has ended already.
    let _ = stop.send(true);
    doorward.end_streams();
    let drained = tokio::time::timeout(DRAIN, async { while listeners.join_next().await.is_some() {} }).await;
    if drained.is_err() {
        warn!(event = "server.drain_cut_short", "some requests did not finish in time and were cut off");
        listeners.shutdown().await;
    }
    tasks.shutdown().await;
    if let Err(refusal) = doorward.leave().await {
        warn!(
            event = "node.not_left",
            code = refusal.code(),
            "cannot take leave of the other nodes: they will miss this one"
        );
    }
    if let Err(refusal) = doorward.authority().record_counted_refusals().await {
        warn!(
            event = "audit.counts_lost",
            code = refusal.code(),
            "cannot record how many refusals there were"
        );
    }
    info!(event = "server.stopped", "stopped");
    Ok(())
}

async fn bind(key: &str, address: SocketAddr) -> Result<TcpListener, Failure> {
    let failed = |error| Failure::failed(format!("cannot listen on {key} = \"{address}\""), error);
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    info!(event = "server.listening", setting = key, %address, "listening on {address} ({key})");
    Ok(listener)
}

/// Prints the setup URL until setup is done. It goes to standard output, not into the log: logs travel.
async fn announce_setup(doorward: &Doorward, json: bool) -> Result<(), Failure> {
    let token = match doorward.authority().issue_setup_token(&Caller::system()).await {
        Ok(token) => token,
        Err(Refusal::SetupComplete) => return Ok(()),
        Err(refusal) => return Err(Failure::failed("cannot issue a setup token", refusal)),
    };
    let url = doorward.setup_url(token.as_ref());
    let text = if json {
        serde_json::json!({ "setup_url": url }).to_string()
    } else if token.is_some() {
        format!("Make the first administrator here (once, by whoever opens it first):\n\n  {url}\n")
    } else {
        format!("Make the first administrator here, with the token that setup.token sets:\n\n  {url}\n")
    };
    let mut out = std::io::stdout().lock();
    // Nobody reads it: `doorward setup-url` prints another one at any time.
    if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
        warn!(event = "setup.url_not_printed", %error, "cannot print the setup URL: run doorward setup-url");
    }
    Ok(())
}

/// The signals a server heeds.
struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let failed = |error| Failure::failed("cannot listen for signals", error);
        Ok(Self {
            hangup: signal(SignalKind::hangup()).map_err(failed)?,
            terminate: signal(SignalKind::terminate()).map_err(failed)?,
            interrupt: signal(SignalKind::interrupt()).map_err(failed)?,
        })
    }

    /// Waits for SIGTERM or SIGINT.
    async fn stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Reloads at every SIGHUP; ends at SIGTERM or SIGINT.
    async fn wait_for_stop(&mut self, source: &ConfigSource, settings: Settings, doorward: &Doorward) {
        let mut in_force = settings;
        loop {
            tokio::select! {
                _ = self.terminate.recv() => return,
                _ = self.interrupt.recv() => return,
                _ = self.hangup.recv() => match reload::reload(source, &in_force, doorward) {
                    Ok(settings) => in_force = settings,
                    Err(failure) => error!(
                        event = "config.reload_refused",
                        "the configuration was not reloaded, the old one stays in force: {failure}"
                    ),
                },
            }
        }
    }
}
