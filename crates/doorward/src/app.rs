//! [`Doorward`]: what an embedding program holds, and every handler shares.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use arc_swap::ArcSwap;
use doorward_core::{
    authority::{Authority, Caller, Parts, StartError},
    master::{DerivationFailed, MasterSecret, ServerKeys},
    one_time_link::IssuedLink,
    refusal::Refusal,
    secret::PlainToken,
    store::Store,
};
use http::HeaderValue;
use tokio::sync::Notify;

use crate::{
    allowed::AllowedHeaders,
    config::{Config, ConfigError},
    cookies::CookiePlan,
    host::Hosts,
    long_answer::LongAnswers,
    pages::compressed::CompressedFiles,
    platform::{SystemClock, SystemEntropy},
};

/// Hashes that may wait for a free thread, for each thread.
const HASHING_QUEUE_PER_THREAD: usize = 32;

/// Authentication and sessions for an app. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Doorward(pub(crate) Arc<App>);

pub(crate) struct App {
    authority: Arc<Authority>,
    /// What cannot change while we run.
    pub(crate) fixed: Fixed,
    live: ArcSwap<Live>,
    request_ids: RequestIds,
    pub(crate) long_answers: LongAnswers,
    /// Somebody has said that there is more in the revocation feed.
    pub(crate) feed_hint: Notify,
    pub(crate) compressed: CompressedFiles,
    /// Found once: to find it takes as long as much of an answer.
    verify_allowed: OnceLock<metrics::Counter>,
    pub(crate) allowed_headers: AllowedHeaders,
}

/// What is settled at start.
pub(crate) struct Fixed {
    pub(crate) base_path: String,
    pub(crate) issuer: String,
    pub(crate) cookies: CookiePlan,
    pub(crate) csrf_header: http::HeaderName,
    pub(crate) public_url: url::Url,
    pub(crate) node_name: Option<String>,
}

/// What a reload replaces.
pub(crate) struct Live {
    pub(crate) config: Config,
    pub(crate) hosts: Hosts,
    pub(crate) clear_site_data: Option<HeaderValue>,
}

/// Why Doorward does not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configuration contradicts itself.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The keys could not be derived.
    #[error(transparent)]
    Keys(#[from] DerivationFailed),
    /// The authority does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] doorward_core::entropy::EntropyFailed),
}

impl Doorward {
    /// Opens Doorward on a store, with the operating system's clock and randomness.
    ///
    /// # Errors
    /// [`OpenError`]
    pub async fn open(
        config: Config,
        store: Arc<dyn Store>,
        master: &MasterSecret,
        previous: &[MasterSecret],
    ) -> Result<Self, OpenError> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let authority = Authority::start(Parts {
            store,
            clock: Arc::new(SystemClock::new()),
            entropy: Arc::new(SystemEntropy),
            keys: ServerKeys::derive(master, previous)?,
            token_rules: config.token_rules(),
            settings: config.settings.clone(),
            hashing_threads: threads,
            hashing_queue: threads * HASHING_QUEUE_PER_THREAD,
        })
        .await?;
        Self::new(config, Arc::new(authority))
    }

    /// Doorward over an authority that was started by other means: another clock, another randomness.
    ///
    /// # Errors
    /// [`OpenError::Config`], [`OpenError::Entropy`]
    pub fn new(config: Config, authority: Arc<Authority>) -> Result<Self, OpenError> {
        config.check()?;
        let cookies = CookiePlan::new(&config.cookies, &config.public_url, &config.base_path)
            .map_err(ConfigError::from)?;
        let fixed = Fixed {
            base_path: config.base_path.clone(),
            issuer: config.issuer(),
            cookies,
            csrf_header: config.csrf_header.clone(),
            public_url: config.public_url.clone(),
            node_name: config.node_name.clone(),
        };
        let request_ids = RequestIds::new(authority.entropy().bytes()?);
        let live = ArcSwap::from_pointee(Live::new(config));
        let app = App {
            authority,
            fixed,
            live,
            request_ids,
            long_answers: LongAnswers::new(),
            feed_hint: Notify::new(),
            compressed: CompressedFiles::default(),
            verify_allowed: OnceLock::new(),
            allowed_headers: AllowedHeaders::new(),
        };
        Ok(Self(Arc::new(app)))
    }

    /// The use cases.
    #[must_use]
    pub fn authority(&self) -> &Arc<Authority> {
        &self.0.authority
    }

    /// Has [`Doorward::run_background`] read the revocation feed now, since something was added to it, and not only when it
    /// would anyway. A hint that never comes costs a tenth of a second; one that comes in vain costs a reading.
    pub fn hint_feed(&self) {
        self.0.feed_hint.notify_one();
    }

    /// Puts another configuration in force. Public URL, base path, cookies, CSRF header and audience stay as they
    /// were at start, whatever it says.
    ///
    /// # Errors
    /// [`ConfigError`]; the old configuration then stays in force as a whole.
    pub fn reload(&self, config: Config) -> Result<(), ConfigError> {
        config.check()?;
        self.0.authority.replace_settings(config.settings.clone());
        self.0.live.store(Arc::new(Live::new(config)));
        Ok(())
    }

    /// Ends the answers that last for as long as they are read: the audit log as it is written, and exports of it. For a
    /// server that stops, which would otherwise wait for them in vain; later ones end as they begin.
    pub fn end_streams(&self) {
        self.0.long_answers.end();
    }

    /// A URL by which the first administrator is made, to be shown to whoever starts the program; none once setup is
    /// complete. Each call issues one more, and all are good until then.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn issue_setup_url(&self) -> Result<Option<String>, Refusal> {
        match self.authority().issue_setup_token(&Caller::system()).await {
            Ok(token) => Ok(Some(self.setup_url(token.as_ref()))),
            Err(Refusal::SetupComplete) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }

    /// The URL by which setup is completed with a token of [`Authority::issue_setup_token`]; without one, the page
    /// asks for it.
    #[must_use]
    pub fn setup_url(&self, token: Option<&PlainToken>) -> String {
        match token {
            Some(token) => format!("{}/setup?token={}", self.0.fixed.issuer, token.reveal()),
            None => format!("{}/setup", self.0.fixed.issuer),
        }
    }

    /// The URL of an invitation or a reset.
    #[must_use]
    pub fn link_url(&self, issued: &IssuedLink) -> String {
        self.app().url(&crate::api::users::link_path(issued))
    }

    pub(crate) fn app(&self) -> &App {
        &self.0
    }
}

impl App {
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    pub(crate) fn live(&self) -> arc_swap::Guard<Arc<Live>> {
        self.live.load()
    }

    /// Counts a request that forward authentication has let pass.
    pub(crate) fn count_allowed(&self) {
        let counter = || metrics::counter!("doorward_verify_allowed_total");
        self.verify_allowed.get_or_init(counter).increment(1);
    }

    pub(crate) fn next_request_id(&self) -> String {
        self.request_ids.next()
    }

    /// A path under the base path.
    pub(crate) fn path(&self, below: &str) -> String {
        format!("{}{below}", self.fixed.base_path)
    }

    /// A path under the base path, as a whole URL.
    pub(crate) fn url(&self, below: &str) -> String {
        format!("{}{below}", self.fixed.issuer)
    }
}

impl Live {
    fn new(config: Config) -> Self {
        let hosts = Hosts::new(&config.public_url, &config.allowed_origins);
        let clear_site_data = config.clear_site_data_header();
        Self { config, hosts, clear_site_data }
    }
}

/// Request ids: unique, not secret. A random start and a counter, so that none costs a random number. All of one length,
/// so that two answers that tell the same are as long as each other.
struct RequestIds {
    start: String,
    count: AtomicU64,
}

impl RequestIds {
    fn new(start: [u8; 8]) -> Self {
        Self { start: format!("{:016x}-", u64::from_be_bytes(start)), count: AtomicU64::new(0) }
    }

    fn next(&self) -> String {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let mut id = String::with_capacity(self.start.len() + 16);
        id.push_str(&self.start);
        // By hand, to eight digits or more: the formatter takes longer than all else that an id costs.
        let digits = (u64::BITS - count.leading_zeros()).div_ceil(4).max(8);
        id.extend(
            (0..digits).rev().filter_map(|place| char::from_digit(((count >> (4 * place)) & 0xf) as u32, 16)),
        );
        id
    }
}
