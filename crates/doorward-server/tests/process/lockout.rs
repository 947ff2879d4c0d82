//! Locks as operators meet them: unlocked by a command, kept over restarts, and never skipped when the store fails
//! (M-A05).

use rusqlite::Connection;

use crate::browser::{Answer, Browser};
use crate::place::{Place, Server};

const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const RIGHT: &str = "quarrel-lantern-mosaic-71";
const DURATION_SECONDS: i64 = 900;

/// A place with a user `ann`; two failures lock, and no attempt has to wait.
fn place() -> Place {
    let place = Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_LOCKOUT__THRESHOLD", "2")
        .with("DOORWARD_LOCKOUT__DURATION", "15m")
        .with("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "0s")
        .with("DOORWARD_THROTTLE__ADDRESS_DELAYS", "0s")
        .with("DOORWARD_RATE_LIMIT__LOGIN", "1000000/minute")
        .with("RUST_LOG", "doorward_server=info");
    let server = place.serve(&[]);
    let setup = format!(r#"{{"setup_token":"{SETUP_TOKEN}","username":"ann","password":"{RIGHT}"}}"#);
    let answer = Browser::default().send(&server.address, "POST", "/v1/setup", &setup).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    server.stop();
    place
}

fn log_in(server: &Server, browser: &mut Browser, name: &str, password: &str) -> Answer {
    let body = format!(r#"{{"username":"{name}","password":"{password}"}}"#);
    browser.send(&server.address, "POST", "/v1/login", &body).unwrap()
}

/// What a browser that never signed in is told.
#[track_caller]
fn told(server: &Server, name: &str, password: &str) -> (u16, String) {
    let answer = log_in(server, &mut Browser::default(), name, password);
    (answer.status, answer.code().to_owned())
}

fn refused() -> (u16, String) {
    (401, "invalid_credentials".to_owned())
}

fn locked() -> (u16, String) {
    (429, "account_locked".to_owned())
}

fn unavailable() -> (u16, String) {
    (503, "store_unavailable".to_owned())
}

fn signed_in() -> (u16, String) {
    (200, String::new())
}

fn lock(server: &Server, name: &str) {
    assert_eq!(told(server, name, "guess one"), refused());
    assert_eq!(told(server, name, "guess two"), locked());
}

#[test]
fn a_command_opens_one_lock_and_no_other_beside_a_server_and_without_one() {
    let place = place();
    let server = place.serve(&[]);
    lock(&server, "ann");
    lock(&server, "nobody");
    assert_eq!(told(&server, "ann", RIGHT), locked());
    place.run(&["user", "unlock", "ann"]).succeeded();
    // What the server said last it believes for a moment.
    while told(&server, "ann", RIGHT) != signed_in() {}
    assert_eq!(told(&server, "nobody", RIGHT), locked());

    lock(&server, "ann");
    server.stop();
    place.run(&["user", "unlock", "ANN"]).succeeded();
    let server = place.serve(&[]);
    assert_eq!(told(&server, "ann", RIGHT), signed_in());
    assert_eq!(told(&server, "nobody", RIGHT), locked());
    server.stop();
}

#[test]
fn a_lock_whose_failures_left_the_window_outlives_restarts_with_what_remains() {
    // One failure locks: two may well be further apart than so short a window.
    let place = place().with("DOORWARD_LOCKOUT__WINDOW", "1s").with("DOORWARD_LOCKOUT__THRESHOLD", "1");
    let server = place.serve(&[]);
    for name in ["ann", "nobody"] {
        assert_eq!(told(&server, name, "guess"), locked());
    }
    server.stop();
    // Of each its own: the second lock began later than the first, by as much as the machine took.
    let mut least = ["ann", "nobody"].map(|name| (name, DURATION_SECONDS));
    // Each start cleans up first. On and on, until two windows have passed since the failures.
    while least.iter().any(|(_, least)| *least > DURATION_SECONDS - 3) {
        let server = place.serve(&[]);
        for (name, least) in &mut least {
            let answer = log_in(&server, &mut Browser::default(), name, RIGHT);
            assert_eq!((answer.status, answer.code()), (429, "account_locked"), "{name}: {}", answer.body);
            let remaining = answer.body["retry_after"].as_i64().unwrap();
            assert!(remaining <= *least && remaining > 0, "{name}: {remaining} of {least} s remain");
            *least = remaining;
        }
        server.stop();
    }
}

#[test]
fn nobody_is_let_in_or_told_anything_while_failures_cannot_be_read() {
    let place = place();
    let server = place.serve(&[]);
    let mut device = Browser::default();
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).status, 200);
    assert_eq!(told(&server, "ann", "guess one"), refused());
    let database = Connection::open(place.path("doorward-data").join("doorward.db")).unwrap();
    database.execute_batch("ALTER TABLE attempts RENAME TO elsewhere").unwrap();
    for name in ["ann", "nobody"] {
        for password in [RIGHT, "guess two"] {
            assert_eq!(told(&server, name, password), unavailable(), "{name}");
        }
    }
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).code(), "store_unavailable");
    database.execute_batch("ALTER TABLE elsewhere RENAME TO attempts").unwrap();
    assert_eq!(told(&server, "ann", "guess two"), locked(), "the failure of before counts still");
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).status, 200);
    server.stop();
}

#[test]
fn nobody_is_let_in_or_told_anything_while_the_disk_is_full() {
    let place = place();
    let server = place.serve(&[]);
    let mut device = Browser::default();
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).status, 200);
    assert_eq!(told(&server, "ann", "guess one"), refused());
    server.limit_file_size(Some(0));
    for name in ["ann", "nobody"] {
        assert_eq!(told(&server, name, "guess two"), unavailable(), "{name}");
    }
    assert_eq!(told(&server, "ann", RIGHT), unavailable());
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).code(), "store_unavailable");
    server.limit_file_size(None);
    assert_eq!(told(&server, "ann", "guess two"), locked(), "the failure of before counts still");
    assert_eq!(log_in(&server, &mut device, "ann", RIGHT).status, 200);
    server.stop();
}

#[test]
fn a_database_that_was_deleted_under_the_server_opens_no_lock() {
    let place = place();
    let server = place.serve(&[]);
    lock(&server, "ann");
    for file in ["doorward.db", "doorward.db-wal", "doorward.db-shm"] {
        std::fs::remove_file(place.path("doorward-data").join(file)).unwrap();
    }
    // Some connections still have the files open, others fail: whichever is asked, it lets nobody in.
    for _ in 0..20 {
        let answer = told(&server, "ann", RIGHT);
        assert!(answer == locked() || answer == unavailable(), "{answer:?}");
    }
    server.stop();
    let server = place.serve(&[]);
    assert_eq!(
        told(&server, "ann", RIGHT),
        (503, "setup_required".to_owned()),
        "it begins anew, without users"
    );
    server.stop();
}
