//! Anybody can make up names, and many can borrow addresses: what the guard remembers of them must stay bounded, in
//! memory and on the disk.

use std::time::Duration;

use doorward_core::master::{MasterSecret, ServerKeys};
use doorward_core::store::{CleanUp, Store};
use doorward_core::time::Timestamp;
use doorward_store::{SqliteOptions, SqliteStore};

use super::Surroundings;
use crate::data::Data;
use crate::failure::Failure;
use crate::load::Flood;
use crate::report::Report;
use crate::server::{Server, hashed, wrong_login};
use crate::stopwatch;

/// Where it is looked what is kept by then.
const LOOK_AT: [u64; 3] = [250_000, 500_000, 1_000_000];

const CONNECTIONS: usize = 64;

/// Hashing that takes no time: the million would take hours otherwise, which is a protection of its own. Lockout and
/// throttle are those of the default; nobody tries twice.
const CHEAP: [(&str, &str); 2] =
    [("PASSWORD__ARGON2__MEMORY_KIB", "64"), ("PASSWORD__ARGON2__ITERATIONS", "1")];

/// A million lines about refusals would be half a gigabyte.
const QUIET: &str = "error,doorward_server::serve=info";

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let mut report = Report::default();
    let server = Server::start_logging(surroundings, &CHEAP, QUIET)?;
    let watched = server.watched();
    report.figure("before: resident memory", watched.resident()?.now_mib, "MiB");
    report.figure("before: data directory", server.data_mib(), "MiB");
    let started = stopwatch::now();
    let flood = Flood::start(
        server.address(),
        CONNECTIONS,
        |number| wrong_login(&format!("nobody-{number}"), number),
        hashed,
    );
    for failures in LOOK_AT {
        // A flood that was answered otherwise than expected makes no progress; stopping it says why.
        let (mut before, mut stalled) = (0, 0);
        while flood.answered() < failures && stalled < 100 {
            stopwatch::wait(Duration::from_millis(100));
            stalled = if flood.answered() == before { stalled + 1 } else { 0 };
            before = flood.answered();
        }
        report.figure(
            format!("after {failures} failures: resident memory"),
            watched.resident()?.now_mib,
            "MiB",
        );
        report.figure(format!("after {failures} failures: data directory"), server.data_mib(), "MiB");
    }
    let took = started.elapsed().as_secs_f64();
    let flooded = flood.stop()?;
    report.figure("failures counted", flooded.answered as f64 / took, "a second");
    clean_up(&server.into_data(), &mut report)?;
    report.note(format!(
        "the real server over HTTP, {CONNECTIONS} connections; {} attempts counted, {} answered 503; an unknown name and \
         an address each; Argon2id at 64 KiB and one pass",
        flooded.answered, flooded.turned_away
    ));
    report.note("freed pages of the database are used again; the file itself does not shrink");
    Ok(report)
}

/// Cleans up as the server would once everything has expired.
fn clean_up(data: &Data, report: &mut Report) -> Result<(), Failure> {
    // Nothing is audited here, so any key will do.
    let secret =
        MasterSecret::parse(&"A".repeat(43)).map_err(|error| Failure::io("a master secret", error))?;
    let keys = ServerKeys::derive(&secret, &[]).map_err(|error| Failure::io("keys", error))?;
    let store = SqliteStore::open(&data.database(), SqliteOptions::default(), keys.audit_chain_key())
        .map_err(|error| Failure::io("the database the server left", error))?;
    // Of everything else there is nothing that could expire.
    let epoch = Timestamp::from_millis(0);
    let what = CleanUp {
        now: epoch,
        sessions_ended_before: epoch,
        keys_retired_before: epoch,
        attempts_expired_before: Timestamp::from_millis(i64::MAX),
        statistics_before: epoch,
        audit: None,
        limit: 500,
    };
    let (mut rows, started) = (0, stopwatch::now());
    loop {
        let removed = futures_executor::block_on(store.clean_up(what))
            .map_err(|error| Failure::io("clean-up", error))?
            .attempts;
        if removed == 0 {
            break;
        }
        rows += removed;
    }
    report.figure("rows remembered of subjects, removed by clean-up", f64::from(rows), "rows");
    report.figure("clean-up of them all", started.elapsed().as_secs_f64(), "s");
    drop(store);
    report.figure("after clean-up: data directory", data.mib(), "MiB");
    Ok(())
}
