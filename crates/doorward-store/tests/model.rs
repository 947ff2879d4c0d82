//! SQLite and the in-memory store answer alike, whatever is asked of them in whatever order.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, outside of its functions")]

use std::{fmt::Debug, num::NonZeroU32, time::Duration};

use doorward_core::{
    audit::{AuditEntry, AuditFilter, EventName},
    device::KnownDevice,
    guard::{FailedAttempt, GuardPolicy, Lockout, Subject, SubjectKind, Throttle},
    ids::DeviceId,
    link::{Link, LinkPurpose},
    page::PageRequest,
    password::PasswordHash,
    session::{Generation, OnLimit, Session, SessionLimit, Transport},
    signing_key::SealedSigningKey,
    store::{
        AdvanceRefresh, ChangePassword, CleanUp, NewUser, OpenSession, RepeatRefresh, RevokeWhich, Revoked,
        SessionFilter, SessionProof, SetupProof, Store, StoreError, UserChanges,
    },
    time::Timestamp,
    user::{Epoch, Roles},
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    MemoryStore,
    builders::{IDLE_TTL, START, Scene, audit_key, write},
};

const RUNS: u64 = 12;
const STEPS: u64 = 150;

#[tokio::test]
async fn both_stores_answer_alike() {
    let mut happened = 0;
    for seed in 0..RUNS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("doorward.db");
        let sqlite = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
        let memory = MemoryStore::new();
        let mut cast = Cast::new(seed);
        for step in 0..STEPS {
            let operation = cast.choose();
            let (left, right) = (operation.run(&sqlite).await, operation.run(&memory).await);
            assert_eq!(left, right, "seed {seed}, step {step}: {operation:?}");
            happened += usize::from(left.starts_with("Ok"));
            if step % 10 == 9 {
                assert_eq!(cast.look(&sqlite).await, cast.look(&memory).await, "seed {seed}, step {step}");
            }
        }
    }
    // Two stores that refuse everything are alike too.
    assert!(happened > 500, "{happened}");
}

/// Few of everything, so that they meet often.
struct Cast {
    scene: Scene,
    users: Vec<NewUser>,
    passwords: Vec<PasswordHash>,
    sessions: Vec<Session>,
    links: Vec<Link>,
    keys: Vec<SealedSigningKey>,
    /// An account, a device and a session of each user, then what is nobody's.
    subjects: Vec<Subject>,
    now: Timestamp,
}

#[derive(Debug)]
enum Operation {
    Setup(SetupProof, NewUser, OpenSession),
    AddLink(Link),
    Redeem(Link, ChangePassword),
    CreateUser(NewUser, Option<Link>),
    ChangeUser(NewUser, UserChanges),
    DeleteUser(NewUser),
    ChangePassword(ChangePassword),
    Upgrade(NewUser, PasswordHash, PasswordHash),
    Open(SessionProof, OpenSession),
    Advance(AdvanceRefresh),
    Repeat(RepeatRefresh),
    Revoke(RevokeWhich),
    AddKey(SealedSigningKey, Option<SealedSigningKey>),
    Reseal(Vec<SealedSigningKey>),
    DropKeys,
    Fail(FailedAttempt),
    Unlock(NewUser),
    ForgetDevices(NewUser),
    CleanUp(CleanUp),
}

/// Times are even and so is the window, but not the lock: as no two failures are of one millisecond, no two records of
/// a kind expire at once, for which of them a limited clean-up takes first is not said.
fn policy() -> GuardPolicy {
    let threshold = NonZeroU32::new(3).unwrap();
    let lockout =
        Lockout { threshold, window: Duration::from_millis(60), duration: Duration::from_millis(25) };
    let throttle = Throttle { free_failures: 1, delays: vec![Duration::from_millis(2)] };
    GuardPolicy { lockout, account: Throttle::default(), address: throttle }
}

fn subjects_of(scene: &Scene, user: &NewUser, sessions: &[Session]) -> [Subject; 3] {
    let user_id = user.user.id;
    let device = KnownDevice { id: DeviceId::from_bytes(scene.bytes()), user_id, epoch: Epoch(0) };
    let session = sessions.iter().find(|session| session.user_id == user_id).unwrap();
    [Subject::account(user_id), Subject::device(device), Subject::session(session.id, user_id)]
}

fn nobodys(scene: &Scene) -> [Subject; 2] {
    let unknown = Subject { kind: SubjectKind::UnknownName, key: scene.bytes(), owner: None };
    [unknown, Subject::address(scene.bytes::<4>().into())]
}

impl Cast {
    fn new(seed: u64) -> Self {
        let scene = Scene::new(seed);
        let users: Vec<_> = (0..5)
            .map(|number| {
                let mut user = if number < 2 { scene.admin() } else { scene.user() };
                if number == 4 {
                    user.user.username = "USER 3".parse().unwrap();
                }
                user
            })
            .collect();
        let mut passwords: Vec<_> = users.iter().map(|user| user.password.clone().unwrap()).collect();
        passwords.push(scene.password());
        let transports = [Transport::Cookie, Transport::Cookie, Transport::Bearer];
        let sessions: Vec<_> = (0..30)
            .map(|number: usize| {
                let opened = START.plus(Duration::from_millis(scene.entropy().below(40)));
                let mut session = scene.session_at(&users[number % 5].user, opened);
                session.transport = transports[number % 3];
                // No two at once: which of them a limited clean-up takes first is not said.
                session.expires_at = START.plus(Duration::from_millis(number as u64 * 37 % 401));
                session.idle_expires_at = START.plus(Duration::from_millis(scene.entropy().below(400)));
                session
            })
            .collect();
        let links = (0..12)
            .map(|number: usize| match number % 4 {
                0 => scene.setup_link(),
                _ => {
                    let purpose = [LinkPurpose::Invitation, LinkPurpose::Reset][number % 2];
                    let expires_at = START.plus(Duration::from_millis(number as u64 * 37 % 401));
                    Link { expires_at: Some(expires_at), ..scene.link(purpose, &users[number % 5].user) }
                }
            })
            .collect();
        let keys = (0..4).map(|at| scene.signing_key(START.plus(Duration::from_millis(at)))).collect();
        let of_users = users.iter().flat_map(|user| subjects_of(&scene, user, &sessions));
        let subjects = of_users.chain((0..2).flat_map(|_| nobodys(&scene))).collect();
        Self { scene, users, passwords, sessions, links, keys, subjects, now: START }
    }

    fn below(&self, bound: u64) -> u64 {
        self.scene.entropy().below(bound)
    }

    fn one_of<T: Clone>(&self, among: &[T]) -> T {
        among[usize::try_from(self.below(among.len().try_into().unwrap())).unwrap()].clone()
    }

    fn maybe<T>(&self, value: T) -> Option<T> {
        (self.below(2) == 0).then_some(value)
    }

    fn opening(&self) -> OpenSession {
        let on_limit = self.one_of(&[OnLimit::RevokeOldest, OnLimit::Refuse]);
        let replaces = self.maybe(self.one_of(&self.sessions).id);
        let max_per_user = u32::try_from(self.below(4)).unwrap();
        OpenSession {
            session: self.one_of(&self.sessions),
            limit: SessionLimit { max_per_user, on_limit },
            replaces: replaces.into_iter().collect(),
            forgives: self.maybe(self.one_of(&self.subjects)),
        }
    }

    fn change_of_password(&self) -> ChangePassword {
        ChangePassword {
            user: self.one_of(&self.users).user.id,
            expected: self.maybe(self.one_of(&self.passwords)),
            new: self.one_of(&self.passwords),
            must_change_password: self.below(4) == 0,
            open: self.maybe(self.opening()),
        }
    }

    fn failure(&self) -> FailedAttempt {
        let nobodys: Vec<_> =
            self.subjects.iter().filter(|subject| subject.owner.is_none()).copied().collect();
        let address =
            self.maybe(self.one_of(&nobodys)).filter(|subject| subject.kind == SubjectKind::Address);
        FailedAttempt {
            now: self.now,
            counts: self.below(8) > 0,
            // Few, so that they are locked.
            subject: self.subjects
                [usize::try_from(self.below(self.subjects.len() as u64).min(self.below(8))).unwrap()],
            address,
            audit: write(EventName::LoginRefused, self.now).audit.because("model"),
            recorded: self.below(4) > 0,
            policy: policy(),
        }
    }

    fn choose(&mut self) -> Timed {
        self.now = self.now.plus(Duration::from_millis(2 * self.below(2)));
        let user = self.one_of(&self.users);
        let session = self.one_of(&self.sessions);
        let link = self.one_of(&self.links);
        let operation = match self.below(54) {
            0 => {
                let proof = self.one_of(&[SetupProof::Configured, SetupProof::Link(vec![link.hash])]);
                Operation::Setup(proof, user, self.opening())
            }
            1..4 => Operation::AddLink(link),
            4..6 => Operation::Redeem(link, self.change_of_password()),
            6..9 => Operation::CreateUser(user, None),
            9..12 => Operation::ChangeUser(
                user,
                UserChanges {
                    roles: self.maybe(self.one_of(&[Roles::admin(), Roles::default()])),
                    disabled: self.maybe(self.below(4) == 0),
                    must_change_password: self.maybe(self.below(4) == 0),
                    email: self.maybe(self.maybe("a@b".parse().unwrap())),
                },
            ),
            12 => Operation::DeleteUser(user),
            13..15 => Operation::ChangePassword(self.change_of_password()),
            15 => Operation::Upgrade(user, self.one_of(&self.passwords), self.one_of(&self.passwords)),
            16..24 => {
                let open = self.opening();
                let owner = self.users.iter().find(|user| user.user.id == open.session.user_id).unwrap();
                let verified = self.maybe(owner.password.clone().unwrap());
                Operation::Open(
                    SessionProof::password(verified.unwrap_or(self.one_of(&self.passwords))),
                    open,
                )
            }
            24..30 => Operation::Advance(AdvanceRefresh {
                id: session.id,
                expected: Generation(self.below(3)),
                idle_expires_at: self.one_of(&[START.plus(IDLE_TTL), self.now]),
                device: None,
                user_agent: session.user_agent,
                address: session.address,
            }),
            30..34 => Operation::Repeat(RepeatRefresh {
                id: session.id,
                current: Generation(self.below(3)),
                max_repeats: 2,
                elsewhere: self.below(2) == 0,
            }),
            34..37 => Operation::Revoke(match self.below(8) {
                0 => RevokeWhich::Everyone,
                1 | 2 => RevokeWhich::AllOf { user: user.user.id, except: self.maybe(session.id) },
                _ => RevokeWhich::One { id: session.id, owner: self.maybe(session.user_id) },
            }),
            37 => Operation::AddKey(self.one_of(&self.keys), self.maybe(self.one_of(&self.keys))),
            38 if self.below(4) == 0 => Operation::DropKeys,
            38 => Operation::Reseal(vec![self.scene.signing_key(START), self.one_of(&self.keys)]),
            39..50 => {
                self.now = self.now.plus(Duration::from_millis(2));
                Operation::Fail(self.failure())
            }
            50 => Operation::Unlock(user),
            51 => Operation::ForgetDevices(user),
            _ => Operation::CleanUp(CleanUp {
                audit: None,
                now: self.now,
                sessions_ended_before: self.now,
                keys_retired_before: self.now,
                attempts_expired_before: self.now,
                limit: u32::try_from(self.below(4)).unwrap(),
            }),
        };
        Timed { operation, now: self.now }
    }

    /// All that can be seen.
    async fn look(&self, store: &dyn Store) -> Vec<String> {
        let all = PageRequest { after: None, limit: 100_000 };
        let mut seen = vec![
            shown(store.feed(0, u32::MAX).await),
            shown(store.users(all).await),
            shown(store.audit(&AuditFilter::default(), all).await.map(|log| {
                // The sessions that die in one operation die in no particular order.
                let mut events: Vec<_> = log
                    .items
                    .into_iter()
                    .map(|entry| format!("{:?}", AuditEntry { seq: 0, ..entry }))
                    .collect();
                events.sort();
                events
            })),
            shown(store.signing_keys().await.map(|keys| {
                keys.into_iter()
                    .map(|key| (key.id, key.created_at, key.retired_at, key.sealed_private))
                    .collect::<Vec<_>>()
            })),
            shown(store.sessions(SessionFilter { user_id: None }, self.now, all).await),
            shown(
                store
                    .sessions(SessionFilter { user_id: None }, self.now, PageRequest { limit: 2, ..all })
                    .await,
            ),
        ];
        for user in &self.users {
            let filter = SessionFilter { user_id: Some(user.user.id) };
            seen.push(shown(store.sessions(filter, self.now, all).await));
            let found = store.credentials_by_name(user.user.username.normalised()).await;
            seen.push(shown(
                found
                    .map(|found| found.and_then(|found| found.password).map(|hash| hash.as_phc().to_owned())),
            ));
        }
        seen.push(shown(store.attempts(&self.subjects).await));
        let unknown = self.subjects.iter().find(|subject| subject.kind == SubjectKind::UnknownName).unwrap();
        for user in &self.users {
            let facts =
                store.login_facts(user.user.username.normalised(), *unknown, &self.subjects[..3]).await;
            seen.push(shown(facts.map(|facts| {
                (facts.credentials.map(|known| (known.user, known.password)), facts.name, facts.others)
            })));
        }
        for session in &self.sessions {
            seen.push(shown(store.session(session.id).await));
            seen.push(shown(store.session_alone(session.id).await));
        }
        for link in &self.links {
            seen.push(shown(store.link(&[link.hash], link.purpose, self.now).await));
            seen.push(shown(store.check_setup_proof(&SetupProof::Link(vec![link.hash])).await));
        }
        seen
    }
}

/// An operation and its time.
#[derive(Debug)]
struct Timed {
    operation: Operation,
    now: Timestamp,
}

impl Timed {
    async fn run(&self, store: &dyn Store) -> String {
        let write = write(EventName::LoginSucceeded, self.now);
        match &self.operation {
            Operation::Setup(proof, user, open) => {
                shown(store.complete_setup(write, proof.clone(), user.clone(), open.clone()).await)
            }
            Operation::AddLink(link) => shown(store.add_link(write, link.clone()).await),
            Operation::Redeem(link, change) => {
                shown(store.redeem_link(write, link.hash, link.purpose, change.clone()).await)
            }
            Operation::CreateUser(user, link) => {
                shown(store.create_user(write, user.clone(), link.clone()).await)
            }
            Operation::ChangeUser(user, changes) => {
                shown(store.change_user(write, user.user.id, changes.clone()).await)
            }
            Operation::DeleteUser(user) => {
                shown(store.delete_user(write, user.user.id).await.map(in_any_order))
            }
            Operation::ChangePassword(change) => shown(store.change_password(write, change.clone()).await),
            Operation::Upgrade(user, old, new) => {
                shown(store.upgrade_password_hash(user.user.id, old, new).await)
            }
            Operation::Open(proof, open) => {
                shown(store.open_session(write, proof.clone(), open.clone()).await)
            }
            Operation::Advance(advance) => shown(store.advance_refresh(write, advance.clone()).await),
            Operation::Repeat(repeat) => shown(store.repeat_refresh(self.now, *repeat).await),
            Operation::Revoke(which) => {
                shown(store.revoke_sessions(write, *which, "model").await.map(in_any_order))
            }
            Operation::AddKey(key, current) => {
                let current = current.as_ref().map(|key| key.id.clone());
                shown(store.add_signing_key(write, key.clone(), current).await)
            }
            Operation::Reseal(keys) => shown(store.reseal_signing_keys(keys.clone()).await),
            Operation::DropKeys => shown(store.drop_keys_and_links(write).await),
            Operation::Fail(failed) => shown(store.record_failure(failed.clone()).await),
            Operation::Unlock(user) => shown(store.unlock(write, user.user.id).await),
            Operation::ForgetDevices(user) => shown(store.forget_devices(write, user.user.id).await),
            Operation::CleanUp(what) => shown(store.clean_up(*what).await),
        }
    }
}

fn in_any_order(mut revoked: Revoked) -> Revoked {
    revoked.sessions.sort();
    revoked
}

/// An answer as text; stores may say in their own words why they are unavailable.
fn shown<T: Debug>(answer: Result<T, StoreError>) -> String {
    match answer {
        Err(StoreError::Unavailable(_)) => "unavailable".to_owned(),
        answer => format!("{answer:?}"),
    }
}
