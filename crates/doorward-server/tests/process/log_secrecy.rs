//! No log line, audit event or metric shows a secret, however much is logged.
//!
//! Goal: whoever reads what a server tells its operators can act as nobody.
//! Method: a server that logs all there is, and somebody who sets up an authenticator app and signs in by it in every
//! way, with wrong codes and malformed requests in between. Then each of the values that were secret is looked for in
//! all that was written.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};

use crate::authenticator_app::{
    App, PASSWORD, enrol, pending, place, refused, send, set_up, show, signed_in,
};
use crate::browser::Browser;
use crate::place::{Server, get};

/// Values that nobody else may see.
#[derive(Default)]
struct Secrets(Vec<String>);

impl Secrets {
    fn keep(&mut self, secret: &str) -> String {
        self.0.push(secret.to_owned());
        secret.to_owned()
    }

    fn keep_cookies(&mut self, browser: &Browser, names: &[&str]) {
        for name in names {
            self.keep(browser.cookie(name));
        }
    }

    #[track_caller]
    fn are_not_in(&self, text: &str) {
        for secret in &self.0 {
            assert!(!text.contains(secret), "{secret} is shown: {text}");
        }
    }
}

/// A log line or event without its time, whose microseconds look like a code now and then.
fn without_time(line: &str) -> String {
    let mut entry: Json = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    for time in ["timestamp", "at"] {
        entry.as_object_mut().and_then(|entry| entry.remove(time));
    }
    entry.to_string()
}

/// Signs in by an app, by a recovery code, and steps up; each after what is refused.
fn sign_in_in_every_way(server: &mut Server, app: &mut App, recovery_code: &str, secrets: &mut Secrets) {
    let mut by_app = pending(server);
    secrets.keep_cookies(&by_app, &["dw_pending", "dw_csrf"]);
    for (method, wrong) in [
        ("totp", app.wrong_code().as_str()),
        ("totp", "a password, perhaps"),
        ("recovery_code", "ABCD-EFGH-JKMN-PQRS"),
    ] {
        assert_eq!(show(server, &mut by_app, method, &secrets.keep(wrong)), refused());
    }
    secrets.keep("ABCDEFGHJKMNPQRS");
    assert_eq!(show(server, &mut by_app, "totp", &secrets.keep(&app.next_code())), signed_in());
    server.wait_for("login.succeeded");
    for (code, status) in [(app.wrong_code(), 401), (app.next_code(), 200)] {
        let step_up = json!({ "method": "totp", "code": secrets.keep(&code) }).to_string();
        assert_eq!(send(server, &mut by_app, "/v1/step-up", &step_up).status, status);
    }
    server.wait_for("session.stepped_up");
    secrets.keep_cookies(&by_app, &["dw_session", "dw_refresh", "dw_csrf", "dw_device"]);
    present_a_worthless_passkey(server, &mut by_app, secrets);

    let mut by_recovery_code = pending(server);
    secrets.keep_cookies(&by_recovery_code, &["dw_pending"]);
    assert_eq!(show(server, &mut by_recovery_code, "recovery_code", recovery_code), signed_in());
    server.wait_for("mfa.recovery_code_used");
    secrets.keep_cookies(&by_recovery_code, &["dw_session", "dw_refresh", "dw_csrf", "dw_device"]);
}

/// The answer to a challenge as far as that goes without an authenticator: the library gets to see it, and refuses.
fn present_a_worthless_passkey(server: &mut Server, browser: &mut Browser, secrets: &mut Secrets) {
    let options = send(server, browser, "/v1/passkeys/options", "");
    let challenge = secrets.keep(options.body["publicKey"]["challenge"].as_str().unwrap());
    let origin = "http://localhost:8080";
    let client_data = json!({ "type": "webauthn.create", "challenge": challenge, "origin": origin });
    let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58\x25";
    let base64 = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let client_data = secrets.keep(&base64(client_data.to_string().as_bytes()));
    let response = json!({
        "clientDataJSON": client_data,
        "attestationObject": base64(&[head.as_slice(), &[0; 37]].concat()),
    });
    let passkey = json!({ "id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response });
    let answer = send(server, browser, "/v1/passkeys", &passkey.to_string());
    assert_eq!((answer.status, answer.code()), (422, "validation_failed"), "{}", answer.body);
    server.wait_for("passkey.refused");
}

#[test]
fn nothing_that_signs_somebody_in_is_shown_to_who_reads_logs_events_or_metrics() {
    let place = place().with("RUST_LOG", "trace,webauthn_rs_core::core=trace");
    let mut server = place.serve(&["--admin-listen", "127.0.0.1:0"]);
    let metrics = server.wait_for("server.listening")["address"].as_str().unwrap().to_owned();
    let mut secrets = Secrets::default();
    secrets.keep(PASSWORD);
    let mut browser = set_up(&server);
    secrets.keep_cookies(&browser, &["dw_session", "dw_refresh", "dw_csrf", "dw_device"]);
    let wrong = json!({ "password": secrets.keep("hunter2 hunter2 hunter2") }).to_string();
    assert_eq!(send(&server, &mut browser, "/v1/step-up", &wrong).status, 401);

    let (mut app, recovery_codes) = enrol(&server, &mut browser);
    server.wait_for("mfa.totp_enabled");
    secrets.keep(&app.secret);
    for code in &recovery_codes {
        secrets.keep(code);
        secrets.keep(&code.replace('-', ""));
    }
    sign_in_in_every_way(&mut server, &mut app, &recovery_codes[3], &mut secrets);
    let (code, extra) = (secrets.keep("314159"), secrets.keep("271828"));
    let malformed = json!({ "method": "totp", "code": code, "extra": extra }).to_string();
    assert_eq!(send(&server, &mut pending(&server), "/v1/login/mfa", &malformed).status, 400);

    let exported = place.run(&["audit", "export"]).succeeded().stdout;
    secrets.are_not_in(&get(&metrics, "/metrics"));
    let log = server.stop_and_read_log();
    for line in log.lines().chain(exported.lines()) {
        secrets.are_not_in(&without_time(line));
    }
}
