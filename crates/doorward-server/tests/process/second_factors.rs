//! Second factors as operators meet them: demanded by a reload, reset by a command, and through everything that happens
//! to a process and its data: restarts, kills, another master secret, a backup put back.

use std::fs;
use std::time::Duration;

use doorward::platform::SystemClock;
use doorward_core::time::Clock;
use rustix::process::Signal;
use serde_json::json;

use crate::authenticator_app::{
    enrol, log_in, log_in_with, pending, place, refused, send, set_up, show, signed_in,
};
use crate::browser::{Answer, Browser};
use crate::place::{Place, Server};

/// What a signed-in browser is told that asks for its sessions: 200, or a code of refusal.
fn asks(server: &Server, browser: &mut Browser) -> (u16, String) {
    let answer = browser.send(&server.address, "GET", "/v1/sessions", "").unwrap();
    (answer.status, answer.code().to_owned())
}

/// Asks until the answer is this one, for far longer than it may take.
#[track_caller]
fn comes_to_be_told(server: &Server, browser: &mut Browser, expected: &(u16, String)) {
    let clock = SystemClock::new();
    let begun = clock.monotonic();
    let mut told = asks(server, browser);
    while told != *expected {
        assert!(clock.monotonic() - begun < Duration::from_secs(60), "{told:?} for a minute");
        told = asks(server, browser);
    }
}

fn is_authenticated(answer: &Answer) -> bool {
    answer.status == 200 && answer.body["status"] == "authenticated"
}

#[test]
fn factors_are_reset_beside_a_running_server() {
    let place = place();
    let server = place.serve(&[]);
    let mut browser = set_up(&server);
    let (mut app, _) = enrol(&server, &mut browser);
    let listed = place.json(&["user", "list"]);
    let expected = json!({ "totp": true, "passkeys": 0, "recovery_codes_left": 10 });
    assert_eq!(listed["items"][0]["mfa"], expected);
    let table = place.run(&["user", "list"]).succeeded().stdout;
    assert!(table.contains("authenticator app"), "{table}");

    let mut waiting = pending(&server);
    let reset = place.json(&["user", "reset-factors", "Ann"]);
    let none = json!({ "totp": false, "passkeys": 0, "recovery_codes_left": 0 });
    assert_eq!((&reset["username"], &reset["mfa"]), (&"ann".into(), &none));
    assert_eq!(show(&server, &mut waiting, "totp", &app.next_code()), (401, "not_authenticated".to_owned()));
    assert!(is_authenticated(&log_in(&server, &mut Browser::default())), "the password alone is enough");
    // The access token tells of factors that are gone; a new one is had by a refresh.
    comes_to_be_told(&server, &mut browser, &(401, "session_expired".to_owned()));
    assert_eq!(send(&server, &mut browser, "/v1/refresh", "").status, 200);
    assert_eq!(asks(&server, &mut browser), signed_in());
    let told = place.json(&["audit", "tail", "--event", "mfa.factors_reset"]);
    assert_eq!(told["items"][0]["actor"], "command-line");
    assert_eq!(told["items"][0]["user_id"], reset["id"]);

    place.run(&["user", "reset-factors", "nobody"]).failed(1, &["there is no user \"nobody\""]);
    server.stop();
}

#[test]
fn an_app_that_is_locked_after_a_hundred_codes_is_unlocked_by_a_command() {
    let place = place();
    let server = place.serve(&[]);
    let (mut app, _) = enrol(&server, &mut set_up(&server));
    let wrong = app.wrong_code();
    for _ in 0..20 {
        let mut browser = pending(&server);
        for _ in 0..5 {
            assert_eq!(show(&server, &mut browser, "totp", &wrong), refused());
        }
    }
    let locked = (429, "account_locked".to_owned());
    let code = app.next_code();
    assert_eq!(log_in_with(&server, "totp", &code), locked);
    let text = place.run(&["user", "unlock", "ann"]).succeeded().stdout;
    assert!(text.contains("no wrong code counts any more"), "{text}");
    assert_eq!(log_in_with(&server, "totp", &code), signed_in());
    server.stop();
}

#[test]
fn who_needs_a_factor_is_changed_by_a_reload() {
    let place = place();
    place.write("doorward.toml", "mfa.required = \"never\"\n");
    let mut server = place.serve(&[]);
    let mut browser = set_up(&server);
    assert_eq!(asks(&server, &mut browser), signed_in());
    place.write("doorward.toml", "mfa.required = \"admins\"\n");
    server.signal(Signal::HUP);
    server.wait_for("config.reloaded");
    assert_eq!(asks(&server, &mut browser), (403, "step_up_required".to_owned()));
    let text = place.run(&["user", "reset-factors", "ann"]).succeeded().stdout;
    assert!(
        text.contains("ann has no second factor any more") && text.contains("sets a new one up"),
        "{text}"
    );
    // A reset makes every authentication stale.
    assert!(is_authenticated(&log_in(&server, &mut browser)));
    assert_eq!(asks(&server, &mut browser), (403, "step_up_required".to_owned()));
    enrol(&server, &mut browser);
    assert_eq!(asks(&server, &mut browser), signed_in());
    server.stop();
}

#[test]
fn a_login_that_waits_for_its_factor_is_completed_after_a_restart() {
    let place = place();
    let server = place.serve(&[]);
    let (mut app, recovery_codes) = enrol(&server, &mut set_up(&server));
    let (mut by_app, mut by_recovery_code) = (pending(&server), pending(&server));
    server.stop();
    let server = place.serve(&[]);
    assert_eq!(show(&server, &mut by_app, "totp", &app.wrong_code()), refused());
    assert_eq!(show(&server, &mut by_app, "totp", &app.next_code()), signed_in());
    assert_eq!(asks(&server, &mut by_app), signed_in());
    let lower = recovery_codes[0].to_lowercase();
    assert_eq!(show(&server, &mut by_recovery_code, "recovery_code", &lower), signed_in());
    server.stop();
}

#[test]
fn a_used_code_stays_used_when_the_server_is_killed() {
    let place = place();
    let server = place.serve(&[]);
    let (mut app, recovery_codes) = enrol(&server, &mut set_up(&server));
    let (code, recovery_code) = (app.next_code(), &recovery_codes[9]);
    assert_eq!(log_in_with(&server, "recovery_code", recovery_code), signed_in());
    assert_eq!(log_in_with(&server, "totp", &code), signed_in());
    drop(server);
    let server = place.serve(&[]);
    assert_eq!(log_in_with(&server, "totp", &code), refused());
    assert_eq!(log_in_with(&server, "recovery_code", recovery_code), refused());
    assert_eq!(log_in_with(&server, "totp", &app.next_code()), signed_in());
    assert_eq!(place.json(&["user", "list"])["items"][0]["mfa"]["recovery_codes_left"], 9);
    server.stop();
}

#[test]
fn apps_outlive_the_master_secret_they_were_set_up_under() {
    const NEW: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let place = place();
    let server = place.serve(&[]);
    let (mut app, recovery_codes) = enrol(&server, &mut set_up(&server));
    server.stop();
    let data = place.path("doorward-data");
    fs::rename(data.join("master.key"), data.join("master.key.previous")).unwrap();
    let place = place.with("DOORWARD_MASTER_KEY", NEW);
    let mut server = place.serve(&[]);
    assert_eq!(server.wait_for("mfa.secrets_resealed")["secrets"], 1);
    assert_eq!(log_in_with(&server, "recovery_code", &recovery_codes[0]), signed_in());
    server.stop();
    fs::remove_file(data.join("master.key.previous")).unwrap();
    let server = place.serve(&[]);
    assert_eq!(log_in_with(&server, "totp", &app.next_code()), signed_in());
    // Only a MAC of them is stored: docs/OPERATING.md says so.
    assert_eq!(log_in_with(&server, "recovery_code", &recovery_codes[1]), refused());
    server.stop();
}

#[test]
fn a_backup_brings_back_the_factors_of_its_time() {
    let place = place();
    let server = place.serve(&[]);
    let (mut app, recovery_codes) = enrol(&server, &mut set_up(&server));
    place.json(&["backup", "backup.db"]);
    assert_eq!(log_in_with(&server, "recovery_code", &recovery_codes[0]), signed_in());
    let mut waiting = pending(&server);
    place.json(&["user", "reset-factors", "ann"]);
    server.stop();
    assert_eq!(place.json(&["restore", "backup.db"])["authenticator_apps_unreadable"], 0);
    let server = place.serve(&[]);
    let code = app.next_code();
    assert_eq!(show(&server, &mut waiting, "totp", &code), (401, "not_authenticated".to_owned()));
    assert_eq!(log_in_with(&server, "totp", &code), signed_in());
    assert_eq!(log_in_with(&server, "recovery_code", &recovery_codes[0]), signed_in(), "as if never used");
    server.stop();
}

#[test]
fn a_backup_without_its_master_secret_tells_how_many_apps_are_lost() {
    let installed = place();
    let server = installed.serve(&[]);
    let (mut app, recovery_codes) = enrol(&server, &mut set_up(&server));
    installed.json(&["backup", "backup.db"]);
    server.stop();

    let elsewhere = place();
    fs::copy(installed.path("backup.db"), elsewhere.path("backup.db")).unwrap();
    let restored = elsewhere.run(&["restore", "backup.db", "--json"]).succeeded();
    assert_eq!(restored.json()["authenticator_apps_unreadable"], 1);
    assert!(restored.stderr.contains("doorward user reset-factors"), "{}", restored.stderr);
    let mut server = elsewhere.serve(&[]);
    assert_eq!(server.wait_for("mfa.secrets_unreadable")["secrets"], 1);
    let unavailable = (503, "store_unavailable".to_owned());
    let code = app.next_code();
    assert_eq!(log_in_with(&server, "totp", &code), unavailable);
    assert_eq!(log_in_with(&server, "recovery_code", &recovery_codes[0]), refused());
    elsewhere.json(&["user", "reset-factors", "ann"]);
    assert!(is_authenticated(&log_in(&server, &mut Browser::default())), "the way back");
    server.stop();

    // With the secret at hand nothing is lost.
    let key = |place: &Place, name: &str| place.path("doorward-data").join(name);
    fs::copy(key(&installed, "master.key"), key(&elsewhere, "master.key.previous")).unwrap();
    assert_eq!(elsewhere.json(&["restore", "backup.db"])["authenticator_apps_unreadable"], 0);
    fs::remove_file(key(&elsewhere, "master.key.previous")).unwrap();
    let server = elsewhere.serve(&[]);
    assert_eq!(log_in_with(&server, "totp", &code), signed_in());
    server.stop();
}
