//! Keys of older databases: each signed from when it was made.

use std::time::Duration;

use doorward_core::{
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId},
    store::Store,
    time::Timestamp,
};
use doorward_testkit::builders::{START, audit_key};
use rusqlite::params;
use tempfile::TempDir;

use super::first_version;
use crate::sqlite::{SqliteOptions, SqliteStore};

#[tokio::test]
async fn the_keys_of_an_older_database_keep_their_dates() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let old = first_version(&path);
    let key = |id: &str, created_at: Timestamp, retired_at: Option<Timestamp>| {
        let term = KeyTerm { retired_at, ..KeyTerm::from(created_at) };
        let id = SigningKeyId::parse(id).unwrap();
        SealedSigningKey { id, public: [7; 32], sealed_private: vec![1, 2, 3], created_at, term }
    };
    let later = START.plus(Duration::from_millis(5));
    let keys = [key("second", later, None), key("first", START, Some(later))];
    for key in &keys {
        old.execute(
            "INSERT INTO signing_keys (id, public, sealed_private, created_at, retired_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                key.id.as_str(),
                key.public,
                key.sealed_private,
                key.created_at.as_millis(),
                key.term.retired_at.map(Timestamp::as_millis),
            ],
        )
        .unwrap();
    }
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    assert_eq!(store.signing_keys().await.unwrap(), keys);
}
