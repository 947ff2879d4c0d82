//! An authenticator app in somebody's pocket, and people who have one.

use std::time::Duration;

use doorward_core::{
    second_factor::totp::{Step, TotpSecret},
    time::Timestamp,
};
use serde_json::{Value as Json, json};

use crate::{answer::Answer, ask::Ask, browser::Browser, world::World};

/// How long an app shows a code.
pub(crate) const STEP: Duration = Duration::from_secs(30);

/// An app that holds one secret.
#[derive(Clone)]
pub(crate) struct App {
    secret: [u8; 20],
    world: World,
}

/// Somebody with an app and ten recovery codes.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) app: App,
    pub(crate) recovery_codes: Vec<String>,
    /// Where the app was set up.
    pub(crate) browser: Browser,
}

impl App {
    /// The app that scans this answer.
    pub(crate) fn scan(world: &World, begun: &Json) -> Self {
        for member in ["secret", "otpauth_uri", "qr_svg"] {
            world.remember_secret(begun[member].as_str().unwrap());
        }
        Self { secret: from_base32(begun["secret"].as_str().unwrap()), world: world.clone() }
    }

    /// The secret that it shares with Doorward.
    pub(crate) const fn secret(&self) -> &[u8] {
        &self.secret
    }

    /// What it shows now.
    pub(crate) fn code(&self) -> String {
        self.code_at(self.world.now())
    }

    /// What it shows at some time.
    pub(crate) fn code_at(&self, at: Timestamp) -> String {
        TotpSecret::from_bytes(self.secret).code(Step::at(at)).reveal().to_owned()
    }

    /// What it shows where its clock is so many steps ahead, or behind.
    pub(crate) fn code_ahead(&self, steps: i64) -> String {
        self.code_at(Timestamp::from_millis(self.world.now().as_millis() + steps * 30_000))
    }

    /// A code that was not shown before.
    pub(crate) async fn next_code(&self) -> String {
        self.world.advance(STEP).await;
        self.code()
    }

    /// A code that it does not show anywhere near now.
    pub(crate) fn wrong_code(&self) -> String {
        let near: Vec<_> = (-20..=20).map(|ahead| self.code_ahead(ahead)).collect();
        (700_000..).map(|n: u32| n.to_string()).find(|code| !near.contains(code)).unwrap()
    }
}

impl Person {
    /// Begins to log in elsewhere: the password is right, the second factor is due.
    pub(crate) async fn pending(world: &World, username: &str) -> Browser {
        let browser = world.browser();
        begin(&browser, username).await;
        browser
    }
}

/// Gives the password; the second factor is due then.
pub(crate) async fn begin(browser: &Browser, username: &str) -> Answer {
    let answer = browser.login(username).await;
    assert_eq!(answer.ok()["status"], "mfa_required");
    answer
}

/// Shows a code of an app.
pub(crate) fn show(browser: &Browser, code: &str) -> Ask {
    browser.post("/auth/v1/login/mfa").json(&json!({"method": "totp", "code": code}))
}

/// Shows a recovery code.
pub(crate) fn recover(browser: &Browser, code: &str) -> Ask {
    browser.post("/auth/v1/login/mfa").json(&json!({"method": "recovery_code", "code": code}))
}

/// Steps up by a code of an app.
pub(crate) fn step_up(browser: &Browser, code: &str) -> Ask {
    browser.post("/auth/v1/step-up").json(&json!({"method": "totp", "code": code}))
}

/// Steps up by the password.
pub(crate) fn step_up_by_password(browser: &Browser, password: &str) -> Ask {
    browser.post("/auth/v1/step-up").json(&json!({"password": password}))
}

/// Sets up an app in this session.
pub(crate) async fn enrol(world: &World, browser: &Browser) -> (App, Vec<String>) {
    let app = App::scan(world, &browser.post("/auth/v1/mfa/totp").await.ok());
    let confirmed = browser.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": app.code()})).await.ok();
    (app, recovery_codes(world, &confirmed))
}

/// The recovery codes that an answer shows.
pub(crate) fn recovery_codes(world: &World, answer: &Json) -> Vec<String> {
    let codes = answer["recovery_codes"].as_array().unwrap().iter();
    let codes: Vec<_> = codes.map(|code| code.as_str().unwrap().to_owned()).collect();
    for code in &codes {
        world.remember_secret(code);
        world.remember_secret(&code.replace('-', ""));
    }
    codes
}

/// A new user with an app.
pub(crate) async fn enrolled(world: &World, username: &str, roles: &[&str]) -> Person {
    world.user(username, roles).await;
    enrolled_again(world, username).await
}

/// A user who is there already, with an app.
pub(crate) async fn enrolled_again(world: &World, username: &str) -> Person {
    let browser = world.signed_in(username).await;
    let id = browser.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
    let (app, recovery_codes) = enrol(world, &browser).await;
    Person { id, app, recovery_codes, browser }
}

fn from_base32(text: &str) -> [u8; 20] {
    let value = |c: u8| u64::from(if c.is_ascii_digit() { c - b'2' + 26 } else { c - b'A' });
    let groups = text.as_bytes().chunks(8).map(|group| group.iter().fold(0, |bits, c| bits << 5 | value(*c)));
    let bytes: Vec<u8> = groups.flat_map(|bits| bits.to_be_bytes()[3..].to_vec()).collect();
    bytes.try_into().unwrap()
}
