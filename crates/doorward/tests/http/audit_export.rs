//! The audit log as a file.

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    client::Client,
};
use doorward_testkit::Fault;
use serde_json::{Value as Json, json};

use crate::{
    browser::Browser,
    lasting::{Ended, Lasting},
    paging::all,
    world::{BOTH, PASSWORD, Plan, World},
};

const EXPORT: &str = "/auth/v1/admin/audit/export";

const MANY: usize = 1_600;

/// So many events that no reader who reads nothing has been handed all of them.
async fn many(world: &World) {
    let event = AuditEvent::new(EventName::LoginRefused, world.now(), Actor::System, &Client::default());
    let recorded = (0..MANY).map(|_| {
        let (world, event) = (world.clone(), event.clone());
        tokio::spawn(async move { world.authority().record(event).await.unwrap() })
    });
    for event in recorded.collect::<Vec<_>>() {
        event.await.unwrap();
    }
}

/// The cells of each line, by the grammar of RFC 4180.
fn cells(text: &str) -> Vec<Vec<String>> {
    let (mut lines, mut line, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match (character, quoted) {
            ('"', true) if characters.peek() == Some(&'"') => cell.extend(characters.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => line.push(std::mem::take(&mut cell)),
            ('\r', false) => {
                assert_eq!(characters.next(), Some('\n'));
                line.push(std::mem::take(&mut cell));
                lines.push(std::mem::take(&mut line));
            }
            (other, _) => cell.push(other),
        }
    }
    assert!(cell.is_empty() && line.is_empty() && !quoted, "the last line is whole");
    lines
}

/// What the list holds, oldest first.
async fn listed(admin: &Browser, query: &str) -> Vec<Json> {
    let mut listed = all(admin, &format!("/auth/v1/admin/audit?{query}"), 200).await;
    listed.reverse();
    listed
}

#[tokio::test]
async fn a_file_holds_what_the_list_holds_oldest_first() {
    for storage in BOTH {
        let world = Plan::at("http://localhost:8080").on(storage).start().await;
        world.user("ann", &[]).await;
        world.signed_in("ann").await;
        let admin = world.admin().await;
        if storage == crate::world::Storage::Memory {
            world.browser().login_with("ann", "wrong password").await.is(401);
        } else {
            many(&world).await;
        }
        let file = admin.get(&format!("{EXPORT}?format=json")).await;
        let listed = listed(&admin, "").await;
        let last = listed.last().unwrap();
        assert_eq!(
            (last["event"].as_str(), &last["details"]),
            (Some("audit.exported"), &json!({"format": "json"}))
        );
        assert_eq!(file.header("content-type"), "application/json");
        assert_eq!(file.ok(), json!(listed), "{storage:?}");
        let file = admin.get(&format!("{EXPORT}?format=csv")).await;
        let listed = self::listed(&admin, "").await;
        assert_eq!(file.header("content-type"), "text/csv; charset=utf-8; header=present");
        let lines = cells(&file.text());
        assert_eq!(lines.len(), listed.len() + 1);
        for (line, event) in lines[1..].iter().zip(&listed) {
            for (name, cell) in lines[0].iter().zip(line) {
                let expected = match &event[name] {
                    Json::String(text) => text.clone(),
                    Json::Null => String::new(),
                    other => other.to_string(),
                };
                assert_eq!(cell.strip_prefix('\'').unwrap_or(cell), expected, "{name}");
            }
        }
        let name = file.header("content-disposition");
        assert!(name.starts_with("attachment; filename=\"doorward-audit-2027-") && name.ends_with(".csv\""));
    }
}

#[tokio::test]
async fn a_file_is_filtered_as_the_list_is() {
    let world = World::new().await;
    let ann = world.user("ann", &[]).await;
    world.signed_in("ann").await;
    let admin = world.admin().await;
    for query in [
        format!("user_id={}", ann.id),
        "event=login.succeeded".to_owned(),
        "event=login.succeeded&address=192.0.2.10".to_owned(),
        "address=192.0.2.11".to_owned(),
        "after=2027-01-15T08:00:00Z&before=2027-01-15T08:00:00.437Z".to_owned(),
    ] {
        let file = admin.get(&format!("{EXPORT}?format=json&{query}")).await.ok();
        assert_eq!(file, json!(listed(&admin, &query).await), "{query}");
    }
    for bad in ["", "?format=xml", "?format=csv&after=yesterday", "?format=CSV"] {
        admin.get(&format!("{EXPORT}{bad}")).await.refused(400, "malformed_request");
    }
}

#[tokio::test]
async fn what_anybody_can_write_to_the_log_is_no_formula_in_a_spreadsheet() {
    let world = World::new().await;
    let body = json!({"username": "nobody", "password": PASSWORD});
    for agent in ["=HYPERLINK(\"http://evil.example\",\"x\")", "+1", "-1", "@SUM(A1)", "a,\"=b"] {
        world.post("/auth/v1/login").user_agent(agent).json(&body).await.is(401);
    }
    let admin = world.admin().await;
    let file = admin.get(&format!("{EXPORT}?format=csv&event=login.refused")).await;
    let lines = cells(&file.text());
    let column = lines[0].iter().position(|name| name == "user_agent").unwrap();
    let agents: Vec<_> = lines[1..].iter().map(|line| line[column].as_str()).collect();
    let expected = ["'=HYPERLINK(\"http://evil.example\",\"x\")", "'+1", "'-1", "'@SUM(A1)", "a,\"=b"];
    assert_eq!(agents, expected);
    for cell in lines.iter().flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@']), "{cell}");
    }
}

#[tokio::test]
async fn a_file_that_may_not_be_read_on_is_cut_off_and_no_whole_one() {
    let world = World::new().await;
    many(&world).await;
    for format in ["json", "csv"] {
        let admin = world.admin().await;
        let mut file = Lasting::open(admin.get(&format!("{EXPORT}?format={format}"))).await;
        file.until("setup").await;
        admin.post("/auth/v1/logout").await.is(204);
        let (text, ended) = file.rest().await;
        assert_eq!(ended, Ended::CutOff);
        assert!(text.matches("login.refused").count() < MANY, "{format}");
        assert!(serde_json::from_str::<Json>(&text).is_err());
    }
}

#[tokio::test]
async fn a_file_of_a_store_that_fails_meanwhile_is_cut_off() {
    let world = World::new().await;
    many(&world).await;
    let admin = world.admin().await;
    let mut file = Lasting::open(admin.get(&format!("{EXPORT}?format=csv"))).await;
    file.until("setup").await;
    world.memory().break_down(Fault::Unavailable);
    assert_eq!(file.rest().await.1, Ended::CutOff);
}

#[tokio::test]
async fn nobody_but_an_administrator_takes_the_log_away() {
    let world = World::new().await;
    world.user("ann", &[]).await;
    let target = format!("{EXPORT}?format=csv");
    world.get(&target).await.refused(401, "not_authenticated");
    world.signed_in("ann").await.get(&target).await.refused(403, "forbidden");
    world.admin().await.get(&target).await.is(200);
}
