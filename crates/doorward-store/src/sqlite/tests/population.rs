//! What the large databases are made of that benchmarks measure with: written past the store, it has to be what the store
//! would have written.

use doorward_core::{
    audit::AuditFilter,
    console_store::ConsoleStore,
    ids::{SessionId, UserId},
    page::PageRequest,
    store::Store,
};
use doorward_testkit::{
    builders::{START, audit_key},
    population::{Population, name, session_id, user_id},
};

use crate::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn a_population_is_what_the_store_reads_and_goes_on_from() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let open = || SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    drop(open());
    let population = Population {
        now: START,
        users: 10,
        sessions: 30,
        events: 100,
        locks: 7,
        revocations: 5,
        password: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA".to_owned(),
    };
    let mut told = 0;
    population.fill(&path, |rows| told = rows).unwrap();
    assert_eq!((told, population.rows()), (152, 152));

    let store = open();
    let credentials = store.credentials(UserId::from_bytes(user_id(9))).await.unwrap().unwrap();
    assert_eq!(credentials.user.username.as_str(), name(9));
    assert_eq!(credentials.password.unwrap().as_phc(), population.password);
    let mut alive = Vec::new();
    for number in 0..30 {
        let id = SessionId::from_bytes(session_id(number));
        let session = store.session(id).await.unwrap().unwrap().session;
        alive.push(session.is_live(START));
    }
    assert_eq!(alive, [true, false, false].repeat(10));
    let gauges = store.gauges_at(START).await.unwrap();
    assert_eq!((gauges.users, gauges.live_sessions, gauges.locked_accounts), (10, 10, 1));
    let events = store.audit(&AuditFilter::default(), PageRequest { after: None, limit: 200 }).await.unwrap();
    assert_eq!(events.items.len(), 100);
    assert!(events.items.iter().all(|event| event.at <= START));
    let feed = store.feed(0, 100).await.unwrap();
    assert_eq!(feed.entries.iter().map(|entry| entry.seq).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
    assert!(feed.entries.iter().all(|entry| entry.revocation.expires_at > START));
}
