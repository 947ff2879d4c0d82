//! One refresh token, shown to three nodes at once: tabs behind a load balancer, and retries that take another way.

use std::collections::BTreeSet;

use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage, race};

/// How many clients present one token: the first spends it, the others repeat it, which is allowed 64 times.
const CLIENTS: usize = 64;
const REPEATS_ALLOWED: usize = 64;

#[test]
fn a_token_that_sixty_four_clients_show_to_three_nodes_has_one_successor() {
    const GENERATIONS: usize = 5;
    let stage = Stage::new(&[]);
    let mut holder = Person::signed_in(&stage, ROOT, 0);
    for generation in 1..=GENERATIONS {
        let tabs = race(CLIENTS, |racer| {
            let mut tab = holder.clone();
            let answer = tab.refresh(racer % NODES);
            assert_eq!(answer.status, 200, "generation {generation}: {}", answer.body);
            tab
        });
        let successors: BTreeSet<_> = tabs.iter().map(Person::token).collect();
        assert_eq!(successors.len(), 1, "generation {generation}");
        assert_ne!(tabs[0].token(), holder.token());
        holder = tabs.into_iter().nth(generation).unwrap();
    }
    assert_eq!(stage.events("session.refreshed"), GENERATIONS);
    assert_eq!(stage.database.sql("SELECT max(generation) FROM sessions"), GENERATIONS.to_string());
    assert_eq!(stage.events("session.refresh_reused"), 0);
    stage.check_history();
}

#[test]
fn sixty_four_clients_that_show_their_tokens_to_all_nodes_at_once_stay_signed_in() {
    let stage = Stage::new(&[]);
    let holders = race(CLIENTS, |racer| Person::signed_in(&stage, ROOT, racer % NODES));
    let tabs = race(CLIENTS * NODES, |racer| {
        let mut tab = holders[racer / NODES].clone();
        let answer = tab.refresh(racer % NODES);
        assert_eq!(answer.status, 200, "{}", answer.body);
        tab
    });
    for of_one in tabs.chunks(NODES) {
        let successors: BTreeSet<_> = of_one.iter().map(Person::token).collect();
        assert_eq!(successors.len(), 1);
    }
    let alive = race(CLIENTS, |racer| tabs[racer * NODES].clone().refresh((racer + 1) % NODES).status);
    assert_eq!(alive, [200; CLIENTS]);
    assert_eq!(stage.events("session.refresh_reused"), 0);
    stage.check_history();
}

#[test]
fn repeats_are_counted_over_all_nodes() {
    let stage = Stage::new(&[]);
    let holder = Person::signed_in(&stage, ROOT, 0);
    let tabs = race(CLIENTS * NODES, |racer| {
        let mut tab = holder.clone();
        let answer = tab.refresh(racer % NODES);
        let over = ["refresh_token_reused", "session_revoked"].contains(&answer.code());
        assert!(answer.status == 200 || over, "{}", answer.body);
        (answer.status == 200).then_some(tab)
    });
    let tabs: Vec<_> = tabs.into_iter().flatten().collect();
    assert_eq!(tabs.len(), 1 + REPEATS_ALLOWED);
    assert!(stage.events("session.refresh_reused") > 0);
    for (node, mut tab) in tabs.into_iter().take(NODES).enumerate() {
        assert_eq!(tab.refresh(node).code(), "session_revoked");
    }
    stage.check_history();
}
