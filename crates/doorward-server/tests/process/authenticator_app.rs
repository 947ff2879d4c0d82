//! Somebody with an authenticator app: `oathtool`, which `scripts/test-deps` installs, by the clock of this machine.

use std::process::Command;

use doorward::platform::SystemClock;
use doorward_core::second_factor::totp::{PERIOD_SECONDS, Step};
use doorward_core::time::Clock;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::place::{Place, Server};

pub(crate) const PASSWORD: &str = "correct horse battery";
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";

/// An app that holds one secret, and remembers what it has shown.
pub(crate) struct App {
    pub(crate) secret: String,
    last: u64,
}

/// A place with an administrator `ann` who will have an app, and where failures make nobody wait.
pub(crate) fn place() -> Place {
    Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "")
        .with("DOORWARD_THROTTLE__ADDRESS_DELAYS", "")
        .with("DOORWARD_RATE_LIMIT__LOGIN", "1000000/minute")
}

/// Makes `ann`, and signs her in.
pub(crate) fn set_up(server: &Server) -> Browser {
    let mut browser = Browser::default();
    let body = json!({ "setup_token": SETUP_TOKEN, "username": "ann", "password": PASSWORD });
    assert_eq!(send(server, &mut browser, "/v1/setup", &body.to_string()).status, 201);
    browser
}

/// Sets up an app in this session; gives the recovery codes too.
pub(crate) fn enrol(server: &Server, browser: &mut Browser) -> (App, Vec<String>) {
    let begun = send(server, browser, "/v1/mfa/totp", "");
    assert_eq!(begun.status, 200, "{}", begun.body);
    let mut app = App { secret: begun.body["secret"].as_str().unwrap().to_owned(), last: 0 };
    let confirm = json!({ "code": app.next_code() }).to_string();
    let confirmed = send(server, browser, "/v1/mfa/totp/confirm", &confirm);
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    let codes = confirmed.body["recovery_codes"].as_array().unwrap().iter();
    (app, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// Gives ann's password.
pub(crate) fn log_in(server: &Server, browser: &mut Browser) -> Answer {
    let body = json!({ "username": "ann", "password": PASSWORD });
    send(server, browser, "/v1/login", &body.to_string())
}

/// Gives ann's password in a new browser; the second factor is due then.
#[track_caller]
pub(crate) fn pending(server: &Server) -> Browser {
    let mut browser = Browser::default();
    let answer = log_in(server, &mut browser);
    assert_eq!(answer.body["status"], "mfa_required", "{}", answer.body);
    browser
}

/// Shows a code where a login waits for one; gives what came of it: 200, or a code of refusal.
pub(crate) fn show(server: &Server, browser: &mut Browser, method: &str, code: &str) -> (u16, String) {
    let body = json!({ "method": method, "code": code }).to_string();
    let answer = send(server, browser, "/v1/login/mfa", &body);
    (answer.status, answer.code().to_owned())
}

/// Logs ann in by password and code; gives what came of the code.
pub(crate) fn log_in_with(server: &Server, method: &str, code: &str) -> (u16, String) {
    show(server, &mut pending(server), method, code)
}

pub(crate) fn signed_in() -> (u16, String) {
    (200, String::new())
}

pub(crate) fn refused() -> (u16, String) {
    (401, "mfa_code_invalid".to_owned())
}

pub(crate) fn send(server: &Server, browser: &mut Browser, path: &str, body: &str) -> Answer {
    browser.send(&server.address, "POST", path, body).unwrap()
}

impl App {
    /// A code that it has not shown yet: of now, and each later one of a step further ahead, which the server follows if
    /// it accepted the one before. Never one of the past, which could end on its way.
    pub(crate) fn next_code(&mut self) -> String {
        let Step(now) = Step::at(SystemClock::new().wall().unwrap());
        self.last = now.max(self.last + 1);
        self.code(self.last)
    }

    /// Six digits that are no code of it anywhere near now, and not so round that they are anywhere else.
    pub(crate) fn wrong_code(&self) -> String {
        let Step(now) = Step::at(SystemClock::new().wall().unwrap());
        let near: Vec<String> = (now - 13..now + 13).map(|step| self.code(step)).collect();
        (714_825..).map(|n: u32| n.to_string()).find(|code| !near.contains(code)).unwrap()
    }

    fn code(&self, step: u64) -> String {
        let now = format!("@{}", step * PERIOD_SECONDS);
        let shown =
            Command::new("oathtool").args(["--totp", "--base32", &self.secret, "--now", &now]).output();
        let shown = shown.expect("oathtool runs: scripts/test-deps installs it");
        assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
        String::from_utf8(shown.stdout).unwrap().trim().to_owned()
    }
}
