//! Makes databases as large as installations get, with what a real server set up in them.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use doorward::platform::SystemClock;
use doorward_core::time::{Clock, Timestamp};
use doorward_testkit::population::Population;
use indicatif::{ProgressBar, ProgressStyle};
use rusqlite::{Connection, OpenFlags};

use crate::data::Data;
use crate::failure::Failure;
use crate::scenarios::Surroundings;
use crate::server::{ADMINISTRATOR, MASTER_SECRET, Server};
use crate::stopwatch;

/// How many there are of what grows.
#[derive(Args, Clone, Copy)]
pub(crate) struct Sizes {
    /// Users of the large database.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) users: u64,
    /// Its sessions.
    #[arg(long, default_value_t = 5_000_000)]
    pub(crate) sessions: u64,
    /// Events of its audit log.
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) events: u64,
}

/// After so long a database is made anew: its sessions end a week after it was made.
const GOOD_FOR_MILLIS: i64 = 3 * 24 * 3_600_000;

/// When it was made, beside it; written last.
const MADE_AT: &str = "made-at";

/// The database of these sizes that an earlier run left beside the results, or a new one that stays there.
pub(crate) fn find_or_make(surroundings: &Surroundings, sizes: Sizes) -> Result<Data, Failure> {
    let Sizes { users, sessions, events } = sizes;
    let path = surroundings.output.join(format!("population-{users}-{sessions}-{events}"));
    let made_at = fs::read_to_string(path.join(MADE_AT)).ok().and_then(|text| text.parse::<i64>().ok());
    let now = now_millis()?;
    if made_at.is_some_and(|made_at| (made_at..made_at + GOOD_FOR_MILLIS).contains(&now)) {
        return Ok(Data::kept(path));
    }
    if path.exists() {
        fs::remove_dir_all(&path).map_err(|error| Failure::io(path.display(), error))?;
    }
    make(surroundings, sizes, path)
}

/// Makes it, and says how long that took and how large it is.
fn make(surroundings: &Surroundings, sizes: Sizes, path: PathBuf) -> Result<Data, Failure> {
    let started = stopwatch::now();
    let data = Server::start(surroundings, &[("MASTER_KEY", MASTER_SECRET)])?.into_data();
    let database = data.database();
    let population = Population {
        now: Timestamp::from_millis(now_millis()?),
        users: sizes.users,
        sessions: sizes.sessions,
        events: sizes.events,
        locks: 0,
        revocations: 0,
        password: administrators_hash(&database)?,
    };
    let bar = ProgressBar::new(population.rows());
    if let Ok(style) =
        ProgressStyle::with_template("{msg} {wide_bar} {human_pos}/{human_len} rows, {eta} left")
    {
        bar.set_style(style);
    }
    bar.set_message("making the database");
    let filled = population.fill(&database, |rows| bar.set_position(rows));
    bar.finish_and_clear();
    filled.map_err(|error| Failure::io(database.display(), error))?;
    let made_at = data.path().join(MADE_AT);
    fs::write(&made_at, population.now.as_millis().to_string())
        .map_err(|error| Failure::io(made_at.display(), error))?;
    let data = data.keep(&path)?;
    println!(
        "{} users, {} sessions and {} events made in {} s: {:.0} MiB in {}, which stays there for later runs",
        sizes.users,
        sizes.sessions,
        sizes.events,
        started.elapsed().as_secs(),
        data.mib(),
        path.display()
    );
    Ok(data)
}

/// Adds so many revocations of nobody there is to what a server keeps that is not running.
pub(crate) fn revoke(data: &Data, revocations: u64) -> Result<(), Failure> {
    let (database, now) = (data.database(), Timestamp::from_millis(now_millis()?));
    let nothing_else =
        Population { now, users: 0, sessions: 0, events: 0, locks: 0, revocations, password: String::new() };
    nothing_else.fill(&database, |_| {}).map_err(|error| Failure::io(database.display(), error))
}

/// The administrator was set up with the password that every account of a scenario has.
fn administrators_hash(database: &Path) -> Result<String, Failure> {
    let failed = |error| Failure::io(database.display(), error);
    let connection =
        Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(failed)?;
    let hash = "SELECT password FROM users WHERE username = ?1";
    connection.query_row(hash, [ADMINISTRATOR], |row| row.get(0)).map_err(failed)
}

fn now_millis() -> Result<i64, Failure> {
    SystemClock::new().wall().map(Timestamp::as_millis).map_err(|error| Failure::io("the clock", error))
}
