//! kill -9 in the middle of refreshes and logouts, hundreds of times (M-N04, M-N07).
//!
//! Goal: what was answered is durable; what was not answered happened wholly or not at all; an honest browser that
//! asks again within the grace stays logged in; no acknowledged logout is undone.
//! Method: browsers work without pause while the process is killed at seeded instants and started again. A browser
//! that got no answer asks again with what it holds, so that any refresh that was acknowledged and then forgotten, or
//! half done, ends its session: and no session may end.

use rusqlite::Connection;

use crate::browser::Browser;
use crate::place::{Place, Server};
use crate::stage::{EndsWith, Play, Stage};

const KILLS: u32 = 200;
const SEED: u64 = 20_270_115;
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const CREDENTIALS: &str = r#"{"username":"root","password":"correct horse battery"}"#;

/// Refreshes without pause. Whatever is answered, it is never a refusal. Gives the number of acknowledged refreshes.
fn refresh_without_end(stage: &Stage, browser: &mut Browser) -> i64 {
    let _ends = EndsWith(stage);
    let mut acknowledged = 0;
    loop {
        let presented = browser.cookie("dw_refresh").to_owned();
        let Some(answer) = stage.ask(browser, "POST", "/v1/refresh", "") else { return acknowledged };
        assert_eq!(answer.status, 200, "after {acknowledged} refreshes: {}", answer.body);
        assert_ne!(browser.cookie("dw_refresh"), presented);
        acknowledged += 1;
    }
}

/// Logs in and out without pause. Gives the browsers as they were before their acknowledged logouts.
fn log_out_without_end(stage: &Stage) -> Vec<Browser> {
    let _ends = EndsWith(stage);
    let mut logged_out = Vec::new();
    loop {
        let mut browser = Browser::default();
        let Some(login) = stage.ask(&mut browser, "POST", "/v1/login", CREDENTIALS) else { break };
        assert_eq!(login.status, 200, "{}", login.body);
        let before = browser.clone();
        let Some(logout) = stage.ask(&mut browser, "POST", "/v1/logout", "") else { break };
        assert_eq!(logout.status, 204, "{}", logout.body);
        let Some(session) = stage.ask(&mut before.clone(), "GET", "/v1/session", "") else { break };
        assert_eq!((session.status, session.code()), (401, "session_revoked"));
        logged_out.push(before);
    }
    logged_out
}

fn logged_in(server: &Server) -> Browser {
    let mut browser = Browser::default();
    let login = browser.send(&server.address, "POST", "/v1/login", CREDENTIALS).unwrap();
    assert_eq!(login.status, 200, "{}", login.body);
    browser
}

#[test]
fn nobody_is_logged_out_and_no_logout_is_undone_by_two_hundred_kills() {
    let place = Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_SESSION__MAX_PER_USER", "0")
        .with("DOORWARD_RATE_LIMIT__LOGIN", "1000000/minute")
        // A line for every event would fill the pipe that nobody reads.
        .with("RUST_LOG", "doorward_server=info");
    let server = place.serve(&[]);
    let setup = format!(r#"{{"setup_token":"{SETUP_TOKEN}",{}"#, &CREDENTIALS[1..]);
    let answer = Browser::default().send(&server.address, "POST", "/v1/setup", &setup).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    let mut browsers: Vec<_> = (0..3).map(|_| logged_in(&server)).collect();
    server.stop();

    let stage = Stage::default();
    let (acknowledged, logged_out) = std::thread::scope(|scope| {
        let refreshing: Vec<_> =
            browsers.iter_mut().map(|browser| scope.spawn(|| refresh_without_end(&stage, browser))).collect();
        let leaving = scope.spawn(|| log_out_without_end(&stage));
        Play { kills: KILLS, seed: SEED }.run(&place, &stage);
        let acknowledged: Vec<i64> = refreshing.into_iter().map(|thread| thread.join().unwrap()).collect();
        (acknowledged, leaving.join().unwrap())
    });
    println!("{acknowledged:?} refreshes, {} logouts", logged_out.len());
    assert!(acknowledged.iter().all(|&refreshes| refreshes > 20), "{acknowledged:?}");
    assert!(logged_out.len() > 5, "{} logouts", logged_out.len());

    let server = place.serve(&[]);
    for browser in &mut browsers {
        let session = browser.send(&server.address, "GET", "/v1/session", "").unwrap();
        assert_eq!(session.status, 200, "{}", session.body);
        let refreshed = browser.send(&server.address, "POST", "/v1/refresh", "").unwrap();
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    }
    for mut browser in logged_out {
        let session = browser.send(&server.address, "GET", "/v1/session", "").unwrap();
        assert_eq!((session.status, session.code()), (401, "session_revoked"), "its token has not expired");
        let refreshed = browser.send(&server.address, "POST", "/v1/refresh", "").unwrap();
        assert_eq!((refreshed.status, refreshed.code()), (401, "session_revoked"));
    }
    server.stop();
    assert_eq!(place.json(&["audit", "verify"])["intact"], true);
    check_database(&place, &acknowledged);
}

/// Sound, with every acknowledged refresh counted, and audited in the same transaction.
fn check_database(place: &Place, acknowledged: &[i64]) {
    let database = Connection::open(place.path("doorward-data").join("doorward.db")).unwrap();
    let text = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(number("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    let advanced = number("SELECT sum(generation) FROM sessions");
    assert!(advanced >= acknowledged.iter().sum::<i64>(), "{advanced} of {acknowledged:?}");
    assert_eq!(number("SELECT count(*) FROM audit WHERE name = 'session.refreshed'"), advanced);
    assert_eq!(number("SELECT count(*) FROM audit WHERE name = 'session.refresh_reused'"), 0);
}
