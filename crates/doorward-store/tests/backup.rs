//! Backups are whole, private, never overwrite, and are checked before they are restored.

#![expect(clippy::unwrap_used, reason = "a test, outside of its functions")]

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use doorward_core::{
    audit::{AuditFilter, EventName},
    page::PageRequest,
    store::{SessionProof, Store},
    user_search::UserFilter,
};
use doorward_store::{
    OpenError, SqliteOptions, SqliteStore,
    sqlite::{restore, verify_backup},
};
use doorward_testkit::builders::{START, Scene, advance, audit_key, opening, write};
use tempfile::TempDir;

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default(), audit_key()).unwrap()
}

fn names_in(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A store with some users.
async fn filled(path: &Path, users: u64) -> SqliteStore {
    let (store, scene) = (open(path), Scene::new(7));
    for number in 0..users {
        let mut user = scene.user();
        user.user.username = format!("saved {number}").parse().unwrap();
        store.create_user(write(EventName::UserCreated, START), user, None).await.unwrap();
    }
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_taken_while_others_write_is_the_database_of_one_moment() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(filled(&directory.path().join("doorward.db"), 300).await);
    let scene = Scene::new(1);
    let user = scene.user();
    store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    let session = scene.session(&user.user);
    let login = write(EventName::LoginSucceeded, START);
    store
        .open_session(login, SessionProof::password(user.password.unwrap()), opening(session.clone()))
        .await
        .unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let generation = Arc::new(AtomicU64::new(0));
    let (writing, until, written) = (Arc::clone(&store), Arc::clone(&stop), Arc::clone(&generation));
    let writer = tokio::spawn(async move {
        let mut session = session;
        while !until.load(Ordering::SeqCst) {
            let refreshed = write(EventName::SessionRefreshed, START);
            session = writing.advance_refresh(refreshed, advance(&session, START)).await.unwrap().session;
            written.store(session.refresh.generation.0, Ordering::SeqCst);
        }
        session
    });
    let mut before = 0;
    for number in 0..10 {
        // Something has been written since the one before.
        while generation.load(Ordering::SeqCst) == before {
            assert!(!writer.is_finished());
            tokio::task::yield_now().await;
        }
        before = generation.load(Ordering::SeqCst);
        let to = directory.path().join(format!("backup-{number}.db"));
        let mut last = (0, 0);
        store
            .backup_to(&to, |progress| {
                assert!(progress.done >= last.0 && progress.done <= progress.total);
                last = (progress.done, progress.total);
            })
            .unwrap();
        assert!(last.0 == last.1 && last.1 > 0);
        let facts = verify_backup(&to).unwrap();
        assert_eq!((facts.users, facts.highest_time), (301, START));
        assert!(facts.schema_version > 0);
    }
    stop.store(true, Ordering::SeqCst);
    let session = writer.await.unwrap();
    // The session and its events are of one moment.
    for number in 0..10 {
        let copy = open(&directory.path().join(format!("backup-{number}.db")));
        let generation = copy.session(session.id).await.unwrap().unwrap().session.refresh.generation.0;
        let refreshed = AuditFilter { name: Some("session.refreshed".to_owned()), ..AuditFilter::default() };
        let events = copy.audit(&refreshed, PageRequest { after: None, limit: 1_000_000 }).await.unwrap();
        assert_eq!(u64::try_from(events.items.len()).unwrap(), generation);
    }
}

#[tokio::test]
async fn a_backup_is_one_private_file_and_overwrites_none() {
    let directory = TempDir::new().unwrap();
    let store = filled(&directory.path().join("doorward.db"), 1).await;
    let target = TempDir::new().unwrap();
    let to = target.path().join("backup.db");
    store.backup_to(&to, |_| {}).unwrap();
    assert_eq!(names_in(target.path()), ["backup.db"]);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&to).unwrap();
    let error = store.backup_to(&to, |_| {}).unwrap_err().to_string();
    assert!(error.contains("backup.db") && error.contains("exists"), "{error}");
    assert!(fs::read(&to).unwrap() == before);
    let missing = target.path().join("missing").join("backup.db");
    assert!(matches!(store.backup_to(&missing, |_| {}), Err(OpenError::File { .. })));
    assert_eq!(names_in(target.path()), ["backup.db"]);
    // What a killed backup left behind is in nobody's way.
    let partial = target.path().join("other.db.partial");
    fs::write(&partial, "half a backup").unwrap();
    store.backup_to(&target.path().join("other.db"), |_| {}).unwrap();
    assert_eq!(names_in(target.path()), ["backup.db", "other.db"]);
}

#[tokio::test]
async fn a_restored_database_is_the_one_that_was_saved() {
    let directory = TempDir::new().unwrap();
    let store = filled(&directory.path().join("doorward.db"), 5).await;
    let backup = directory.path().join("backup.db");
    store.backup_to(&backup, |_| {}).unwrap();
    let page = PageRequest { after: None, limit: 100 };
    let users = store.users(&UserFilter::default(), page.clone()).await.unwrap();
    let scene = Scene::new(99);
    let mut later = scene.user();
    later.user.username = "later".parse().unwrap();
    store.create_user(write(EventName::UserCreated, START), later, None).await.unwrap();
    let error = restore(&backup, &directory.path().join("doorward.db"), |_| {}).unwrap_err();
    assert!(matches!(error, OpenError::File { .. }), "a database is never overwritten: {error}");
    let to = directory.path().join("restored.db");
    assert_eq!(restore(&backup, &to, |_| {}).unwrap().users, 5);
    assert_eq!(fs::metadata(&to).unwrap().permissions().mode() & 0o777, 0o600);
    let restored = open(&to);
    assert_eq!(restored.users(&UserFilter::default(), page).await.unwrap(), users);
    assert!(restored.check().await.is_ok());
}

#[tokio::test]
async fn what_is_no_sound_backup_is_refused_and_leaves_nothing() {
    let directory = TempDir::new().unwrap();
    let store = filled(&directory.path().join("doorward.db"), 200).await;
    let good = directory.path().join("good.db");
    store.backup_to(&good, |_| {}).unwrap();
    let bytes = fs::read(&good).unwrap();
    let mut damaged = bytes.clone();
    // The fourth page on: pages of tables and indices.
    damaged[3 * 4096..9 * 4096].fill(0x55);
    let cases = [
        ("missing", None),
        ("empty", Some(Vec::new())),
        ("text", Some(b"this is some text and no database, though it is long enough for one".repeat(99))),
        ("cut", Some(bytes[..bytes.len() / 2].to_vec())),
        ("damaged", Some(damaged)),
    ];
    let to = directory.path().join("restored.db");
    for (name, content) in cases {
        let path = directory.path().join(name);
        if let Some(content) = content {
            fs::write(&path, content).unwrap();
        }
        let error = verify_backup(&path).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
        assert!(restore(&path, &to, |_| {}).is_err(), "{name}");
        assert!(!to.exists(), "{name}");
    }
    verify_backup(&good).unwrap();
}

#[tokio::test]
async fn the_files_of_a_database_are_its_owners_only() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let open_to_all = || {
        for name in names_in(directory.path()) {
            let file = directory.path().join(name);
            fs::set_permissions(file, fs::Permissions::from_mode(0o644)).unwrap();
        }
    };
    for _ in 0..2 {
        let store = filled(&path, 0).await;
        assert!(store.check().await.is_ok());
        let names = names_in(directory.path());
        assert_eq!(names, ["doorward.db", "doorward.db-shm", "doorward.db-wal", "doorward.db.lock"]);
        for name in names.iter().filter(|name| *name != "doorward.db.lock") {
            let mode = fs::metadata(directory.path().join(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        // The second time it finds them readable by everyone, and mends it.
        open_to_all();
        std::mem::forget(store);
    }
}

#[tokio::test]
async fn a_closed_database_is_one_file() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    drop(filled(&path, 3).await);
    assert_eq!(names_in(directory.path()), ["doorward.db", "doorward.db.lock"]);
    let copy = directory.path().join("copy.db");
    fs::copy(&path, &copy).unwrap();
    assert_eq!(verify_backup(&copy).unwrap().users, 3);
}
