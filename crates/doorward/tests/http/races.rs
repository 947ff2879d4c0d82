//! What holds when many come at once, on either store.

use crate::{
    ask::at_once,
    world::{BOTH, MILLISECOND, Plan, Storage, World},
};

async fn world(storage: Storage) -> World {
    Plan::at("http://localhost:8080").on(storage).start().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_32_tabs_that_refresh_at_once_all_receive_one_successor() {
    for storage in BOTH {
        let world = world(storage).await;
        let browser = world.admin().await;
        let tabs: Vec<_> = (0..32).map(|_| browser.copied()).collect();
        let answers = at_once(tabs.iter().map(|tab| tab.post("/auth/v1/refresh"))).await;
        let mut successors: Vec<_> =
            answers.iter().map(|answer| answer.is(200).cookie("dw_refresh").value).collect();
        successors.dedup();
        assert_eq!(successors.len(), 1, "{storage:?}");
        for tab in &tabs {
            assert_eq!(tab.state().await, "200");
        }
        tabs[7].refresh().await.is(200);
        let moved = world.audit().await.iter().filter(|event| event.name == "session.refreshed").count();
        assert_eq!(moved, 2, "a repeat moves nothing");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn logout_that_races_refresh_forty_times_never_leaves_a_live_session() {
    for storage in BOTH {
        let world = world(storage).await;
        world.user("ann", &[]).await;
        for round in 0..40 {
            let browser = world.signed_in("ann").await;
            let tab = browser.copied();
            let (refresh, logout) = (tab.post("/auth/v1/refresh"), browser.post("/auth/v1/logout"));
            let asks = if round % 2 == 0 { [refresh, logout] } else { [logout, refresh] };
            for answer in at_once(asks).await {
                if !answer.status.is_success() {
                    answer.refused(401, "session_revoked");
                }
            }
            assert_eq!(tab.state().await, "session_revoked", "{storage:?} {round}");
            tab.refresh().await.refused(401, "session_revoked");
        }
        let ann = world.signed_in("ann").await;
        let live = ann.get("/auth/v1/sessions").await.ok();
        assert_eq!(live["items"].as_array().unwrap().len(), 1, "{storage:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twelve_logins_at_once_leave_five_sessions() {
    for storage in BOTH {
        let world = world(storage).await;
        world.user("ann", &[]).await;
        let browsers: Vec<_> = (0..12).map(|_| world.browser()).collect();
        let body = serde_json::json!({"username": "ann", "password": crate::world::PASSWORD});
        let answers = at_once(browsers.iter().map(|b| b.post("/auth/v1/login").json(&body))).await;
        assert!(answers.iter().all(|answer| answer.status == 200));
        let mut live = 0;
        for browser in &browsers {
            match browser.state().await.as_str() {
                "200" => live += 1,
                other => assert_eq!(other, "session_revoked"),
            }
        }
        assert_eq!(live, 5, "{storage:?}");
    }
}

#[tokio::test]
async fn past_the_limit_the_oldest_session_gives_way_at_once() {
    for storage in BOTH {
        let world = world(storage).await;
        world.user("ann", &[]).await;
        let mut browsers = Vec::new();
        for _ in 0..6 {
            browsers.push(world.signed_in("ann").await);
            world.advance(MILLISECOND).await;
        }
        assert_eq!(browsers[0].state().await, "session_revoked");
        browsers[0].refresh().await.refused(401, "session_revoked");
        for browser in &browsers[1..] {
            assert_eq!(browser.state().await, "200");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn where_the_limit_refuses_the_login_past_it_is_told_so_also_in_a_race() {
    use doorward_core::session::{OnLimit, SessionLimit};
    for storage in BOTH {
        let limit = SessionLimit { max_per_user: 3, on_limit: OnLimit::Refuse };
        let plan = Plan::at("http://localhost:8080").with(|config| config.settings.session_limit = limit);
        let world = plan.on(storage).start().await;
        world.user("ann", &[]).await;
        let body = serde_json::json!({"username": "ann", "password": crate::world::PASSWORD});
        let answers = at_once((0..8).map(|_| world.post("/auth/v1/login").json(&body))).await;
        let (let_in, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.status == 200);
        assert_eq!(let_in.len(), 3, "{storage:?}");
        for answer in &refused {
            answer.refused(429, "session_limit_reached");
            assert!(!answer.has("set-cookie"));
        }
        let event = ("login.refused".to_owned(), "session_limit_reached".to_owned());
        assert_eq!(world.last_event().await, event);
    }
}

#[tokio::test]
async fn a_limit_of_nothing_is_none() {
    let world = World::with(|config| config.settings.session_limit.max_per_user = 0).await;
    let first = world.admin().await;
    for _ in 0..20 {
        world.admin().await;
    }
    assert_eq!(first.state().await, "200");
}

#[tokio::test]
async fn ended_sessions_do_not_count_towards_the_limit() {
    use doorward_core::session::{OnLimit, SessionLimit};
    let limit = SessionLimit { max_per_user: 2, on_limit: OnLimit::Refuse };
    let world = World::with(|config| config.settings.session_limit = limit).await;
    world.user("ann", &[]).await;
    let (first, second) = (world.signed_in("ann").await, world.signed_in("ann").await);
    world.browser().login("ann").await.refused(429, "session_limit_reached");
    first.post("/auth/v1/logout").await.is(204);
    world.signed_in("ann").await;
    // The session that is presented gives way to the one that replaces it.
    second.login("ann").await.is(200);
    world.advance(8 * crate::world::DAY).await;
    world.signed_in("ann").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_racing_users_of_one_link_one_sets_the_password() {
    for storage in BOTH {
        let world = world(storage).await;
        let admin = world.admin().await;
        let made = admin.post("/auth/v1/admin/users").json(&serde_json::json!({"username": "ann"})).await;
        let url = made.is(201).json()["invite_url"].as_str().unwrap().to_owned();
        let path = url.strip_prefix("http://localhost:8080").unwrap().to_owned();
        let asks = (0..8).map(|n| {
            let password = format!("my new password {n}");
            world.browser().post(&path).navigation().form(&[("new_password", &password)])
        });
        let answers = at_once(asks).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{storage:?}");
        assert_eq!(answers.iter().filter(|answer| answer.status == 404).count(), 7, "{storage:?}");
    }
}
