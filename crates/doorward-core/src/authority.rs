//! The use cases' common ground: [`Authority`]. Each concept's file adds its use cases to it.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwap;

use crate::{
    access_token::{Principal, TokenRules},
    audit::{Actor, AuditEvent, EventName},
    audit_budget::AuditBudget,
    client::Client,
    entropy::{Entropy, EntropyFailed},
    feed::FeedState,
    feed_reading::FeedPosition,
    guard::TurnedAway,
    ids::UserId,
    master::ServerKeys,
    mode::OPERATOR,
    password::{HashingPool, HashingWork, InvalidCost},
    rate_limit::AttemptLimiter,
    refusal::Refusal,
    revocation::Revocation,
    settings::Settings,
    signing_keys::{KeysUnusable, load_ring},
    statistics::LastGauges,
    store::{Store, StoreError, Write},
    time::{Clock, TimeError, Timekeeper, Timestamp},
    verifier::Verifier,
};

/// A feed entry outlives the access tokens it concerns by this much, because clocks of nodes differ a little.
const REVOCATION_MARGIN: Duration = Duration::from_secs(60);

/// Decides who may log in, stay logged in, and do what; the same for the server and for a program that embeds it.
///
/// Share it by [`Arc`]; every method may be called from any number of tasks at once.
pub struct Authority {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) time: Arc<Timekeeper>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) keys: ServerKeys,
    pub(crate) hashing: HashingPool,
    pub(crate) limiter: AttemptLimiter,
    verifier: Arc<Verifier>,
    settings: ArcSwap<Settings>,
    audit_budget: AuditBudget,
    pub(crate) turned_away: TurnedAway,
    pub(crate) last_gauges: LastGauges,
    pub(crate) setup_complete: AtomicBool,
    pub(crate) feed_position: Mutex<FeedPosition>,
    pub(crate) feed_confirmed: Mutex<FeedState>,
    pub(crate) signing_keys_version: AtomicU64,
    /// Monotonic time until which the last check of the store is believed.
    store_is_good_until_millis: AtomicU64,
}

/// What an [`Authority`] is made of.
pub struct Parts {
    /// What is remembered.
    pub store: Arc<dyn Store>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// The keys derived from the master secret.
    pub keys: ServerKeys,
    /// Who issues tokens for whom; its `access_ttl` is replaced by that of the settings.
    pub token_rules: TokenRules,
    /// What the operator chose.
    pub settings: Settings,
    /// How many passwords are hashed at once.
    pub hashing_threads: usize,
    /// How many may wait for it.
    pub hashing_queue: usize,
}

/// Why an [`Authority`] cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store does not answer.
    #[error("the store cannot be used")]
    Store(#[from] StoreError),
    /// The clock is not to be trusted.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// The hashing parameters are out of range.
    #[error(transparent)]
    Hashing(#[from] InvalidCost),
    /// The signing keys cannot be opened.
    #[error(transparent)]
    Keys(#[from] KeysUnusable),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyFailed),
    /// A single operator is to log in, and setup was done with accounts.
    #[error("setup was done with accounts, and no administrator is called {OPERATOR:?}")]
    NoOperator,
}

/// Who asks for something, and from where.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub actor: Actor,
    /// From where.
    pub client: Client,
}

impl Caller {
    /// A signed-in user.
    #[must_use]
    pub const fn user(id: UserId, client: Client) -> Self {
        Self { actor: Actor::User(id), client }
    }

    /// Whoever runs commands on the machine.
    #[must_use]
    pub fn command_line() -> Self {
        Self { actor: Actor::CommandLine, client: Client::default() }
    }

    /// Doorward itself.
    #[must_use]
    pub fn system() -> Self {
        Self { actor: Actor::System, client: Client::default() }
    }

    pub(crate) fn event(&self, name: EventName, now: Timestamp) -> AuditEvent {
        AuditEvent::new(name, now, self.actor, &self.client)
    }
}

impl Authority {
    /// Reads what is to be known at start: the signing keys (the first one is made here) and every revocation
    /// that still matters, so that a restart forgets none.
    ///
    /// # Errors
    /// [`StartError`]; nothing is served then.
    pub async fn start(parts: Parts) -> Result<Self, StartError> {
        let Parts { store, clock, entropy, keys, mut token_rules, settings, hashing_threads, hashing_queue } =
            parts;
        let began = clock.monotonic();
        let feed = store.feed(0, 0).await?;
        if !settings.mode.fits(store.as_ref(), feed.setup_complete).await? {
            return Err(StartError::NoOperator);
        }
        let time = Arc::new(Timekeeper::new(clock, feed.highest_time));
        let ring = load_ring(store.as_ref(), &keys, entropy.as_ref(), &time).await?;
        let cost = settings.hashing_cost;
        let hashing = HashingPool::start(hashing_threads, hashing_queue, cost, Arc::clone(&entropy))?;
        token_rules.access_ttl = settings.lifetimes.access_ttl;
        let authority = Self {
            store,
            verifier: Arc::new(
                Verifier::new(Arc::clone(&time), token_rules, settings.max_staleness, ring, began)
                    .with_cache_bytes(settings.token_cache_bytes),
            ),
            time,
            entropy,
            keys,
            hashing,
            limiter: AttemptLimiter::default(),
            settings: ArcSwap::from_pointee(settings),
            audit_budget: AuditBudget::default(),
            turned_away: TurnedAway::default(),
            last_gauges: LastGauges::default(),
            setup_complete: AtomicBool::new(feed.setup_complete),
            feed_position: Mutex::default(),
            feed_confirmed: Mutex::new(FeedState {
                seq: 0,
                confirmed_at: began,
                signing_keys_version: feed.signing_keys_version,
                anew: 0,
            }),
            signing_keys_version: AtomicU64::new(feed.signing_keys_version),
            store_is_good_until_millis: AtomicU64::new(0),
        };
        authority.follow_feed().await?;
        Ok(authority)
    }

    /// The verifier, for requests that need no use case.
    #[must_use]
    pub const fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// The server's keys, for what is verified without the store: CSRF and device tokens.
    #[must_use]
    pub const fn keys(&self) -> &ServerKeys {
        &self.keys
    }

    /// Where randomness comes from.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.entropy.as_ref()
    }

    /// What hashing passwords has cost so far. For metrics, and for tests, which count work and do not time it.
    #[must_use]
    pub fn hashing_work(&self) -> HashingWork {
        self.hashing.work_done()
    }

    /// The time to decide with.
    ///
    /// # Errors
    /// [`Refusal::ClockBehind`]
    pub fn now(&self) -> Result<Timestamp, Refusal> {
        Ok(self.time.now()?)
    }

    /// The time since an arbitrary start by which the age of a confirmation is measured:
    /// [`Clock::monotonic`].
    #[must_use]
    pub fn monotonic(&self) -> Duration {
        self.time.monotonic()
    }

    /// The settings in force.
    #[must_use]
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.load_full()
    }

    /// Whether somebody can do nothing else until they have set up a second factor. For every request: takes no lock.
    #[must_use]
    pub fn must_enrol(&self, principal: &Principal) -> bool {
        principal.must_enrol(self.settings.load().second_factors.required)
    }

    /// Puts other settings in force, but for those that stay as they were at start; running operations finish by the old ones.
    pub fn replace_settings(&self, mut settings: Settings) {
        let in_force = self.settings.load();
        settings.mode = in_force.mode;
        settings.token_cache_bytes = in_force.token_cache_bytes;
        drop(in_force);
        self.verifier.replace_access_ttl(settings.lifetimes.access_ttl);
        self.verifier.replace_max_staleness(settings.max_staleness);
        self.settings.store(Arc::new(settings));
        self.turned_away.changed();
    }

    /// Whether setup is complete, as this node last heard.
    ///
    /// # Errors
    /// [`Refusal::SetupRequired`]
    pub fn check_setup_complete(&self) -> Result<(), Refusal> {
        if self.setup_complete.load(Ordering::Acquire) { Ok(()) } else { Err(Refusal::SetupRequired) }
    }

    /// What accompanies a write decided at `now`.
    pub(crate) fn write(&self, now: Timestamp, audit: AuditEvent) -> Write {
        let margin = self.settings.load().lifetimes.access_ttl + REVOCATION_MARGIN;
        Write { now, revocations_expire_at: now.plus(margin), audit }
    }

    /// Puts what a write revoked in force on this node before its caller gets an answer; other nodes hear of it by
    /// the feed.
    pub(crate) fn applied(&self, now: Timestamp, revocations: &[Revocation]) {
        self.time.observe(now);
        self.verifier.apply(revocations);
    }

    /// Records an event that comes with no change.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: an attempt that cannot be recorded is refused all the same, and says so.
    pub async fn record(&self, event: AuditEvent) -> Result<(), Refusal> {
        let at = event.at;
        self.store.record(event).await?;
        self.time.observe(at);
        Ok(())
    }

    /// Records a refusal. Somebody who is refused over and over fills the log with one event a while that tells how
    /// often, not with one for each.
    ///
    /// # Errors
    /// As [`Authority::record`].
    pub async fn record_refused(&self, event: AuditEvent) -> Result<(), Refusal> {
        match self.budgeted(event) {
            Some(event) => self.record(event).await,
            None => Ok(()),
        }
    }

    /// As [`Authority::record_refused`], for whoever is refused before anything was examined: at the same cost whoever's
    /// name it is.
    pub(crate) async fn record_turned_away(&self, event: AuditEvent) -> Result<(), Refusal> {
        match self.audit_budget.admit_whoever(event, self.time.monotonic()) {
            Some(event) => self.record(event).await,
            None => Ok(()),
        }
    }

    /// The event of a refusal, if it is to be recorded by itself.
    pub(crate) fn budgeted(&self, event: AuditEvent) -> Option<AuditEvent> {
        self.audit_budget.admit(event, self.time.monotonic())
    }

    /// Records how many refusals were only counted since the last time: once a minute, and before the process ends.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: what could not be recorded is told the next time.
    pub async fn record_counted_refusals(&self) -> Result<(), Refusal> {
        let mut summaries = self.audit_budget.take().into_iter();
        while let Some(summary) = summaries.next() {
            if let Err(error) = self.record(summary.event()).await {
                self.audit_budget.give_back(std::iter::once(summary).chain(summaries));
                return Err(error);
            }
        }
        Ok(())
    }

    /// Whether the store answers durably, as of the last second, and revocations are confirmed; for readiness.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::RevocationStateStale`], [`Refusal::ClockBehind`]
    pub async fn check_ready(&self) -> Result<(), Refusal> {
        self.time.now()?;
        self.verifier.check_fresh()?;
        let now_millis = u64::try_from(self.time.monotonic().as_millis()).unwrap_or(u64::MAX);
        // Whoever asks, however often, costs one durable write a second: anybody may ask.
        if now_millis < self.store_is_good_until_millis.load(Ordering::Acquire) {
            return Ok(());
        }
        self.store.check().await?;
        self.store_is_good_until_millis.fetch_max(now_millis.saturating_add(1000), Ordering::AcqRel);
        Ok(())
    }
}
