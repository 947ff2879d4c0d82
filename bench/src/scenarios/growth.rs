//! What does not depend on how many users and sessions there are, or hardly: starting, memory, logging in, verifying.
//!
//! The same is done by turns on a database of a million users and on one with next to nothing in it, both made in the same way.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use doorward::platform::{SystemClock, SystemEntropy};
use doorward_core::ids::SessionId;
use doorward_core::master::{MasterSecret, ServerKeys};
use doorward_core::session::Session;
use doorward_core::store::Store;
use doorward_core::time::Clock;
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::population::{name, session_id};

use super::{Surroundings, UNGUARDED};
use crate::cpu::Watched;
use crate::data::Data;
use crate::failure::Failure;
use crate::http::{PATIENCE, Request};
use crate::load::crowd;
use crate::populate::{Sizes, find_or_make};
use crate::random::Random;
use crate::report::{Report, Wanted};
use crate::server::{MASTER_SECRET, Server, let_in, right_login};
use crate::statistics::median;
use crate::stopwatch;

/// Next to nothing: twice as many sessions that are alive as are refreshed in a round, and as many for each user as the large
/// one has.
const SMALL: Sizes = Sizes { users: 2458, sessions: 6 * REFRESHES, events: 1 };

/// Starts in a round.
const STARTS: u32 = 3;

/// Requests of each kind in a round, and over how many connections.
const LOGINS: u64 = 64;
const LOGIN_CONNECTIONS: u64 = 4;
const VERIFICATIONS: u64 = 8000;
const VERIFYING_CONNECTIONS: u64 = 8;
const REFRESHES: u64 = 2048;
const REFRESHING_CONNECTIONS: u64 = 64;

/// What is wanted: from exec to the first 200.
const START_MILLIS: f64 = 50.0;
const START_MILLIS_LARGE: f64 = 100.0;
/// Resident, with nothing to do.
const IDLE_MIB: f64 = 30.0;
/// Speed on the large database against that on the small one.
const SPEED: f64 = 0.8;
const SPEED_OF_REFRESH: f64 = 0.5;

/// One of the two databases, and what was measured on it in each round.
struct Side {
    name: &'static str,
    sizes: Sizes,
    /// None while the server is running.
    data: Option<Data>,
    random: Random,
    start_millis: Vec<f64>,
    start_cpu_millis: Vec<f64>,
    idle_mib: Vec<f64>,
    peak_mib: Vec<f64>,
    kinds: [Rates; 3],
}

/// How fast one kind of request is answered.
#[derive(Default)]
struct Rates {
    a_second: Vec<f64>,
    cpu_micros: Vec<f64>,
}

const KINDS: [(&str, f64); 3] = [("login", SPEED), ("verify", SPEED), ("refresh", SPEED_OF_REFRESH)];

pub(super) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let mut sides = [
        Side::new("small", SMALL, find_or_make(surroundings, SMALL)?),
        Side::new("large", surroundings.large, find_or_make(surroundings, surroundings.large)?),
    ];
    for _ in 0..surroundings.rounds {
        for side in &mut sides {
            side.measure(surroundings)?;
        }
    }
    let mut report = Report::default();
    for (side, most) in sides.iter().zip([START_MILLIS, START_MILLIS_LARGE]) {
        let name = side.name;
        let from_exec = format!("{name}: from exec to the first 200");
        report.wanted(from_exec, median(&side.start_millis), "ms", Wanted::AtMost(most));
        report.figure(format!("{name}: CPU until then"), median(&side.start_cpu_millis), "ms");
        let idle = format!("{name}: resident memory, idle");
        report.wanted(idle, median(&side.idle_mib), "MiB", Wanted::AtMost(IDLE_MIB));
        report.figure(format!("{name}: the most resident until it was idle"), median(&side.peak_mib), "MiB");
        if let Some(data) = &side.data {
            report.figure(format!("{name}: size of the database"), data.mib(), "MiB");
        }
    }
    let [small, large] = &sides;
    for ((kind, speed), (small, large)) in KINDS.into_iter().zip(small.kinds.iter().zip(&large.kinds)) {
        let [small_rate, large_rate] = [small, large].map(|rates| median(&rates.a_second));
        let [small_cpu, large_cpu] = [small, large].map(|rates| median(&rates.cpu_micros));
        report.figure(format!("{kind}, small"), small_rate, "a second");
        report.figure(format!("{kind}, large"), large_rate, "a second");
        report.wanted(format!("{kind}: speed, large"), large_rate / small_rate, "×", Wanted::AtLeast(speed));
        report.figure(format!("{kind}, small: CPU"), small_cpu, "µs");
        report.figure(format!("{kind}, large: CPU"), large_cpu, "µs");
        report.wanted(
            format!("{kind}: speed by CPU, large"),
            small_cpu / large_cpu,
            "×",
            Wanted::AtLeast(speed),
        );
    }
    let Sizes { users, sessions, events } = surroundings.large;
    report.note(format!(
        "large: {users} users, {sessions} sessions of thirty days, a third of them alive, and {events} events; small: {} users, {} \
         sessions; the page cache holds what memory has room for",
        SMALL.users, SMALL.sessions
    ));
    report.note("a start follows a kill, not an orderly end: what the database's log holds is read again");
    report.note("idle: once what a start sets off in the background is done, the count of sessions among it");
    report.note(
        "each login is of another user, each refresh of another session, chosen at random from all of them",
    );
    Ok(report)
}

impl Side {
    fn new(name: &'static str, sizes: Sizes, data: Data) -> Self {
        Self {
            name,
            sizes,
            data: Some(data),
            random: Random::seeded(1),
            start_millis: Vec::new(),
            start_cpu_millis: Vec::new(),
            idle_mib: Vec::new(),
            peak_mib: Vec::new(),
            kinds: KINDS.map(|_| Rates::default()),
        }
    }

    fn measure(&mut self, surroundings: &Surroundings) -> Result<(), Failure> {
        let refreshes = self.refreshes()?;
        for _ in 1..STARTS {
            let server = self.start(surroundings)?;
            self.data = Some(server.into_data());
        }
        let mut server = self.start(surroundings)?;
        let watched = server.watched();
        wait_until_idle(&watched)?;
        let resident = watched.resident()?;
        self.idle_mib.push(resident.now_mib);
        self.peak_mib.push(resident.peak_mib);

        server.log_in()?;
        let [login, verify, refresh] = &mut self.kinds;
        let request = server.verify_request();
        verify.measure(&server, VERIFYING_CONNECTIONS, VERIFICATIONS, move |_| request.clone())?;
        let count = refreshes.len() as u64;
        let refreshes: Arc<[_]> = refreshes.into();
        let prepared = move |number| {
            let request = usize::try_from(number).ok().and_then(|number| refreshes.get(number));
            // There is one for each number; where there were none, the answer would not be the one that is expected.
            request.cloned().unwrap_or_else(|| Request::new("GET", "/", "", ""))
        };
        refresh.measure(&server, REFRESHING_CONNECTIONS, count, prepared)?;
        // Last: somebody's sixth session ends their oldest one.
        let users = self.sizes.users;
        let first = self.random.next() % users;
        let of_another = move |number| right_login(&name((first + number * STRIDE) % users), number);
        login.measure(&server, LOGIN_CONNECTIONS, LOGINS, of_another)?;
        self.data = Some(server.into_data());
        Ok(())
    }

    fn start(&mut self, surroundings: &Surroundings) -> Result<Server, Failure> {
        let data = self.data.take().ok_or_else(|| Failure::new("the database is in use"))?;
        let mut settings = UNGUARDED.to_vec();
        settings.push(("MASTER_KEY", MASTER_SECRET));
        let (server, took) = Server::start_over(surroundings, data, &settings)?;
        self.start_millis.push(took.as_secs_f64() * 1000.0);
        self.start_cpu_millis.push(server.watched().cpu_time()?.as_secs_f64() * 1000.0);
        Ok(server)
    }

    /// A refresh of each of so many sessions that are alive, with tokens as their browsers have them.
    fn refreshes(&mut self) -> Result<Vec<Request>, Failure> {
        let Some(data) = &self.data else { return Ok(Vec::new()) };
        let failed = |error: &dyn std::fmt::Display| Failure::io("the database", error);
        let secret = MasterSecret::parse(MASTER_SECRET).map_err(|error| failed(&error))?;
        let keys = ServerKeys::derive(&secret, &[]).map_err(|error| failed(&error))?;
        let store = SqliteStore::open(&data.database(), SqliteOptions::default(), keys.audit_chain_key())
            .map_err(|error| failed(&error))?;
        let now = SystemClock::new().wall().map_err(|error| failed(&error))?;
        let request = |session: &Session| {
            let csrf = keys.issue_csrf_token(&SystemEntropy, session.id).map_err(|error| failed(&error))?;
            let (refresh, csrf) = (keys.refresh_token(session), csrf.reveal());
            let cookies = format!("dw_refresh={}; dw_csrf={csrf}", refresh.reveal());
            let headers = format!("Cookie: {cookies}\r\nX-CSRF-Token: {csrf}\r\n");
            Ok::<_, Failure>(Request::new("POST", "/auth/v1/refresh", &headers, ""))
        };
        // The first of every three was alive when the database was made; logins of earlier rounds have ended some.
        let (mut chosen, mut requests, thirds) = (HashSet::new(), Vec::new(), self.sizes.sessions / 3);
        while (requests.len() as u64) < REFRESHES {
            if chosen.len() as u64 == thirds {
                return Err(Failure::new(
                    "the database has too few sessions, or most of them have ended: make it anew",
                ));
            }
            let number = self.random.next() % thirds * 3;
            if !chosen.insert(number) {
                continue;
            }
            let id = SessionId::from_bytes(session_id(number));
            let session =
                futures_executor::block_on(store.session_alone(id)).map_err(|error| failed(&error))?;
            if let Some(session) = session.filter(|session| session.is_live(now)) {
                requests.push(request(&session)?);
            }
        }
        Ok(requests)
    }
}

/// From one user to the next who logs in: far from each other, and prime, so that nobody comes twice.
const STRIDE: u64 = 15_485_863;

impl Rates {
    fn measure(
        &mut self,
        server: &Server,
        connections: u64,
        count: u64,
        request: impl Fn(u64) -> Request + Clone + Send + 'static,
    ) -> Result<(), Failure> {
        let watched = server.watched();
        let (cpu, started) = (watched.cpu_time()?, stopwatch::now());
        crowd(server.address(), connections, 0..count, request, let_in)?;
        let (took, used) = (started.elapsed(), watched.cpu_time()?.saturating_sub(cpu));
        self.a_second.push(count as f64 / took.as_secs_f64());
        self.cpu_micros.push(used.as_secs_f64() * 1e6 / count as f64);
        Ok(())
    }
}

/// Less than this of a core is nothing.
const IDLE_SHARE: f64 = 0.03;

/// Waits until a process has nothing to do any more.
fn wait_until_idle(watched: &Watched) -> Result<(), Failure> {
    let patience = stopwatch::now() + PATIENCE;
    while stopwatch::now() < patience {
        let (before, started) = (watched.cpu_time()?, stopwatch::now());
        stopwatch::wait(Duration::from_millis(500));
        let used = watched.cpu_time()?.saturating_sub(before);
        if used.as_secs_f64() < started.elapsed().as_secs_f64() * IDLE_SHARE {
            return Ok(());
        }
    }
    Err(Failure::new("the server goes on working long after its start"))
}
