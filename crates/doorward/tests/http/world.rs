//! A Doorward of its own for each test, over a clock that the test moves.

use std::{
    collections::BTreeSet,
    num::NonZeroU32,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::Router;
use doorward::{Config, Doorward};
use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    authority::{Authority, Caller, Parts, StartError},
    guard::GuardPolicy,
    master::{MasterSecret, ServerKeys},
    page::PageRequest,
    password::HashingCost,
    rate_limit::Rate,
    store::Store,
    time::{Clock, Timestamp},
    user::User,
    users::UserForm,
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    ManualClock, MemoryStore, SeededEntropy,
    builders::{audit_key, lenient_guard},
};
use http::Method;
use tempfile::TempDir;

use crate::{ask::Ask, browser::Browser};

/// Everybody's password.
pub(crate) const PASSWORD: &str = "correct horse battery";
/// The first administrator.
pub(crate) const ADMIN: &str = "root";
/// When worlds begin; within a second, not at its start, as most moments are.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_800_000_000_437);

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 3600);
pub(crate) const MILLISECOND: Duration = Duration::from_millis(1);

/// Where a world is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Storage {
    Memory,
    Sqlite,
}

/// Both stores, for what must hold on either.
pub(crate) const BOTH: [Storage; 2] = [Storage::Memory, Storage::Sqlite];

/// A world to be started.
pub(crate) struct Plan {
    config: Config,
    storage: Storage,
    master: String,
    hashing_queue: usize,
}

impl Plan {
    /// The defaults, but for hashing that tests can afford and a limit on logins that none of them meets.
    pub(crate) fn at(public_url: &str) -> Self {
        let mut config = Config::new(public_url).unwrap();
        config.settings.guard = lenient_guard();
        config.settings.hashing_cost = HashingCost { memory_kib: 8, iterations: 1, parallelism: 1 };
        config.settings.login_rate = Rate { attempts: NonZeroU32::MAX, per: MINUTE };
        Self { config, storage: Storage::Memory, master: "A".repeat(43), hashing_queue: 256 }
    }

    pub(crate) fn on(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    pub(crate) fn with(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }

    /// With the guard as it is by default, instead of one that never stands in the way.
    pub(crate) fn guarded(self) -> Self {
        self.with(|config| config.settings.guard = GuardPolicy::default())
    }

    /// With another master secret.
    pub(crate) fn master(mut self, text: &str) -> Self {
        text.clone_into(&mut self.master);
        self
    }

    /// So few hashes wait for one of the two threads.
    pub(crate) fn hashing_queue(mut self, length: usize) -> Self {
        self.hashing_queue = length;
        self
    }

    pub(crate) async fn before_setup(self) -> World {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let memory = MemoryStore::new();
        let store: Arc<dyn Store> = match self.storage {
            Storage::Memory => Arc::new(memory.clone()),
            Storage::Sqlite => {
                let path = directory.path().join("doorward.db");
                Arc::new(SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap())
            }
        };
        let clock = Arc::new(ManualClock::at(START));
        let Self { config, master, hashing_queue, .. } = self;
        World::open(Memories { store, memory, directory, clock, master, hashing_queue }, config).await
    }

    pub(crate) async fn start(self) -> World {
        let world = self.before_setup().await;
        let token = world.setup_token().await;
        let body = serde_json::json!({"setup_token": token, "username": ADMIN, "password": PASSWORD});
        world.post("/auth/v1/setup").json(&body).await.is(201);
        world
    }
}

/// What a restart keeps.
#[derive(Clone)]
struct Memories {
    store: Arc<dyn Store>,
    memory: MemoryStore,
    directory: Arc<TempDir>,
    clock: Arc<ManualClock>,
    master: String,
    hashing_queue: usize,
}

/// Another one for each master secret and after each restart, or ids and tokens would repeat.
fn seed(memories: &Memories) -> u64 {
    let master = memories.master.bytes().map(u64::from).sum::<u64>();
    master * 1000 + Arc::strong_count(&memories.clock) as u64
}

/// A running Doorward. Clones are the same one.
#[derive(Clone)]
pub(crate) struct World(Arc<Inner>);

struct Inner {
    doorward: Doorward,
    router: Router,
    memories: Memories,
    config: Config,
    /// Every bearer secret and password that travelled.
    secrets: Mutex<BTreeSet<String>>,
}

impl World {
    /// Memory store, `http://localhost:8080`, set up.
    pub(crate) async fn new() -> Self {
        Plan::at("http://localhost:8080").start().await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        Plan::at("http://localhost:8080").with(change).start().await
    }

    /// [`World::new`], with the guard as it is by default.
    pub(crate) async fn guarded() -> Self {
        Plan::at("http://localhost:8080").guarded().start().await
    }

    async fn open(memories: Memories, config: Config) -> Self {
        Self::try_open(memories, config).await.unwrap()
    }

    async fn try_open(memories: Memories, config: Config) -> Result<Self, StartError> {
        let master = MasterSecret::parse(&memories.master).unwrap();
        let authority = Authority::start(Parts {
            store: Arc::clone(&memories.store),
            clock: Arc::clone(&memories.clock) as Arc<dyn Clock>,
            entropy: Arc::new(SeededEntropy::new(seed(&memories))),
            keys: ServerKeys::derive(&master, &[]).unwrap(),
            token_rules: config.token_rules(),
            settings: config.settings.clone(),
            hashing_threads: 2,
            hashing_queue: memories.hashing_queue,
        })
        .await?;
        let doorward = Doorward::new(config.clone(), Arc::new(authority)).unwrap();
        let router = doorward.router();
        Ok(Self(Arc::new(Inner { doorward, router, memories, config, secrets: Mutex::default() })))
    }

    /// Another process on the same store, after this one or beside it, with a changed configuration.
    pub(crate) async fn restarted(&self, change: impl FnOnce(&mut Config)) -> Self {
        self.try_restarted(change).await.unwrap()
    }

    /// The same, where it may not start.
    pub(crate) async fn try_restarted(&self, change: impl FnOnce(&mut Config)) -> Result<Self, StartError> {
        let mut config = self.0.config.clone();
        change(&mut config);
        Self::try_open(self.0.memories.clone(), config).await
    }

    pub(crate) fn doorward(&self) -> &Doorward {
        &self.0.doorward
    }

    pub(crate) fn authority(&self) -> &Arc<Authority> {
        self.0.doorward.authority()
    }

    pub(crate) fn router(&self) -> Router {
        self.0.router.clone()
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn clock(&self) -> &ManualClock {
        &self.0.memories.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock().wall().unwrap()
    }

    pub(crate) fn store(&self) -> &dyn Store {
        self.0.memories.store.as_ref()
    }

    /// The memory store, to make it fail.
    pub(crate) fn memory(&self) -> &MemoryStore {
        &self.0.memories.memory
    }

    pub(crate) fn directory(&self) -> PathBuf {
        self.0.memories.directory.path().to_owned()
    }

    /// Lets time pass, with the feed followed as the background task does.
    pub(crate) async fn advance(&self, by: Duration) {
        self.clock().advance(by);
        self.authority().follow_feed().await.unwrap();
    }

    pub(crate) async fn setup_token(&self) -> String {
        let token = self.authority().issue_setup_token(&Caller::system()).await.unwrap().unwrap();
        self.remember_secret(token.reveal());
        token.reveal().to_owned()
    }

    /// A user with [`PASSWORD`].
    pub(crate) async fn user(&self, username: &str, roles: &[&str]) -> User {
        let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
        let form = UserForm { username, password: Some(PASSWORD), email: None, roles: &roles };
        self.authority().create_user(&Caller::command_line(), form).await.unwrap().0
    }

    /// A browser that has been nowhere.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.clone())
    }

    /// A browser in which somebody logged in.
    pub(crate) async fn signed_in(&self, username: &str) -> Browser {
        let browser = self.browser();
        browser.login(username).await.is(200);
        browser
    }

    /// A browser of the administrator.
    pub(crate) async fn admin(&self) -> Browser {
        self.signed_in(ADMIN).await
    }

    /// A request by a program that holds nothing.
    pub(crate) fn ask(&self, method: Method, target: &str) -> Ask {
        Ask::new(self.clone(), None, method, target)
    }

    pub(crate) fn get(&self, target: &str) -> Ask {
        self.ask(Method::GET, target)
    }

    pub(crate) fn post(&self, target: &str) -> Ask {
        self.ask(Method::POST, target)
    }

    pub(crate) fn remember_secret(&self, secret: &str) {
        self.0.secrets.lock().unwrap().insert(secret.to_owned());
    }

    pub(crate) fn secrets(&self) -> Vec<String> {
        self.0.secrets.lock().unwrap().iter().cloned().collect()
    }

    /// The audit log, oldest first.
    pub(crate) async fn audit(&self) -> Vec<AuditEntry> {
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let request = PageRequest { after, limit: 200 };
            let page = self.authority().audit(&AuditFilter::default(), request).await.unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                all.reverse();
                return all;
            }
        }
    }

    /// Name and reason of the last event.
    pub(crate) async fn last_event(&self) -> (String, String) {
        let last = self.audit().await.pop().unwrap();
        (last.name, last.reason.unwrap_or_default())
    }
}
