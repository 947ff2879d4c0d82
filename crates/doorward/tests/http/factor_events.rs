//! What is recorded of second factors and passkeys: every change and every refused attempt, and never a secret.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use doorward_core::audit::EventName;
use doorward_testkit::authenticator::Authenticator;
use serde_json::{Value as Json, json};

use crate::{
    answer::Answer,
    authenticator_app::{App, Person, begin, enrol, recover, recovery_codes, show, step_up},
    browser::Browser,
    dump::Dump,
    passkey_holder::{HERE, LOGIN, PASSKEYS, fresh, listed, log_in, on, options},
    world::{BOTH, Storage, World},
};

/// Somebody with an app and a passkey, who does all there is to do with them.
struct Life<'a> {
    world: &'a World,
    key: Authenticator,
}

impl Life<'_> {
    fn secret(&self, secret: &str) -> String {
        self.world.remember_secret(secret);
        secret.to_owned()
    }

    /// A code is refused, by an answer that does not repeat it.
    async fn refuse(&self, ask: crate::ask::Ask, code: &str) {
        self.secret(code);
        refused(&ask.await, "mfa_code_invalid", code);
    }

    /// What a browser is asked about a passkey, and the challenge in it.
    async fn asked(&self, browser: &Browser, target: &str) -> Json {
        let asked = options(browser, target).await;
        self.secret(asked["publicKey"]["challenge"].as_str().unwrap());
        asked
    }

    async fn sets_up_an_app(&self) -> (App, Vec<String>) {
        let browser = self.world.signed_in("ann").await;
        let app = App::scan(self.world, &browser.post("/auth/v1/mfa/totp").await.ok());
        let confirm = |code: &str| browser.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": code}));
        let wrong = app.wrong_code();
        self.refuse(confirm(&wrong), &wrong).await;
        let confirmed = confirm(&self.secret(&app.code())).await.ok();
        (app, recovery_codes(self.world, &confirmed))
    }

    async fn signs_in_by_codes(&self, app: &App, codes: &[String]) -> Browser {
        let browser = Person::pending(self.world, "ann").await;
        let (wrong, none) = (app.wrong_code(), "ABCD-EFGH-JKMN-PQRS");
        self.refuse(show(&browser, &wrong), &wrong).await;
        self.refuse(recover(&browser, none), none).await;
        recover(&browser, &codes[0]).await.is(200);
        begin(&browser, "ann").await;
        show(&browser, &self.secret(&app.next_code().await)).await.is(200);
        self.refuse(step_up(&browser, &wrong), &wrong).await;
        step_up(&browser, &self.secret(&app.next_code().await)).await.is(200);
        browser
    }

    async fn uses_a_passkey(&mut self, browser: &Browser) {
        let asked = self.asked(browser, PASSKEYS).await;
        let mut liar = Authenticator::at("https://doorward.evil.test");
        let lie = liar.create(&asked).unwrap();
        browser.post(PASSKEYS).json(&lie).await.refused(422, "validation_failed");
        browser.post(PASSKEYS).json(&self.key.create(&asked).unwrap()).await.is(201);
        let mut copy = self.key.clone();
        let signed_in = self.world.browser();
        let asked = self.asked(&signed_in, LOGIN).await;
        signed_in.post(LOGIN).json(&self.key.get(&asked).unwrap()).await.is(200);
        log_in(&self.world.browser(), &mut copy).await.refused(401, "invalid_credentials");
    }

    async fn is_locked_out_by_somebody_who_knows_the_password(&self, app: &App) {
        let browser = self.world.browser();
        for number in 0..100 {
            if number % 5 == 0 {
                begin(&browser, "ann").await;
            }
            show(&browser, &app.wrong_code()).await.refused(401, "mfa_code_invalid");
        }
        begin(&browser, "ann").await;
        let right = self.secret(&app.next_code().await);
        refused(&show(&browser, &right).await, "account_locked", &right);
    }

    async fn removes_the_factors(&mut self) {
        let browser = fresh(self.world, &mut self.key).await;
        recovery_codes(self.world, &browser.post("/auth/v1/mfa/recovery-codes").await.ok());
        let browser = fresh(self.world, &mut self.key).await;
        browser.delete("/auth/v1/mfa/totp").await.is(204);
        let browser = fresh(self.world, &mut self.key).await;
        let id = listed(&browser).await[0]["id"].as_str().unwrap().to_owned();
        browser.delete(&format!("{PASSKEYS}/{id}")).await.is(204);
    }
}

fn refused(answer: &Answer, code: &str, shown: &str) {
    assert_eq!(answer.code(), code);
    assert!(!answer.text().contains(shown), "{shown} is repeated: {answer:?}");
}

async fn live(world: &World) {
    let id = world.user("ann", &[]).await.id;
    let mut life = Life { world, key: Authenticator::at(HERE) };
    let (app, codes) = life.sets_up_an_app().await;
    let browser = life.signs_in_by_codes(&app, &codes).await;
    life.uses_a_passkey(&browser).await;
    life.is_locked_out_by_somebody_who_knows_the_password(&app).await;
    life.removes_the_factors().await;
    enrol(world, &world.signed_in("ann").await).await;
    world.admin().await.delete(&format!("/auth/v1/admin/users/{id}/mfa")).await.is(204);
}

#[tokio::test]
async fn every_change_of_factors_and_every_factor_refused_is_an_event() {
    for storage in BOTH {
        let world = on(storage).await;
        live(&world).await;
        let mut found: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
        for entry in world.audit().await {
            assert!(entry.user_id.is_some() || !entry.name.starts_with("mfa."), "{entry:?}");
            let (_, reasons) = found.entry(entry.name).or_insert((entry.outcome, Vec::new()));
            reasons.extend(entry.reason);
            reasons.sort();
            reasons.dedup();
        }
        let names = EventName::ALL.iter().map(|name| (name.as_str(), name.outcome().as_str()));
        let of_factors = names.filter(|(name, _)| {
            ["mfa.", "passkey.", "session.step"].iter().any(|start| name.starts_with(start))
        });
        let mut counted = 0;
        for (name, outcome) in of_factors {
            let told = found.get(name).unwrap_or_else(|| panic!("{storage:?}: no {name}"));
            assert_eq!(told.0, outcome, "{name}");
            counted += 1;
        }
        assert!(counted >= 16, "{counted}");
        for (name, reasons) in [
            ("mfa.refused", ["account_locked", "mfa_code_invalid"].as_slice()),
            ("mfa.totp_enrolment_refused", &["mfa_code_invalid"]),
            ("mfa.locked", &["account_locked"]),
            ("session.step_up_refused", &["mfa_code_invalid"]),
            ("passkey.refused", &["validation_failed"]),
            ("passkey.clone_suspected", &["counter_regressed"]),
        ] {
            assert_eq!(found[name].1, reasons, "{storage:?} {name}");
        }
    }
}

#[tokio::test]
async fn no_event_of_factors_holds_a_secret_a_code_or_a_challenge() {
    for storage in BOTH {
        let world = on(storage).await;
        live(&world).await;
        let entries = world.audit().await.into_iter();
        let log: String = entries
            .map(|e| format!("{} {:?} {:?} {:?}\n", e.name, e.reason, e.details, e.user_agent))
            .collect();
        assert!(log.contains("passkey.clone_suspected"));
        for secret in world.secrets().iter().filter(|secret| secret.len() > 4) {
            assert!(!log.contains(secret.as_str()), "{storage:?}: the log holds {secret}");
        }
    }
}

#[tokio::test]
async fn a_dump_of_the_database_shows_no_way_to_a_second_factor() {
    let world = on(Storage::Sqlite).await;
    live(&world).await;
    // One who has an app and recovery codes in force, and a login that waits.
    let ann = crate::authenticator_app::enrolled_again(&world, "ann").await;
    Person::pending(&world, "ann").await;
    let dump = Dump::of(&world);
    assert!(dump.holds(b"passkey.clone_suspected"), "the dump is no dump");
    assert!(dump.holds_none_of(&world.secrets()) > 50);
    assert!(!dump.holds(ann.app.secret()), "the secret of the app, as its bytes");
    let challenges =
        world.secrets().into_iter().filter_map(|secret| BASE64_URL_SAFE_NO_PAD.decode(secret).ok());
    let mut looked_for = 0;
    for challenge in challenges.filter(|bytes| bytes.len() > 48) {
        assert!(!dump.holds(&challenge), "a challenge, as its bytes");
        looked_for += 1;
    }
    assert!(looked_for >= 2, "{looked_for}");
}
