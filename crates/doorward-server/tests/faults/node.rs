//! A node is killed, or stands still.

use doorward_testkit::proxy::Way;
use rustix::process::Signal;

use crate::scene::{ALL, BOUND, endures, insist, sign_out, signed_in};
use crate::stage::race;

#[test]
fn a_node_that_is_killed() {
    endures(|stage, _, traffic| {
        for node in ALL {
            stage.kill(node);
            let others: Vec<_> = ALL.into_iter().filter(|other| *other != node).collect();
            traffic.flows(stage, &others);
            stage.start(node);
        }
    });
}

#[test]
fn a_node_that_stood_still_past_the_bound_lets_nobody_in_before_it_has_asked() {
    const ASKING: usize = 8;
    const PAUSED: usize = 0;
    endures(|stage, _, traffic| {
        let [ended, stays] = [1, 2].map(|node| signed_in(stage, node));
        for person in [&ended, &stays] {
            assert_eq!(insist(stage, || person.clone().enter(PAUSED)).status, 200);
        }
        stage.signal(PAUSED, Signal::STOP);
        sign_out(stage, &ended, 2);
        let missed = stage.now();
        stage.eventually("the bound is past", || stage.now() > missed + 2 * BOUND);
        // It wakes before it can have heard anything.
        stage.link(PAUSED).silence(Way::Both, true);
        let codes = race(2 * ASKING, |racer| {
            if racer == 2 * ASKING - 1 {
                stage.signal(PAUSED, Signal::CONT);
            }
            let mut person = if racer % 2 == 0 { ended.clone() } else { stays.clone() };
            person.enter(PAUSED).code().to_owned()
        });
        assert_eq!(codes, ["revocation_state_stale"; 2 * ASKING]);
        stage.link(PAUSED).mend();
        traffic.flows(stage, &ALL);
        stage.eventually("it knows", || ended.clone().enter(PAUSED).code() == "session_revoked");
    });
}
