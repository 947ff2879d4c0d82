//! How long a session that was ended on one node is let in by the others.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use doorward_core::authority::Authority;
use doorward_core::session::Transport;
use doorward_core::sign_in::SignedIn;
use doorward_store::postgres::{Address, CHANNEL};
use tokio::time::{MissedTickBehavior, interval};

use super::people::{log_in, log_out, register};
use super::{ABOUT_THE_CLUSTER, CONNECTIONS, address, cluster, node};
use crate::callers::{crowd, runtime};
use crate::failure::Failure;
use crate::report::{Report, Wanted};
use crate::scenarios::Surroundings;
use crate::statistics::Sorted;
use crate::stopwatch;

/// Sessions that are ended, with hints and by polling alone.
const ENDED: [(usize, Following); 2] = [(10_000, Following::Hints), (2_000, Following::Polling)];

/// A second. Each begins on time, whatever becomes of the one before.
const RATE: u32 = 200;

const USERS: usize = 2_500;

/// As the server follows the feed: see `run_background`.
const POLL_EVERY: Duration = Duration::from_millis(100);
const HEED_HINTS_EVERY: Duration = Duration::from_millis(10);

/// The bound on revocation, by default.
const BOUND_MILLIS: f64 = 1000.0;

/// How long is waited for what should have happened long ago.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Following {
    Hints,
    Polling,
}

/// What is observed of the end of one session.
#[derive(Default)]
struct End {
    /// When whoever ended it was told so.
    answered: OnceLock<Instant>,
    /// When each of the other two nodes was found to refuse it.
    refused: [OnceLock<Instant>; 2],
}

/// Sessions that a node still lets in.
type LetIn = Mutex<Vec<(usize, String)>>;

pub(in crate::scenarios) fn run(_: &Surroundings) -> Result<Report, Failure> {
    let (cluster, runtime) = (cluster(), runtime()?);
    let mut report = Report::default();
    for (count, following) in ENDED {
        let database = cluster.fresh_database();
        let ends = runtime.block_on(measure(address(&database, cluster.address())?, count, following))?;
        tell(&ends, count, following, &mut report)?;
    }
    report.note(ABOUT_THE_CLUSTER);
    report.note(format!(
        "{RATE} logouts a second on one node; latency from the answer to the logout until another node refuses the access \
         token, looked at whenever that node has read the feed: by hints (LISTEN, heeded every {} ms at most) and polling \
         (every {} ms), or by polling alone",
        HEED_HINTS_EVERY.as_millis(),
        POLL_EVERY.as_millis()
    ));
    Ok(report)
}

async fn measure(address: Address, count: usize, following: Following) -> Result<Arc<[End]>, Failure> {
    let first = node(address.clone(), CONNECTIONS).await?;
    let ends: Arc<[End]> = (0..count).map(|_| End::default()).collect();
    let let_in = [Arc::new(LetIn::default()), Arc::new(LetIn::default())];
    let registrar = Arc::clone(&first);
    crowd(8, vec![(); USERS], move |number, ()| register(Arc::clone(&registrar), number)).await?;
    let doorman = Arc::clone(&first);
    let signed_in =
        crowd(8, vec![(); count], move |number, ()| log_in(Arc::clone(&doorman), number % USERS)).await?;
    let mut followers = Vec::new();
    for (other, let_in) in let_in.iter().enumerate() {
        let node = node(address.clone(), CONNECTIONS).await?;
        let hints = (following == Following::Hints).then(|| address.clone());
        let (ends, let_in) = (Arc::clone(&ends), Arc::clone(let_in));
        followers.push(tokio::spawn(follow(node, hints, other, ends, let_in)));
    }
    end_all(&first, signed_in, &ends, &let_in).await?;
    let patience = stopwatch::now() + PATIENCE;
    while !let_in.iter().all(|let_in| let_in.lock().unwrap_or_else(PoisonError::into_inner).is_empty()) {
        if stopwatch::now() > patience || followers.iter().any(tokio::task::JoinHandle::is_finished) {
            return Err(Failure::new("a node never refused a session that was ended"));
        }
        stopwatch::pause(POLL_EVERY).await;
    }
    followers.iter().for_each(tokio::task::JoinHandle::abort);
    Ok(ends)
}

/// Ends one session after the other, on time.
async fn end_all(
    node: &Arc<Authority>,
    signed_in: Vec<SignedIn>,
    ends: &Arc<[End]>,
    let_in: &[Arc<LetIn>; 2],
) -> Result<(), Failure> {
    let mut ticks = interval(Duration::from_secs(1) / RATE);
    let mut ending = tokio::task::JoinSet::new();
    for (number, who) in signed_in.into_iter().enumerate() {
        ticks.tick().await;
        for let_in in let_in {
            let token = who.access_token.reveal().to_owned();
            let_in.lock().unwrap_or_else(PoisonError::into_inner).push((number, token));
        }
        let (node, ends) = (Arc::clone(node), Arc::clone(ends));
        ending.spawn(async move {
            log_out(node, number % USERS, who).await?;
            if let Some(end) = ends.get(number) {
                end.answered.get_or_init(stopwatch::now);
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = ending.join_next().await {
        ended.map_err(|_| Failure::new("a logout ended abruptly"))??;
    }
    Ok(())
}

/// Follows the feed as a server does, and notes after each reading whom the node refuses by now.
async fn follow(
    node: Arc<Authority>,
    hints: Option<Address>,
    other: usize,
    ends: Arc<[End]>,
    let_in: Arc<LetIn>,
) -> Result<(), Failure> {
    let mut listening = match hints {
        Some(address) => {
            Some(address.listen(CHANNEL).await.map_err(|error| Failure::io("listening", error))?)
        }
        None => None,
    };
    let (mut ticks, mut heeded) = (interval(POLL_EVERY), interval(HEED_HINTS_EVERY));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    heeded.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        match &mut listening {
            Some(notifications) => {
                tokio::select! {
                    _ = ticks.tick() => {}
                    connected = notifications.next() => {
                        if !connected {
                            return Err(Failure::new("the connection that listens has ended"));
                        }
                        heeded.tick().await;
                    }
                }
            }
            None => drop(ticks.tick().await),
        }
        node.follow_feed().await.map_err(|error| Failure::io("the feed", error))?;
        let now = stopwatch::now();
        let_in.lock().unwrap_or_else(PoisonError::into_inner).retain(|(number, token)| {
            let refused = node.verifier().verify(token, Transport::Cookie).is_err();
            if refused && let Some(end) = ends.get(*number).and_then(|end| end.refused.get(other)) {
                end.get_or_init(|| now);
            }
            !refused
        });
    }
}

fn tell(ends: &[End], count: usize, following: Following, report: &mut Report) -> Result<(), Failure> {
    let mut latencies = Vec::new();
    for end in ends {
        let answered = end.answered.get().ok_or_else(|| Failure::new("a logout was not answered"))?;
        for refused in end.refused.iter().filter_map(OnceLock::get) {
            // Another node may hear of it before whoever ended it is told.
            latencies.push(refused.saturating_duration_since(*answered));
        }
    }
    let how = if following == Following::Hints { "hints and polling" } else { "polling alone" };
    let sorted = Sorted::micros(&latencies);
    for (quantile, per_mille) in [("p50", 500), ("p99", 990)] {
        report.figure(format!("{count} logouts, {how}: {quantile}"), sorted.quantile(per_mille) / 1e3, "ms");
    }
    report.wanted(
        format!("{count} logouts, {how}: slowest"),
        sorted.max() / 1e3,
        "ms",
        Wanted::AtMost(BOUND_MILLIS),
    );
    Ok(())
}
