//! Bodies that come after something else has happened, and what becomes of the requests that wait for them.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::body::{Body, Bytes};
use http_body::Frame;
use http_body_util::Full;
use serde_json::json;

use crate::{
    ask::Ask,
    authenticator_app::App,
    browser::Browser,
    world::{BOTH, PASSWORD, Plan, World},
};

/// A body of which nothing comes before something else has happened, which begins when it is asked for.
pub(crate) struct LateBody {
    meanwhile: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    rest: Full<Bytes>,
}

impl LateBody {
    pub(crate) fn after(meanwhile: impl Future<Output = ()> + Send + 'static, bytes: Vec<u8>) -> Body {
        Body::new(Self { meanwhile: Some(Box::pin(meanwhile)), rest: Full::from(bytes) })
    }
}

impl http_body::Body for LateBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(meanwhile) = &mut self.meanwhile {
            ready!(meanwhile.as_mut().poll(context));
            self.meanwhile = None;
        }
        Pin::new(&mut self.rest).poll_frame(context)
    }
}

/// The owner of a session that was copied ends it from elsewhere.
async fn end_of(browser: &Browser, world: &World, username: &str) -> Ask {
    let id = browser.session_id().await;
    world.signed_in(username).await.delete(&format!("/auth/v1/sessions/{id}"))
}

#[tokio::test]
async fn whoever_loses_the_session_while_the_body_is_on_its_way_does_nothing_with_it() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        let body = json!({"username": "accomplice", "password": PASSWORD, "roles": ["admin"]});
        let late = admin.post("/auth/v1/admin/users").json(&body);
        let end = end_of(&admin, &world, "root").await;
        late.after_the_head(end).await.refused(401, "session_revoked");
        let names = world.admin().await.get("/auth/v1/admin/users").await.ok();
        assert!(!names.to_string().contains("accomplice"), "{storage:?}");

        world.user("ann", &[]).await;
        let ann = world.signed_in("ann").await;
        let app = App::scan(&world, &ann.post("/auth/v1/mfa/totp").await.ok());
        let late = ann.post("/auth/v1/mfa/totp/confirm").json(&json!({"code": app.code()}));
        let end = end_of(&ann, &world, "ann").await;
        late.after_the_head(end).await.refused(401, "session_revoked");
        let me = world.signed_in("ann").await.get("/auth/v1/me").await.ok();
        assert_eq!(me["mfa"]["totp"], json!(false), "{storage:?}");

        // What needs no body may be sent with an empty one.
        let ann = world.signed_in("ann").await;
        let end = end_of(&ann, &world, "ann").await;
        ann.post("/auth/v1/mfa/totp").after_the_head(end).await.refused(401, "session_revoked");
        let slow = world.signed_in("ann").await;
        let other = world.signed_in("ann").await.get("/auth/v1/me");
        slow.post("/auth/v1/mfa/totp").after_the_head(other).await.is(200);
    }
}
