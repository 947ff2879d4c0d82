//! The scenarios: one file each, listed here.

mod enumeration_timing;
mod growth;
mod guard_growth;
mod instructions;
mod login_flood;
mod logins;
mod nodes;
mod pages;
mod refresh;
mod refused_attempt;
mod revocation_set;
mod revocations_http;
mod verifier;
mod verify_http;

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::failure::Failure;
use crate::machine::Machine;
use crate::populate::Sizes;
use crate::report::Report;

/// What every scenario is given.
pub(crate) struct Surroundings {
    /// The server's binary.
    pub(crate) server: PathBuf,
    /// The bench's own binary.
    pub(crate) own: PathBuf,
    /// Where the peers' binaries are.
    pub(crate) peers: PathBuf,
    /// Where pictures go besides.
    pub(crate) publish: Option<PathBuf>,
    /// Where results go, and the servers' data while a scenario runs.
    pub(crate) output: PathBuf,
    /// How many rounds each measurement takes part in. What is compared alternates within a round, so that whatever
    /// else the machine does meanwhile falls on all of it alike.
    pub(crate) rounds: u32,
    pub(crate) machine: Machine,
    /// How many there are of what grows, where that is what is measured.
    pub(crate) large: Sizes,
}

impl Surroundings {
    /// A new directory beside the results: the system's temporary directory may be memory, and a commit there costs
    /// nothing.
    pub(crate) fn directory(&self) -> Result<TempDir, Failure> {
        fs::create_dir_all(&self.output)
            .and_then(|()| tempfile::tempdir_in(&self.output))
            .map_err(|error| Failure::io(self.output.display(), error))
    }
}

/// One thing that is measured.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) run: fn(&Surroundings) -> Result<Report, Failure>,
}

/// All of them, in the order in which they run.
pub(crate) const ALL: &[Scenario] = &[
    Scenario {
        name: "instructions",
        about: "how many instructions what every request passes through takes",
        run: instructions::run,
    },
    Scenario {
        name: "verify_http",
        about: "what verifying a request costs over HTTP, beside bare axum and beside axum-login",
        run: verify_http::run,
    },
    Scenario {
        name: "refused_attempt",
        about: "what a login costs the server that is refused without hashing, against one that is hashed",
        run: refused_attempt::run,
    },
    Scenario {
        name: "login_flood",
        about: "how long signed-in requests take while 64 connections log in as fast as they can",
        run: login_flood::run,
    },
    Scenario {
        name: "enumeration_timing",
        about: "whether the time of a refused login tells an unknown name from a known or a disabled one",
        run: enumeration_timing::run,
    },
    Scenario {
        name: "guard_growth",
        about: "what a million failures, each of another name from another address, leave in memory and on the disk",
        run: guard_growth::run,
    },
    Scenario {
        name: "verifier",
        about: "what it costs in one process to tell who somebody is, by a token seen before and by a new one",
        run: verifier::run,
    },
    Scenario {
        name: "revocation_set",
        about: "what revocations that a node knows of cost each verification, in time and in memory",
        run: revocation_set::run,
    },
    Scenario {
        name: "revocations_http",
        about: "the same over HTTP, of servers that started with so many revocations",
        run: revocations_http::run,
    },
    Scenario {
        name: "store_refresh",
        about: "what the store's refresh gains by sharing commits, against the disk's own sync",
        run: refresh::in_the_store,
    },
    Scenario {
        name: "refresh",
        about: "refreshes over HTTP, and where their time goes",
        run: refresh::over_http,
    },
    Scenario {
        name: "logins",
        about: "logins a second against the bare Argon2id rate of the cores, and the memory they take",
        run: logins::run,
    },
    Scenario {
        name: "growth",
        about: "starting, memory and speed with a million users and five million sessions, against next to none",
        run: growth::run,
    },
    Scenario {
        name: "pages",
        about: "what the login page weighs with everything it loads, and what it takes to render",
        run: pages::run,
    },
    Scenario {
        name: "nodes_throughput",
        about: "logins, refreshes and logouts a second on PostgreSQL, and what each asks of it",
        run: nodes::throughput,
    },
    Scenario {
        name: "nodes_latency",
        about: "how long a session that was ended on one node is let in by the others",
        run: nodes::revocation_latency,
    },
    Scenario {
        name: "nodes_rows",
        about: "what users, sessions, events and revocations take on PostgreSQL's disk",
        run: nodes::row_sizes,
    },
    Scenario {
        name: "nodes_verify",
        about: "what one, two and three servers on one PostgreSQL verify over HTTP, and that it is asked nothing",
        run: nodes::verify,
    },
];

/// The cost of a hash, as the server is told and the busy process that is compared with it: the default, written out so
/// that both follow it.
pub(crate) const MEMORY_KIB: u32 = 19_456;
pub(crate) const ITERATIONS: u32 = 2;

/// Lockout, throttle and rate limit off, as far as they can be: every attempt is to reach hashing.
pub(crate) const UNGUARDED: [(&str, &str); 4] = [
    ("LOCKOUT__THRESHOLD", "1000000"),
    ("THROTTLE__ACCOUNT_DELAYS", "0s"),
    ("THROTTLE__ADDRESS_DELAYS", "0s"),
    ("RATE_LIMIT__LOGIN", "1000000/second"),
];
