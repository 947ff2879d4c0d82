//! Commands, beside a running server and without one.

use crate::place::{Place, mode};
use serde_json::Value as Json;

/// A place whose server has run once.
fn installed() -> Place {
    let place = Place::new();
    place.serve(&[]).stop();
    place
}

fn names(list: &Json) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|user| user["username"].as_str().unwrap()).collect()
}

#[test]
fn unusable_arguments_are_2_and_what_fails_at_run_time_is_1() {
    let place = installed();
    for (arguments, code, part) in [
        (&["serve", "--nonsense"][..], 2, "--nonsense"),
        (&["nonsense"], 2, "nonsense"),
        (&["doctor"], 2, "doctor"),
        (&["apikey", "list"], 2, "apikey"),
        (&["audit", "verify", "--head", "sqlite"], 2, "CHAIN:SEQ:MAC"),
        (&["session", "revoke", "nonsense"], 2, "doorward session list"),
        (&["session", "revoke", "AAAAAAAAAAAAAAAAAAAAAA"], 1, "no live session"),
        (&["user", "disable", "nobody"], 1, "there is no user \"nobody\""),
        (&["user", "invite", "ann", "--role", "Not A Role"], 2, "roles"),
        (&["audit", "tail", "--after", "yesterday"], 2, "2026-01-31T00:00:00Z"),
        (&["audit", "tail", "--event", "nonsense"], 2, "login.refused"),
        (&["restore", "missing.db"], 1, "missing.db"),
        (&["config", "show", "--config", "missing.toml"], 2, "missing.toml"),
        (&["user", "list", "--data-dir", "elsewhere"], 1, "does not exist"),
    ] {
        let done = place.run(arguments).failed(code, &[part]);
        assert!(done.stdout.is_empty(), "{arguments:?}: {}", done.stdout);
    }
    assert!(!place.path("elsewhere").exists());
    place.run(&["--help"]).succeeded();
    place.run(&["--version"]).succeeded();
}

#[test]
fn users_are_made_changed_and_listed_while_the_server_runs() {
    let place = Place::new();
    let server = place.serve(&[]);
    let added =
        place.run_with_input(&["user", "add", "Ann", "--role", "admin", "--json"], "correct horse battery\n");
    let ann = added.succeeded().json();
    assert_eq!((ann["username"].as_str(), ann["roles"][0].as_str()), (Some("Ann"), Some("admin")));
    place.run_with_input(&["user", "add", "ANN"], "correct horse battery\n").failed(1, &["somebody's"]);
    place.run_with_input(&["user", "add", "carl"], "short\n").failed(1, &["at least 8 characters"]);

    let bob = place.json(&["user", "invite", "bob", "--email", "bob@example.com"]);
    let url = bob["invite_url"].as_str().unwrap();
    assert!(url.starts_with("http://localhost:8080/auth/invite/dws_"), "{url}");
    let reset = place.json(&["user", "reset", "ann"]);
    assert!(reset["reset_url"].as_str().unwrap().starts_with("http://localhost:8080/auth/reset/dws_"));

    assert_eq!(place.json(&["user", "disable", "bob"])["disabled"], true);
    assert_eq!(place.json(&["user", "enable", bob["id"].as_str().unwrap()])["disabled"], false);
    place.run(&["user", "disable", "ann"]).failed(1, &["last_admin"]);
    let changed = place
        .run_with_input(&["user", "passwd", "bob", "--must-change", "--json"], "correct horse battery\r\n");
    assert_eq!(changed.succeeded().json()["must_change_password"], true);
    assert_eq!(names(&place.json(&["user", "list"])), ["Ann", "bob"]);
    assert_eq!(place.json(&["user", "revoke", "ann"])["revoked"], 0);
    assert_eq!(place.json(&["user", "sessions", "ann"])["items"].as_array().map(Vec::len), Some(0));
    let table = place.run(&["user", "list"]).succeeded().stdout;
    assert!(table.lines().count() == 3 && table.contains("bob@example.com"), "{table}");
    server.stop();
}

#[test]
fn a_password_is_taken_from_standard_input_only() {
    let place = installed();
    place.run(&["user", "add", "ann"]).failed(2, &["standard input"]);
    place.run(&["user", "add", "ann", "correct horse battery"]).failed(2, &["unexpected argument"]);
}

#[test]
fn signing_keys_are_rotated_beside_the_server() {
    let place = Place::new();
    let server = place.serve(&[]);
    let before = place.json(&["key", "list"])["items"].clone();
    assert_eq!(before[0]["state"], "signing");
    let made = place.json(&["key", "rotate"]);
    assert_eq!(made["state"], "next");
    let listed = || place.json(&["key", "list"])["items"].clone();
    let after = listed();
    assert_eq!((&after[0], &after[1]["kid"]), (&made, &before[0]["kid"]));
    assert_eq!((&after[1]["state"], &after[1]["retired_at"]), (&"signing".into(), &made["signs_from"]));
    place.run(&["key", "rotate"]).failed(1, &["signs within two minutes", "--now"]);
    let now = place.json(&["key", "rotate", "--now"]);
    let states: Vec<_> = listed().as_array().unwrap().iter().map(|key| key["state"].clone()).collect();
    assert_eq!(
        (now["state"].as_str(), states),
        (Some("signing"), ["signing", "retired", "retired"].map(Into::into).into())
    );
    server.stop();
}

#[test]
fn the_audit_log_tells_what_commands_did() {
    let place = installed();
    place.json(&["user", "invite", "bob"]);
    place.json(&["user", "disable", "bob"]);
    let tail = place.json(&["audit", "tail", "-n", "1"]);
    assert_eq!(tail["items"].as_array().map(Vec::len), Some(1));
    let event = &tail["items"][0];
    assert_eq!(
        (event["event"].as_str(), event["actor"].as_str()),
        (Some("user.changed"), Some("command-line"))
    );
    let of_bob = place.json(&["audit", "tail", "--user", "bob", "--event", "user.created"]);
    assert_eq!(of_bob["items"].as_array().map(Vec::len), Some(1));

    let exported = place.run(&["audit", "export"]).succeeded().stdout;
    let mut events: Vec<Json> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(events.pop().unwrap()["heads"].is_array());
    let numbers: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    assert!(numbers.is_sorted() && numbers.len() > 3, "{numbers:?}");
    let written = place.json(&["audit", "export", "--output", "events.jsonl"]);
    assert_eq!(written["events"].as_u64(), u64::try_from(events.len()).ok());
    assert_eq!(mode(&place.path("events.jsonl")), 0o600);
    place.run(&["audit", "export", "--output", "events.jsonl"]).failed(1, &["events.jsonl"]);
}

#[test]
fn a_backup_is_made_while_running_and_restored_while_not() {
    let place = Place::new();
    let server = place.serve(&[]);
    place.json(&["user", "invite", "ann"]);
    place.json(&["backup", "backup.db"]);
    assert_eq!(mode(&place.path("backup.db")), 0o600);
    place.run(&["backup", "backup.db"]).failed(1, &["backup.db"]);
    place.json(&["user", "invite", "bob"]);
    let keys = place.json(&["key", "list"]);
    place.run(&["restore", "backup.db"]).failed(1, &["in use", "stop `doorward serve` first"]);
    assert_eq!(names(&place.json(&["user", "list"])), ["ann", "bob"]);
    server.stop();

    place.json(&["restore", "backup.db"]);
    assert_eq!(names(&place.json(&["user", "list"])), ["ann"]);
    let new_keys = place.json(&["key", "list"]);
    assert_eq!(new_keys["items"].as_array().map(Vec::len), Some(1));
    assert_ne!(new_keys["items"][0]["kid"], keys["items"][0]["kid"], "tokens of before verify no more");
    for file in std::fs::read_dir(place.path("doorward-data")).unwrap() {
        let file = file.unwrap();
        assert_eq!(mode(&file.path()), 0o600, "{:?}", file.file_name());
        assert!(!file.file_name().to_string_lossy().contains(".restoring"), "{:?}", file.file_name());
    }
    place.serve(&[]).stop();
}

#[test]
fn kept_sessions_need_the_keys_they_were_signed_with() {
    let place = installed();
    place.json(&["backup", "backup.db"]);
    let keys = place.json(&["key", "list"]);
    place.json(&["restore", "backup.db", "--danger-keep-sessions"]);
    assert_eq!(place.json(&["key", "list"]), keys);

    let elsewhere = installed();
    std::fs::copy(place.path("backup.db"), elsewhere.path("backup.db")).unwrap();
    let refused = elsewhere.run(&["restore", "backup.db", "--danger-keep-sessions"]);
    refused.failed(1, &["sealed under another master secret"]);
    elsewhere.json(&["restore", "backup.db"]);
    elsewhere.serve(&[]).stop();
}

#[test]
fn a_restore_that_fails_leaves_the_database_as_it_was() {
    let place = installed();
    place.json(&["user", "invite", "ann"]);
    place.write("garbage.db", &"no database ".repeat(1000));
    place.run(&["restore", "garbage.db"]).failed(1, &["garbage.db"]);
    assert_eq!(names(&place.json(&["user", "list"])), ["ann"]);
}

#[test]
fn a_backup_is_restored_on_a_machine_that_has_nothing() {
    let place = installed();
    place.json(&["user", "invite", "ann"]);
    place.json(&["backup", "backup.db"]);
    let fresh = Place::new();
    std::fs::copy(place.path("backup.db"), fresh.path("backup.db")).unwrap();
    fresh.json(&["restore", "backup.db"]);
    assert_eq!(names(&fresh.json(&["user", "list"])), ["ann"]);
    fresh.serve(&[]).stop();
}

#[test]
fn the_configuration_is_shown_with_its_sources() {
    let place = Place::new().with("DOORWARD_SESSION__MAX_PER_USER", "7");
    place.write("doorward.toml", "[http]\nbase_path = \"/sso\"\n");
    let shown = place.json(&["config", "check", "--data-dir", "elsewhere"]);
    let setting = |key: &str| {
        let found =
            shown["settings"].as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap();
        (found["value"].clone(), found["source"].as_str().unwrap().to_owned())
    };
    assert_eq!(setting("http.base_path"), ("/sso".into(), "file doorward.toml".to_owned()));
    assert_eq!(
        setting("session.max_per_user"),
        (7.into(), "environment DOORWARD_SESSION__MAX_PER_USER".to_owned())
    );
    assert_eq!(setting("data_dir"), ("elsewhere".into(), "flag --data-dir".to_owned()));
    assert_eq!(setting("http.listen"), ("127.0.0.1:8080".into(), "default".to_owned()));
    assert!(!place.path("elsewhere").exists(), "checking makes nothing");
}

#[test]
fn completions_are_printed_for_each_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = place.run(&["completions", shell]).succeeded().stdout;
        assert!(script.contains("doorward") && script.contains("setup-url"), "{shell}");
    }
}
