//! Finding users by how their name or mail address begins.

use std::collections::HashMap;

use doorward_core::{
    audit::EventName,
    ids::UserId,
    page::PageRequest,
    store::{NewUser, UserChanges},
    user_search::UserFilter,
};

use super::{Bench, bench::after};
use crate::builders::{START, write};

impl Bench {
    /// A user of this name and address, made at the beginning.
    async fn named(&self, username: &str, email: Option<&str>) -> NewUser {
        let mut user = self.scene.user();
        user.user.username = username.parse().unwrap();
        user.user.email = email.map(|email| email.parse().unwrap());
        self.create(user).await
    }

    /// The names of those whom a search finds, read `limit` at a time.
    async fn found(&self, search: &str, limit: u32) -> Vec<String> {
        let filter = UserFilter { search: Some(search.to_owned()) };
        let mut found = Vec::new();
        let mut page = PageRequest { after: None, limit };
        loop {
            let part = self.store.users(&filter, page.clone()).await.unwrap();
            assert!(part.items.len() <= usize::try_from(limit).unwrap());
            found.extend(part.items.iter().map(|user| user.username.as_str().to_owned()));
            let Some(next) = part.next else { return found };
            page.after = Some(next);
        }
    }

    async fn finds(&self, search: &str, expected: &[&str]) {
        for limit in [1, 2, 3, 100] {
            assert_eq!(self.found(search, limit).await, expected, "{search:?}, {limit} at a time");
        }
    }

    async fn give_address(&self, user: &NewUser, email: Option<&str>) {
        let email = Some(email.map(|email| email.parse().unwrap()));
        let changes = UserChanges { email, ..UserChanges::default() };
        self.store.change_user(write(EventName::UserChanged, START), user.user.id, changes).await.unwrap();
    }
}

/// By name in the order of names, then by address in the order of addresses, each once, in parts of any length.
pub async fn a_search_finds_by_how_names_and_addresses_begin(bench: Bench) {
    for (username, email) in [
        ("Anna", Some("x@example.com")),
        ("ann", Some("ann@example.com")),
        ("Ann Müller", None),
        ("ANNE", Some("Anne@Example.com")),
        ("bob", Some("annual@example.com")),
        ("carl", Some("Ann.Carl@example.com")),
        ("dora", Some("carl@ann.example")),
        ("an", Some("b@ann.example")),
        ("aņņ", None),
        ("_ann", None),
        ("ano", None),
    ] {
        bench.named(username, email).await;
    }
    bench.finds("ann", &["ann", "Ann Müller", "Anna", "ANNE", "carl", "bob"]).await;
    bench.finds("ANN", &["ann", "Ann Müller", "Anna", "ANNE", "carl", "bob"]).await;
    bench.finds(" Ａｎｎ mu\u{308}", &["Ann Müller"]).await;
    bench.finds("ann@", &["ann"]).await;
    bench.finds("ann.CARL@EXAMPLE.com", &["carl"]).await;
    bench.finds("anne@example.com.", &[]).await;
    for pattern in ["%", "_", "*", "a%", "?", "ann*", "'", "\u{10ffff}"] {
        let expected: &[&str] = if pattern == "_" { &["_ann"] } else { &[] };
        bench.finds(pattern, expected).await;
    }
    assert_eq!(bench.found(" \t", 100).await.len(), 11, "nothing is sought: everybody is listed");
}

/// Also where somebody has another's id as their name, or begins by it.
pub async fn an_id_finds_its_user_first_and_once(bench: Bench) {
    let ann = bench.named("ann", Some("ann@example.com")).await;
    bench.named("ben", None).await;
    let id = ann.user.id.to_string();
    bench.finds(&id, &["ann"]).await;
    let impostor = format!("{id}2");
    bench.named(&impostor, None).await;
    bench.finds(&id, &["ann", &impostor]).await;
    bench.finds(&bench.scene.user().user.id.to_string(), &[]).await;
    // Somebody whose name is their own id.
    let mut own = bench.scene.user();
    own.user.username = own.user.id.to_string().parse().unwrap();
    let own = bench.create(own).await.user.username;
    bench.finds(own.as_str(), &[own.as_str()]).await;
}

/// What is searched is what is there now.
pub async fn a_search_follows_changes_and_removals(bench: Bench) {
    let ann = bench.named("ann", Some("first@example.com")).await;
    let ben = bench.named("ben", None).await;
    bench.give_address(&ann, Some("Second@example.com")).await;
    bench.give_address(&ben, Some("third@example.com")).await;
    bench.finds("first", &[]).await;
    bench.finds("second", &["ann"]).await;
    bench.finds("third", &["ben"]).await;
    bench.give_address(&ben, None).await;
    bench.finds("third", &[]).await;
    bench.store.delete_user(write(EventName::UserDeleted, START), ann.user.id).await.unwrap();
    bench.finds("second", &[]).await;
    bench.finds("ann", &[]).await;
}

/// Whoever stands at the end of a page may be gone, or have another address, when the next one is asked for.
pub async fn a_search_goes_on_after_whom_it_stood_at_is_gone(bench: Bench) {
    let mut users = Vec::new();
    for (username, email) in [
        ("a1", None),
        ("a2", None),
        ("a3", None),
        ("b1", Some("a1@x")),
        ("b2", Some("a2@x")),
        ("b3", Some("a3@x")),
    ] {
        users.push(bench.named(username, email).await);
    }
    let filter = UserFilter { search: Some("a".to_owned()) };
    let mut left = vec!["a1", "a2", "a3", "b1", "b2", "b3"];
    let mut page = PageRequest { after: None, limit: 1 };
    for user in &users {
        let part = bench.store.users(&filter, page.clone()).await.unwrap();
        assert_eq!(part.items[0].username.as_str(), left.remove(0));
        if user.user.email.is_some() {
            bench.give_address(user, Some("zzz@x")).await;
        }
        bench.store.delete_user(write(EventName::UserDeleted, START), user.user.id).await.unwrap();
        page.after = part.next;
    }
    assert_eq!((left.len(), page.after), (0, None));
}

/// For lists of what concerns many users. As they are typed, without those who are gone.
pub async fn names_are_told_of_the_users_that_there_are(bench: Bench) {
    let ann = bench.named("Ann", None).await;
    let ben = bench.named("ben", None).await;
    let gone = bench.named("gone", None).await;
    bench.store.delete_user(write(EventName::UserDeleted, after(1)), gone.user.id).await.unwrap();
    let nobody = bench.scene.user().user.id;
    let names = |ids: Vec<UserId>| {
        let store = &bench.store;
        async move { store.usernames(&ids).await.unwrap() }
    };
    let expected: HashMap<_, _> =
        [&ann, &ben].map(|user| (user.user.id, user.user.username.clone())).into_iter().collect();
    assert_eq!(names(vec![ben.user.id, ann.user.id, gone.user.id, nobody, ben.user.id]).await, expected);
    assert!(names(Vec::new()).await.is_empty());
}
