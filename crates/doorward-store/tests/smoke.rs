//! The SQLite store, from setup to log-out and over a restart.

use doorward_core::{
    audit::AuditFilter,
    audit::EventName,
    page::PageRequest,
    store::{RevokeWhich, SetupProof, Store, StoreError},
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::{START, Scene, advance, opening, write};

#[tokio::test]
async fn smoke() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let scene = Scene::new(1);
    let admin = scene.admin();
    let session = scene.session(&admin.user);
    let link = scene.setup_link();
    store.add_link(write(EventName::SetupTokenIssued, START), link.clone()).await.unwrap();
    let opened = store
        .complete_setup(
            write(EventName::SetupCompleted, START),
            SetupProof::Link(vec![link.hash]),
            admin.clone(),
            opening(session.clone()),
        )
        .await
        .unwrap();
    assert_eq!(opened.opened.session, session);
    let found = store.session(session.id).await.unwrap().unwrap();
    assert_eq!(found, opened.opened);
    let moved = store
        .advance_refresh(write(EventName::SessionRefreshed, START), advance(&session, START))
        .await
        .unwrap();
    assert!(matches!(
        store.advance_refresh(write(EventName::SessionRefreshed, START), advance(&session, START)).await,
        Err(StoreError::Stale)
    ));
    assert_eq!(store.session(session.id).await.unwrap().unwrap(), moved);
    let revoked = store
        .revoke_sessions(
            write(EventName::LoggedOut, START),
            RevokeWhich::One { id: session.id, owner: None },
            "logged_out",
        )
        .await
        .unwrap();
    assert_eq!(revoked.sessions, [session.id]);
    store.check().await.unwrap();
    drop(store);
    let store = SqliteStore::open(&path, SqliteOptions::default()).unwrap();
    let feed = store.feed(0, 10).await.unwrap();
    assert_eq!(feed.entries, revoked.revocations);
    assert!(feed.setup_complete);
    let audit = store.audit(&AuditFilter::default(), PageRequest { after: None, limit: 10 }).await.unwrap();
    println!("{audit:#?} {feed:?}");
    println!(
        "{:?}",
        std::fs::read_dir(directory.path()).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>()
    );
}
