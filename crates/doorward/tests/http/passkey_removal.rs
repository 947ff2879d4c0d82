//! `DELETE /v1/passkeys/{id}`.

use doorward_core::second_factor::MfaRequired;
use doorward_testkit::authenticator::Authenticator;
use serde_json::json;

use crate::{
    passkey_holder::{HERE, fresh, listed, log_in, on, register},
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
        log_in(&world.browser(), &mut key).await.refused(401, "invalid_credentials");
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
