//! A node that does not reach the database any more, whether it is told so or not, or stands still itself.
//!
//! Goal: the others go on as if nothing were; the node lets nobody in of whom it cannot know that they are welcome, says
//! so, and recovers by itself.
//! Method: its line is cut or falls silent, or its process is stopped, while people are at work elsewhere and a session
//! is ended elsewhere. Who was let in when is checked on the history.

use doorward_testkit::proxy::Way;
use rustix::process::Signal;

use crate::load::Load;
use crate::person::Person;
use crate::stage::{BOUND, NODES, ROOT, Stage, race};

/// The node that something happens to, and those to which nothing does.
const LONELY: usize = 0;
const OTHERS: [usize; NODES - 1] = [1, 2];

/// Somebody whose session is ended meanwhile, and somebody whose is not; every node knows both.
fn two_sessions(stage: &Stage) -> [Person<'_>; 2] {
    [1, 2].map(|node| {
        let mut person = Person::signed_in(stage, ROOT, node);
        for node in 0..NODES {
            assert_eq!(person.enter(node).status, 200);
        }
        person
    })
}

#[track_caller]
fn assert_it_recovers(stage: &Stage, ended: &mut Person<'_>, stays: &mut Person<'_>) {
    stage.eventually("it recovers by itself", || stays.enter(LONELY).status == 200);
    stage.eventually("it knows what happened", || ended.enter(LONELY).code() == "session_revoked");
    stage.eventually("it writes again", || stays.refresh(LONELY).status == 200);
    stage.check_history();
}

#[track_caller]
fn lets_nobody_in_without_its_line(cut: impl FnOnce(&Stage)) {
    let stage = Stage::new(&[("DOORWARD_STORE__TIMEOUT", "8s")]);
    let [mut ended, mut stays] = two_sessions(&stage);
    Load::at(&stage, &OTHERS, 2).during(|_| {
        cut(&stage);
        assert_eq!(ended.clone().log_out(2).status, 204);
        // As ever for as long as what it knows is fresh enough; then not at all.
        stage.eventually("it cannot know", || stays.enter(LONELY).code() == "revocation_state_stale");
        assert_eq!(ended.enter(LONELY).code(), "revocation_state_stale");
        assert_eq!(stays.clone().refresh(LONELY).code(), "store_unavailable");
        assert_eq!(stage.ready(LONELY), "503");
        stage.link(LONELY).mend();
        assert_it_recovers(&stage, &mut ended, &mut stays);
    });
}

#[test]
fn a_node_whose_connections_are_cut_lets_nobody_in_and_recovers() {
    lets_nobody_in_without_its_line(|stage| stage.link(LONELY).cut());
}

#[test]
fn a_node_that_hears_nothing_any_more_lets_nobody_in_and_recovers() {
    lets_nobody_in_without_its_line(|stage| stage.link(LONELY).silence(Way::Both, true));
}

#[test]
fn a_node_that_stood_still_lets_nobody_in_whom_it_missed_the_end_of() {
    const ASKING: usize = 32;
    let stage = Stage::new(&[("DOORWARD_STORE__TIMEOUT", "8s")]);
    let [mut ended, mut stays] = two_sessions(&stage);
    Load::at(&stage, &OTHERS, 2).during(|_| {
        stage.signal(LONELY, Signal::STOP);
        assert_eq!(ended.clone().log_out(2).status, 204);
        let missed = stage.now();
        stage.eventually("the bound is past", || stage.now() > missed + 2 * BOUND);
        // It wakes before it can have heard anything.
        stage.link(LONELY).silence(Way::Both, true);
        // Whoever asks a node that stands still waits for it; the last of them has it go on.
        let codes = race(ASKING, |racer| {
            if racer == ASKING - 1 {
                stage.signal(LONELY, Signal::CONT);
            }
            ended.clone().enter(LONELY).code().to_owned()
        });
        assert_eq!(codes, ["revocation_state_stale"; ASKING]);
        stage.link(LONELY).mend();
        assert_it_recovers(&stage, &mut ended, &mut stays);
    });
}
