//! The database is stopped, killed, paused, short of connections or slow, while people are at work at every node.
//!
//! Goal: nothing that was answered is lost, nobody who was signed out gets in again, nobody who was not is signed out, and
//! as soon as the database is back everything goes on by itself.
//! Method: people refresh, enter and sign out without pause; of a node that cannot answer they are told so (503, or no
//! answer) and ask again with what they hold, so that a refresh that was acknowledged and forgotten, or half done, would
//! end its session: and none may end. Everything that was answered is checked afterwards.

use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use doorward_testkit::postgres::{Cluster, Settings};
use doorward_testkit::proxy::Way;

use crate::load::{Load, wait_for_answers};
use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage};

/// A cluster of the test's own. Should the test fail, its guardian ends it with the process.
fn cluster() -> &'static Cluster {
    Box::leak(Box::new(Settings::new().with("max_connections", "200").start()))
}

/// Has people at work while `fault` comes and goes.
#[track_caller]
fn nothing_is_lost_by(fault: impl FnOnce(&Stage, &Cluster, &AtomicUsize)) {
    let cluster = cluster();
    let stage = Stage::on(cluster, &[("DOORWARD_STORE__TIMEOUT", "2s")]);
    let mut gone: Vec<_> = (0..NODES).map(|node| Person::signed_in(&stage, ROOT, node)).collect();
    let mut stays = Person::signed_in(&stage, ROOT, 0);
    for (node, person) in gone.iter().enumerate() {
        assert_eq!(person.clone().log_out(node).status, 204);
    }
    Load::of(&stage, 4).that_bears_outages().during(|answered| {
        wait_for_answers(&stage, answered, 20);
        fault(&stage, cluster, answered);
        wait_for_answers(&stage, answered, 20);
        for (node, gone) in gone.iter_mut().enumerate() {
            stage.eventually("the node is ready again", || stage.ready(node) == "200");
            stage.eventually("who was signed in is", || stays.refresh(node).status == 200);
            stage.eventually("who was signed out is", || gone.enter(node).code() == "session_revoked");
        }
    });
    assert_eq!(stage.events("session.refresh_reused"), 0);
    stage.check_history();
    assert_eq!(stage.place(0).json(&["audit", "verify"])["intact"], true);
    drop(stage);
    cluster.stop();
}

#[test]
fn nothing_is_lost_when_the_database_is_killed_again_and_again() {
    nothing_is_lost_by(|stage, cluster, answered| {
        for _ in 0..3 {
            cluster.kill();
            cluster.start_again();
            wait_for_answers(stage, answered, 20);
        }
    });
}

#[test]
fn nothing_is_lost_when_the_database_is_restarted_or_stays_away_past_the_bound() {
    nothing_is_lost_by(|stage, cluster, answered| {
        cluster.restart();
        wait_for_answers(stage, answered, 20);
        cluster.stop();
        for node in 0..NODES {
            stage.eventually("the node says that it cannot know", || stage.ready(node) == "503");
        }
        cluster.start_again();
    });
}

#[test]
fn nothing_is_lost_when_the_database_stands_still_past_the_bound() {
    nothing_is_lost_by(|stage, cluster, _| {
        cluster.pause();
        for node in 0..NODES {
            stage.eventually("the node says that it cannot know", || stage.ready(node) == "503");
        }
        cluster.resume();
    });
}

#[test]
fn nothing_is_lost_when_there_are_too_few_connections() {
    nothing_is_lost_by(|stage, cluster, answered| {
        cluster.set("max_connections", "8");
        cluster.restart();
        wait_for_answers(stage, answered, 20);
        cluster.set("max_connections", "200");
        cluster.restart();
    });
}

#[test]
fn people_go_on_with_a_database_far_away() {
    nothing_is_lost_by(|stage, _, answered| {
        for node in 0..NODES {
            stage.link(node).delay(Way::Both, Duration::from_millis(50));
        }
        wait_for_answers(stage, answered, 50);
        for node in 0..NODES {
            stage.link(node).mend();
        }
    });
}
