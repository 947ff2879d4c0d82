//! Administrators at different nodes who get in each other's way.

use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage, race};

#[test]
fn two_administrators_who_disable_each_other_at_two_nodes_never_both_succeed() {
    const ROUNDS: usize = 30;
    let stage = Stage::new(&[]);
    let mut root = Person::signed_in(&stage, ROOT, 0);
    let other = root.create_user(0, "ann", &["admin"]);
    let first = root.ask(0, "GET", "/v1/me", "").body["id"].as_str().unwrap().to_owned();
    let ids = [first, other];
    let names = [ROOT, "ann"];
    for round in 0..ROUNDS {
        let administrators =
            [0, 1].map(|which| Person::signed_in(&stage, names[which], (round + which) % NODES));
        let answers = race(2, |which| {
            let victim = format!("/v1/admin/users/{}", ids[1 - which]);
            administrators[which].clone().ask(
                (round + which) % NODES,
                "PATCH",
                &victim,
                r#"{"disabled":true}"#,
            )
        });
        let succeeded: Vec<_> = (0..2).filter(|&which| answers[which].status == 200).collect();
        let [winner] = succeeded[..] else {
            panic!("round {round}: {}, {}", answers[0].body, answers[1].body)
        };
        let refused = &answers[1 - winner];
        assert!(refused.code() == "last_admin" || refused.status == 401, "round {round}: {}", refused.body);
        // Not in vain for ever: who is left undoes it.
        let victim = format!("/v1/admin/users/{}", ids[1 - winner]);
        let enabled =
            administrators[winner].clone().ask(round % NODES, "PATCH", &victim, r#"{"disabled":false}"#);
        assert_eq!(enabled.status, 200, "round {round}: {}", enabled.body);
    }
}

#[test]
fn a_name_is_given_once_however_many_nodes_are_asked_for_it() {
    const RACERS: usize = 12;
    let stage = Stage::new(&[]);
    let administrator = Person::signed_in(&stage, ROOT, 0);
    for round in 0..10 {
        let spellings = [format!("bob{round}"), format!("BOB{round}"), format!("Bob{round}")];
        let statuses = race(RACERS, |racer| {
            let answer = administrator.clone().try_to_create_user(racer % NODES, &spellings[racer % 3], &[]);
            assert!(answer.status == 201 || [409, 422].contains(&answer.status), "{}", answer.body);
            answer.status
        });
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    }
}
