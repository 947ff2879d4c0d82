//! SQLite and the in-memory store answer alike, whatever is asked of them in whatever order.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, outside of its functions")]

mod factors;
mod look;
mod operation;

use std::{collections::BTreeMap, num::NonZeroU32, time::Duration};

use doorward_core::{
    audit::EventName,
    device::KnownDevice,
    guard::{FailedAttempt, GuardPolicy, Lockout, Subject, SubjectKind, Throttle},
    ids::DeviceId,
    link::{Link, LinkPurpose},
    password::PasswordHash,
    session::{Generation, OnLimit, Session, SessionLimit, Transport},
    signing_key::{KeyTerm, SealedSigningKey, Succession},
    store::{
        AdvanceRefresh, ChangePassword, NewUser, OpenSession, RepeatRefresh, RevokeWhich, SetupProof,
        UserChanges,
    },
    time::Timestamp,
    user::{Epoch, Roles},
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    MemoryStore,
    builders::{IDLE_TTL, START, Scene, audit_key, clean_up_to, write},
};

use factors::Factors;
use operation::{Operation, Timed};

const RUNS: u64 = 16;
const STEPS: usize = 250;

#[tokio::test]
async fn both_stores_answer_alike() {
    let mut happened = BTreeMap::new();
    for seed in 0..RUNS {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("doorward.db");
        let sqlite = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
        let memory = MemoryStore::new();
        let mut cast = Cast::new(seed);
        for step in 0..STEPS {
            let asked = cast.users_come(step).unwrap_or_else(|| cast.choose());
            let (left, right) = (asked.run(&sqlite).await, asked.run(&memory).await);
            assert_eq!(left, right, "seed {seed}, step {step}: {asked:?}");
            *happened.entry(asked.operation.name()).or_default() += usize::from(left.starts_with("Ok"));
            if step % 10 == 9 {
                assert_eq!(cast.look(&sqlite).await, cast.look(&memory).await, "seed {seed}, step {step}");
            }
        }
    }
    // Two stores that refuse everything are alike too.
    let seldom: Vec<_> = happened.iter().filter(|(_, times): &(_, &usize)| **times < 3).collect();
    assert!(seldom.is_empty(), "{seldom:?} of {happened:?}");
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
    factors: Factors,
    is_about_factors: bool,
    now: Timestamp,
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
        let is_about_factors = !seed.is_multiple_of(2);
        let users: Vec<_> = (0..if is_about_factors { 2 } else { 5 })
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
        let sessions: Vec<_> = (0..90)
            .map(|number: usize| {
                let opened = START.plus(Duration::from_millis(scene.entropy().below(40)));
                let mut session = scene.session_at(&users[number % users.len()].user, opened);
                session.transport = transports[number % 3];
                // No two at once: which of them a limited clean-up takes first is not said.
                session.expires_at = START.plus(Duration::from_millis(number as u64 * 37 % 401));
                session.idle_expires_at = START.plus(Duration::from_millis(scene.entropy().below(400)));
                factors::on_its_device(number, &mut session);
                session
            })
            .collect();
        let links = (0..12)
            .map(|number: usize| match number % 4 {
                0 => scene.setup_link(),
                _ => {
                    let purpose = [LinkPurpose::Invitation, LinkPurpose::Reset][number % 2];
                    let expires_at = START.plus(Duration::from_millis(number as u64 * 37 % 401));
                    Link {
                        expires_at: Some(expires_at),
                        ..scene.link(purpose, &users[number % users.len()].user)
                    }
                }
            })
            .collect();
        let keys = (0..4).map(|at| scene.signing_key(START.plus(Duration::from_millis(at)))).collect();
        let of_users = users.iter().flat_map(|user| subjects_of(&scene, user, &sessions));
        let subjects = of_users.chain((0..2).flat_map(|_| nobodys(&scene))).collect();
        let factors = Factors::new(&scene, &users, &sessions);
        Self {
            scene,
            users,
            passwords,
            sessions,
            links,
            keys,
            subjects,
            factors,
            is_about_factors,
            now: START,
        }
    }

    fn below(&self, bound: u64) -> u64 {
        self.scene.entropy().below(bound)
    }

    fn index(&self, bound: usize) -> usize {
        usize::try_from(self.below(bound.try_into().unwrap())).unwrap()
    }

    fn one_of<T: Clone>(&self, among: &[T]) -> T {
        among[self.index(among.len())].clone()
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
            needs_second_factor: self.below(2) == 0,
            open: self.maybe(self.opening()),
        }
    }

    pub(crate) fn failure(&self) -> FailedAttempt {
        let nobodys: Vec<_> =
            self.subjects.iter().filter(|subject| subject.owner.is_none()).copied().collect();
        let address =
            self.maybe(self.one_of(&nobodys)).filter(|subject| subject.kind == SubjectKind::Address);
        FailedAttempt {
            now: self.now,
            counts: self.below(8) > 0,
            // Few, so that they are locked.
            subject: self.subjects[self.index(self.subjects.len()).min(self.index(8))],
            address,
            audit: write(EventName::LoginRefused, self.now).audit.because("model"),
            recorded: self.below(4) > 0,
            policy: policy(),
        }
    }

    /// At first there must be somebody.
    fn users_come(&self, step: usize) -> Option<Timed> {
        let user = self.users.get(step).cloned()?;
        Some(Timed { operation: Operation::CreateUser(user, None), now: self.now })
    }

    /// In every other run most is about sessions and factors, and few users change or leave.
    fn draw(&self) -> u64 {
        match self.below(if self.is_about_factors { 8 } else { 1 }) {
            0 => self.below(100),
            1..4 => 16 + self.below(24),
            _ => 68 + self.below(30),
        }
    }

    fn choose(&mut self) -> Timed {
        self.now = self.now.plus(Duration::from_millis(2 * self.below(2)));
        let user = self.one_of(&self.users);
        let session = self.one_of(&self.sessions);
        let link = self.one_of(&self.links);
        let operation = match self.draw() {
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
            16..40 => {
                let open = self.opening();
                let owner = self.users.iter().find(|user| user.user.id == open.session.user_id).unwrap();
                let verified = owner.password.clone().filter(|_| self.below(8) > 0);
                let password = verified.unwrap_or(self.one_of(&self.passwords));
                Operation::Open(self.proof(password, &open.session), open)
            }
            40..46 => Operation::Advance(AdvanceRefresh {
                id: session.id,
                expected: Generation(self.below(3)),
                idle_expires_at: self.one_of(&[START.plus(IDLE_TTL), self.now]),
                device: None,
                user_agent: session.user_agent,
                address: session.address,
            }),
            46..50 => Operation::Repeat(RepeatRefresh {
                id: session.id,
                current: Generation(self.below(3)),
                max_repeats: 2,
                elsewhere: self.below(2) == 0,
            }),
            50..53 => Operation::Revoke(match self.below(8) {
                0 => RevokeWhich::Everyone,
                1 | 2 => RevokeWhich::AllOf { user: user.user.id, except: self.maybe(session.id) },
                _ => RevokeWhich::One { id: session.id, owner: self.maybe(session.user_id) },
            }),
            53 => {
                let signs_from = self.now.plus(Duration::from_millis(self.below(4)));
                let key = SealedSigningKey { term: KeyTerm::from(signs_from), ..self.one_of(&self.keys) };
                let succession = self.one_of(&[Succession::InTurn, Succession::Distrusting]);
                Operation::AddKey(key, self.maybe(self.one_of(&self.keys)), succession)
            }
            54 if self.below(4) == 0 => Operation::DropKeys,
            54 => Operation::Reseal(vec![self.scene.signing_key(START), self.one_of(&self.keys)]),
            55..66 => {
                self.now = self.now.plus(Duration::from_millis(2));
                Operation::Fail(self.failure())
            }
            66 => Operation::Unlock(user),
            67 => Operation::ForgetDevices(user),
            68..98 => Operation::OfFactors(self.choose_of_factors()),
            _ => Operation::CleanUp(clean_up_to(self.now, u32::try_from(self.below(4)).unwrap())),
        };
        Timed { operation, now: self.now }
    }
}
