//! Users of an older database are searched like any others; a search reads the part of the index that it is about.

use doorward_core::{page::PageRequest, store::Store, user_search::UserFilter};
use doorward_testkit::builders::audit_key;
use rusqlite::params;
use tempfile::TempDir;

use super::{Scratch, first_version};
use crate::{SqliteOptions, SqliteStore, user_search};

#[tokio::test]
async fn the_users_of_an_older_database_are_found() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let old = first_version(&path);
    old.execute_batch("BEGIN").unwrap();
    // More than are moved at once.
    for number in 0..2_500_u32 {
        let id = u128::from(number).to_be_bytes();
        let email = (number % 2 == 0).then(|| format!("MAIL{number}@example.com"));
        old.execute(
            "INSERT INTO users (id, username, email, roles, is_admin, must_change_password, disabled, created_at, epoch)
             VALUES (?1, ?2, ?3, '', 0, 0, 0, 0, 0)",
            params![id, format!("Ｕser{number}"), email],
        )
        .unwrap();
    }
    old.execute_batch("COMMIT").unwrap();
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    let found = async |search: &str| {
        let filter = UserFilter { search: Some(search.to_owned()) };
        let page = PageRequest { after: None, limit: 10_000 };
        store.users(&filter, page).await.unwrap().items.len()
    };
    assert_eq!(found("user").await, 2_500);
    assert_eq!((found("USER2499").await, found("user250").await), (1, 1));
    assert_eq!((found("mail").await, found("Mail2498@").await, found("mail2499").await), (1_250, 1, 0));
}

#[tokio::test]
async fn a_search_reads_no_further_than_its_beginning_of_a_name() {
    let scratch = Scratch::new();
    for (query, bounds) in [
        (user_search::BY_NAME, "users_by_name ((name_key,id)>(?,?) AND name_key<?)"),
        (user_search::BY_EMAIL, "users_by_email ((email_key,id)>(?,?) AND email_key<?)"),
    ] {
        let plan = scratch.plan(query).await;
        assert!(plan.len() == 1 && plan[0].ends_with(bounds), "{plan:?}");
    }
}
