//! The audit log's page: what happened, in words, and which of it.

use serde_json::json;

use crate::{
    answer::Answer,
    browser::Browser,
    lasting::Lasting,
    page::{value_after, visit},
    world::{BOTH, MINUTE, Plan, World},
};

const AUDIT: &str = "/auth/admin/audit";

/// The events that a page lists, each as its markup.
fn listed(page: &Answer) -> Vec<String> {
    let text = page.text();
    let list = text.split("<ol class=\"events\"").nth(1).unwrap().split("</ol>").next().unwrap();
    list.split("<li ").skip(1).map(str::to_owned).collect()
}

/// The constant names of the events that a page lists.
fn names(page: &Answer) -> Vec<String> {
    listed(page).iter().map(|event| value_between(event, "data-slot=\"name\">", "<")).collect()
}

fn value_between(text: &str, before: &str, after: &str) -> String {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0.to_owned()
}

/// Where a page leads, below the list and in it.
fn href(page: &Answer, words: &str) -> Option<String> {
    let text = page.text();
    let before = text.split(&format!(">{words}<")).next().filter(|before| before.len() < text.len())?;
    Some(value_after(before.rsplit("<a").next()?, "href=\""))
}

async fn refused_login(world: &World, name: &str, address: &str) {
    let body = json!({"username": name, "password": "mistyped password"});
    world
        .browser()
        .post("/auth/v1/login")
        .from(address)
        .json(&body)
        .await
        .refused(401, "invalid_credentials");
}

#[tokio::test]
async fn events_are_told_in_words_with_names_addresses_and_reasons() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = world.user("ann", &[]).await;
        refused_login(&world, "ann", "203.0.113.9").await;
        let admin = world.admin().await;
        let page = visit(&admin, AUDIT).await;
        let events = listed(page.is(200));
        let refused = events.iter().find(|event| event.contains(">login.refused<")).unwrap();
        for shown in [
            ">Sign-in refused<".to_owned(),
            ">Refused<".to_owned(),
            ">somebody not signed in<".to_owned(),
            format!("href=\"/auth/admin/users/{}\"", ann.id),
            ">ann<".to_owned(),
            "href=\"/auth/admin/audit?address=203.0.113.9\"".to_owned(),
            ">wrong name or password<".to_owned(),
            ">invalid_credentials<".to_owned(),
        ] {
            assert!(refused.contains(&shown), "{shown} in {refused}");
        }
        let made = events.iter().find(|event| event.contains(">user.created<")).unwrap();
        assert!(made.contains(">command line<") && made.contains(">Done<"), "{made}");

        let german = admin.get(AUDIT).navigation().header("accept-language", "de").await;
        assert!(german.text().contains(">Anmeldung abgelehnt<") && german.text().contains(">Abgelehnt<"));
    }
}

#[tokio::test]
async fn what_others_chose_is_text_and_nothing_else() {
    let world = World::new().await;
    world.user("<i>ann</i>", &[]).await;
    let hostile = "\"><script>alert(1)</script>";
    let body = json!({"username": "<i>ann</i>", "password": "mistyped password"});
    world.browser().post("/auth/v1/login").user_agent(hostile).json(&body).await.is(401);
    let admin = world.admin().await;
    let page = visit(&admin, AUDIT).await;
    let text = page.is(200).text();
    assert!(text.contains("&#60;i&#62;ann&#60;/i&#62;"), "{text}");
    assert!(!text.contains("<i>") && !text.contains("alert(1)"), "{text}");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(["user", "event", "address", "from", "until"].map(|field| (field, hostile)))
        .finish();
    let text = visit(&admin, &format!("{AUDIT}?{query}")).await.is(422).text();
    assert!(text.contains("alert(1)") && !text.contains("<script>"), "it is shown again, as text: {text}");
}

#[tokio::test]
async fn filters_choose_and_combine() {
    let world = World::new().await;
    let ann = world.user("Ann", &[]).await;
    world.user("bob", &[]).await;
    refused_login(&world, "Ann", "203.0.113.9").await;
    refused_login(&world, "Ann", "203.0.113.10").await;
    refused_login(&world, "bob", "203.0.113.9").await;
    let admin = world.admin().await;
    for (query, expected) in [
        ("user=ann&event=login.refused".to_owned(), 2),
        (format!("user={}&event=login.refused", ann.id), 2),
        ("user=+ann+&address=203.0.113.9".to_owned(), 1),
        ("address=203.0.113.9".to_owned(), 2),
        ("address=::ffff:203.0.113.9".to_owned(), 2),
        ("user=&event=login.refused&address=&from=&until=".to_owned(), 3),
        ("event=user.deleted".to_owned(), 0),
    ] {
        let page = visit(&admin, &format!("{AUDIT}?{query}")).await;
        assert_eq!(listed(page.is(200)).len(), expected, "{query}");
        assert_eq!(page.text().contains("No event is in the log"), expected == 0, "{query}");
    }
    let page = visit(&admin, &format!("{AUDIT}?user=ann&event=login.refused&address=203.0.113.9")).await;
    let text = page.text();
    for kept in [
        "name=\"user\" type=\"text\"",
        "value=\"ann\"",
        "value=\"login.refused\" selected",
        "value=\"203.0.113.9\"",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
}

#[tokio::test]
async fn times_are_read_as_utc() {
    let world = World::new().await;
    // 2027-01-15T08:00:00.437Z
    refused_login(&world, "early", "203.0.113.9").await;
    world.advance(10 * MINUTE).await;
    refused_login(&world, "late", "203.0.113.9").await;
    let admin = world.admin().await;
    for (query, expected) in [
        ("from=2027-01-15T08:01", 1),
        ("until=2027-01-15T08:01", 1),
        ("from=2027-01-15T08:00&until=2027-01-15T08:11", 2),
        ("from=2027-01-15T08:00:00Z&until=2027-01-15T08:10:00", 1),
        ("from=2027-01-15T08:11", 0),
    ] {
        let page = visit(&admin, &format!("{AUDIT}?event=login.refused&{query}")).await;
        assert_eq!(listed(page.is(200)).len(), expected, "{query}");
    }
}

#[tokio::test]
async fn a_field_that_cannot_be_read_says_so_and_nothing_is_listed() {
    let world = World::new().await;
    let admin = world.admin().await;
    for (query, words) in [
        ("user=nobody", "There is no such user."),
        ("address=300.1.1.1", "This is no IP address."),
        ("from=yesterday", "This is no date and time."),
        ("until=2027-02-31T00:00", "This is no date and time."),
    ] {
        let page = visit(&admin, &format!("{AUDIT}?{query}")).await;
        let text = page.is(422).text();
        assert!(text.contains(words), "{query}: {text}");
        let field = query.split('=').next().unwrap();
        assert!(text.contains(&format!("id=\"{field}-error\"")), "{query}");
        assert!(!text.contains("data-slot=\"name\""), "{query}");
    }
    visit(&admin, &format!("{AUDIT}?cursor=none")).await.is(400);
}

#[tokio::test]
async fn a_long_log_is_paged_and_the_filter_goes_along() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let admin = world.admin().await;
        for number in 0..60 {
            world.user(&format!("user{number}"), &[]).await;
        }
        let first = visit(&admin, &format!("{AUDIT}?event=user.created&from=2027-01-15T08:00")).await;
        assert_eq!(names(&first), vec!["user.created"; 50]);
        assert_eq!(href(&first, "Newest events"), None);
        let older = href(&first, "Older events").unwrap();
        assert!(older.contains("event=user.created&from=2027-01-15T08%3A00&cursor="), "{older}");
        let second = visit(&admin, &older).await;
        assert_eq!(names(&second), vec!["user.created"; 10]);
        assert_eq!(href(&second, "Older events"), None);
        let newest = href(&second, "Newest events").unwrap();
        assert_eq!(newest, format!("{AUDIT}?event=user.created&from=2027-01-15T08%3A00"));
        let seqs = |page: &Answer| -> Vec<u64> {
            listed(page).iter().map(|event| value_after(event, "data-seq=\"").parse().unwrap()).collect()
        };
        let all = [seqs(&first), seqs(&second)].concat();
        assert!(all.windows(2).all(|pair| pair[0] > pair[1]), "newest first, none twice: {all:?}");
    }
}

#[tokio::test]
async fn exports_have_the_filter_of_the_page() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    let admin = world.admin().await;
    let query =
        "user=ann&event=login.refused&address=203.0.113.9&from=2027-01-15T08:00&until=2027-01-15T09:00";
    let page = visit(&admin, &format!("{AUDIT}?{query}")).await;
    for (words, format) in [("Export as CSV", "csv"), ("Export as JSON", "json")] {
        let expected = format!(
            "/auth/v1/admin/audit/export?format={format}&user_id={}&event=login.refused&address=203.0.113.9\
             &after=2027-01-15T08%3A00%3A00Z&before=2027-01-15T09%3A00%3A00Z",
            ann.id
        );
        assert_eq!(href(&page, words).unwrap(), expected);
    }
    let page = visit(&admin, AUDIT).await;
    assert_eq!(href(&page, "Export as CSV").unwrap(), "/auth/v1/admin/audit/export?format=csv");
}

async fn followed(browser: &Browser) -> Answer {
    visit(browser, &format!("{AUDIT}?event=login.refused&follow=1")).await
}

#[tokio::test]
async fn whoever_follows_without_script_sees_the_page_anew_and_can_stop() {
    let world = World::new().await;
    let admin = world.admin().await;
    let page = followed(&admin).await;
    let text = page.is(200).text();
    assert!(text.contains("<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>"), "{text}");
    assert!(text.contains("This page is loaded again every five seconds."));
    assert_eq!(href(&page, "Stop following").unwrap(), format!("{AUDIT}?event=login.refused"));
    let still = visit(&admin, &format!("{AUDIT}?event=login.refused")).await;
    assert!(!still.text().contains("http-equiv=\"refresh\""));
    assert_eq!(href(&still, "Follow live").unwrap(), format!("{AUDIT}?event=login.refused&follow=1"));
}

/// The address of the stream that a page follows.
fn stream_of(page: &Answer) -> String {
    value_after(&page.text(), "data-stream=\"")
}

/// The events that a stream has told of.
fn told(text: &str) -> Vec<serde_json::Value> {
    let messages = text.split("\n\n").filter_map(|message| message.split_once("\ndata: "));
    messages.map(|(_, data)| serde_json::from_str(data).unwrap()).collect()
}

#[tokio::test]
async fn what_happens_after_the_page_was_made_is_told_in_the_words_of_the_page() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        let ann = world.user("<i>ann</i>", &[]).await;
        let admin = world.admin().await;
        refused_login(&world, "<i>ann</i>", "203.0.113.9").await;
        let page = followed(&admin).await;
        assert_eq!(listed(&page).len(), 1);
        // Between the page and its stream.
        refused_login(&world, "<i>ann</i>", "203.0.113.10").await;
        let mut stream = Lasting::open(admin.get(&stream_of(&page))).await;
        world.user("bob", &[]).await;
        refused_login(&world, "<i>ann</i>", "203.0.113.11").await;
        let events = told(stream.until("203.0.113.11").await);
        let addresses: Vec<_> = events.iter().map(|event| event["address"].as_str().unwrap()).collect();
        assert_eq!(
            addresses,
            ["203.0.113.10", "203.0.113.11"],
            "{storage:?}: and nothing that the filter leaves out"
        );
        let event = &events[0];
        for (member, value) in [
            ("event", "Sign-in refused"),
            ("name", "login.refused"),
            ("outcome", "Refused"),
            ("who", "somebody not signed in"),
            ("who_url", ""),
            ("whom", "<i>ann</i>"),
            ("whom_url", &format!("/auth/admin/users/{}", ann.id)),
            ("address_url", "/auth/admin/audit?address=203.0.113.10"),
            ("reason", "wrong name or password"),
            ("code", "invalid_credentials"),
            ("at", "15 Jan 2027, 08:00:00 UTC"),
        ] {
            assert_eq!(event[member], value, "{member}");
        }
        assert_eq!(event["refused"], true);
        let german = admin.get(&stream_of(&page)).header("accept-language", "de");
        let event = &told(Lasting::open(german).await.until("203.0.113.10").await)[0];
        assert_eq!(event["event"], "Anmeldung abgelehnt");
    }
}

#[tokio::test]
async fn nobody_but_a_page_of_an_administrator_is_told() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let stream = stream_of(&followed(&world.admin().await).await);
    world.signed_in("ann").await.get(&stream).await.refused(403, "forbidden");
    world.browser().get(&stream).await.refused(401, "not_authenticated");
    let admin = world.admin().await;
    admin.get(&stream).header("sec-fetch-site", "same-site").await.refused(403, "cross_site_refused");
    admin.get("/auth/admin/audit/stream?user=nobody").await.refused(400, "malformed_request");
    admin.get("/auth/admin/audit/stream?last_event_id=x").await.refused(400, "malformed_request");
}
