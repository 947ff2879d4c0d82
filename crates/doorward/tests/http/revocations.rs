//! The revocation feed as programs elsewhere read it: never incomplete without saying so.

use std::time::Duration;

use doorward_core::{authority::Caller, ids::UserId, users::ChangesForm};
use doorward_testkit::Fault;
use serde_json::{Value as Json, json};

use crate::{
    browser::Browser,
    lasting::{Ended, Lasting},
    world::{BOTH, MILLISECOND, MINUTE, Plan, World},
};

const FEED: &str = "/auth/v1/revocations";
/// So many entries are given at once.
const PART: usize = 1000;

/// Raises a user's epoch: an entry in the feed.
async fn outdate(world: &World, id: UserId, roles: &[&str]) {
    let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
    let form = ChangesForm { roles: Some(&roles), ..ChangesForm::default() };
    world.authority().change_user(&Caller::command_line(), id, form).await.unwrap();
}

async fn session_id(browser: &Browser) -> String {
    browser.get("/auth/v1/session").await.ok()["session"]["id"].as_str().unwrap().to_owned()
}

async fn stream(browser: &Browser, after: u64) -> Lasting {
    let ask = browser.get(&format!("{FEED}?after={after}")).header("accept", "text/event-stream");
    let mut stream = Lasting::open(ask).await;
    stream.until("retry: ").await;
    stream
}

/// What a stream has told: the name of each message, its id, its data.
fn messages(text: &str) -> Vec<(String, Option<u64>, Json)> {
    let message = |message: &str| {
        let field = |name: &str| message.lines().find_map(|line| line.strip_prefix(name));
        let name = field("event: ").unwrap_or("entry").to_owned();
        let id = field("id: ").map(|id| id.parse().unwrap());
        Some((name, id, serde_json::from_str(field("data: ")?).unwrap()))
    };
    text.split_inclusive("\n\n").filter(|part| part.ends_with("\n\n")).filter_map(message).collect()
}

/// Reads on until the stream has confirmed this number; the confirmation.
async fn confirmed(stream: &mut Lasting, seq: u64) -> Json {
    let text = stream.until(&format!("event: confirmed\nid: {seq}\n")).await;
    let all = messages(text);
    let (_, _, data) =
        all.into_iter().rfind(|(name, id, _)| name == "confirmed" && *id == Some(seq)).unwrap();
    data
}

#[tokio::test]
async fn the_feed_is_read_in_parts_by_number() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
        let read = async |after: u64| admin.get(&format!("{FEED}?after={after}")).await.ok();
        assert_eq!(read(0).await, json!({"items": [], "seq": 0, "complete": true}));
        let browser = world.signed_in("ann").await;
        let session = session_id(&browser).await;
        browser.post("/auth/v1/logout").await.is(204);
        outdate(&world, ann.id, &["editor"]).await;
        let expires_at = doorward::api::wire::rfc3339(world.now().plus(Duration::from_secs(16 * 60)));
        let items = [
            json!({"seq": 1, "session_id": session, "effect": "revoked", "epoch": 1, "expires_at": expires_at}),
            json!({"seq": 2, "user_id": ann.id.to_string(), "effect": "outdated", "epoch": 1, "expires_at": expires_at}),
        ];
        assert_eq!(read(0).await, json!({"items": items, "seq": 2, "complete": true}), "{storage:?}");
        assert_eq!(admin.get(FEED).await.ok(), read(0).await);
        assert_eq!(read(1).await, json!({"items": [items[1]], "seq": 2, "complete": true}));
        assert_eq!(read(2).await, json!({"items": [], "seq": 2, "complete": true}));
        for bad in ["x", "-1", ""] {
            admin.get(&format!("{FEED}?after={bad}")).await.refused(400, "malformed_request");
        }
    }
}

#[tokio::test]
async fn a_part_that_is_not_the_end_says_so_and_a_stream_sends_them_all() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
    for number in 0..=PART {
        outdate(&world, ann.id, if number % 2 == 0 { &["editor"] } else { &[] }).await;
    }
    let first = admin.get(FEED).await.ok();
    assert_eq!(first["items"].as_array().unwrap().len(), PART);
    assert_eq!((&first["seq"], &first["complete"]), (&json!(PART), &json!(false)));
    let rest = admin.get(&format!("{FEED}?after={PART}")).await.ok();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!((&rest["seq"], &rest["complete"]), (&json!(PART + 1), &json!(true)));
    world.authority().follow_feed().await.unwrap();
    let mut stream = stream(&admin, 0).await;
    let text = stream.until("event: confirmed").await;
    let numbers: Vec<_> = messages(text)
        .into_iter()
        .filter(|(name, ..)| name == "entry")
        .map(|(_, id, _)| id.unwrap())
        .collect();
    assert_eq!(
        numbers,
        (1..=PART as u64 + 1).collect::<Vec<_>>(),
        "and nothing is confirmed before all are sent"
    );
}

#[tokio::test]
async fn entries_are_streamed_as_the_node_hears_of_them_and_confirmed_after_that() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let beside = world.restarted(|_| ()).await;
        let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
        let mut stream = stream(&admin, 0).await;
        assert_eq!(confirmed(&mut stream, 0).await["seq"], 0);
        outdate(&beside, ann.id, &["editor"]).await;
        world.authority().follow_feed().await.unwrap();
        confirmed(&mut stream, 1).await;
        let told = messages(stream.until("").await);
        let place =
            |wanted: &str| told.iter().position(|(name, id, _)| name == wanted && *id == Some(1)).unwrap();
        assert!(place("entry") < place("confirmed"), "{told:?}");
        assert_eq!(
            told[place("entry")].2,
            admin.get(FEED).await.ok()["items"][0],
            "{storage:?}: as parts have it"
        );
        for (header, value) in [
            ("content-type", "text/event-stream"),
            ("x-accel-buffering", "no"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(stream.headers[header], value);
        }
    }
}

/// A reader that was sent nothing must be able to tell since when nothing happened.
#[tokio::test]
async fn a_confirmation_tells_as_of_when_and_each_reading_of_the_feed_gives_one() {
    let world = World::new().await;
    let admin = world.admin().await;
    // The feed was read 40 ms before the stream is asked for.
    world.authority().follow_feed().await.unwrap();
    world.clock().advance(MILLISECOND * 40);
    let mut stream = stream(&admin, 0).await;
    let first = confirmed(&mut stream, 0).await;
    assert_eq!(first["age_milliseconds"], 40);
    // Rounded towards the past.
    assert_eq!(first["since_request_milliseconds"], -41);
    assert_eq!(first["access_ttl"], 900);
    for later in [100, 350] {
        world.clock().advance(MILLISECOND * later);
        world.authority().follow_feed().await.unwrap();
    }
    let text = stream.until("\"since_request_milliseconds\":450,").await;
    let last = messages(text).pop().unwrap().2;
    assert_eq!((&last["seq"], &last["age_milliseconds"]), (&json!(0), &json!(0)));
}

/// M-N03: what a node does not know it does not confirm.
#[tokio::test]
async fn a_node_that_cannot_confirm_the_feed_confirms_nothing_and_answers_nothing() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
    let mut open = stream(&admin, 0).await;
    confirmed(&mut open, 0).await;
    outdate(&world.restarted(|_| ()).await, ann.id, &["editor"]).await;
    world.memory().break_down(Fault::Unavailable);
    world.clock().advance(MILLISECOND * 1001);
    let (text, ended) = open.rest().await;
    let told = messages(&text);
    assert_eq!(told.iter().filter(|(name, ..)| name == "confirmed").count(), 1, "{text}");
    assert_eq!(told.last().unwrap(), &("end".to_owned(), None, json!({"code": "revocation_state_stale"})));
    assert_eq!(ended, Ended::Whole);
    world.memory().break_down(Fault::None);
    admin.get(FEED).await.refused(503, "revocation_state_stale");
    admin.get(FEED).header("accept", "text/event-stream").await.refused(503, "revocation_state_stale");
    world.authority().follow_feed().await.unwrap();
    admin.get(FEED).await.is(200);
}

#[tokio::test]
async fn whoever_comes_back_goes_on_where_they_were() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
    for roles in [&["a"][..], &["b"], &["c"]] {
        outdate(&world, ann.id, roles).await;
    }
    world.authority().follow_feed().await.unwrap();
    let ask = admin.get(&format!("{FEED}?after=0")).header("accept", "text/event-stream");
    let mut back = Lasting::open(ask.header("last-event-id", "2")).await;
    confirmed(&mut back, 3).await;
    let told = messages(back.until("").await);
    let entries: Vec<_> = told.iter().filter(|(name, ..)| name == "entry").map(|(_, id, _)| *id).collect();
    assert_eq!(entries, [Some(3)]);
    // Of a part, only the parameter says where.
    let part = admin.get(&format!("{FEED}?after=1")).header("last-event-id", "2").await.ok();
    assert_eq!(part["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_number_that_is_not_of_this_feed_means_to_begin_again() {
    let world = World::new().await;
    let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
    let asks = |after: u64| {
        let ask = admin.get(&format!("{FEED}?after={after}"));
        [
            ask,
            admin.get(FEED).header("accept", "text/event-stream").header("last-event-id", &after.to_string()),
        ]
    };
    for roles in [&["a"][..], &["b"], &["c"]] {
        outdate(&world, ann.id, roles).await;
    }
    for ask in asks(4) {
        ask.await.refused(409, "conflict");
    }
    admin.get(&format!("{FEED}?after=3")).await.is(200);
    // These go, and one stays.
    world.advance(31 * MINUTE).await;
    outdate(&world, ann.id, &["d"]).await;
    while world.authority().clean_up().await.unwrap().revocations > 0 {}
    let admin = world.admin().await;
    let read = async |after: u64| admin.get(&format!("{FEED}?after={after}")).await;
    for lost in [1, 2] {
        read(lost).await.refused(409, "conflict");
    }
    for (kept, numbers) in [(0, &[4][..]), (3, &[4]), (4, &[])] {
        let part = read(kept).await.ok();
        let found: Vec<_> =
            part["items"].as_array().unwrap().iter().map(|item| item["seq"].clone()).collect();
        assert_eq!((json!(found), &part["seq"]), (json!(numbers), &json!(4)), "{kept}");
    }
}

/// Entries go as they expire. One that goes before an older one leaves a hole that nobody falls into.
#[tokio::test]
async fn a_hole_among_what_is_kept_loses_nobody() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let mut shorter = world.config().clone();
    let longer = shorter.clone();
    shorter.settings.lifetimes.access_ttl = MINUTE;
    for (roles, config) in [(&["a"][..], &longer), (&["b"], &shorter), (&["c"], &longer)] {
        world.doorward().reload(config.clone()).unwrap();
        outdate(&world, ann.id, roles).await;
    }
    world.advance(18 * MINUTE).await;
    while world.authority().clean_up().await.unwrap().revocations > 0 {}
    let admin = world.admin().await;
    for (after, numbers) in [(0, &[1, 3][..]), (1, &[3]), (2, &[3]), (3, &[])] {
        let part = admin.get(&format!("{FEED}?after={after}")).await.ok();
        let found: Vec<_> =
            part["items"].as_array().unwrap().iter().map(|item| item["seq"].clone()).collect();
        assert_eq!(json!(found), json!(numbers), "{after}");
    }
}

#[tokio::test]
async fn a_stream_of_a_database_that_is_put_back_ends_and_says_so() {
    // Also where it has come as far again before anybody looks.
    for meanwhile in [&[][..], &["c", "d"]] {
        let world = World::new().await;
        let (admin, ann) = (world.admin().await, world.user("ann", &[]).await);
        let backup = world.memory().copy();
        for role in ["a", "b"] {
            outdate(&world, ann.id, &[role]).await;
        }
        world.authority().follow_feed().await.unwrap();
        let mut open = stream(&admin, 0).await;
        confirmed(&mut open, 2).await;
        world.memory().put_back(&backup);
        let ben = world.user("ben", &[]).await;
        for role in meanwhile {
            outdate(&world, ben.id, &[role]).await;
        }
        world.clock().advance(MILLISECOND);
        world.authority().follow_feed().await.unwrap();
        let (text, ended) = open.rest().await;
        let told = messages(&text).pop().unwrap();
        assert_eq!(told, ("end".to_owned(), None, json!({"code": "conflict"})), "{meanwhile:?}");
        assert_eq!(ended, Ended::Whole);
    }
}

#[tokio::test]
async fn nobody_but_an_administrator_reads_the_feed_and_no_other_host_of_the_site() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let (ann, admin) = (world.signed_in("ann").await, world.admin().await);
    for accept in ["*/*", "text/event-stream"] {
        world.get(FEED).header("accept", accept).await.refused(401, "not_authenticated");
        ann.get(FEED).header("accept", accept).await.refused(403, "forbidden");
        let sibling = admin.get(FEED).header("accept", accept).header("sec-fetch-site", "same-site");
        // Not read to its end: a stream that began would have none.
        assert_eq!(sibling.open().await.status(), 403);
    }
}

#[tokio::test]
async fn a_program_reads_it_with_a_token_and_until_that_ends() {
    let world = World::with(|config| config.token_endpoint = true).await;
    let body = json!({"username": "root", "password": crate::world::PASSWORD});
    let token =
        world.post("/auth/v1/token").json(&body).await.ok()["access_token"].as_str().unwrap().to_owned();
    let ask = world.get(FEED).bearer(&token).header("accept", "application/json, Text/Event-Stream;q=0.9");
    let mut open = Lasting::open(ask).await;
    confirmed(&mut open, 0).await;
    world.advance(15 * MINUTE).await;
    let (text, _) = open.rest().await;
    assert_eq!(messages(&text).pop().unwrap().2, json!({"code": "session_expired"}));
}

#[tokio::test]
async fn a_session_has_four_streams_and_no_more() {
    let world = World::new().await;
    let admin = world.admin().await;
    let mut streams = Vec::new();
    for _ in 0..4 {
        streams.push(stream(&admin, 0).await);
    }
    let fifth = admin.copied().get(FEED).header("accept", "text/event-stream");
    assert_eq!(fifth.open().await.status(), 503);
    admin.get(FEED).await.is(200);
}
