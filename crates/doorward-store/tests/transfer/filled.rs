//! A SQLite file with something in every table.

use std::{
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

use doorward_core::{
    audit::EventName,
    console_store::ConsoleStore,
    guard::{FailedAttempt, Subject},
    ids::DeviceId,
    link::LinkPurpose,
    node::{Node, NodeStore},
    second_factor::{
        BeginPending, FactorChange, FactorUse,
        totp::{Step, TotpState},
    },
    session::Session,
    signing_key::Succession,
    statistics::Gauges,
    store::{NewUser, RevokeWhich, SessionProof, SetupProof, Store},
    time::Timestamp,
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    builders::{START, Scene, advance, audit_key, lenient_guard, opening, write},
    factors::both,
};
use tempfile::TempDir;

/// The highest time that was recorded.
pub(crate) const LATEST: Timestamp = Timestamp::from_millis(START.as_millis() + 60_000);

/// What a test asks about afterwards.
pub(crate) struct Filled {
    _directory: TempDir,
    pub(crate) path: PathBuf,
    /// Refreshed once.
    pub(crate) alive: Session,
    pub(crate) revoked: Session,
    pub(crate) with_factors: NewUser,
}

/// Fills a file.
pub(crate) async fn filled() -> Filled {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("doorward.db");
    let (store, scene) = (open(&path), Scene::new(5));
    let admin = scene.admin();
    let first = opening(scene.session(&admin.user));
    store
        .complete_setup(write(EventName::SetupCompleted, START), SetupProof::Configured, admin, first)
        .await
        .unwrap();
    let mut user = scene.user();
    user.user.email = Some("müller@example.org".parse().unwrap());
    store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    let alive = signed_in(&store, &scene, &user).await;
    let refreshed = write(EventName::SessionRefreshed, LATEST);
    let alive = store.advance_refresh(refreshed, advance(&alive, LATEST)).await.unwrap().session;
    let revoked = signed_in(&store, &scene, &user).await;
    let which = RevokeWhich::One { id: revoked.id, owner: None };
    store.revoke_sessions(write(EventName::LoggedOut, START), which, "x").await.unwrap();

    let reset = scene.link(LinkPurpose::Reset, &user.user);
    store.add_link(write(EventName::ResetIssued, START), reset).await.unwrap();
    let created = write(EventName::SigningKeyCreated, START);
    store.add_signing_key(created, scene.signing_key(START), None, Succession::InTurn).await.unwrap();
    for subject in [Subject::account(user.user.id), Subject::address(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)))]
    {
        store.record_failure(failure(subject)).await.unwrap();
    }
    let sample = Gauges { as_of: START, users: 3, live_sessions: 2, locked_accounts: 1 };
    store.keep_sample(sample).await.unwrap();
    let (version, name) = ("1.2.3".to_owned(), "a:8080".to_owned());
    let feed_age = Duration::from_millis(17);
    let node = Node { name, version, started_at: START, reported_at: START, feed_seq: 1, feed_age };
    store.report_node(node, Timestamp::from_millis(0)).await.unwrap();
    let with_factors = with_factors(&store, &scene).await;
    Filled { _directory: directory, path, alive, revoked, with_factors }
}

pub(crate) fn open(path: &std::path::Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default(), audit_key()).unwrap()
}

async fn signed_in(store: &dyn Store, scene: &Scene, user: &NewUser) -> Session {
    let session = scene.session(&user.user);
    let proof = SessionProof::password(user.password.clone().unwrap());
    let login = write(EventName::LoginSucceeded, START);
    store.open_session(login, proof, opening(session)).await.unwrap().opened.session
}

fn failure(subject: Subject) -> FailedAttempt {
    let audit = write(EventName::LoginRefused, START).audit.because("invalid_credentials");
    let policy = lenient_guard();
    FailedAttempt { now: START, counts: true, subject, address: None, audit, recorded: true, policy }
}

/// A user with app, codes, passkey, trusted device, a login that waits, and another app that is being set up.
async fn with_factors(store: &dyn Store, scene: &Scene) -> NewUser {
    let user = scene.user();
    store.create_user(write(EventName::UserCreated, START), user.clone(), None).await.unwrap();
    let id = user.user.id;
    let begun = scene.totp_enrolment();
    let began = || write(EventName::TotpEnrolmentBegan, START);
    store.begin_totp_enrolment(began(), id, begun.clone()).await.unwrap();
    let state = |step| TotpState { last_step: Some(Step(step)), drift: 0 };
    let (session, sealed) = (begun.session, begun.sealed.clone());
    let app = FactorChange::ConfirmTotp {
        session,
        sealed,
        state: state(1000),
        recovery_codes: scene.recovery_codes(),
    };
    let (passkey, challenge) = (scene.passkey(&user.user), scene.challenge());
    let passkey = FactorChange::AddPasskey { passkey, challenge, recovery_codes: Vec::new(), most: 20 };
    for change in [app, passkey] {
        store.change_factors(write(EventName::TotpEnabled, START), id, None, change).await.unwrap();
    }
    let session =
        Session { device: Some(DeviceId::from_bytes(scene.bytes())), ..scene.strong_session(&user.user) };
    let code = FactorUse::Totp { sealed: begun.sealed, state: state(1001) };
    let proof = SessionProof { trust_until: Some(START.plus(Duration::from_hours(1))), ..both(&user, code) };
    let login = write(EventName::LoginSucceeded, START);
    store.open_session(login, proof, opening(session)).await.unwrap();
    let (login, unless_locked) = (scene.pending_login(&user.user), Subject::account(id));
    let waits = BeginPending { login, replaces: Vec::new(), supersedes: None, unless_locked };
    let verified = user.password.clone().unwrap();
    store.begin_pending(write(EventName::LoginPending, START), &verified, waits).await.unwrap();
    store.begin_totp_enrolment(began(), id, scene.totp_enrolment()).await.unwrap();
    user
}
