//! The audit log as it is written, for those who may read it and no longer than that.

use std::time::Duration;

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    client::Client,
};
use serde_json::{Value as Json, json};

use crate::{
    browser::Browser,
    lasting::{Ended, Lasting},
    world::{BOTH, MINUTE, PASSWORD, Plan, World},
};

const STREAM: &str = "/auth/v1/admin/audit/stream";
/// So many answers that last there are at once,
const ROOM: usize = 32;
/// and so many of one session.
const ROOM_OF_A_SESSION: usize = 4;

async fn record(world: &World, reason: &str) {
    let event = AuditEvent::new(EventName::LoginRefused, world.now(), Actor::System, &Client::default());
    world.authority().record(event.because(reason)).await.unwrap();
}

/// The ids and the events of a stream's text.
fn events(text: &str) -> Vec<(u64, Json)> {
    let messages = text.split("\n\n").filter_map(|message| message.strip_prefix("id: "));
    let event = |message: &str| {
        let (id, data) = message.split_once("\ndata: ").unwrap();
        (id.parse().unwrap(), serde_json::from_str(data).unwrap())
    };
    messages.map(event).collect()
}

fn reasons(text: &str) -> Vec<String> {
    events(text)
        .into_iter()
        .map(|(_, event)| event["reason"].as_str().unwrap_or_default().to_owned())
        .collect()
}

/// So many administrators that with one more they fill the room.
async fn others(world: &World, name: &str) -> Vec<Browser> {
    let mut browsers = Vec::new();
    for number in 1..ROOM / ROOM_OF_A_SESSION {
        let name = format!("{name}{number}");
        world.user(&name, &["admin"]).await;
        browsers.push(world.signed_in(&name).await);
    }
    browsers
}

async fn stream(browser: &Browser, query: &str) -> Lasting {
    let mut stream = Lasting::open(browser.get(&format!("{STREAM}{query}"))).await;
    stream.until("retry: ").await;
    stream
}

#[tokio::test]
async fn events_come_as_they_happen_each_with_its_place_in_the_log() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        record(&world, "before").await;
        let mut all = stream(&admin, "").await;
        let mut users = stream(&admin, "?event=user.created").await;
        record(&world, "first").await;
        world.user("ann", &[]).await;
        record(&world, "last").await;
        let text = all.until("\"last\"").await.to_owned();
        let listed = admin.get("/auth/v1/admin/audit?limit=3").await.ok()["items"].clone();
        let streamed: Vec<_> = events(&text).into_iter().rev().map(|(_, event)| event).collect();
        assert_eq!(json!(streamed), listed, "{storage:?}: as the list has them, and nothing from before");
        assert!(events(&text).iter().all(|(id, event)| event["seq"] == *id));
        let created = users.until("user.created").await;
        assert_eq!(events(created).len(), 1);
        assert_eq!(all.headers["content-type"], "text/event-stream");
        assert_eq!(all.headers["x-accel-buffering"], "no");
        assert_eq!(all.headers["cache-control"], "no-store");
    }
}

#[tokio::test]
async fn whoever_comes_back_misses_nothing() {
    let world = World::new().await;
    let admin = world.admin().await;
    let mut first = stream(&admin, "?event=login.refused").await;
    record(&world, "a").await;
    record(&world, "b").await;
    let (seq, _) = events(first.until("\"b\"").await)[0].clone();
    drop(first);
    record(&world, "c").await;
    let by_header = admin.get(&format!("{STREAM}?event=login.refused&last_event_id=0"));
    let mut back = Lasting::open(by_header.header("last-event-id", &seq.to_string())).await;
    record(&world, "d").await;
    assert_eq!(reasons(back.until("\"d\"").await), ["b", "c", "d"]);
    let mut by_query = stream(&admin, &format!("?event=login.refused&last_event_id={seq}")).await;
    assert_eq!(reasons(by_query.until("\"d\"").await), ["b", "c", "d"]);
    // Of a log that was put back to an earlier state.
    let mut restored = stream(&admin, "?last_event_id=1000000").await;
    record(&world, "e").await;
    assert_eq!(reasons(restored.until("\"e\"").await), ["e"]);
    for bad in ["x", "-1", ""] {
        admin.get(&format!("{STREAM}?last_event_id={bad}")).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn more_than_one_part_comes_whole() {
    let world = World::new().await;
    let admin = world.admin().await;
    for number in 0..250 {
        record(&world, &format!("r{number}")).await;
    }
    let mut all = stream(&admin, "?event=login.refused&last_event_id=0").await;
    let expected: Vec<_> = (0..250).map(|number| format!("r{number}")).collect();
    assert_eq!(reasons(all.until("\"r249\"").await), expected);
}

/// What becomes of a stream of the administrator `ann` once something has happened to her.
async fn after<F: Future<Output = ()>>(happens: impl FnOnce(World, Browser, String) -> F) -> (String, Ended) {
    let world = World::new().await;
    let ann = world.user("ann", &["admin"]).await;
    let browser = world.signed_in("ann").await;
    let stream = stream(&browser, "").await;
    happens(world.clone(), browser, format!("/auth/v1/admin/users/{}", ann.id)).await;
    record(&world, "none of her business").await;
    let (text, ended) = stream.rest().await;
    assert!(!text.contains("none of her business"), "{text}");
    let code = text.split("event: end\ndata: ").nth(1).map(|end| serde_json::from_str::<Json>(end).unwrap());
    (code.map_or_else(String::new, |end| end["code"].as_str().unwrap().to_owned()), ended)
}

#[tokio::test]
async fn a_stream_ends_when_its_reader_may_not_read_on() {
    let revoked = ("session_revoked".to_owned(), Ended::Whole);
    let outdated = ("session_expired".to_owned(), Ended::Whole);
    let logs_out = async |_, browser: Browser, _| {
        browser.post("/auth/v1/logout").await.is(204);
    };
    assert_eq!(after(logs_out).await, revoked);
    let is_signed_out = async |world: World, _, user: String| {
        world.admin().await.delete(&format!("{user}/sessions")).await.is(204);
    };
    assert_eq!(after(is_signed_out).await, revoked);
    let is_disabled = async |world: World, _, user: String| {
        world.admin().await.patch(&user).json(&json!({"disabled": true})).await.is(200);
    };
    assert_eq!(after(is_disabled).await, revoked);
    let loses_the_role = async |world: World, _, user: String| {
        world.admin().await.patch(&user).json(&json!({"roles": []})).await.is(200);
    };
    assert_eq!(after(loses_the_role).await, outdated);
    let changes_the_password = async |_, browser: Browser, _| {
        let body = json!({"current_password": PASSWORD, "new_password": "another good one"});
        browser.post("/auth/v1/password").json(&body).await.is(200);
    };
    assert_eq!(after(changes_the_password).await, revoked);
    let waits = async |world: World, _, _| world.advance(15 * MINUTE).await;
    assert_eq!(after(waits).await, outdated);
}

/// A second, by the runtime's clock where that stands still: whoever had something to do has done it then.
async fn a_second_passes() {
    let mut ticks = tokio::time::interval(Duration::from_secs(1));
    ticks.tick().await;
    ticks.tick().await;
}

#[tokio::test(start_paused = true)]
async fn there_is_room_for_so_many_and_who_reads_nothing_keeps_none_of_it_after_their_session() {
    let world = World::new().await;
    let admins: Vec<_> = [world.admin().await].into_iter().chain(others(&world, "other").await).collect();
    let mut unread = Vec::new();
    for admin in &admins {
        let thief = admin.copied();
        for _ in 0..ROOM_OF_A_SESSION {
            unread.push(Lasting::open(thief.get(STREAM)).await);
        }
    }
    let ann = world.user("ann", &["admin"]).await;
    let browser = world.signed_in("ann").await;
    let full = browser.get(STREAM).await;
    full.refused(503, "overloaded");
    assert_eq!(full.header("retry-after"), "10");
    browser.get("/auth/v1/admin/audit/export?format=csv").await.refused(503, "overloaded");
    // More than anybody has taken off their hands.
    for number in 0..50 {
        record(&world, &format!("{number}")).await;
    }
    a_second_passes().await;
    admins[0].post("/auth/v1/logout").await.is(204);
    a_second_passes().await;
    let mut mine = stream(&browser, "").await;
    record(&world, "mine").await;
    mine.until("\"mine\"").await;
    drop((unread, ann));
}

/// A page of a sibling host is of the same site: the browser sends the Strict cookies along.
#[tokio::test]
async fn other_hosts_of_the_site_take_none_of_the_room() {
    let world = World::new().await;
    for target in [STREAM, "/auth/admin/audit/stream", "/auth/v1/admin/audit/export?format=json"] {
        let admin = world.admin().await;
        let ask = || admin.get(target).header("sec-fetch-site", "same-site");
        // Not read to its end: a stream that began would have none.
        assert_eq!(ask().open().await.status(), 403, "{target}");
        let sibling = ask().header("origin", "http://sibling.localhost:8080");
        assert_eq!(sibling.open().await.status(), 403, "{target}");
        drop(Lasting::open(admin.get(target).header("sec-fetch-site", "none")).await);
        drop(Lasting::open(admin.get(target).without("sec-fetch-site")).await);
    }
}

#[tokio::test]
async fn one_session_leaves_room_for_others() {
    let world = World::new().await;
    let (admin, other) = (world.admin().await, world.admin().await);
    let mut streams = Vec::new();
    for _ in 0..ROOM_OF_A_SESSION {
        streams.push(stream(&admin, "").await);
    }
    // Not read to its end: a stream that began would have none.
    assert_eq!(admin.copied().get(STREAM).open().await.status(), 503);
    drop(stream(&other, "").await);
}

#[tokio::test]
async fn room_is_given_back_by_whoever_goes_away() {
    let world = World::new().await;
    let admin = world.admin().await;
    for _ in 0..3 {
        let mut streams = Vec::new();
        while streams.len() < ROOM_OF_A_SESSION {
            let answer = admin.get(STREAM).open().await;
            if answer.status() == 200 {
                streams.push(answer);
            } else {
                tokio::task::yield_now().await;
            }
        }
    }
}

#[tokio::test]
async fn streams_end_with_the_server() {
    let world = World::new().await;
    let admin = world.admin().await;
    let open = stream(&admin, "").await;
    world.doorward().end_streams();
    assert_eq!(open.rest().await.1, Ended::Whole);
    assert_eq!(Lasting::open(admin.get(STREAM)).await.rest().await.1, Ended::Whole);
}

/// The clock of the runtime stands still while anybody has something to do, and jumps when all wait.
#[tokio::test(start_paused = true)]
async fn a_quiet_stream_shows_that_it_is_alive() {
    let world = World::new().await;
    let admin = world.admin().await;
    let mut quiet = stream(&admin, "").await;
    // Proxies wait for 30 s, some for less.
    tokio::time::timeout(Duration::from_secs(20), quiet.until("\n\n:\n\n")).await.unwrap();
}

#[tokio::test]
async fn nobody_but_an_administrator_listens() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    world.get(STREAM).await.refused(401, "not_authenticated");
    world.signed_in("ann").await.get(STREAM).await.refused(403, "forbidden");
}
