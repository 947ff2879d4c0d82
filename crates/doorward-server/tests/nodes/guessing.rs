//! Failures are counted over all nodes: whoever guesses at three has no more guesses than at one.

use std::collections::BTreeMap;

use crate::person::Person;
use crate::stage::{NODES, Stage, race};

const THRESHOLD: usize = 10;
const GUESSES: usize = 64;

fn stage() -> Stage {
    let stage = Stage::new(&[("DOORWARD_LOCKOUT__THRESHOLD", &THRESHOLD.to_string())]);
    stage.add_user("ann");
    stage
}

#[track_caller]
fn assert_locked_everywhere(stage: &Stage, name: &str) {
    for node in 0..NODES {
        let answer = Person::new(stage, name).log_in(node);
        assert_eq!((answer.status, answer.code()), (429, "account_locked"), "node {node}: {}", answer.body);
    }
}

#[test]
fn the_last_failure_that_is_allowed_locks_whichever_nodes_saw_the_others() {
    let stage = stage();
    for name in ["ann", "nobody"] {
        for failure in 1..THRESHOLD {
            let answer = Person::new(&stage, name).guess(failure % NODES, "guess");
            assert_eq!(answer.code(), "invalid_credentials", "{name}, failure {failure}");
        }
        let answer = Person::new(&stage, name).guess(THRESHOLD % NODES, "guess");
        assert_eq!(answer.code(), "account_locked", "{name}");
        assert_locked_everywhere(&stage, name);
    }
}

#[test]
fn of_sixty_four_guesses_at_three_nodes_at_once_no_more_are_examined_than_the_threshold_allows() {
    let stage = stage();
    for name in ["ann", "nobody"] {
        let codes = race(GUESSES, |racer| {
            Person::new(&stage, name).guess(racer % NODES, &format!("guess {racer}")).code().to_owned()
        });
        let mut counts = BTreeMap::new();
        for code in codes {
            *counts.entry(code).or_insert(0) += 1;
        }
        let expected = [("account_locked", GUESSES - THRESHOLD + 1), ("invalid_credentials", THRESHOLD - 1)];
        assert_eq!(counts, expected.map(|(code, count)| (code.to_owned(), count)).into(), "{name}");
        assert_locked_everywhere(&stage, name);
    }
}
