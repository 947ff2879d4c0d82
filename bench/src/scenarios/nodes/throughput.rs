//! How many logins, refreshes and logouts a second there are, by how many callers and nodes; how many statements each
//! takes, and how often it waits for the database.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::authority::Authority;
use doorward_core::sign_in::SignedIn;
use doorward_testkit::postgres::Database;
use doorward_testkit::proxy::{Link, Way};

use super::people::{log_in, log_out, refresh, register};
use super::statements::Statements;
use super::{ABOUT_THE_CLUSTER, CONNECTIONS, address, cluster, node};
use crate::callers::{crowd, runtime};
use crate::failure::Failure;
use crate::report::{Report, Wanted};
use crate::scenarios::Surroundings;
use crate::statistics::{Sorted, median};
use crate::stopwatch;

/// Callers at once, and nodes that they are spread over.
const CALLERS: [(usize, usize); 4] = [(1, 1), (8, 1), (64, 1), (64, 3)];

/// Operations of each kind, for each of [`CALLERS`] and each round. Few for a lone caller, who takes the longest.
const OPERATIONS: usize = 1000;
const OPERATIONS_ALONE: usize = 200;

/// Operations whose statements are counted.
const COUNTED: usize = 100;

/// Operations that are timed over a line that takes so much longer each way: long against everything else.
const TIMED: usize = 11;
const DELAY: Duration = Duration::from_millis(50);

const KINDS: [&str; 3] = ["login", "refresh", "logout"];

/// Round trips that each may take.
const ROUND_TRIPS: [Option<f64>; 3] = [Some(3.0), Some(2.0), None];

pub(in crate::scenarios) fn run(surroundings: &Surroundings) -> Result<Report, Failure> {
    let (cluster, runtime) = (cluster(), runtime()?);
    let database = cluster.fresh_database();
    let mut report = Report::default();
    runtime.block_on(async {
        let mut nodes = Vec::new();
        for _ in 0..3 {
            nodes.push(node(address(&database, cluster.address())?, CONNECTIONS).await?);
        }
        let Some(first) = nodes.first() else { return Ok(()) };
        let registrar = Arc::clone(first);
        crowd(8, vec![(); OPERATIONS], move |number, ()| register(Arc::clone(&registrar), number)).await?;
        rates(surroundings, &nodes, &mut report).await?;
        statements(&database, &mut report).await?;
        round_trips(&database, &mut report).await
    })?;
    report.note(ABOUT_THE_CLUSTER);
    report.note(
        "passwords are hashed at 8 KiB and one pass, in next to no time: what a hash costs comes on top",
    );
    report.note(
        "round trips: how much longer one takes over a line with a delay, by what a round trip takes there; statements as \
         pg_stat_statements counts them, BEGIN and COMMIT among them",
    );
    Ok(report)
}

async fn rates(
    surroundings: &Surroundings,
    nodes: &[Arc<Authority>],
    report: &mut Report,
) -> Result<(), Failure> {
    let mut measured = CALLERS.map(|_| KINDS.map(|_| Vec::new()));
    for _ in 0..surroundings.rounds {
        for ((callers, spread), rates) in CALLERS.into_iter().zip(&mut measured) {
            let nodes: Arc<[_]> = nodes.iter().take(spread).cloned().collect();
            let operations = if callers == 1 { OPERATIONS_ALONE } else { OPERATIONS };
            for (rate, kind) in rates.iter_mut().zip(a_round(&nodes, callers, operations).await?) {
                rate.push(operations as f64 / kind.as_secs_f64());
            }
        }
    }
    for ((callers, spread), rates) in CALLERS.into_iter().zip(&measured) {
        for (kind, rate) in KINDS.into_iter().zip(rates) {
            let nodes = if spread == 1 { "1 node".to_owned() } else { format!("{spread} nodes") };
            report.figure(format!("{kind}, {callers} callers, {nodes}"), median(rate), "a second");
        }
    }
    Ok(())
}

/// How long it took everybody to log in, then to refresh, then to log out.
async fn a_round(
    nodes: &Arc<[Arc<Authority>]>,
    callers: usize,
    operations: usize,
) -> Result<[Duration; 3], Failure> {
    let pick = |nodes: &Arc<[Arc<Authority>]>| {
        let nodes = Arc::clone(nodes);
        move |number: usize| {
            let node = nodes.iter().cycle().nth(number % nodes.len().max(1));
            node.cloned().ok_or_else(|| Failure::new("there is no node"))
        }
    };
    let (first, second, third) = (pick(nodes), pick(nodes), pick(nodes));
    let started = stopwatch::now();
    let act = move |number, ()| {
        let node = first(number);
        async move { log_in(node?, number).await }
    };
    let signed_in = crowd(callers, vec![(); operations], act).await?;
    let logins = started.elapsed();
    let started = stopwatch::now();
    let act = move |number, who| {
        let node = second(number);
        async move { refresh(node?, number, who).await }
    };
    let signed_in = crowd(callers, signed_in, act).await?;
    let refreshes = started.elapsed();
    let started = stopwatch::now();
    let act = move |number, who| {
        let node = third(number);
        async move { log_out(node?, number, who).await }
    };
    crowd(callers, signed_in, act).await?;
    Ok([logins, refreshes, started.elapsed()])
}

/// By one caller on one connection, so that nothing else is counted.
async fn statements(database: &Database<'_>, report: &mut Report) -> Result<(), Failure> {
    let node = node(address(database, database.cluster().address())?, 1).await?;
    let statements = Statements::of(database);
    let mut signed_in: Vec<SignedIn> = Vec::new();
    // The first prepares the statements.
    for who in each(&node, 0..1, Vec::new(), "login").await? {
        let who = each(&node, 0..1, vec![who], "refresh").await?;
        each(&node, 0..1, who, "logout").await?;
    }
    for kind in KINDS {
        let before = statements.so_far()?;
        signed_in = each(&node, 0..COUNTED, signed_in, kind).await?;
        let asked = statements.so_far()? - before;
        report.figure(format!("{kind}: statements"), asked / COUNTED as f64, "");
    }
    Ok(())
}

async fn round_trips(database: &Database<'_>, report: &mut Report) -> Result<(), Failure> {
    let link = Link::to(database.cluster().address());
    let node = node(address(database, link.address())?, 1).await?;
    let mut medians = Vec::new();
    for delay in [Duration::ZERO, DELAY] {
        link.delay(Way::Both, delay);
        let mut signed_in = Vec::new();
        for kind in KINDS {
            let (mut latencies, mut done) = (Vec::new(), Vec::new());
            let mut before = signed_in.into_iter();
            for number in 0..TIMED {
                let who = before.next().into_iter().collect();
                let started = stopwatch::now();
                done.append(&mut each(&node, number..number + 1, who, kind).await?);
                latencies.push(started.elapsed());
                // A commit that nobody waited for is not to be waited for by the next.
                stopwatch::pause(delay * 3).await;
            }
            medians.push(Sorted::micros(&latencies).median());
            signed_in = done;
        }
    }
    let (near, far) = medians.split_at(KINDS.len());
    for (((kind, most), near), far) in KINDS.into_iter().zip(ROUND_TRIPS).zip(near).zip(far) {
        let trips = (far - near) / (DELAY.as_secs_f64() * 2e6);
        let name = format!("{kind}: round trips waited for");
        match most {
            // A round trip is a whole one; what is beyond is the machine's.
            Some(most) => report.wanted(name, trips.round(), "", Wanted::AtMost(most)),
            None => report.figure(name, trips.round(), ""),
        }
    }
    Ok(())
}

/// One operation for each number, one after the other.
async fn each(
    node: &Arc<Authority>,
    numbers: std::ops::Range<usize>,
    signed_in: Vec<SignedIn>,
    kind: &str,
) -> Result<Vec<SignedIn>, Failure> {
    let (mut done, mut signed_in) = (Vec::new(), signed_in.into_iter());
    for number in numbers {
        let node = Arc::clone(node);
        match (kind, signed_in.next()) {
            ("refresh", Some(who)) => done.push(refresh(node, number, who).await?),
            ("logout", Some(who)) => log_out(node, number, who).await?,
            _ => done.push(log_in(node, number).await?),
        }
    }
    Ok(done)
}
