//! `DELETE /v1/passkeys/{id}`, and what changes of passkeys do to everything else of theirs.

use doorward_core::second_factor::MfaRequired;
use doorward_testkit::authenticator::Authenticator;
use serde_json::json;

use crate::{
    authenticator_app::{Person, recover},
    passkey_holder::{HERE, PASSKEYS, fresh, listed, log_in, on, register, with_passkey},
    world::{BOTH, MINUTE, Plan},
};

#[tokio::test]
async fn a_removed_passkey_lets_nobody_in() {
    for storage in BOTH {
        let world = on(storage).await;
        world.user("ann", &[]).await;
        let mut key = Authenticator::at(HERE);
        register(&world.signed_in("ann").await, &mut key).await.is(201);
        let ann = fresh(&world, &mut key).await;
        let root = world.admin().await;
        let target = format!("/auth/v1/passkeys/{}", listed(&ann).await[0]["id"].as_str().unwrap());
        root.delete(&target).await.refused(404, "not_found");
        for nonsense in ["AAAA", "!", &"A".repeat(2000)] {
            ann.delete(&format!("/auth/v1/passkeys/{nonsense}")).await.refused(404, "not_found");
        }
        ann.delete(&target).without_csrf().await.refused(403, "csrf_failed");
        let (copied, id) = (ann.copied(), ann.session_id().await);
        ann.delete(&target).await.is(204);
        assert_eq!(world.last_event().await.0, "passkey.removed");
        assert_eq!((ann.session_id().await, copied.state().await), (id, "session_expired".to_owned()));
        assert_eq!(listed(&ann).await.len(), 0);
        let none = json!({"totp": false, "passkeys": 0, "recovery_codes_left": 0});
        assert_eq!(ann.get("/auth/v1/me").await.ok()["mfa"], none);
        let refused = log_in(&world.browser(), &mut key).await;
        let detail = refused.refused(401, "invalid_credentials").json()["detail"].to_string();
        assert!(detail.contains("passkey") && !detail.contains("password"), "{detail}");
        world.browser().login("ann").await.is(200);
    }
}

#[tokio::test]
async fn the_last_factor_stays_where_one_is_required_whichever_it_is() {
    for storage in BOTH {
        let plan = Plan::at(HERE).on(storage);
        let plan = plan.with(|config| config.settings.second_factors.required = MfaRequired::Everyone);
        let world = plan.start().await;
        let (mut key, mut spare) = (Authenticator::at(HERE), Authenticator::at(HERE));
        world.user("ann", &[]).await;
        register(&world.signed_in("ann").await, &mut key).await.is(201);
        world.advance(MINUTE).await;
        register(&fresh(&world, &mut key).await, &mut spare).await.is(201);
        for (number, status) in [(1, 204), (0, 409)] {
            let ann = fresh(&world, &mut key).await;
            let id = listed(&ann).await[number]["id"].as_str().unwrap().to_owned();
            let answer = ann.delete(&format!("/auth/v1/passkeys/{id}")).await;
            answer.is(status);
        }
    }
}

#[tokio::test]
async fn a_passkey_more_or_less_outdates_every_token_and_every_authentication() {
    for storage in BOTH {
        for added in [true, false] {
            let world = on(storage).await;
            let mut key = with_passkey(&world, "ann").await;
            let (browser, other) = (fresh(&world, &mut key).await, fresh(&world, &mut key).await);
            let waiting = Person::pending(&world, "ann").await;
            if added {
                register(&browser, &mut Authenticator::at(HERE)).await.is(201);
            } else {
                let id = listed(&browser).await[0]["id"].as_str().unwrap().to_owned();
                browser.delete(&format!("{PASSKEYS}/{id}")).await.is(204);
            }
            assert_eq!(other.state().await, "session_expired", "{storage:?} {added}");
            other.refresh().await.is(200);
            for stale in [&browser, &other] {
                let session = stale.get("/auth/v1/session").await.ok()["session"].clone();
                assert_eq!(session["auth_time"], "1970-01-01T00:00:00Z");
                stale.post("/auth/v1/mfa/totp").await.refused(403, "step_up_required");
            }
            recover(&waiting, "0000-0000-0000-0000").await.refused(401, "not_authenticated");
        }
    }
}

#[tokio::test]
async fn a_reset_by_an_administrator_takes_passkeys_too() {
    for storage in BOTH {
        let world = on(storage).await;
        let mut key = with_passkey(&world, "ann").await;
        let browser = fresh(&world, &mut key).await;
        let id = browser.get("/auth/v1/me").await.ok()["id"].as_str().unwrap().to_owned();
        let (user, admin) = (format!("/auth/v1/admin/users/{id}"), world.admin().await);
        let with = json!({"totp": false, "passkeys": 1, "recovery_codes_left": 10});
        assert_eq!(admin.get(&user).await.ok()["mfa"], with);
        admin.delete(&format!("{user}/mfa")).await.is(204);
        let none = json!({"totp": false, "passkeys": 0, "recovery_codes_left": 0});
        assert_eq!(admin.get(&user).await.ok()["mfa"], none);
        log_in(&world.browser(), &mut key).await.refused(401, "invalid_credentials");
        assert_eq!(world.browser().login("ann").await.ok()["status"], "authenticated");
    }
}
