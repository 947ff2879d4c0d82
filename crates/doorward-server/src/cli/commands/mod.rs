//! One file a command: parse, one use case, print.

mod after_restore;
mod audit;
mod audit_export;
mod audit_verify;
mod backup;
mod breached;
mod completions;
mod config;
mod key;
mod migrate;
mod node;
mod restore;
mod session;
mod setup_url;
mod user;

use std::ffi::OsString;
use std::future::Future;

use doorward::Doorward;
use doorward_core::authority::Authority;

use super::args::{self, Command, CommandLine};
use super::output::Output;
use crate::config_source::ConfigSource;
use crate::data_directory::{DataDirectory, Lock, SecretVariables};
use crate::installation::{Hashing, Installation};
use crate::open_store::Patience;
use crate::{Failure, serve};

/// Runs one command.
///
/// # Errors
/// [`Failure`], with the exit code that fits.
pub fn run(line: CommandLine, environment: Vec<(OsString, OsString)>) -> Result<(), Failure> {
    let out = Output { json: line.global.json };
    let flags = if let Command::Serve(serve) = &line.command { Some(serve) } else { None };
    let source = ConfigSource::new(&line.global, flags, environment);
    match line.command {
        Command::Serve(_) => serve::run(&source, out.json),
        Command::Config(_) => out.print(config::show(&source)?),
        Command::Completions { shell } => completions::print(shell),
        Command::Breached(command) => out.print(breached::run(command)?),
        Command::Restore { source: backup, danger_keep_sessions } => {
            out.print(block_on(restore::run(&source, backup, danger_keep_sessions))?)
        }
        Command::AfterRestore => out.print(block_on(after_restore::run(&source))?),
        Command::Migrate { from, to } => block_on(migrate::run(&source, from, to, out)),
        Command::SetupUrl => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Create).await?;
            out.print(setup_url::print(&opened).await?)
        }),
        Command::User(command) => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Refuse).await?;
            out.print(user::run(&opened, command).await?)
        }),
        Command::Session(command) => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Refuse).await?;
            out.print(session::run(&opened, command).await?)
        }),
        Command::Key(command) => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Refuse).await?;
            out.print(key::run(&opened, command).await?)
        }),
        Command::Node(args::Node::List) => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Refuse).await?;
            out.print(node::list(&opened).await?)
        }),
        Command::Audit(command) => audit::run(&source, command, out),
        Command::Backup { destination } => block_on(async {
            let opened = Opened::open(&source, WhenMissing::Refuse).await?;
            out.print(backup::run(&opened, destination).await?)
        }),
    }
}

/// What a command works on.
struct Opened {
    installation: Installation,
    /// Commands count as servers: a restore must not pull the database away under them either.
    _lock: Lock,
}

/// What to do where there is no data directory.
#[derive(Clone, Copy, PartialEq, Eq)]
enum WhenMissing {
    /// Make it: the command is part of a first start.
    Create,
    /// Say so: a typo must not make an empty installation.
    Refuse,
}

impl Opened {
    async fn open(source: &ConfigSource, when_missing: WhenMissing) -> Result<Self, Failure> {
        let settings = source.load()?.settings;
        let secrets = SecretVariables::read(source.environment())?;
        let directory = match when_missing {
            WhenMissing::Create => DataDirectory::open_or_create(&settings.data_dir)?,
            WhenMissing::Refuse => DataDirectory::open(&settings.data_dir)?,
        };
        let lock = Lock::shared(&directory).map_err(|error| {
            error.into_failure(&directory, "it is being restored; wait until that is done")
        })?;
        let installation =
            Installation::open(&directory, &settings, secrets, Hashing::COMMAND, Patience::None).await?;
        Ok(Self { installation, _lock: lock })
    }

    fn doorward(&self) -> &Doorward {
        &self.installation.doorward
    }

    fn authority(&self) -> &Authority {
        self.installation.authority()
    }
}

fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::failed("cannot start", error))?.block_on(work)
}
