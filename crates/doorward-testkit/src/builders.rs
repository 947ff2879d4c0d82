//! Users, sessions and writes as tests need them, each ordinary until a test says otherwise:
//! `Session { transport: Transport::Bearer, ..scene.session(&user) }`.

#![expect(clippy::expect_used, reason = "what is built here from constants is known to be valid")]

use std::{
    num::NonZeroU32,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    audit_chain::AuditChainKey,
    client::{Client, UserAgent},
    guard::{GuardPolicy, Throttle},
    ids::{SessionId, UserId},
    link::{Link, LinkPurpose},
    master::{MasterSecret, ServerKeys},
    mode::Mode,
    password::{HashingCost, PasswordHash, PasswordPolicy},
    rate_limit::Rate,
    second_factor::SecondFactorPolicy,
    secret::TokenHash,
    session::{
        AuthMethod, Authentication, Generation, OnLimit, RefreshState, Session, SessionLifetimes,
        SessionLimit, Transport,
    },
    settings::{MAX_STALENESS, Settings},
    signing_key::{KeyTerm, SealedSigningKey, SigningKeyId},
    store::{AdvanceRefresh, CleanUp, NewUser, OpenSession, RepeatRefresh, Write},
    time::Timestamp,
    user::{Epoch, Factors, Roles, User},
    verifier::DEFAULT_CACHE_BYTES,
};

use crate::SeededEntropy;

/// When scenes begin: 2027-01-15T08:00:00Z.
pub const START: Timestamp = Timestamp::from_seconds(1_800_000_000);
/// How long access tokens live in scenes.
pub const ACCESS_TTL: Duration = Duration::from_mins(15);
/// How long sessions live without a refresh in scenes.
pub const IDLE_TTL: Duration = Duration::from_hours(12);
/// How long sessions live at most in scenes.
pub const ABSOLUTE_TTL: Duration = Duration::from_hours(24 * 30);

/// Five sessions, the oldest gives way.
pub const FIVE: SessionLimit = SessionLimit { max_per_user: 5, on_limit: OnLimit::RevokeOldest };
/// No limit.
pub const NO_LIMIT: SessionLimit = SessionLimit { max_per_user: 0, on_limit: OnLimit::RevokeOldest };

/// The key that chains audit logs in tests, the same each time.
#[must_use]
pub fn audit_key() -> AuditChainKey {
    static KEY: LazyLock<AuditChainKey> = LazyLock::new(|| {
        let master = MasterSecret::parse(&"A".repeat(43)).expect("43 letters make a master secret");
        ServerKeys::derive(&master, &[]).expect("keys are derived").audit_chain_key()
    });
    KEY.clone()
}

/// Makes things that differ from each other: every id, name and hash of a scene is its own.
#[derive(Clone, Debug)]
pub struct Scene {
    entropy: Arc<SeededEntropy>,
    names: Arc<AtomicU64>,
}

impl Scene {
    /// A scene that is the same each time for the same seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { entropy: Arc::new(SeededEntropy::new(seed)), names: Arc::new(AtomicU64::new(0)) }
    }

    /// Where its randomness comes from.
    #[must_use]
    pub fn entropy(&self) -> &SeededEntropy {
        &self.entropy
    }

    /// Random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let entropy: &dyn doorward_core::entropy::Entropy = &*self.entropy;
        entropy.bytes().expect("entropy does not fail in scenes")
    }

    /// An ordinary user with a password and without roles.
    #[must_use]
    pub fn user(&self) -> NewUser {
        let number = self.names.fetch_add(1, Ordering::SeqCst);
        let user = User {
            id: UserId::from_bytes(self.bytes()),
            username: format!("User {number}").parse().expect("a good name"),
            email: None,
            roles: Roles::default(),
            must_change_password: false,
            disabled: false,
            created_at: START,
            epoch: Epoch(0),
            device_epoch: Epoch(0),
            factors: Factors::default(),
        };
        NewUser { user, password: Some(self.password()) }
    }

    /// A user who administers.
    #[must_use]
    pub fn admin(&self) -> NewUser {
        let mut admin = self.user();
        admin.user.roles = Roles::admin();
        admin
    }

    /// What stands for the hash of some password.
    #[must_use]
    pub fn password(&self) -> PasswordHash {
        let bytes: [u8; 4] = self.bytes();
        PasswordHash::from_phc(format!("$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ${bytes:x?}"))
    }

    /// What stands for the hash of some link's token.
    #[must_use]
    pub fn token_hash(&self) -> TokenHash {
        TokenHash::from_bytes(self.bytes())
    }

    /// A session of `user` with cookies, opened at [`START`].
    #[must_use]
    pub fn session(&self, user: &User) -> Session {
        self.session_at(user, START)
    }

    /// A session of `user` with cookies, opened at `now`.
    #[must_use]
    pub fn session_at(&self, user: &User, now: Timestamp) -> Session {
        Session {
            id: SessionId::from_bytes(self.bytes()),
            user_id: user.id,
            transport: Transport::Cookie,
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus(ABSOLUTE_TTL),
            idle_expires_at: now.plus(IDLE_TTL),
            authentication: Authentication { aal: 1, amr: vec![AuthMethod::Password], auth_time: now },
            user_agent: UserAgent::new("Mozilla/5.0 (X11; Linux x86_64)"),
            address: Some([192, 0, 2, 1].into()),
            device: None,
            refresh: RefreshState {
                generation: Generation(0),
                nonce: self.bytes(),
                spent_at: None,
                repeats: 0,
                repeated_elsewhere: false,
                elsewhere_streak: 0,
            },
            epoch: Epoch(0),
            revoked_at: None,
        }
    }

    /// A link for `user`, good for a day from [`START`] on.
    #[must_use]
    pub fn link(&self, purpose: LinkPurpose, user: &User) -> Link {
        let expires_at = Some(START.plus(Duration::from_hours(24)));
        Link { hash: self.token_hash(), purpose, user_id: Some(user.id), expires_at }
    }

    /// A setup link.
    #[must_use]
    pub fn setup_link(&self) -> Link {
        Link { hash: self.token_hash(), purpose: LinkPurpose::Setup, user_id: None, expires_at: None }
    }

    /// A signing key made at `now`, that signs from then on.
    #[must_use]
    pub fn signing_key(&self, now: Timestamp) -> SealedSigningKey {
        let name: [u8; 8] = self.bytes();
        SealedSigningKey {
            id: SigningKeyId::parse(&u64::from_be_bytes(name).to_string()).expect("digits make a good kid"),
            public: self.bytes(),
            sealed_private: self.bytes::<60>().to_vec(),
            created_at: now,
            term: KeyTerm::from(now),
        }
    }
}

/// A write at `now` whose event has this name.
#[must_use]
pub fn write(name: EventName, now: Timestamp) -> Write {
    Write {
        now,
        revocations_expire_at: now.plus(ACCESS_TTL),
        audit: AuditEvent::new(name, now, Actor::Anonymous, &Client::default()),
    }
}

/// A guard that counts and never stands in the way, for tests of something else.
#[must_use]
pub fn lenient_guard() -> GuardPolicy {
    let mut policy =
        GuardPolicy { account: Throttle::default(), address: Throttle::default(), ..GuardPolicy::default() };
    policy.lockout.threshold = NonZeroU32::MAX;
    policy
}

/// The opening of `session`, without limit.
#[must_use]
pub fn opening(session: Session) -> OpenSession {
    OpenSession { session, limit: NO_LIMIT, replaces: Vec::new(), forgives: None }
}

/// A refresh of `session` at `now` from the generation it was at, by the same client.
#[must_use]
pub fn advance(session: &Session, now: Timestamp) -> AdvanceRefresh {
    AdvanceRefresh {
        id: session.id,
        expected: session.refresh.generation,
        idle_expires_at: now.plus(IDLE_TTL),
        device: session.device,
        user_agent: session.user_agent.clone(),
        address: session.address,
    }
}

/// A repeat of the refresh that led to where `session` is, from the same address.
#[must_use]
pub const fn repeat(session: &Session) -> RepeatRefresh {
    RepeatRefresh { id: session.id, current: session.refresh.generation, max_repeats: 64, elsewhere: false }
}

/// A clean-up of everything whose end lies at or before `now`, but for the audit log and statistics.
#[must_use]
pub const fn clean_up_to(now: Timestamp, limit: u32) -> CleanUp {
    CleanUp {
        now,
        sessions_ended_before: now,
        keys_retired_before: now,
        attempts_expired_before: now,
        statistics_before: Timestamp::from_millis(i64::MIN),
        audit: None,
        limit,
    }
}

/// Hashing that takes no time. It protects nobody.
pub const CHEAP: HashingCost = HashingCost { memory_kib: 8, iterations: 1, parallelism: 1 };
/// For how long a spent refresh token gives its successor again, where [`settings`] are in force.
pub const GRACE: Duration = Duration::from_secs(60);

/// What an operator chose who wants nothing special, but for hashing that takes no time and a guard that is in nobody's
/// way.
#[must_use]
pub fn settings() -> Settings {
    Settings {
        mode: Mode::Accounts,
        lifetimes: SessionLifetimes {
            access_ttl: ACCESS_TTL,
            idle_ttl: IDLE_TTL,
            absolute_ttl: ABSOLUTE_TTL,
        },
        max_staleness: MAX_STALENESS,
        token_cache_bytes: DEFAULT_CACHE_BYTES,
        session_limit: FIVE,
        reuse_grace: GRACE,
        password: PasswordPolicy::DEFAULT,
        breached_passwords: None,
        hashing_cost: CHEAP,
        guard: lenient_guard(),
        login_rate: Rate {
            attempts: NonZeroU32::new(10_000).expect("it is not zero"),
            per: Duration::from_secs(1),
        },
        audit_retention: None,
        second_factors: SecondFactorPolicy::default(),
        relying_party: None,
        issuer: "Doorward".to_owned(),
        setup_token: None,
    }
}
