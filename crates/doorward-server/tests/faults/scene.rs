//! What each fault happens to: nodes at work, some people whose sessions outlive it, some whose sessions ended before.

use std::time::Duration;

use doorward_testkit::browser::Answer;
use doorward_testkit::history::Promises;
use doorward_testkit::postgres::{Cluster, Settings};

use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage};
use crate::traffic::Traffic;

/// How long somebody may be let in after their session was ended.
pub(crate) const BOUND: Duration = Duration::from_secs(2);
const SETTINGS: [(&str, &str); 3] = [
    ("DOORWARD_REVOCATION__MAX_STALENESS", "2s"),
    ("DOORWARD_STORE__TIMEOUT", "5s"),
    // Fewer than there are people: operations wait for each other's.
    ("DOORWARD_STORE__POOL_SIZE", "3"),
];

pub(crate) const ALL: [usize; NODES] = [0, 1, 2];

/// A cluster of the test's own. Should the test fail, its guardian ends it with the process.
pub(crate) fn cluster() -> &'static Cluster {
    Box::leak(Box::new(Settings::new().with("max_connections", "100").start()))
}

/// Has a fault come and go while people come and go, on a cluster of its own.
#[track_caller]
pub(crate) fn endures(fault: impl FnOnce(&Stage, &Cluster, &Traffic)) {
    endures_on(cluster(), fault);
}

/// [`endures`], on this cluster.
#[track_caller]
pub(crate) fn endures_on(cluster: &'static Cluster, fault: impl FnOnce(&Stage, &Cluster, &Traffic)) {
    let stage = Stage::on(cluster, &SETTINGS);
    let mut gone = signed_in(&stage, 0);
    let mut stays = signed_in(&stage, 1);
    sign_out(&stage, &gone, 2);
    Traffic::during(&stage, |traffic| {
        traffic.flows(&stage, &ALL);
        fault(&stage, cluster, traffic);
        // Nobody has done anything about it.
        for node in ALL {
            stage.eventually("the node is ready again", || stage.ready(node) == "200");
        }
        traffic.flows(&stage, &ALL);
        for node in ALL {
            let refreshed = insist(&stage, || stays.refresh(node));
            assert_eq!(refreshed.status, 200, "who was signed in is: {}", refreshed.body);
            let entered = insist(&stage, || gone.enter(node));
            assert_eq!(entered.code(), "session_revoked", "who was signed out is: {}", entered.body);
        }
    });
    assert_eq!(stage.events("session.refresh_reused"), 0, "no owner was taken for a thief");
    stage.check_history_for(Promises { bound: BOUND, logins_end_others: false });
    assert_eq!(stage.place(0).json(&["audit", "verify"])["intact"], true);
    drop(stage);
    cluster.stop();
}

/// Asks until the node can answer.
#[track_caller]
pub(crate) fn insist(stage: &Stage, mut ask: impl FnMut() -> Answer) -> Answer {
    let mut answer = ask();
    stage.eventually("the node can answer", || {
        if answer.status == 503 {
            answer = ask();
        }
        answer.status != 503
    });
    answer
}

/// An administrator, signed in by this node.
#[track_caller]
pub(crate) fn signed_in(stage: &Stage, node: usize) -> Person<'_> {
    let mut person = Person::new(stage, ROOT);
    let answer = insist(stage, || person.log_in(node));
    assert_eq!(answer.status, 200, "{}", answer.body);
    person
}

/// Ends somebody's session at this node; they go on holding their tokens.
#[track_caller]
pub(crate) fn sign_out(stage: &Stage, person: &Person<'_>, node: usize) {
    let answer = insist(stage, || person.clone().log_out(node));
    // By an earlier question that was not answered.
    assert!(answer.status == 204 || answer.code() == "session_revoked", "{}", answer.body);
}

/// Waits until each node tells its load balancer that it cannot know, and people too.
#[track_caller]
pub(crate) fn all_stop(stage: &Stage, traffic: &Traffic) {
    for node in ALL {
        stage.eventually("the node says that it cannot know", || stage.ready(node) == "503");
    }
    traffic.stops(stage, &ALL);
}
