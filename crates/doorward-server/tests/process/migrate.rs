//! From SQLite to PostgreSQL, with everybody signed in.

use doorward_testkit::postgres::Cluster;

use crate::browser::Browser;
use crate::place::{Place, Server};

const KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const CREDENTIALS: &str = r#"{"username":"root","password":"correct horse battery"}"#;

fn send(server: &Server, browser: &mut Browser, method: &str, path: &str, body: &str) -> (u16, String) {
    let answer = browser.send(&server.address, method, path, body).unwrap();
    (answer.status, answer.code().to_owned())
}

#[test]
fn who_is_signed_in_stays_so_and_who_is_not_does_not() {
    let place = Place::new().with("DOORWARD_MASTER_KEY", KEY).with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN);
    let server = place.serve(&[]);
    let (mut stays, mut leaves) = (Browser::default(), Browser::default());
    let setup = format!(r#"{{"setup_token":"{SETUP_TOKEN}",{}"#, &CREDENTIALS[1..]);
    assert_eq!(send(&server, &mut stays, "POST", "/v1/setup", &setup).0, 201);
    assert_eq!(send(&server, &mut leaves, "POST", "/v1/login", CREDENTIALS).0, 200);
    let mut left = leaves.clone();
    assert_eq!(send(&server, &mut leaves, "POST", "/v1/logout", "").0, 204);

    let database = Cluster::of_this_process().fresh_database();
    let to = database.url();
    place.run(&["migrate", "--to", &to]).failed(1, &["is in use", "stop `doorward serve` first"]);
    server.stop();
    let moved = place.json(&["migrate", "--to", &to]);
    assert_eq!(moved["same"], true, "{moved}");
    let rows = |table: &str| {
        let tables = moved["tables"].as_array().unwrap();
        tables.iter().find(|found| found["name"] == table).unwrap()["arrived_rows"].as_u64().unwrap()
    };
    assert_eq!((rows("users"), rows("sessions"), rows("state")), (1, 2, 1));
    // What was moved is there still, and is not moved twice.
    place.run(&["migrate", "--to", &to]).failed(1, &["is not empty"]);

    let node = Place::new().with("DOORWARD_MASTER_KEY", KEY).with("DOORWARD_STORE__URL", &to);
    let server = node.serve(&[]);
    assert_eq!(send(&server, &mut stays, "GET", "/v1/session", "").0, 200);
    assert_eq!(send(&server, &mut stays, "POST", "/v1/refresh", "").0, 200);
    assert_eq!(send(&server, &mut left, "GET", "/v1/session", ""), (401, "session_revoked".to_owned()));
    assert_eq!(send(&server, &mut left, "POST", "/v1/refresh", "").0, 401);
    server.stop();
    let verified = node.json(&["audit", "verify"]);
    assert_eq!(verified["intact"], true, "{verified}");
}

#[test]
fn the_new_database_is_the_one_in_use_unless_another_is_named() {
    let database = Cluster::of_this_process().fresh_database();
    let place = Place::new();
    place.serve(&[]).stop();
    place.run(&["migrate"]).failed(2, &["--to", "store.url"]);
    place.run(&["migrate", "--to", "sqlite:other.db"]).failed(2, &["--to"]);
    place.run(&["migrate", "--to", &database.url(), "--from", &database.url()]).failed(2, &["sqlite:PATH"]);
    place.run(&["migrate", "--to", &database.url(), "--from", "sqlite:other.db"]).failed(1, &["other.db"]);
    let secret = place.run(&["migrate", "--to", "postgres://u:hunter2@h:port/d"]).failed(2, &["--to"]);
    assert!(!secret.stderr.contains("hunter2"), "{}", secret.stderr);
    place.write("store-url", &database.url());
    let file = place.path("store-url");
    let place = place.with("DOORWARD_STORE__URL_FILE", file.to_str().unwrap());
    let moved = place.run(&["migrate"]).succeeded().stdout;
    assert!(moved.lines().any(|line| line.contains("signing_keys") && line.contains("same")), "{moved}");
    place.serve(&[]).stop();
}
