//! The server as an operator sees it: first start, signals, bad configuration. Driven as a process, through signals,
//! standard output, the log and the files it makes.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use rustix::process::Signal;
use serde_json::json;

use crate::place::{Place, get, mode, request};

const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";

/// Completes setup; gives the `Cookie` header of the session.
fn set_up(address: &str) -> String {
    let form = json!({ "setup_token": SETUP_TOKEN, "username": "root", "password": "correct horse battery" });
    let answer =
        request(address, "POST", "/auth/v1/setup", "Content-Type: application/json\r\n", &form.to_string());
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    cookies_of(&answer)
}

fn who_am_i(address: &str, cookies: &str) -> String {
    request(address, "GET", "/auth/v1/me", cookies, "")
}

#[test]
fn a_first_start_needs_nothing_and_leaves_nothing_open_to_others() {
    let place = Place::new();
    let mut server = place.serve(&[]);
    let url = server.printed("/setup");
    assert!(url.starts_with("http://localhost:8080/auth/setup?token=dws_"), "{url}");
    assert!(get(&server.address, "/readyz").starts_with("HTTP/1.1 200"));
    let data = place.path("doorward-data");
    assert_eq!(mode(&data), 0o700);
    let files: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.iter().any(|file| file.ends_with("master.key")) && files.len() > 3, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    server.stop();
}

#[test]
fn audit_events_are_log_lines_too_and_refusals_are_warnings() {
    let place = Place::new();
    let mut server = place.serve(&[]);
    let body = r#"{"setup_token":"nonsense","username":"ann","password":"correct horse"}"#;
    let answer =
        request(&server.address, "POST", "/auth/v1/setup", "Content-Type: application/json\r\n", body);
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    let issued = server.wait_for("setup.token_issued");
    assert_eq!((issued["level"].as_str(), issued["actor"].as_str()), (Some("INFO"), Some("system")));
    let refused = server.wait_for("setup.refused");
    assert_eq!((refused["level"].as_str(), refused["reason"].as_str()), (Some("WARN"), Some("forbidden")));
    assert!(!refused.to_string().contains("nonsense"));
    server.stop();
}

#[test]
fn every_start_prints_another_setup_url_until_setup_is_done() {
    let place = Place::new();
    let mut first = place.serve(&[]);
    let first_url = first.printed("/setup");
    let while_running = place.json(&["setup-url"])["setup_url"].as_str().unwrap().to_owned();
    first.stop();
    let mut second = place.serve(&[]);
    let second_url = second.printed("/setup");
    assert!(first_url != second_url && first_url != while_running && second_url != while_running);
    second.stop();
}

#[test]
fn a_session_survives_a_restart_and_ends_with_a_restore() {
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    assert!(who_am_i(&server.address, &cookies).contains("\"username\":\"root\""));
    place.json(&["backup", "backup.db"]);
    server.stop();

    let server = place.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).starts_with("HTTP/1.1 200"));
    assert_eq!(place.json(&["user", "sessions", "root"])["items"].as_array().map(Vec::len), Some(1));
    server.stop();

    assert_eq!(place.json(&["restore", "backup.db"])["sessions_ended"], 1);
    let server = place.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).starts_with("HTTP/1.1 401"));
    assert_eq!(place.json(&["session", "list"])["items"].as_array().map(Vec::len), Some(0));
    server.stop();
}

#[test]
fn kept_sessions_are_alive_after_a_restore_that_was_told_to() {
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    place.json(&["backup", "backup.db"]);
    server.stop();
    place.json(&["restore", "backup.db", "--danger-keep-sessions"]);
    let server = place.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).starts_with("HTTP/1.1 200"));
    server.stop();
}

#[test]
fn a_session_that_a_command_ended_is_dead_after_the_next_start_too() {
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    assert_eq!(place.json(&["user", "revoke", "root"])["revoked"], 1);
    server.stop();
    let server = place.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).contains("session_revoked"));
    server.stop();
}

/// The value of one of the cookies in a `Cookie` header.
fn cookie<'a>(header: &'a str, name: &str) -> &'a str {
    let pairs = header.trim_start_matches("Cookie: ").trim().split("; ");
    pairs.filter_map(|pair| pair.split_once('=')).find(|pair| pair.0 == name).unwrap().1
}

fn cookies_of(answer: &str) -> String {
    let cookies: Vec<&str> = answer
        .lines()
        .filter_map(|line| line.strip_prefix("set-cookie: "))
        .filter_map(|cookie| cookie.split(';').next())
        .collect();
    format!("Cookie: {}\r\n", cookies.join("; "))
}

#[test]
fn nobody_notices_that_the_master_secret_is_replaced() {
    const NEW: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    server.stop();
    let data = place.path("doorward-data");
    let old = fs::read_to_string(data.join("master.key")).unwrap();
    fs::rename(data.join("master.key"), data.join("master.key.previous")).unwrap();

    let rotated = place.with("DOORWARD_MASTER_KEY", NEW);
    let server = rotated.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).starts_with("HTTP/1.1 200"));
    let csrf = format!("{cookies}X-CSRF-Token: {}\r\n", cookie(&cookies, "dw_csrf"));
    let refreshed = request(&server.address, "POST", "/auth/v1/refresh", &csrf, "");
    assert!(refreshed.starts_with("HTTP/1.1 200"), "{refreshed}");
    let cookies = cookies_of(&refreshed);
    server.stop();

    // What was made under the old secret is gone by now: it is needed no more.
    fs::remove_file(data.join("master.key.previous")).unwrap();
    let server = rotated.serve(&[]);
    let csrf = format!("{cookies}X-CSRF-Token: {}\r\n", cookie(&cookies, "dw_csrf"));
    assert!(request(&server.address, "POST", "/auth/v1/refresh", &csrf, "").starts_with("HTTP/1.1 200"));
    server.stop();
    let back = rotated.with("DOORWARD_MASTER_KEY", old.trim());
    back.run(&["serve"]).failed(1, &["sealed under another master secret"]);
}

#[test]
fn a_stolen_master_secret_is_replaced_by_a_restore() {
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    place.json(&["backup", "now.db"]);
    server.stop();
    let master_key = place.path("doorward-data/master.key");
    let stolen = fs::read_to_string(&master_key).unwrap();
    fs::remove_file(&master_key).unwrap();
    place.json(&["restore", "now.db"]);
    assert_ne!(fs::read_to_string(&master_key).unwrap(), stolen);
    let server = place.serve(&[]);
    assert!(who_am_i(&server.address, &cookies).starts_with("HTTP/1.1 401"));
    server.stop();
}

#[test]
fn a_setup_token_that_was_given_is_printed_nowhere() {
    const TOKEN: &str = SETUP_TOKEN;
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", TOKEN);
    let server = place.serve(&[]);
    server.signal(Signal::TERM);
    let (code, printed) = server.end();
    assert_eq!(code, Some(0));
    assert!(printed.contains("/auth/setup") && !printed.contains(TOKEN), "{printed}");
    for command in [&["config", "show"][..], &["config", "check", "--json"], &["setup-url"]] {
        let done = place.run(command).succeeded();
        assert!(!done.stdout.contains(TOKEN) && !done.stderr.contains(TOKEN), "{}", done.stdout);
    }
}

#[test]
fn an_unusable_configuration_stops_the_start_with_2_and_makes_nothing() {
    for (name, value, part) in [
        ("DOORWARD_HTTP__LISTEN", "nowhere", "DOORWARD_HTTP__LISTEN"),
        ("DOORWARD_HTTP_LISTEN", "127.0.0.1:1", "did you mean DOORWARD_HTTP__LISTEN?"),
        ("DOORWARD_SESSION__ACCESS_TTL", "7d", "session.access_ttl = \"7d\""),
        ("DOORWARD_COOKIE__SAME_SITE", "none", "cookie.same_site = \"none\""),
        ("DOORWARD_LOCKOUT__THRESHOLD", "0", "from 1 to 1000000"),
        ("DOORWARD_SESSION__BINDING", "browser", "unknown variable"),
        ("DOORWARD_SETUP__TOKEN", "short", "setup.token = (hidden)"),
        ("DOORWARD_MASTER_KEY", "short", "DOORWARD_MASTER_KEY = (hidden)"),
        ("DOORWARD_CONFIG", "missing.toml", "missing.toml"),
        ("RUST_LOG", "info,=,", "RUST_LOG"),
    ] {
        let place = Place::new().with(name, value);
        let done = place.run(&["serve"]).failed(2, &[part]);
        assert_eq!(done.stderr.lines().count(), 1, "{}", done.stderr);
        assert!(!place.path("doorward-data").exists(), "{name}");
    }
}

#[test]
fn a_reload_takes_a_good_file_and_refuses_a_bad_one() {
    let place = Place::new();
    place.write("doorward.toml", "session.max_per_user = 3\n");
    let mut server = place.serve(&[]);
    place.write("doorward.toml", "session.max_per_user = -1\n");
    server.signal(Signal::HUP);
    let refused = server.wait_for("config.reload_refused");
    assert!(refused["message"].as_str().unwrap().contains("session.max_per_user = -1"), "{refused}");
    place.write("doorward.toml", "http.base_path = \"/other\"\n");
    server.signal(Signal::HUP);
    assert_eq!(server.wait_for("config.restart_needed")["key"], "http.base_path");
    server.wait_for("config.reloaded");
    assert!(get(&server.address, "/healthz").starts_with("HTTP/1.1 200"));
    server.stop();
}

#[test]
fn metrics_are_served_on_the_admin_listener_only() {
    let place = Place::new();
    let mut server = place.serve(&["--admin-listen", "127.0.0.1:0"]);
    let admin = server.wait_for("server.listening");
    assert_eq!(admin["setting"], "http.admin_listen");
    let metrics = get(admin["address"].as_str().unwrap(), "/metrics");
    assert!(metrics.contains("doorward_build_info"), "{metrics}");
    assert!(!get(&server.address, "/metrics").contains("doorward_"));
    server.stop();
}

#[test]
fn a_request_that_runs_when_the_server_is_stopped_is_answered() {
    let place = Place::new();
    let mut server = place.serve(&[]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let body = r#"{"setup_token":"nonsense","username":"ann","password":"correct horse"}"#;
    let length = body.len();
    write!(
        stream,
        "POST /auth/v1/setup HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
    )
    .unwrap();
    // The request runs, and asks for its body.
    let mut go_on = [0; b"HTTP/1.1 100 Continue\r\n\r\n".len()];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "{}", String::from_utf8_lossy(&go_on));
    server.signal(Signal::TERM);
    server.wait_for("server.stopping");
    write!(stream, "{body}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer:?}");
    server.wait_for("server.stopped");
    assert_eq!(server.end().0, Some(0));
}

#[test]
fn a_server_that_is_stopped_does_not_wait_for_streams_without_end() {
    let place = Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let cookies = set_up(&server.address);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    write!(stream, "GET /auth/v1/admin/audit/stream HTTP/1.1\r\nHost: localhost\r\n{cookies}\r\n").unwrap();
    let mut begun = Vec::new();
    while !begun.ends_with(b"retry: 1000\n\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        begun.extend(byte);
    }
    assert!(begun.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&begun));
    let log = server.stop_and_read_log();
    assert!(log.contains("server.stopped") && !log.contains("server.drain_cut_short"), "{log}");
    let mut rest = String::new();
    stream.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "it ends in order: {rest:?}");
}

#[test]
fn an_address_in_use_is_a_failure_at_run_time() {
    let place = Place::new();
    let server = place.serve(&[]);
    let other = Place::new();
    other.run(&["serve", "--listen", &server.address]).failed(1, &["http.listen", &server.address]);
    server.stop();
}

#[test]
fn another_master_secret_than_the_databases_stops_the_start() {
    let place = Place::new();
    place.serve(&[]).stop();
    let data = place.path("doorward-data");
    fs::remove_file(data.join("master.key")).unwrap();
    place.run(&["serve"]).failed(2, &["master.key is missing", "put it back"]);
    let other = place.with("DOORWARD_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8");
    other.run(&["serve"]).failed(1, &["sealed under another master secret"]);
}
