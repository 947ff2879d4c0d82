//! One master password instead of accounts (M-C01), as its operator sets it up and lives with it.

use serde_json::json;

use crate::place::{Place, Server, get, request};

const PASSWORD: &str = "correct horse battery";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const JSON: &str = "Content-Type: application/json\r\n";

fn accounts() -> Place {
    Place::new().with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
}

fn single() -> Place {
    accounts().with("DOORWARD_MODE", "single_operator")
}

/// How a request without a name was answered.
fn send(server: &Server, path: &str, body: &serde_json::Value) -> String {
    request(&server.address, "POST", path, JSON, &body.to_string())
}

fn set_up(server: &Server, username: Option<&str>) -> String {
    let mut body = json!({ "setup_token": SETUP_TOKEN, "password": PASSWORD });
    if let Some(username) = username {
        body["username"] = username.into();
    }
    send(server, "/auth/v1/setup", &body)
}

#[test]
fn one_password_opens_the_server_before_and_after_a_restart_and_no_account_joins_it() {
    let place = single();
    let server = place.serve(&[]);
    assert!(!get(&server.address, "/auth/setup").contains("name=\"username\""));
    let made = set_up(&server, None);
    assert!(made.starts_with("HTTP/1.1 201") && made.contains("\"username\":\"operator\""), "{made}");
    server.stop();

    let server = place.serve(&[]);
    assert!(!get(&server.address, "/auth/login").contains("name=\"username\""));
    let login = send(&server, "/auth/v1/login", &json!({ "password": PASSWORD }));
    assert!(login.starts_with("HTTP/1.1 200"), "{login}");
    let why = ["single_operator", "operator is the only account"];
    place.run_with_input(&["user", "add", "ann"], &format!("{PASSWORD}\n")).failed(1, &why);
    place.run(&["user", "add", "ann"]).failed(1, &why);
    place.run(&["user", "invite", "ann"]).failed(1, &why);
    let users = place.json(&["user", "list"]);
    assert_eq!(users["items"].as_array().map(Vec::len), Some(1));

    let reset = place.json(&["user", "reset", "operator"]);
    assert!(reset["reset_url"].as_str().unwrap().contains("/auth/reset/dws_"));
    place.run_with_input(&["user", "passwd", "operator"], "another long password\n").succeeded();
    let old = send(&server, "/auth/v1/login", &json!({ "password": PASSWORD }));
    assert!(old.contains("invalid_credentials"), "{old}");
    server.stop();
}

#[test]
fn a_data_directory_of_accounts_stops_the_start_with_2_and_the_mend_mends_it() {
    let place = accounts();
    let server = place.serve(&[]);
    assert!(set_up(&server, Some("root")).starts_with("HTTP/1.1 201"));
    server.stop();
    let place = place.with("DOORWARD_MODE", "single_operator");
    let refused = place.run(&["serve"]).failed(
        2,
        &["mode = \"single_operator\"", "set up with accounts", "\"operator\"", "doorward user add operator"],
    );
    assert!(refused.stderr.lines().last().unwrap().contains("write \"accounts\""), "{}", refused.stderr);

    let place = place.with("DOORWARD_MODE", "accounts");
    let input = format!("{PASSWORD}\n");
    place.run_with_input(&["user", "add", "operator", "--role", "admin"], &input).succeeded();
    let place = place.with("DOORWARD_MODE", "single_operator");
    let server = place.serve(&[]);
    let login = send(&server, "/auth/v1/login", &json!({ "username": "root", "password": PASSWORD }));
    assert!(login.contains("\"username\":\"operator\""), "{login}");
    server.stop();
}

#[test]
fn a_mode_that_is_none_is_refused_and_a_new_one_waits_for_a_restart() {
    let place = Place::new();
    place.write("doorward.toml", "mode = \"operator\"\n");
    let part = "mode = \"operator\" (file doorward.toml): write one of \"accounts\", \"single_operator\"";
    place.run(&["serve"]).failed(2, &[part]);
    place.write("doorward.toml", "mode = \"single_operator\"\n");
    let shown = place.run(&["config", "show"]).succeeded().stdout;
    assert!(shown.contains("single_operator"), "{shown}");
    let mut server = place.serve(&[]);
    place.write("doorward.toml", "mode = \"accounts\"\n");
    server.signal(rustix::process::Signal::HUP);
    assert_eq!(server.wait_for("config.restart_needed")["key"], "mode");
    assert!(!get(&server.address, "/auth/setup").contains("name=\"username\""));
    server.stop();
}
