//! The example that verifies tokens by itself, beside the real server: as certain as the server is, and no longer.

#![cfg(test)]

#[path = "../../../../examples/verify-anywhere/src/main.rs"]
#[expect(dead_code, reason = "its `main` reads arguments, which a test gives otherwise")]
mod example;
mod switchboard;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use doorward::remote::{Options, Verifier};
use doorward_testkit::place::{Place, request};
use serde_json::{Value as Json, json};
use tokio::{net::TcpListener, time::timeout};

use switchboard::Switchboard;

const PASSWORD: &str = "correct horse battery";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const JSON: &str = "Content-Type: application/json\r\n";
/// Far longer than anything takes on any machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn place() -> Place {
    Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_TOKEN_ENDPOINT__ENABLED", "true")
        .with("DOORWARD_RATE_LIMIT__LOGIN", "1000/second")
}

fn post(address: &str, path: &str, headers: &str, body: &Json) -> String {
    request(address, "POST", path, &format!("{JSON}{headers}"), &body.to_string())
}

/// An access token of this user.
fn token(address: &str, username: &str) -> String {
    let answer = post(address, "/auth/v1/token", "", &json!({"username": username, "password": PASSWORD}));
    let body: Json = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    body["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn log_out(address: &str, token: &str) {
    let answer = request(address, "POST", "/auth/v1/logout", &bearer(token), "");
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
}

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}\r\n")
}

/// The example, which runs.
struct App {
    address: String,
    verifier: Arc<Verifier>,
}

impl App {
    async fn start(server: SocketAddr, credential: &str) -> Self {
        let options =
            Options::new("http://localhost:8080/auth", "http://localhost:8080", credential).unwrap();
        let options = options.at(&format!("http://{server}/auth")).unwrap();
        let verifier = Arc::new(Verifier::follow(options).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = example::app(Arc::clone(&verifier));
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, verifier }
    }

    /// What it says to this token.
    async fn says(&self, token: &str) -> String {
        let (address, header) = (self.address.clone(), bearer(token));
        let ask = move || request(&address, "GET", "/", &header, "");
        let answer = tokio::task::spawn_blocking(ask).await.unwrap();
        answer.split("\r\n\r\n").nth(1).unwrap().to_owned()
    }

    /// Waits until it says this.
    async fn comes_to_say(&self, token: &str, wanted: &str) {
        let mut said = String::new();
        let wait = async {
            loop {
                said = self.says(token).await;
                if said == wanted {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(PATIENCE, wait).await.is_ok(), "not {wanted:?} but {said:?}");
    }
}

/// A server with an administrator `root` and a user `ann`.
fn settled(place: &Place) -> doorward_testkit::place::Server {
    let server = place.serve(&[]);
    let root = json!({"setup_token": SETUP_TOKEN, "username": "root", "password": PASSWORD});
    assert!(post(&server.address, "/auth/v1/setup", "", &root).starts_with("HTTP/1.1 201"));
    place.run_with_input(&["user", "add", "ann"], &format!("{PASSWORD}\n")).succeeded();
    server
}

/// M-N03, in a process that asks nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_was_ended_is_refused_and_so_is_everybody_while_the_server_is_away() {
    let place = place();
    let server = settled(&place);
    let switchboard = Switchboard::open().await;
    let app = App::start(switchboard.address, &token(&server.address, "root")).await;
    let [ann, other] = [(); 2].map(|()| token(&server.address, "ann"));
    assert_eq!(app.says(&ann).await, "revocation_state_stale", "before the server has ever answered");
    switchboard.lead_to(Some(&server.address));
    app.comes_to_say(&ann, "Hello ann").await;
    assert_eq!(app.says("eyJ.e30.x").await, "token_invalid");

    log_out(&server.address, &ann);
    app.comes_to_say(&ann, "session_revoked").await;
    app.comes_to_say(&other, "Hello ann").await;

    server.stop();
    app.comes_to_say(&other, "revocation_state_stale").await;
    assert!(app.verifier.check_fresh().is_err());
    // What is revoked meanwhile is known before anybody is let in again.
    let after = place.serve(&[]);
    log_out(&after.address, &other);
    let third = token(&after.address, "ann");
    assert_eq!(app.says(&other).await, "revocation_state_stale");
    switchboard.lead_to(Some(&after.address));
    app.comes_to_say(&third, "Hello ann").await;
    assert_eq!(app.says(&other).await, "session_revoked");
    assert_eq!(app.says(&ann).await, "session_revoked", "heard before, and kept");
    after.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_a_new_key_is_let_in_at_once_and_one_of_a_dropped_key_no_more() {
    let place = place();
    let server = settled(&place);
    let switchboard = Switchboard::open().await;
    switchboard.lead_to(Some(&server.address));
    let app = App::start(switchboard.address, &token(&server.address, "root")).await;
    let old = token(&server.address, "ann");
    app.comes_to_say(&old, "Hello ann").await;
    place.run(&["key", "rotate", "--now"]).succeeded();
    let key = |token: &str| token.split('.').next().unwrap().to_owned();
    let wait = async {
        loop {
            let new = token(&server.address, "ann");
            if key(&new) != key(&old) {
                return new;
            }
            tokio::task::yield_now().await;
        }
    };
    let new = timeout(PATIENCE, wait).await.unwrap();
    app.comes_to_say(&new, "Hello ann").await;
    app.comes_to_say(&old, "token_invalid").await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_credential_that_has_ended_is_replaced_while_it_runs() {
    let place = place();
    let server = settled(&place);
    let switchboard = Switchboard::open().await;
    switchboard.lead_to(Some(&server.address));
    let [credential, next] = [(); 2].map(|()| token(&server.address, "root"));
    let app = App::start(switchboard.address, &credential).await;
    let ann = token(&server.address, "ann");
    app.comes_to_say(&ann, "Hello ann").await;
    log_out(&server.address, &credential);
    app.comes_to_say(&ann, "revocation_state_stale").await;
    app.verifier.use_credential(&next).unwrap();
    app.comes_to_say(&ann, "Hello ann").await;
    assert!(app.verifier.use_credential("line\nbreak").is_err());
    server.stop();
}

/// Another entry has the number that was read up to: going on after it would miss a revocation.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_was_put_back_and_came_as_far_again_hides_no_revocation() {
    let place = place();
    let server = settled(&place);
    let switchboard = Switchboard::open().await;
    switchboard.lead_to(Some(&server.address));
    let app = App::start(switchboard.address, &token(&server.address, "root")).await;
    let [first, second, third, other, another] = [(); 5].map(|()| token(&server.address, "ann"));
    app.comes_to_say(&first, "Hello ann").await;
    place.run(&["backup", "backup.db"]).succeeded();
    for token in [&first, &other] {
        log_out(&server.address, token);
        app.comes_to_say(token, "session_revoked").await;
    }
    server.stop();
    app.comes_to_say(&third, "revocation_state_stale").await;
    place.run(&["restore", "backup.db", "--danger-keep-sessions"]).succeeded();
    let server = place.serve(&[]);
    for token in [&second, &another] {
        log_out(&server.address, token);
    }
    switchboard.lead_to(Some(&server.address));
    app.comes_to_say(&third, "Hello ann").await;
    assert_eq!(app.says(&second).await, "session_revoked");
    assert_eq!(app.says(&first).await, "session_revoked", "what was heard once stays in force");
    server.stop();
}
