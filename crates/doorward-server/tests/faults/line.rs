//! The line between the nodes and the database is slow, cut or silent.

use std::time::Duration;

use doorward_testkit::proxy::Way;

use crate::scene::{ALL, endures};
use crate::stage::{NODES, Stage};
use crate::traffic::Traffic;

/// The node whose line it is, and those whose lines are as ever.
const LONELY: usize = 0;
const OTHERS: [usize; NODES - 1] = [1, 2];

#[test]
fn lines_that_are_slow() {
    endures(|stage, _, traffic| {
        for node in ALL {
            stage.link(node).delay(Way::Back, Duration::from_millis(200));
        }
        traffic.flows(stage, &ALL);
        stage.eventually("they are fresh enough", || ALL.iter().all(|node| stage.ready(*node) == "200"));
        ALL.iter().for_each(|node| stage.link(*node).mend());
    });
}

/// Something happens to the line of one node; the others go on, and it says that it cannot.
#[track_caller]
fn one_is_alone(harm: impl Fn(&Stage)) {
    endures(|stage, _, traffic: &Traffic| {
        harm(stage);
        stage.eventually("it cannot know", || stage.ready(LONELY) == "503");
        traffic.stops(stage, &[LONELY]);
        traffic.flows(stage, &OTHERS);
        stage.link(LONELY).mend();
    });
}

#[test]
fn a_line_that_is_slower_than_the_bound() {
    one_is_alone(|stage| stage.link(LONELY).delay(Way::Both, Duration::from_secs(2)));
}

#[test]
fn a_line_that_is_cut() {
    one_is_alone(|stage| stage.link(LONELY).cut());
}

#[test]
fn a_line_by_which_nothing_arrives() {
    one_is_alone(|stage| stage.link(LONELY).silence(Way::Both, true));
}

#[test]
fn a_line_by_which_no_answer_arrives() {
    // Commits happen, and nobody hears of it.
    one_is_alone(|stage| stage.link(LONELY).silence(Way::Back, true));
}

#[test]
fn lines_that_are_reset_again_and_again() {
    endures(|stage, _, traffic| {
        for round in 0..12 {
            stage.link(round % NODES).reset();
            traffic.flows(stage, &[round % NODES]);
        }
    });
}
