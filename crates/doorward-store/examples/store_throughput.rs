//! Measures how many refreshes, logins and refused attempts a second SQLite takes, durably, one at a time and many at
//! once: `cargo run --release -p doorward-store --example store_throughput [ROUNDS]`. In the directory for temporary
//! files, whose disk is what is measured.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    audit::EventName,
    guard::{FailedAttempt, GuardPolicy, Subject},
    session::Session,
    store::{NewUser, SessionProof, Store},
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::{FIVE, START, Scene, advance, audit_key, opening, write};

const USERS: usize = 2_000;
/// Operations of each measurement, one at a time and at once.
const OPERATIONS: usize = 2_000;

type Signed = (NewUser, Session);

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rounds = std::env::args().nth(1).map_or(Ok(5), |rounds| rounds.parse::<u64>())?;
    for round in 0..rounds {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("doorward.db");
        let store: Arc<dyn Store> =
            Arc::new(SqliteStore::open(&path, SqliteOptions::default(), audit_key())?);
        let signed = Arc::new(sign_in(&store, round).await?);
        for at_once in [1, 64] {
            let figures = [
                rate(&store, &signed, at_once, Kind::Refresh).await?,
                rate(&store, &signed, at_once, Kind::Login).await?,
                rate(&store, &signed, at_once, Kind::Refused).await?,
            ];
            let [refreshes, logins, refused] = figures.map(|rate| format!("{rate:.0}"));
            println!(
                "{at_once} at once: {refreshes} refreshes, {logins} logins, {refused} refused attempts a second"
            );
        }
    }
    Ok(())
}

async fn sign_in(store: &Arc<dyn Store>, round: u64) -> Result<Vec<Signed>, Box<dyn std::error::Error>> {
    let scene = Scene::new(round);
    let mut signing_in = Vec::new();
    for _ in 0..USERS {
        let (store, user) = (Arc::clone(store), scene.user());
        let session = scene.session(&user.user);
        signing_in.push(tokio::spawn(async move {
            store.create_user(write(EventName::UserCreated, START), user.clone(), None).await?;
            let proof = SessionProof { password: user.password.clone(), ..SessionProof::default() };
            store
                .open_session(write(EventName::LoginSucceeded, START), proof, opening(session.clone()))
                .await?;
            Ok::<_, doorward_core::store::StoreError>((user, session))
        }));
    }
    let mut signed = Vec::new();
    for one in signing_in {
        signed.push(one.await??);
    }
    Ok(signed)
}

#[derive(Clone, Copy)]
enum Kind {
    Refresh,
    Login,
    Refused,
}

/// Operations of a kind a second, by so many tasks.
async fn rate(
    store: &Arc<dyn Store>,
    signed: &Arc<Vec<Signed>>,
    at_once: usize,
    kind: Kind,
) -> Result<f64, Box<dyn std::error::Error>> {
    let operations = if at_once == 1 { OPERATIONS / 4 } else { OPERATIONS * 4 };
    let scene = Scene::new(1_000 + u64::try_from(at_once)?);
    let began = now();
    let mut tasks = Vec::new();
    for task in 0..at_once {
        let (store, signed, scene) = (Arc::clone(store), Arc::clone(signed), scene.clone());
        tasks.push(tokio::spawn(async move {
            for number in (task..operations).step_by(at_once) {
                if let Some((user, session)) = signed.get(number % signed.len()) {
                    operation(&*store, kind, (user, session), &scene).await?;
                }
            }
            Ok::<_, doorward_core::store::StoreError>(())
        }));
    }
    for task in tasks {
        task.await??;
    }
    let took: Duration = began.elapsed();
    Ok(f64::from(u32::try_from(operations)?) / took.as_secs_f64())
}

async fn operation(
    store: &dyn Store,
    kind: Kind,
    (user, session): (&NewUser, &Session),
    scene: &Scene,
) -> Result<(), doorward_core::store::StoreError> {
    match kind {
        Kind::Refresh => {
            let session = store.session_alone(session.id).await?.unwrap_or_else(|| session.clone());
            let refreshed = write(EventName::SessionRefreshed, START);
            match store.advance_refresh(refreshed, advance(&session, START)).await {
                // Another task was faster with the same session.
                Err(doorward_core::store::StoreError::Stale) | Ok(_) => Ok(()),
                Err(other) => Err(other),
            }
        }
        Kind::Login => {
            let mut open = opening(scene.session(&user.user));
            open.limit = FIVE;
            let proof = SessionProof { password: user.password.clone(), ..SessionProof::default() };
            store.open_session(write(EventName::LoginSucceeded, START), proof, open).await.map(drop)
        }
        Kind::Refused => {
            let audit = write(EventName::LoginRefused, START).audit.because("invalid_credentials");
            let (subject, policy) = (Subject::account(user.user.id), GuardPolicy::default());
            let failed = FailedAttempt {
                now: START,
                counts: true,
                subject,
                address: None,
                audit,
                recorded: true,
                policy,
            };
            store.record_failure(failed).await.map(drop)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "measuring time is what this is for")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}
