//! As many sessions as there may be, whichever nodes open them.

use doorward_testkit::history::Promises;
use serde_json::Value as Json;

use crate::person::Person;
use crate::stage::{BOUND, NODES, Stage, race};

const LOGINS: usize = 64;
const LIMIT: usize = 5;

fn stage(on_limit: &str) -> Stage {
    let limit = LIMIT.to_string();
    let stage =
        Stage::new(&[("DOORWARD_SESSION__MAX_PER_USER", &limit), ("DOORWARD_SESSION__ON_LIMIT", on_limit)]);
    stage.add_user("ann");
    stage
}

/// How many sessions of Ann's the store holds alive, as the administrator is told.
fn alive(stage: &Stage) -> usize {
    let listed = stage.place(0).json(&["session", "list", "--user", "ann"]);
    listed["items"].as_array().map_or(0, Vec::len)
}

#[test]
fn of_sixty_four_logins_at_three_nodes_at_once_the_limit_is_alive_when_the_oldest_give_way() {
    let stage = stage("revoke_oldest");
    let mut signed_in = race(LOGINS, |racer| Person::signed_in(&stage, "ann", racer % NODES));
    assert_eq!(alive(&stage), LIMIT);
    let refreshed: Vec<_> =
        signed_in.iter_mut().enumerate().map(|(index, person)| person.refresh(index % NODES)).collect();
    assert_eq!(refreshed.iter().filter(|answer| answer.status == 200).count(), LIMIT);
    assert!(refreshed.iter().all(|answer| answer.status == 200 || answer.code() == "session_revoked"));
    stage.check_history_for(Promises { bound: BOUND, logins_end_others: true });
}

#[test]
fn of_sixty_four_logins_at_three_nodes_at_once_the_limit_is_let_in_when_the_latest_are_refused() {
    let stage = stage("refuse");
    let answers = race(LOGINS, |racer| Person::new(&stage, "ann").log_in(racer % NODES));
    let refused = |body: &Json| body["code"] == "session_limit_reached";
    assert!(answers.iter().all(|answer| answer.status == 200 || refused(&answer.body)));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), LIMIT);
    assert_eq!(alive(&stage), LIMIT);
    stage.check_history();
}
