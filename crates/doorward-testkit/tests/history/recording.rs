//! Writing a history down.

use std::{sync::Arc, time::Duration};

use doorward_core::time::Timestamp;
use doorward_testkit::{
    ManualClock,
    history::{Answer, Asked, History, Outcome, Promises, Recorder, Rule, TokenName},
};

use crate::writing::{BOUND, PROMISES, answered, log_in, refresh, tokens};

#[test]
fn what_is_answered_is_written_with_its_times_and_what_is_not_is_unknown() {
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
    let recorder = Recorder::new(Arc::clone(&clock) as _);
    let login = recorder.asks("ann", "node 1", log_in("ann"));
    clock.advance(BOUND);
    login.given("access", "refresh");
    let enters = |node: &str| recorder.asks("ann", node, Asked::Enter(TokenName::of("access")));
    enters("node 2").refused("session_revoked");
    enters("node 3").refused("store_unavailable");
    let _lost = enters("node 1");
    enters("node 1").done();

    let operations = recorder.history().operations;
    let began = Duration::from_secs(1);
    assert_eq!(operations[0].invoked, began);
    let outcomes: Vec<_> = operations.iter().map(|operation| operation.outcome).collect();
    let told = |answer| Outcome::Answered { at: began + BOUND, answer };
    let [login, revoked, unavailable, lost, let_in] = outcomes.try_into().unwrap();
    assert!(matches!(login, Outcome::Answered { answer: Answer::Tokens(_), .. }));
    assert_eq!((revoked, let_in), (told(Answer::Over), told(Answer::Done)));
    assert_eq!((unavailable, lost), (Outcome::Unknown, Outcome::Unknown));

    let broken = recorder.history().check(Promises { bound: Duration::ZERO, ..PROMISES });
    assert_eq!(broken.into_iter().map(|broken| broken.rule).collect::<Vec<_>>(), [Rule::NoEndWithoutACause]);
}

#[test]
fn only_codes_that_tell_what_became_of_a_session_are_answers() {
    assert_eq!(Answer::of_code("session_revoked"), Some(Answer::Over));
    assert_eq!(Answer::of_code("refresh_token_reused"), Some(Answer::Reused));
    assert_eq!(Answer::of_code("refresh_token_invalid"), Some(Answer::NotOurs));
    assert_eq!(Answer::of_code("token_invalid"), Some(Answer::NotOurs));
    for open in ["store_unavailable", "revocation_state_stale", "session_expired", "overloaded", ""] {
        assert_eq!(Answer::of_code(open), None);
    }
}

#[test]
fn a_violation_tells_who_contradicts_whom_and_no_token() {
    let login = answered(0, 10, log_in("ann"), tokens("s", 0));
    let mut reused = answered(20, 30, refresh(0), Answer::Reused);
    reused.client = "bob's browser".to_owned();
    reused.node = "node 2".to_owned();
    let history = History { operations: vec![login, reused] };
    let [violation] = history.check(PROMISES).try_into().unwrap();
    let text = violation.to_string();
    assert!(text.starts_with("broken: nobody is told of a reuse that was none\n"), "{text}");
    assert!(text.contains("bob's browser asked node 2 at 20ms: Refresh("), "{text}");
    assert!(!text.contains("refresh s 0"), "{text}");
}
