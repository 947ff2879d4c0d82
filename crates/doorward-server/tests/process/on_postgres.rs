//! The binary on a PostgreSQL: what it needs, what each command does there, and what it says instead.

use doorward_testkit::postgres::{Cluster, Database, Settings};
use serde_json::Value as Json;

use crate::place::{Done, Place, get, request};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const OTHER_KEY: &str = "HwECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";

/// A place whose database is this one, by its URL in a file, as secrets come in containers.
fn place_on(database: &Database<'_>) -> Place {
    let place = Place::new();
    place.write("store-url", &format!("{}\n", database.url()));
    let file = place.path("store-url");
    place.with("DOORWARD_STORE__URL_FILE", file.to_str().unwrap())
}

fn node_on(database: &Database<'_>) -> Place {
    place_on(database).with("DOORWARD_MASTER_KEY", KEY).with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
}

fn set_up(address: &str) {
    let form =
        format!(r#"{{"setup_token":"{SETUP_TOKEN}","username":"root","password":"correct horse battery"}}"#);
    let answer = request(address, "POST", "/auth/v1/setup", "Content-Type: application/json\r\n", &form);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

fn items(list: &Json) -> usize {
    list["items"].as_array().unwrap().len()
}

fn refused(done: Done, code: i32, part: &str) {
    let done = done.failed(code, &[part]);
    assert!(done.stdout.is_empty(), "{}", done.stdout);
}

#[test]
fn nodes_are_given_one_master_secret_and_make_none() {
    let database = Cluster::of_this_process().fresh_database();
    let without = place_on(&database);
    refused(without.run(&["serve"]), 2, "DOORWARD_MASTER_KEY_FILE");
    assert!(!without.path("doorward-data/master.key").exists());
    node_on(&database).serve(&[]).stop();
    let other = place_on(&database).with("DOORWARD_MASTER_KEY", OTHER_KEY);
    refused(other.run(&["serve"]), 1, "master secret");
}

#[test]
fn every_command_works_or_says_what_to_do_instead() {
    let database = Cluster::of_this_process().fresh_database();
    let place = node_on(&database);
    let server = place.serve(&[]);
    set_up(&server.address);
    place.run_with_input(&["user", "add", "ann"], "correct horse battery\n").succeeded();
    assert_eq!(items(&place.json(&["user", "list"])), 2);
    assert_eq!(items(&place.json(&["session", "list"])), 1);
    place.run(&["user", "disable", "ann"]).succeeded();
    place.run(&["key", "rotate"]).succeeded();
    assert_eq!(items(&place.json(&["key", "list"])), 2);
    assert!(items(&place.json(&["audit", "tail"])) > 3);
    let verified = place.json(&["audit", "verify"]);
    assert!(verified["intact"] == true && verified["events"].as_u64() > Some(3), "{verified}");
    place.run(&["audit", "export", "--output", "events.jsonl"]).succeeded();

    refused(place.run(&["backup", "copy.db"]), 2, "pg_dump");
    refused(place.run(&["restore", "copy.db"]), 2, "doorward after-restore");
    refused(place.run(&["after-restore"]), 1, "stop the nodes that run first");
    server.stop();
    // Whoever stops takes leave.
    assert_eq!(items(&place.json(&["node", "list"])), 0);
}

#[test]
fn a_database_that_was_put_back_lets_nobody_in() {
    let database = Cluster::of_this_process().fresh_database();
    let place = node_on(&database);
    let server = place.serve(&[]);
    set_up(&server.address);
    server.stop();
    let earlier = database.copy();
    let restored = node_on(&earlier);
    let done = restored.json(&["after-restore"]);
    assert_eq!(done["sessions_ended"], 1, "{done}");
    assert_eq!(items(&restored.json(&["session", "list"])), 0);
    let keys = |place: &Place| place.json(&["key", "list"])["items"].clone();
    let (before, after) = (keys(&place), keys(&restored));
    let still_signs = after.as_array().unwrap().iter().any(|key| key["kid"] == before[0]["kid"]);
    assert!(!still_signs, "{before} {after}");
    restored.serve(&[]).stop();
    refused(Place::new().run(&["after-restore"]), 2, "doorward restore does all of it");
}

#[test]
fn nodes_tell_of_themselves_and_of_their_connections() {
    let database = Cluster::of_this_process().fresh_database();
    let admin = ["--admin-listen", "127.0.0.1:0"];
    let place = node_on(&database).with("DOORWARD_NODE__NAME", "blue");
    let mut server = place.serve(&[]);
    let green = node_on(&database).with("DOORWARD_NODE__NAME", "green");
    let mut other = green.starting(&admin);
    other.listens();
    let metrics_at = other.wait_for("server.listening");
    let metrics = get(metrics_at["address"].as_str().unwrap(), "/metrics");
    for line in [
        "doorward_store_connections{state=\"idle\"}",
        "doorward_store_connections{state=\"in_use\"}",
        "\ndoorward_store_waiting ",
    ] {
        assert!(metrics.contains(line), "{line}: {metrics}");
    }
    let listed = || -> Vec<String> {
        let nodes = place.json(&["node", "list"]);
        let nodes = nodes["items"].as_array().unwrap().iter();
        nodes.map(|node| node["name"].as_str().unwrap().to_owned()).collect()
    };
    // Each tells within its first second, however long that is on this machine.
    assert!((0..600).any(|_| listed().len() == 2));
    assert_eq!(listed(), ["blue", "green"]);

    // What listens for hints is on a connection of its own, and comes again when that is lost.
    const LISTENING: &str =
        "FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()";
    assert!((0..600).any(|_| database.sql(&format!("SELECT count(*) {LISTENING}")) == "2"));
    database.sql(&format!("SELECT pg_terminate_backend(pid) {LISTENING}"));
    for server in [&mut server, &mut other] {
        server.wait_for("feed.hint_lost");
        server.wait_for("feed.hint_recovered");
    }
    other.stop();
    assert_eq!(listed(), ["blue"]);
    server.stop();
}

#[test]
fn a_server_waits_for_a_database_that_starts_with_it_and_a_command_does_not() {
    let cluster = Settings::new().password("hunter2-hunter2").start();
    let database = cluster.fresh_database();
    let place = node_on(&database);
    let shown = place.run(&["config", "show"]).succeeded().stdout;
    assert!(
        shown.contains("postgres://doorward:(hidden)@127.0.0.1") && !shown.contains("hunter2"),
        "{shown}"
    );
    place.serve(&[]).stop();
    cluster.stop();
    refused(place.run(&["user", "list"]), 1, "cannot reach the database at 127.0.0.1");
    let mut server = place.starting(&[]);
    server.wait_for("store.waiting");
    cluster.start_again();
    server.listens();
    let log = server.stop_and_read_log();
    assert!(!log.contains("hunter2"), "{log}");
}

#[test]
fn a_server_that_waits_for_its_database_can_be_stopped() {
    let place = Place::new()
        .with("DOORWARD_STORE__URL", "postgres://doorward@127.0.0.1:1/doorward")
        .with("DOORWARD_MASTER_KEY", KEY);
    let mut server = place.starting(&[]);
    server.wait_for("store.waiting");
    server.stop();
}
