//! `audit verify` on the file that somebody tampered with, as an intruder does it: with another program, past the
//! triggers, while the server is stopped.

use rusqlite::Connection;
use rusqlite::params;
use serde_json::Value as Json;

use crate::place::{Place, get, request};

/// A place with some events: at least twenty rows.
fn filled() -> Place {
    let place = Place::new();
    place.serve(&[]).stop();
    for name in ["ann", "bob", "carl"] {
        place.json(&["user", "invite", name]);
        for change in ["disable", "enable", "disable", "enable", "disable", "enable"] {
            place.json(&["user", change, name]);
        }
    }
    place
}

fn database(place: &Place) -> Connection {
    Connection::open(place.path("doorward-data").join("doorward.db")).unwrap()
}

/// Does `work` on the database behind Doorward's back, the triggers taken away and put back.
fn tamper(place: &Place, work: impl FnOnce(&Connection)) {
    let database = database(place);
    let triggers: Vec<(String, String)> = database
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'audit%'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for (name, _) in &triggers {
        database.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
    }
    work(&database);
    for (_, sql) in &triggers {
        database.execute_batch(sql).unwrap();
    }
}

/// What verification finds: kinds and rows. It exits with 1 exactly if it finds something.
fn findings(place: &Place, arguments: &[&str]) -> Vec<(String, Option<u64>)> {
    let mut all = vec!["audit", "verify", "--json"];
    all.extend(arguments);
    let done = place.run(&all);
    let report = done.json();
    let found: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| (finding["kind"].as_str().unwrap().to_owned(), finding["seq"].as_u64()))
        .collect();
    assert_eq!(
        (report["intact"].as_bool(), done.code),
        (Some(found.is_empty()), i32::from(!found.is_empty()))
    );
    found
}

fn last_row(place: &Place) -> u64 {
    let last = database(place).query_row("SELECT max(seq) FROM audit", [], |row| row.get::<_, u32>(0));
    last.unwrap().into()
}

fn one(kind: &str, seq: u64) -> Vec<(String, Option<u64>)> {
    vec![(kind.to_owned(), Some(seq))]
}

fn head(place: &Place) -> String {
    place.json(&["audit", "verify"])["chains"][0]["head"]["head"].as_str().unwrap().to_owned()
}

#[test]
fn an_untouched_log_is_intact_also_beside_a_running_server() {
    let place = filled();
    assert!(findings(&place, &[]).is_empty());
    let said = place.run(&["audit", "verify"]).succeeded().stdout;
    assert!(
        said.contains("the audit log is intact") && said.contains("chain sqlite ends at sqlite:"),
        "{said}"
    );
    let server = place.serve(&[]);
    assert!(findings(&place, &[]).is_empty());
    server.stop();
    assert!(findings(&place, &["--head", &head(&place)]).is_empty());
}

#[test]
fn each_way_to_tamper_with_a_row_is_found_and_the_row_named() {
    let ways: [(&str, &str, u64); 6] = [
        ("UPDATE audit SET reason = 'x' WHERE seq = 7", "changed", 7),
        ("UPDATE audit SET at = at + 1 WHERE seq = 7", "changed", 7),
        ("UPDATE audit SET details = 'nonsense' WHERE seq = 7", "changed", 7),
        ("UPDATE audit SET mac = zeroblob(32) WHERE seq = 7", "changed", 7),
        ("DELETE FROM audit WHERE seq = 7", "missing", 7),
        ("DELETE FROM audit WHERE seq = 1", "missing", 1),
    ];
    for (sql, kind, seq) in ways {
        let place = filled();
        tamper(&place, |database| database.execute_batch(sql).unwrap());
        assert_eq!(findings(&place, &[]), one(kind, seq), "{sql}");
        let done =
            place.run(&["audit", "verify"]).failed(1, &["the audit log is not what was written: 1 finding"]);
        assert!(done.stdout.contains(&format!("row {seq} was ")), "{}", done.stdout);
    }
}

#[test]
fn rows_that_are_swapped_cut_off_or_added_are_found() {
    let place = filled();
    tamper(&place, |database| {
        database
            .execute_batch(
                "UPDATE audit SET seq = -1 WHERE seq = 7;
                 UPDATE audit SET seq = 7 WHERE seq = 8;
                 UPDATE audit SET seq = 8 WHERE seq = -1;",
            )
            .unwrap();
    });
    assert_eq!(findings(&place, &[]), [one("moved", 7), one("moved", 8)].concat());

    let place = filled();
    tamper(&place, |database| {
        database.execute("DELETE FROM audit WHERE seq > (SELECT max(seq) - 3 FROM audit)", []).unwrap();
    });
    let last = last_row(&place);
    assert_eq!(findings(&place, &[]), one("cut_off", last + 1));

    let place = filled();
    tamper(&place, |database| {
        database
            .execute_batch(
                "CREATE TEMP TABLE copy AS SELECT * FROM audit WHERE seq = 7;
                 UPDATE copy SET seq = (SELECT max(seq) + 1 FROM audit);
                 INSERT INTO audit SELECT * FROM copy;",
            )
            .unwrap();
    });
    let last = last_row(&place);
    assert_eq!(findings(&place, &[]), one("copied", last));
}

#[test]
fn a_schema_without_its_triggers_is_found_and_the_rows_are_checked_all_the_same() {
    let place = filled();
    database(&place)
        .execute_batch("DROP TRIGGER audit_is_not_shortened; DELETE FROM audit WHERE seq = 7")
        .unwrap();
    let found = findings(&place, &[]);
    assert_eq!(found, [one("missing", 7), vec![("schema_changed".to_owned(), None)]].concat());
}

/// The one attack that the database alone cannot show: an old copy of it put back as a whole.
#[test]
fn an_old_copy_put_back_is_found_by_a_head_that_was_kept_elsewhere() {
    let place = filled();
    let data = place.path("doorward-data").join("doorward.db");
    std::fs::copy(&data, place.path("old.db")).unwrap();
    place.json(&["user", "invite", "dora"]);
    let kept = head(&place);
    std::fs::copy(place.path("old.db"), &data).unwrap();
    assert!(findings(&place, &[]).is_empty());
    let seq = kept.split(':').nth(1).unwrap().parse().unwrap();
    assert_eq!(findings(&place, &["--head", &kept]), one("known_head_missing", seq));
    // Whatever is written since, it is another history.
    place.json(&["user", "invite", "erik"]);
    assert_eq!(findings(&place, &["--head", &kept]), one("known_head_differs", seq));
    place.run(&["audit", "verify", "--head", "nonsense"]).failed(2, &["CHAIN:SEQ:MAC"]);
}

/// Written after, a forged head would be as good as a genuine one.
#[test]
fn a_cut_with_a_forged_head_stays_visible_after_the_server_wrote_more() {
    let place = filled();
    tamper(&place, |database| {
        let cut: i64 = database.query_row("SELECT max(seq) - 3 FROM audit", [], |row| row.get(0)).unwrap();
        database.execute("DELETE FROM audit WHERE seq > ?1", [cut]).unwrap();
        database
            .execute(
                "UPDATE audit_chains SET head_seq = ?1, head_mac = (SELECT mac FROM audit WHERE seq = ?1)",
                params![cut],
            )
            .unwrap();
    });
    assert_eq!(findings(&place, &[]), vec![("head_changed".to_owned(), None)]);
    place.json(&["user", "invite", "dora"]);
    let found = findings(&place, &[]);
    assert_eq!((found.len(), found[0].0.as_str()), (1, "restarted"), "{found:?}");
    let last = place.json(&["audit", "tail", "--event", "audit.chain_restarted"]);
    assert_eq!(last["items"][0]["reason"], "head_changed");
}

#[test]
fn rows_of_an_earlier_master_secret_verify_when_it_is_given() {
    let place = filled();
    place.serve(&[]).stop();
    let data = place.path("doorward-data");
    std::fs::rename(data.join("master.key"), data.join("master.key.previous")).unwrap();
    let private = |name: &str, letter: &str| {
        use std::os::unix::fs::PermissionsExt;
        std::fs::write(data.join(name), letter.repeat(42) + "A").unwrap();
        std::fs::set_permissions(data.join(name), std::fs::Permissions::from_mode(0o600)).unwrap();
    };
    private("master.key", "B");
    place.json(&["user", "invite", "dora"]);
    assert!(findings(&place, &[]).is_empty());

    std::fs::rename(data.join("master.key.previous"), data.join("old.key")).unwrap();
    assert_eq!(findings(&place, &[]), one("unknown_key", 1));
    let done = place.run(&["audit", "verify"]).failed(1, &[]);
    assert!(done.stdout.contains("DOORWARD_MASTER_KEY_PREVIOUS"), "{}", done.stdout);
    assert!(findings(&place, &["--earlier-key", "doorward-data/old.key"]).is_empty());
    place.run(&["audit", "verify", "--earlier-key", "missing.key"]).failed(2, &["missing.key"]);
}

#[test]
fn the_head_is_told_by_metrics_and_by_the_last_line_of_an_export() {
    let place = filled();
    let mut server = place.serve(&["--admin-listen", "127.0.0.1:0"]);
    let admin = server.wait_for("server.listening");
    // Its last event for now.
    server.printed("/setup?token=");
    let metrics = get(admin["address"].as_str().unwrap(), "/metrics");
    let exported = place.run(&["audit", "export"]).succeeded().stdout;
    let last: Json = serde_json::from_str(exported.lines().last().unwrap()).unwrap();
    let head = &last["heads"][0];
    let (mac, seq) = (head["mac"].as_str().unwrap(), head["seq"].as_u64().unwrap());
    let line = format!("doorward_audit_chain_head_info{{chain=\"sqlite\",mac=\"{mac}\"}} {seq}\n");
    assert!(metrics.contains(&line), "{line} is not in {metrics}");
    let row: Json = serde_json::from_str(exported.lines().rev().nth(1).unwrap()).unwrap();
    assert_eq!((&row["chain_seq"], &row["mac"]), (&head["seq"], &head["mac"]));
    assert!(findings(&place, &["--head", head["head"].as_str().unwrap()]).is_empty());
    server.stop();
}

#[test]
fn retention_removes_the_oldest_and_leaves_a_log_that_verifies() {
    let place = filled();
    let kept = head(&place);
    let place = place.with("DOORWARD_AUDIT__RETENTION", "1ms");
    let mut server = place.serve(&[]);
    server.wait_for("cleanup.removed");
    server.stop();
    let report = place.json(&["audit", "verify"]);
    let trimmed_to = report["chains"][0]["trimmed_to"].as_u64().unwrap();
    assert!(trimmed_to > 15, "{report}");
    // How far it came depends on how long the server ran; the last event tells.
    let trimmed = place.json(&["audit", "tail", "-n", "1", "--event", "audit.trimmed"]);
    let details = &trimmed["items"][0]["details"];
    let number = |name: &str| details[name].as_str().unwrap().parse::<u64>().unwrap();
    assert_eq!((details["chain"].as_str(), number("last")), (Some("sqlite"), trimmed_to));
    assert_eq!(number("rows"), number("last") - number("first") + 1);
    // The row is gone: nothing can be said, and nothing is wrong.
    let report = place.json(&["audit", "verify", "--head", &kept]);
    assert_eq!(report["intact"], true, "{report}");
    // What retention let go cannot be made more by hand.
    let forged = "UPDATE audit_chains SET anchor_seq = anchor_seq + 1";
    database(&place).execute_batch(forged).unwrap();
    assert_eq!(findings(&place, &[])[0].0, "anchor_changed");
}

#[test]
fn a_missing_database_is_no_intact_log() {
    let place = Place::new();
    place.serve(&[]).stop();
    std::fs::remove_file(place.path("doorward-data").join("doorward.db")).unwrap();
    place.run(&["audit", "verify"]).failed(1, &["doorward.db", "does not exist"]);
    assert!(!place.path("doorward-data").join("doorward.db").exists());
}

/// Refusals cost an attacker nothing: the log counts them, and loses none when the server stops.
#[test]
fn refusals_that_were_only_counted_are_recorded_when_the_server_stops() {
    let place = Place::new();
    let server = place.serve(&[]);
    let body = r#"{"setup_token":"wrong","username":"root","password":"correct horse battery"}"#;
    for _ in 0..50 {
        request(&server.address, "POST", "/auth/v1/setup", "Content-Type: application/json\r\n", body);
    }
    server.stop();
    let refused = place.json(&["audit", "tail", "-n", "100", "--event", "setup.refused"]);
    let counts: Vec<u64> = refused["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["details"]["count"].as_str().map_or(1, |count| count.parse().unwrap()))
        .collect();
    assert!(counts.len() < 50 && counts.iter().sum::<u64>() == 50, "{counts:?}");
}
