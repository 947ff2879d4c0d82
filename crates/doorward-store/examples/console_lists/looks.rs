//! What administrators look at, and how long it takes.

use std::time::Duration;

use doorward_core::{
    audit::AuditFilter,
    console_store::ConsoleStore,
    ids::UserId,
    page::{Cursor, PageRequest},
    store::{SessionFilter, Store, StoreError},
    time::Timestamp,
    user_search::{FoundBy, UserFilter},
};
use doorward_store::SqliteStore;
use doorward_testkit::{
    builders::START,
    population::{Population, address, email, name, user_id},
};

const REPEATS: usize = 21;
const HOUR: Duration = Duration::from_secs(3600);

/// Prints the first time, which reads from the disk what is not in memory, and the median of those after it.
async fn time<T>(what: &str, look: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..REPEATS {
        #[expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
        let before = std::time::Instant::now();
        last = Some(look().await?);
        times.push(before.elapsed());
    }
    let first = times.remove(0);
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    println!("{what}: first {:.2} ms, then {:.2} ms", millis(first), millis(median));
    match last {
        Some(last) => Ok(last),
        None => look().await,
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn fifty(after: Option<Cursor>) -> PageRequest {
    PageRequest { after, limit: 50 }
}

pub(super) async fn measure(store: &SqliteStore, population: &Population) -> Result<(), StoreError> {
    users(store, population).await?;
    sessions(store).await?;
    events(store, population).await?;
    time("locks, first page", || store.lockouts(START, fifty(None))).await?;
    let page = store.lockouts(START, PageRequest { after: None, limit: 100_000 }).await?;
    time("locks, page after 100,000", || store.lockouts(START, fifty(page.next.clone()))).await?;
    time("event counts of a day", || store.event_counts(START.minus(24 * HOUR), START)).await?;
    time("event counts of 31 days", || store.event_counts(START.minus(31 * 24 * HOUR), START)).await?;
    let gauges = time("overview: users, live sessions, locked accounts", || store.gauges_at(START)).await?;
    println!("{gauges:?}");
    Ok(())
}

async fn users(store: &SqliteStore, population: &Population) -> Result<(), StoreError> {
    let everybody = UserFilter::default();
    let search = |text: &str| UserFilter { search: Some(text.to_owned()) };
    let middle = population.users / 2;
    time("users, first page", || store.users(&everybody, fifty(None))).await?;
    let user = store.user(UserId::from_bytes(user_id(middle))).await?.ok_or(StoreError::NotFound)?;
    let deep = Cursor::at(user.created_at.as_millis(), *user.id.as_bytes());
    let page =
        time("users, page in the middle", || store.users(&everybody, fifty(Some(deep.clone())))).await?;
    let ids: Vec<_> = page.items.iter().map(|user| user.id).collect();
    time("names of 50 users", || store.usernames(&ids)).await?;
    for text in ["a", "ab", &name(middle), &email(middle), &user.id.to_string(), "nobody at all"] {
        let filter = search(text);
        let found = time(&format!("search {text:?}"), || store.users(&filter, fifty(None))).await?;
        println!("  {} found{}", found.items.len(), if found.next.is_some() { " and more" } else { "" });
    }
    let by_name = FoundBy::Name.cursor(&user);
    let first: String = name(middle).chars().take(1).collect();
    let filter = search(&first);
    time(&format!("search {first:?}, deep page by name"), || {
        store.users(&filter, fifty(Some(by_name.clone())))
    })
    .await?;
    let last = Cursor { position: 1, text: format!("{first}zzzzz"), id: [0; 16] };
    time(&format!("search {first:?}, first page by address"), || {
        store.users(&filter, fifty(Some(last.clone())))
    })
    .await?;
    Ok(())
}

async fn sessions(store: &SqliteStore) -> Result<(), StoreError> {
    let all = SessionFilter { user_id: None };
    time("sessions, first page", || store.sessions(all, START, fifty(None))).await?;
    let deep = Cursor::at(START.minus(15 * 24 * HOUR).as_millis(), [0; 16]);
    time("sessions, page in the middle", || store.sessions(all, START, fifty(Some(deep.clone())))).await?;
    let one = SessionFilter { user_id: Some(UserId::from_bytes(user_id(7))) };
    time("sessions of a user", || store.sessions(one, START, fifty(None))).await?;
    Ok(())
}

async fn events(store: &SqliteStore, population: &Population) -> Result<(), StoreError> {
    let any = AuditFilter::default();
    let deep = i64::try_from(population.events / 2).unwrap_or(i64::MAX);
    let list = async |what: &str, filter: AuditFilter, after: Option<Cursor>| {
        let page = time(what, || store.audit(&filter, fifty(after.clone()))).await?;
        println!("  {} found{}", page.items.len(), if page.next.is_some() { " and more" } else { "" });
        Ok::<(), StoreError>(())
    };
    let named = |name: &str| AuditFilter { name: Some(name.to_owned()), ..any.clone() };
    let between = |from: u32, until: u32, filter: AuditFilter| AuditFilter {
        after: Some(ago(from)),
        before: Some(ago(until)),
        ..filter
    };
    let owner = UserId::from_bytes(user_id(7 % population.users));
    let from = address(100).parse().ok();
    list("events, first page", any.clone(), None).await?;
    list("events, page in the middle", any.clone(), Some(Cursor::at(deep, [0; 16]))).await?;
    list("events of a user", AuditFilter { user_id: Some(owner), ..any.clone() }, None).await?;
    list("events of an address", AuditFilter { address: from, ..any.clone() }, None).await?;
    list("events of a rare name", named("user.changed"), None).await?;
    list("events of a name that is none", named("x"), None).await?;
    list("events of an hour half a year ago", between(4_381, 4_380, any.clone()), None).await?;
    list("events of a name in a day half a year ago", between(4_404, 4_380, named("user.changed")), None)
        .await?;
    let of_address = AuditFilter { address: from, name: Some("user.changed".to_owned()), ..any.clone() };
    list("events of an address and a name", of_address, None).await?;
    let end = population.events.saturating_sub(100);
    time("events after a place, as a stream asks", || store.audit_after(&any, end, 100)).await?;
    let all = named("login.refused");
    time("events after a place by name, 500 as an export asks", || store.audit_after(&all, 0, 500)).await?;
    Ok(())
}

fn ago(hours: u32) -> Timestamp {
    START.minus(hours * HOUR)
}
