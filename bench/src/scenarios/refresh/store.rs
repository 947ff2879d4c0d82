//! The store's own operation, without HTTP and without signing: what sharing a commit among those who wait is worth.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::audit::{Actor, AuditEvent, EventName};
use doorward_core::client::Client;
use doorward_core::session::Session;
use doorward_core::store::{SessionProof, Store, StoreError, Write};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::{START, Scene, advance, audit_key, opening, write};

use super::{CALLERS, disk};
use crate::callers::{crowd, runtime};
use crate::cpu::Watched;
use crate::failure::Failure;
use crate::report::{Report, Wanted};
use crate::scenarios::Surroundings;
use crate::statistics::{Sorted, median};
use crate::stopwatch;

/// Sessions of each caller, refreshed by turns, so that a group of commits touches pages far apart.
const SESSIONS: usize = 64;

/// Refreshes of each caller in a round, and of the one who is alone.
const REFRESHES: usize = 256;
const REFRESHES_ALONE: usize = 1024;
const SYNCS: usize = 1024;

/// What is wanted: refreshes a second against those of a caller alone, who has a commit for each.
const TIMES_FASTER: f64 = 8.0;
/// What is wanted: the p99 of a refresh among many against the p99 of one sync.
const TIMES_THE_SYNC: f64 = 3.0;

/// Somebody who refreshes, and the sessions they do it with.
type Hand = Vec<Session>;

/// The figures of each round.
#[derive(Default)]
struct Rounds {
    a_second: Vec<f64>,
    p50: Vec<f64>,
    p99: Vec<f64>,
    cpu_micros: Vec<f64>,
    writer_micros: Vec<f64>,
}

impl Rounds {
    fn add(&mut self, latencies: &[Duration], took: Duration) {
        self.a_second.push(latencies.len() as f64 / took.as_secs_f64());
        let latencies = Sorted::micros(latencies);
        self.p50.push(latencies.median());
        self.p99.push(latencies.quantile(990));
    }

    fn report(&self, name: &str, report: &mut Report) {
        report.figure(format!("{name}: a second"), median(&self.a_second), "");
        report.figure(format!("{name}: p50"), median(&self.p50), "µs");
        report.figure(format!("{name}: p99"), median(&self.p99), "µs");
        if !self.cpu_micros.is_empty() {
            report.figure(format!("{name}: CPU each"), median(&self.cpu_micros), "µs");
            report.figure(format!("{name}: of it the writing thread's"), median(&self.writer_micros), "µs");
        }
    }
}

pub(in crate::scenarios) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let directory = surroundings.directory()?;
    let runtime = runtime()?;
    let mut report = Report::default();
    let (mut syncs, mut alone, mut together) = (Rounds::default(), Rounds::default(), Rounds::default());
    runtime.block_on(async {
        let store =
            SqliteStore::open(&directory.path().join("doorward.db"), SqliteOptions::default(), audit_key())
                .map_err(|error| Failure::io("the store", error))?;
        let store: Arc<dyn Store> = Arc::new(store);
        let mut hands = sign_in(&store).await?;
        for _ in 0..surroundings.rounds {
            sync(directory.path(), &mut syncs)?;
            let lone = hands.split_off(hands.len().saturating_sub(1));
            hands.append(&mut measure(&store, lone, REFRESHES_ALONE, &mut alone).await?);
            hands = measure(&store, hands, REFRESHES, &mut together).await?;
        }
        Ok::<_, Failure>(())
    })?;
    syncs.report("the disk, a page and fdatasync", &mut report);
    alone.report("one caller, a commit each", &mut report);
    together.report(&format!("{CALLERS} callers"), &mut report);
    report.wanted(
        format!("{CALLERS} callers against one: times the refreshes a second"),
        median(&together.a_second) / median(&alone.a_second),
        "×",
        Wanted::AtLeast(TIMES_FASTER),
    );
    report.wanted(
        format!("p99 of {CALLERS} callers against the p99 of the disk's sync"),
        median(&together.p99) / median(&syncs.p99),
        "×",
        Wanted::AtMost(TIMES_THE_SYNC),
    );
    report.note(format!(
        "SQLite as the server opens it, WAL and synchronous=FULL, {} sessions; a refresh is a row rewritten and an event in the \
         audit log's chain, answered once it is on the disk; latencies are the median of the rounds' quantiles",
        CALLERS * SESSIONS
    ));
    report.note("CPU is that of this process: the store's writing thread, and the callers that are woken");
    Ok(report)
}

fn sync(directory: &Path, rounds: &mut Rounds) -> Result<(), Failure> {
    let started = stopwatch::now();
    let latencies = disk::syncs(directory, SYNCS)?;
    rounds.add(&latencies, started.elapsed());
    Ok(())
}

/// Has each hand refresh so many times, all at once.
async fn measure(
    store: &Arc<dyn Store>,
    hands: Vec<Hand>,
    refreshes: usize,
    rounds: &mut Rounds,
) -> Result<Vec<Hand>, Failure> {
    let (watched, store, count) = (Watched::this_process(), Arc::clone(store), hands.len() * refreshes);
    let (cpu, writer) = (watched.cpu_time()?, watched.cpu_time_of_threads(WRITER)?);
    let started = stopwatch::now();
    let act = move |_, hand| refresh(Arc::clone(&store), hand, refreshes);
    let done = crowd(hands.len(), hands, act).await?;
    let took = started.elapsed();
    let each =
        |now: Duration, before: Duration| now.saturating_sub(before).as_secs_f64() * 1e6 / count as f64;
    rounds.cpu_micros.push(each(watched.cpu_time()?, cpu));
    rounds.writer_micros.push(each(watched.cpu_time_of_threads(WRITER)?, writer));
    let (hands, latencies): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    rounds.add(&latencies.concat(), took);
    Ok(hands)
}

/// What the store calls its writing thread.
pub(super) const WRITER: &str = "doorward-writer";

async fn refresh(
    store: Arc<dyn Store>,
    mut hand: Hand,
    times: usize,
) -> Result<(Hand, Vec<Duration>), Failure> {
    let mut latencies = Vec::with_capacity(times);
    let turns = (0..hand.len()).cycle().take(times);
    for turn in turns {
        let Some(session) = hand.get_mut(turn) else { continue };
        let now = session.last_seen_at.plus(Duration::from_secs(60));
        let (actor, client) = (Actor::User(session.user_id), client(session));
        let event = AuditEvent::new(EventName::SessionRefreshed, now, actor, &client)
            .about_user(session.user_id)
            .about_session(session.id);
        let write = Write { audit: event, ..write(EventName::SessionRefreshed, now) };
        let started = stopwatch::now();
        let of = store.advance_refresh(write, advance(session, now)).await;
        latencies.push(started.elapsed());
        *session = of.map_err(failed)?.session;
    }
    Ok((hand, latencies))
}

fn client(session: &Session) -> Client {
    Client { address: session.address, user_agent: session.user_agent.clone(), request_id: None }
}

/// A user for each session, as in life.
async fn sign_in(store: &Arc<dyn Store>) -> Result<Vec<Hand>, Failure> {
    let (scene, store) = (Scene::new(1), Arc::clone(store));
    let act = move |_, ()| {
        let (scene, store) = (scene.clone(), Arc::clone(&store));
        async move {
            let mut hand = Hand::with_capacity(SESSIONS);
            for _ in 0..SESSIONS {
                let user = scene.user();
                let session = scene.session(&user.user);
                let proof = SessionProof { password: user.password.clone(), ..SessionProof::default() };
                store.create_user(write(EventName::UserCreated, START), user, None).await.map_err(failed)?;
                let opened = opening(session.clone());
                store
                    .open_session(write(EventName::LoginSucceeded, START), proof, opened)
                    .await
                    .map_err(failed)?;
                hand.push(session);
            }
            Ok(hand)
        }
    };
    crowd(CALLERS, vec![(); CALLERS], act).await
}

fn failed(error: StoreError) -> Failure {
    Failure::io("the store", error)
}
