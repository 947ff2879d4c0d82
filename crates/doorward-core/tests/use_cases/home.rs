//! An installation: an authority on a store, and the people who use it.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    access_token::TokenRules,
    audit::{AuditEntry, AuditFilter},
    authority::{Authority, Caller, Parts, StartError},
    client::{Client, UserAgent},
    guard::GuardPolicy,
    ids::UserId,
    login::{LoginOutcome, PresentedProofs},
    master::{MasterSecret, ServerKeys},
    page::PageRequest,
    refusal::Refusal,
    session::Transport,
    settings::Settings,
    setup::SetupForm,
    sign_in::{Origin, SignedIn},
    store::Store,
    user::User,
    users::UserForm,
};
use doorward_store::{SqliteOptions, SqliteStore};
pub(crate) use doorward_testkit::builders::{GRACE, settings};
use doorward_testkit::{
    ManualClock, MemoryStore, SeededEntropy,
    builders::{ACCESS_TTL, START, audit_key},
};
use futures_executor::block_on;

use crate::watched_store::WatchedStore;

pub(crate) const PASSWORD: &str = "correct horse battery";
const EVERYTHING: PageRequest = PageRequest { after: None, limit: 1000 };

/// Everything an authority is made of, outliving it.
pub(crate) struct Home {
    pub(crate) authority: Authority,
    pub(crate) store: Arc<WatchedStore>,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) entropy: Arc<SeededEntropy>,
}

/// Runs a test on each store.
pub(crate) fn on_each_store(test: impl Fn(Home)) {
    test(Home::in_memory());
    let directory = tempfile::tempdir().unwrap();
    let store =
        SqliteStore::open(&directory.path().join("doorward.db"), SqliteOptions::default(), audit_key())
            .unwrap();
    test(Home::on(Arc::new(store)));
}

/// Runs a test on each store, with the guard as it is by default.
pub(crate) fn on_each_guarded_store(test: impl Fn(Home)) {
    on_each_store(|home| {
        home.authority.replace_settings(guarded());
        test(home);
    });
}

/// The settings with the guard as it is by default.
pub(crate) fn guarded() -> Settings {
    Settings { guard: GuardPolicy::default(), ..settings() }
}

pub(crate) fn master(letter: char) -> MasterSecret {
    MasterSecret::parse(&format!("{}A", letter.to_string().repeat(42))).unwrap()
}

/// A browser, as far as it can be told from others.
pub(crate) fn browser() -> Client {
    Client {
        address: Some([192, 0, 2, 1].into()),
        user_agent: UserAgent::new("Mozilla/5.0"),
        request_id: None,
    }
}

pub(crate) fn origin() -> Origin {
    Origin {
        transport: Transport::Cookie,
        replaces: Vec::new(),
        pending: None,
        device: None,
        client: browser(),
    }
}

impl Home {
    pub(crate) fn in_memory() -> Self {
        Self::on(Arc::new(MemoryStore::new()))
    }

    pub(crate) fn on(store: Arc<dyn Store>) -> Self {
        let store = Arc::new(WatchedStore::new(store));
        let clock = Arc::new(ManualClock::at(START));
        let entropy = Arc::new(SeededEntropy::new(1));
        let keys = ServerKeys::derive(&master('A'), &[]).unwrap();
        let authority = start(&store, &clock, &entropy, keys, settings()).unwrap();
        Self { authority, store, clock, entropy }
    }

    /// Another process on the same store.
    pub(crate) fn start(&self, current: char, previous: &[char]) -> Result<Authority, StartError> {
        let previous: Vec<_> = previous.iter().map(|&letter| master(letter)).collect();
        let keys = ServerKeys::derive(&master(current), &previous).unwrap();
        start(&self.store, &self.clock, &self.entropy, keys, settings())
    }

    /// Another node, whose clock is another.
    pub(crate) fn node_by(&self, clock: &Arc<ManualClock>) -> Authority {
        let keys = ServerKeys::derive(&master('A'), &[]).unwrap();
        start(&self.store, clock, &self.entropy, keys, settings()).unwrap()
    }

    /// The server again, as it is configured now.
    pub(crate) fn restart_with(self, settings: Settings) -> Self {
        let keys = ServerKeys::derive(&master('A'), &[]).unwrap();
        let authority = start(&self.store, &self.clock, &self.entropy, keys, settings).unwrap();
        Self { authority, ..self }
    }

    /// The server again, on a store that was closed and is opened anew.
    pub(crate) fn reopened(self, open: impl FnOnce() -> Arc<dyn Store>, settings: Settings) -> Self {
        let Self { authority, store, clock, entropy } = self;
        drop((authority, store));
        let store = Arc::new(WatchedStore::new(open()));
        let keys = ServerKeys::derive(&master('A'), &[]).unwrap();
        let authority = start(&store, &clock, &entropy, keys, settings).unwrap();
        Self { authority, store, clock, entropy }
    }

    pub(crate) fn restart(self) -> Self {
        self.restart_with(settings())
    }

    pub(crate) fn add_user(&self, name: &str) -> User {
        let form = UserForm { username: name, password: Some(PASSWORD), ..UserForm::default() };
        block_on(self.authority.create_user(&Caller::command_line(), form)).unwrap().0
    }

    pub(crate) fn log_in(&self, name: &str, password: &str) -> Result<SignedIn, Refusal> {
        log_in(&self.authority, name, password)
    }

    /// A user, logged in.
    pub(crate) fn somebody(&self) -> SignedIn {
        self.add_user("ann");
        self.log_in("ann", PASSWORD).unwrap()
    }

    pub(crate) fn refresh(&self, by: &SignedIn) -> Result<SignedIn, Refusal> {
        refresh(&self.authority, by)
    }

    pub(crate) fn verify(&self, signed_in: &SignedIn) -> Result<(), Refusal> {
        verify(&self.authority, signed_in)
    }

    pub(crate) fn log_out(&self, signed_in: &SignedIn) -> Result<(), Refusal> {
        let caller = Caller::user(signed_in.of.user.id, browser());
        block_on(self.authority.log_out(&caller, &[signed_in.of.session.id]))
    }

    pub(crate) fn set_up(&self, setup_token: &str) -> Result<SignedIn, Refusal> {
        set_up(&self.authority, setup_token)
    }

    pub(crate) fn setup_token(&self) -> String {
        let token = block_on(self.authority.issue_setup_token(&Caller::system())).unwrap().unwrap();
        token.reveal().to_owned()
    }

    pub(crate) fn live_sessions(&self, user: UserId) -> usize {
        block_on(self.authority.sessions(Some(user), EVERYTHING)).unwrap().items.len()
    }

    /// Time passes, and the feed is followed as it does.
    pub(crate) fn live_on(&self, by: Duration) {
        self.clock.advance(by);
        block_on(self.authority.follow_feed()).unwrap();
    }

    /// Events of this name, newest first.
    pub(crate) fn events(&self, name: &str) -> Vec<AuditEntry> {
        let mut page = block_on(self.authority.audit(&AuditFilter::default(), EVERYTHING)).unwrap();
        page.items.retain(|entry| entry.name == name);
        page.items
    }
}

fn start(
    store: &Arc<WatchedStore>,
    clock: &Arc<ManualClock>,
    entropy: &Arc<SeededEntropy>,
    keys: ServerKeys,
    settings: Settings,
) -> Result<Authority, StartError> {
    block_on(Authority::start(parts(store, clock, entropy, keys, settings)))
}

/// What an authority is made of.
pub(crate) fn parts(
    store: &Arc<WatchedStore>,
    clock: &Arc<ManualClock>,
    entropy: &Arc<SeededEntropy>,
    keys: ServerKeys,
    settings: Settings,
) -> Parts {
    Parts {
        store: Arc::clone(store) as _,
        clock: Arc::clone(clock) as _,
        entropy: Arc::clone(entropy) as _,
        keys,
        token_rules: TokenRules {
            issuer: "http://localhost:8080/auth".to_owned(),
            audience: "http://localhost:8080".to_owned(),
            access_ttl: ACCESS_TTL,
        },
        settings,
        hashing_threads: 1,
        hashing_queue: 64,
    }
}

pub(crate) fn log_in(authority: &Authority, name: &str, password: &str) -> Result<SignedIn, Refusal> {
    block_on(log_in_by(authority, name, password))
}

pub(crate) async fn log_in_by(
    authority: &Authority,
    name: &str,
    password: &str,
) -> Result<SignedIn, Refusal> {
    let proofs = PresentedProofs::password(password);
    let outcome = authority.login(name, proofs, &origin()).await?;
    let LoginOutcome::Authenticated(signed_in) = outcome else { unreachable!("the password was given") };
    Ok(*signed_in)
}

/// As the browser that was signed in does, with all its cookies.
pub(crate) fn refresh(authority: &Authority, by: &SignedIn) -> Result<SignedIn, Refusal> {
    let device = by.device_token.as_ref();
    let device = device.and_then(|token| authority.keys().verify_device_token(token.reveal()));
    block_on(authority.refresh(by.refresh_token.reveal(), Transport::Cookie, device, &browser()))
}

pub(crate) fn verify(authority: &Authority, signed_in: &SignedIn) -> Result<(), Refusal> {
    authority.verifier().verify(signed_in.access_token.reveal(), Transport::Cookie).map(drop)
}

pub(crate) fn set_up(authority: &Authority, setup_token: &str) -> Result<SignedIn, Refusal> {
    let form = SetupForm { setup_token, username: "root", password: PASSWORD, email: None };
    block_on(authority.complete_setup(form, &origin()))
}
