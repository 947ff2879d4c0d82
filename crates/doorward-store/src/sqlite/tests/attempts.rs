//! What anybody can make up more of does not fill the disk.

use std::net::Ipv4Addr;

use doorward_core::{
    audit::EventName,
    guard::{FailedAttempt, GuardPolicy, Subject, SubjectKind},
    store::Store,
};
use doorward_testkit::builders::{START, write};

use super::Scratch;
use crate::{
    sql::{self, Sql},
    sqlite::transaction::at_once,
};

/// As many rows of each as may be remembered, as if from earlier attempts.
const FULL: &str = "
    WITH RECURSIVE number(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM number WHERE n < 200000)
    INSERT INTO attempts (kind, key, failures, expires_at)
    SELECT kind, CAST(printf('%016d', n) AS BLOB), x'', n
    FROM number, (SELECT 'unknown_name' AS kind UNION SELECT 'address')";

/// A failure of a name and from an address that never failed before.
fn failure(number: u32) -> FailedAttempt {
    let mut key = [0xff; 16];
    key[..4].copy_from_slice(&number.to_be_bytes());
    FailedAttempt {
        now: START,
        counts: true,
        subject: Subject { kind: SubjectKind::UnknownName, key, owner: None },
        address: Some(Subject::address(Ipv4Addr::from(0x0a00_0000 + number).into())),
        audit: write(EventName::LoginRefused, START).audit,
        recorded: false,
        policy: GuardPolicy::default(),
    }
}

async fn number(scratch: &Scratch, sql: &'static str) -> u64 {
    let found = scratch.store.database.readers.read(move |c| at_once(c.one(sql, &[], sql::only_number)));
    found.await.unwrap().unwrap()
}

/// Whoever makes up names and addresses pushes out what would be forgotten first anyway, never a lock that lasts
/// longer, and never what is remembered of an account, however soon that ends. A failure adds a row for a name and one
/// for an address by turns; neither kind may be passed over for that.
#[tokio::test]
async fn made_up_names_and_addresses_both_stay_bounded() {
    let scratch = Scratch::new();
    assert!(scratch.batch(FULL).await);
    let accounts = "
        INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at)
        SELECT other.kind, key, key, x'', 0, 0 FROM attempts
        JOIN (SELECT 'account' AS kind UNION SELECT 'device' UNION SELECT 'session') AS other
        WHERE attempts.kind = 'address' AND expires_at <= 1000;
        UPDATE attempts SET locked_until = 9000000000000, expires_at = 9000000000000
        WHERE kind = 'unknown_name' AND expires_at = 7";
    assert!(scratch.batch(accounts).await);
    for made_up in 0..300 {
        scratch.store.record_failure(failure(made_up)).await.unwrap();
    }
    assert_eq!(number(&scratch, "SELECT count(*) FROM attempts WHERE owner IS NOT NULL").await, 3_000);
    assert_eq!(number(&scratch, "SELECT count(*) FROM attempts WHERE locked_until > 1").await, 1);
    let new = "SELECT count(*) FROM attempts WHERE kind = 'unknown_name' AND failures <> x''";
    assert_eq!(number(&scratch, new).await, 300);
    // Of the old ones, those that are left are the ones that would have lasted longest.
    for (kind, oldest, left) in [
        (
            "unknown_name",
            "SELECT min(expires_at) FROM attempts WHERE kind = 'unknown_name'",
            "SELECT count(*) FROM attempts WHERE kind = 'unknown_name' AND expires_at <= 200000",
        ),
        (
            "address",
            "SELECT min(expires_at) FROM attempts WHERE kind = 'address'",
            "SELECT count(*) FROM attempts WHERE kind = 'address' AND expires_at <= 200000",
        ),
    ] {
        // At most as many new ones, and a few more for a moment.
        let (oldest, left) = (number(&scratch, oldest).await, number(&scratch, left).await);
        assert!(oldest > 300 - 128, "{kind}: {oldest}");
        assert_eq!(left, 200_000 - oldest + 1, "{kind}");
    }
}
