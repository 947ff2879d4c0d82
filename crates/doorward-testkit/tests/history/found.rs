//! Each rule: a history that just keeps it, and one that just breaks it.

use doorward_testkit::history::{Answer, Asked, Promises, Rule, TokenName};

use crate::writing::{
    PROMISES, access, answered, broken, broken_under, end, end_all, log_in, refresh, refreshed, token,
    tokens, unknown,
};

#[test]
fn a_session_that_is_refreshed_used_and_ended_breaks_nothing() {
    let enter =
        |from, generation, answer| answered(from, from + 1, Asked::Enter(access("s", generation)), answer);
    let history = [
        refreshed(20, 30, 0),
        refreshed(40, 50, 1),
        enter(60, 2, Answer::Done),
        answered(70, 80, end(), Answer::Done),
        enter(180, 2, Answer::Done),
        enter(181, 2, Answer::Over),
        answered(190, 200, refresh(2), Answer::Over),
    ];
    assert_eq!(broken(history), []);
}

#[test]
fn a_hundred_who_race_are_given_one_successor() {
    let race = || (0..100).map(|client| refreshed(20 + client, 200 + client, 0));
    assert_eq!(broken(race()), []);
    assert_eq!(broken(race().chain([answered(20, 300, refresh(0), tokens("t", 1))])), [Rule::OneSuccessor]);
}

#[test]
fn two_tokens_do_not_have_the_same_successor() {
    let back = answered(40, 50, refresh(1), tokens("s", 1));
    assert_eq!(broken([refreshed(20, 30, 0), back])[0], Rule::OneSuccessor);
    let other = answered(20, 30, log_in("bob"), tokens("s", 0));
    assert_eq!(broken([other])[0], Rule::OneSuccessor);
}

#[test]
fn no_refresh_succeeds_after_an_acknowledged_end() {
    let ended = || answered(20, 30, end(), Answer::Done);
    assert_eq!(broken([ended(), refreshed(30, 40, 0)]), []);
    assert_eq!(broken([ended(), refreshed(31, 40, 0)]), [Rule::NoRefreshAfterTheEnd]);
    assert_eq!(broken([unknown(20, end()), refreshed(31, 40, 0)]), []);
    let all = answered(20, 30, end_all("ann"), Answer::Done);
    assert_eq!(broken([all, refreshed(31, 40, 0)]), [Rule::NoRefreshAfterTheEnd]);
    let others = answered(20, 30, end_all("bob"), Answer::Done);
    assert_eq!(broken([others, refreshed(31, 40, 0)]), []);
}

#[test]
fn whoever_is_told_that_it_is_over_may_rely_on_it() {
    let causes = || unknown(20, end());
    for told in [refresh(0), Asked::Enter(access("s", 0)), end()] {
        let told = || answered(20, 30, told.clone(), Answer::Over);
        assert_eq!(broken([causes(), told(), refreshed(30, 40, 0)]), []);
        assert_eq!(broken([causes(), told(), refreshed(31, 40, 0)]), [Rule::NoRefreshAfterTheEnd]);
    }
    let reused = answered(40, 50, refresh(0), Answer::Reused);
    assert_eq!(broken([refreshed(20, 30, 0), reused, refreshed(51, 60, 1)]), [Rule::NoRefreshAfterTheEnd]);
}

#[test]
fn a_login_ends_the_session_that_its_browser_was_in() {
    let replaces = Some(token("s", 0));
    let asked = Asked::LogIn { user: "bob".to_owned(), replaces };
    let login = answered(20, 30, asked, tokens("t", 0));
    assert_eq!(broken([login.clone(), answered(31, 40, refresh(0), Answer::Over)]), []);
    assert_eq!(broken([login, refreshed(31, 40, 0)]), [Rule::NoRefreshAfterTheEnd]);
}

#[test]
fn a_change_of_password_ends_all_sessions_but_the_one_that_it_opens() {
    let change = || answered(20, 30, end_all("ann"), tokens("t", 0));
    let of_t = answered(31, 40, Asked::Refresh(token("t", 0)), tokens("t", 1));
    assert_eq!(broken([change(), of_t]), []);
    assert_eq!(broken([change(), refreshed(31, 40, 0)]), [Rule::NoRefreshAfterTheEnd]);
    let except = Asked::EndAll { user: "ann".to_owned(), except: Some(access("s", 0)) };
    assert_eq!(broken([answered(20, 30, except, Answer::Done), refreshed(31, 40, 0)]), []);
}

#[test]
fn ending_all_sessions_ends_none_that_opens_later() {
    let all = |from, until| answered(from, until, end_all("ann"), Answer::Done);
    let over = || answered(40, 50, refresh(0), Answer::Over);
    // The login was asked for at 5 ms and answered at 10 ms.
    for (from, until) in [(1, 5), (6, 9), (10, 15)] {
        assert_eq!(broken([all(from, until), refreshed(20, 30, 0)]), []);
        assert_eq!(broken([all(from, until), over()]), []);
    }
    assert_eq!(broken([all(1, 4), refreshed(20, 30, 0)]), []);
    assert_eq!(broken([all(1, 4), over()]), [Rule::NoEndWithoutACause]);
    assert_eq!(broken([all(11, 15), refreshed(20, 30, 0)]), [Rule::NoRefreshAfterTheEnd]);
}

#[test]
fn no_session_ends_by_itself() {
    let over = || answered(40, 50, refresh(0), Answer::Over);
    assert_eq!(broken([over()]), [Rule::NoEndWithoutACause]);
    assert_eq!(broken([unknown(50, end()), over()]), []);
    assert_eq!(broken([unknown(51, end()), over()]), [Rule::NoEndWithoutACause]);
    // It was alive after the only operation that could have ended it.
    let enough = answered(20, 25, Asked::LogIn { user: "ann".to_owned(), replaces: None }, tokens("t", 0));
    let limited = Promises { logins_end_others: true, ..PROMISES };
    assert_eq!(broken([enough.clone(), over()]), [Rule::NoEndWithoutACause]);
    assert_eq!(broken_under(limited, [enough.clone(), over()]), []);
    let later = answered(60, 70, refresh(1), Answer::Over);
    assert_eq!(broken_under(limited, [enough, refreshed(26, 30, 0), later]), [Rule::NoEndWithoutACause]);
}

#[test]
fn a_refresh_without_an_answer_may_have_moved_the_session_or_ended_it() {
    let reused = |from| answered(from, from + 1, refresh(0), Answer::Reused);
    let over = |generation| answered(90, 91, refresh(generation), Answer::Over);
    assert_eq!(broken([reused(50)]), [Rule::NoFalseAlarm]);
    assert_eq!(broken([unknown(20, refresh(0)), reused(50)]), []);
    assert_eq!(broken([unknown(52, refresh(0)), reused(50)]), [Rule::NoFalseAlarm]);
    assert_eq!(broken([unknown(20, refresh(0)), over(0)]), [Rule::NoEndWithoutACause]);
    assert_eq!(broken([unknown(20, refresh(0)), unknown(30, refresh(0)), over(0)]), []);
    assert_eq!(broken([refreshed(20, 30, 0), unknown(40, refresh(0)), over(1)]), []);
}

#[test]
fn no_token_is_served_once_its_successor_was_spent() {
    let twice = |from| [refreshed(20, 30, 0), refreshed(40, 50, 1), refreshed(from, 60, 0)];
    assert_eq!(broken(twice(50)), []);
    assert_eq!(broken(twice(51)), [Rule::NoRefreshByAnOldToken]);
}

#[test]
fn nothing_that_was_given_is_forgotten() {
    for asked in [refresh(1), Asked::Enter(access("s", 1)), Asked::End(token("s", 1))] {
        let refused = answered(40, 50, asked, Answer::NotOurs);
        assert_eq!(broken([refreshed(20, 30, 0), refused]), [Rule::NothingForgotten]);
    }
}

#[test]
fn nobody_is_let_in_by_a_request_sent_past_the_bound() {
    let enters = |from| answered(from, 500, Asked::Enter(access("s", 1)), Answer::Done);
    let ended = |by| [refreshed(20, 30, 0), answered(40, 50, by, Answer::Done)];
    for by in [end(), end_all("ann")] {
        assert_eq!(broken(ended(by.clone()).into_iter().chain([enters(150)])), []);
        assert_eq!(broken(ended(by).into_iter().chain([enters(151)])), [Rule::NobodyInPastTheBound]);
    }
    assert_eq!(broken([refreshed(20, 30, 0), unknown(40, end()), enters(400)]), []);
}

#[test]
fn a_history_that_makes_no_sense_is_told_from_a_broken_promise() {
    let unheard_of = TokenName::of("nobody was given this");
    for asked in [Asked::Refresh(unheard_of), Asked::Enter(unheard_of), Asked::End(unheard_of)] {
        assert_eq!(broken([unknown(20, asked)]), [Rule::Recording]);
    }
    assert_eq!(broken([answered(20, 30, refresh(0), Answer::Done)]), [Rule::Recording]);
    assert_eq!(broken([answered(30, 20, Asked::Enter(access("s", 0)), Answer::Done)]), [Rule::Recording]);
}
