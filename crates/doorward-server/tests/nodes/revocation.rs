//! A session that is refreshed at one node while it is ended at another.
//!
//! Goal: the end wins. Whichever came first, no refresh succeeds at any node once the end is acknowledged, whatever the
//! refresh gave is worthless, and within the bound every node knows.
//! Method: a thousand sessions, each refreshed and ended at the same moment by two clients at two nodes, several sessions
//! at a time; afterwards every token there is is shown to every node. What came when is checked on the history of it all.

use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use doorward_testkit::history::Promises;

use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage, race};

const ROUNDS: usize = 1000;
/// Sessions at a time.
const WORKERS: usize = 8;
/// Of so many rounds one waits until every node knows, so that the bound is measured and not only kept.
const WAITS_ONE_IN: usize = 25;

/// Ends a session at the moment it is refreshed; gives what holds its tokens: who refreshed, and who did not.
fn refresh_against_end<'a>(
    stage: &'a Stage,
    administrator: &Person<'a>,
    user: &str,
    round: usize,
) -> [Person<'a>; 2] {
    let (opens, refreshes, ends) = (round % NODES, (round + 1) % NODES, (round + 2) % NODES);
    let mut owner = Person::new(stage, user);
    let opened = owner.log_in(opens);
    assert_eq!(opened.status, 200, "{}", opened.body);
    let id = opened.body["session"]["id"].as_str().unwrap();
    let (mut tab, held) = (owner.clone(), owner.clone());
    let start = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            start.wait();
            let answer = tab.refresh(refreshes);
            assert!(answer.status == 200 || answer.code() == "session_revoked", "{}", answer.body);
        });
        start.wait();
        let ended = if round.is_multiple_of(2) {
            owner.log_out(ends)
        } else {
            administrator.clone().end_session(ends, id, held.token())
        };
        assert_eq!(ended.status, 204, "{}", ended.body);
    });
    [tab, held]
}

/// Nobody gets in any more, once every node knows; one that is kept from asking says so.
fn is_over(tab: &mut Person<'_>, node: usize) -> bool {
    let answer = tab.enter(node);
    let fits = answer.status == 200 || ["session_revoked", "revocation_state_stale"].contains(&answer.code());
    assert!(fits, "{}", answer.body);
    answer.status == 401
}

#[test]
fn of_a_thousand_sessions_none_outlives_its_end_by_a_refresh_elsewhere() {
    let stage = Stage::new(&[("DOORWARD_REVOCATION__MAX_STALENESS", "1s")]);
    let administrator = Person::signed_in(&stage, ROOT, 0);
    for worker in 0..WORKERS {
        stage.add_user(&format!("ann{worker}"));
    }
    let dead = race(WORKERS, |worker| {
        let mut dead = Vec::new();
        for round in (worker..ROUNDS).step_by(WORKERS) {
            let mut tabs = refresh_against_end(&stage, &administrator, &format!("ann{worker}"), round);
            for node in 0..NODES {
                // At once: the store knows, and no node refreshes without asking it.
                let refreshed = tabs[round / 2 % 2].clone().refresh(node);
                assert_eq!(refreshed.code(), "session_revoked", "{}", refreshed.body);
                if round.is_multiple_of(WAITS_ONE_IN) {
                    stage.eventually("every node knows", || tabs.iter_mut().all(|tab| is_over(tab, node)));
                }
            }
            dead.extend(tabs);
        }
        dead
    });
    let mut dead: Vec<_> = dead.into_iter().flatten().collect();
    assert_eq!(dead.len(), 2 * ROUNDS);
    for tab in &mut dead {
        for node in 0..NODES {
            stage.eventually("every node knows", || is_over(tab, node));
        }
    }
    assert_eq!(stage.events("session.refresh_reused"), 0, "no owner was taken for a thief");
    stage.check_history_for(Promises { bound: Duration::from_secs(1), logins_end_others: false });
}
