//! The guard as operators set it, and as they help people who are locked out.

use rustix::process::Signal;
use serde_json::json;

use crate::place::{Place, Server, request};

const PASSWORD: &str = "correct horse battery";
const WRONG: &str = "wrong horse battery";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const JSON: &str = "Content-Type: application/json\r\n";

/// A place where failures make nobody wait, so that tests need not either.
fn place() -> Place {
    Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "")
        .with("DOORWARD_THROTTLE__ADDRESS_DELAYS", "0s")
}

/// A server at which ann can log in; and the headers of the browser in which she has.
fn serve(place: &Place) -> (Server, String) {
    let server = place.serve(&[]);
    let body = json!({ "setup_token": SETUP_TOKEN, "username": "ann", "password": PASSWORD }).to_string();
    let answer = request(&server.address, "POST", "/auth/v1/setup", JSON, &body);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    let cookies = answer.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let device = cookies.filter_map(|cookie| cookie.split(';').next()).find(|c| c.starts_with("dw_device="));
    (server, format!("{JSON}Cookie: {}\r\n", device.unwrap()))
}

/// Tries passwords, each after the other; how each was answered: 200, or a code.
fn log_in(server: &Server, headers: &str, passwords: &[&str]) -> Vec<String> {
    let answered = |password: &&str| {
        let body = json!({ "username": "ANN", "password": password }).to_string();
        let answer = request(&server.address, "POST", "/auth/v1/login", headers, &body);
        let code = answer.split_once("\"code\":\"").and_then(|(_, rest)| rest.split('"').next());
        code.map_or_else(|| answer.split(' ').nth(1).unwrap_or_default().to_owned(), str::to_owned)
    };
    passwords.iter().map(answered).collect()
}

#[test]
fn a_lock_is_set_ended_by_a_command_and_set_anew_by_a_reload() {
    let place = place();
    place.write("doorward.toml", "lockout.threshold = 2\n");
    let (mut server, _) = serve(&place);
    let locked = log_in(&server, JSON, &[WRONG, WRONG, PASSWORD]);
    assert_eq!(locked, ["invalid_credentials", "account_locked", "account_locked"]);
    assert_eq!(place.json(&["user", "unlock", "Ann"])["username"], "ann");
    // What the server said last it believes for a moment; who is turned away by that is not counted.
    while log_in(&server, JSON, &[WRONG]) != ["invalid_credentials"] {}
    assert_eq!(log_in(&server, JSON, &[PASSWORD]), ["200"]);
    let told = place.json(&["audit", "tail", "--event", "account.unlocked"]);
    assert_eq!(told["items"][0]["actor"], "command-line");

    place.write("doorward.toml", "lockout.threshold = 1\n");
    server.signal(Signal::HUP);
    server.wait_for("config.reloaded");
    assert_eq!(log_in(&server, JSON, &[WRONG]), ["account_locked"]);
    let text = place.run(&["user", "unlock", "ann"]).succeeded().stdout;
    assert!(text.contains("ann may try again now"), "{text}");
    while log_in(&server, JSON, &[PASSWORD]) != ["200"] {}
    place.run(&["user", "unlock", "nobody"]).failed(1, &["there is no user \"nobody\""]);
    server.stop();
}

#[test]
fn a_device_is_known_until_a_command_makes_strangers_of_all() {
    let place = place().with("DOORWARD_LOCKOUT__THRESHOLD", "1");
    let (server, device) = serve(&place);
    assert_eq!(log_in(&server, JSON, &[WRONG]), ["account_locked"]);
    assert_eq!(log_in(&server, &device, &[PASSWORD]), ["200"]);
    assert_eq!(place.json(&["user", "forget-devices", "ann"])["username"], "ann");
    assert_eq!(log_in(&server, &device, &[PASSWORD]), ["account_locked"]);
    let told = place.json(&["audit", "tail", "--event", "account.devices_forgotten"]);
    assert_eq!(told["items"].as_array().map(Vec::len), Some(1));
    place.run(&["user", "forget-devices", "nobody"]).failed(1, &["there is no user \"nobody\""]);
    server.stop();
}
