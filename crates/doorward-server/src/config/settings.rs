//! The settings, typed. What is `Option` here follows from another setting where it is not given; the methods say how.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use doorward::config::{CsrfPolicy, Policy, ProxyKind, SiteData};
use doorward::cookies::{CookiePlan, CookieSettings, CookieSettingsError, SameSite, SecureCookies};
use doorward::origins::{Origins, WebOrigin};
use doorward_core::guard::GuardPolicy;
use doorward_core::mode::Mode;
use doorward_core::password::{HashingCost, PasswordPolicy};
use doorward_core::second_factor::{MfaRequired, SecondFactorPolicy};
use doorward_core::session::{OnLimit, SessionLifetimes, SessionLimit};
use doorward_core::settings::MAX_STALENESS;
use doorward_store::postgres::Address;
use ipnet::IpNet;

use super::public_url::PublicUrl;
use super::rate::{Rate, Window};
use super::value::Choice;

/// Every setting of the server. The defaults are those of the contract.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// `http.*`
    pub http: Http,
    /// `mode`: whom there is to log in.
    pub mode: Mode,
    /// `data_dir`: everything the server remembers lies in it.
    pub data_dir: PathBuf,
    /// `store.url`: where everything is remembered.
    pub database: Database,
    /// `store.pool_size` and `store.timeout`: how PostgreSQL is used.
    pub store_pool: StorePool,
    /// `node.name`: what this node is called among those that share a PostgreSQL, where it is not called by its machine and port.
    pub node_name: Option<String>,
    /// `setup.token`: the token that setup takes beside the generated ones.
    pub setup_token: Option<Secret>,
    /// `audit.retention`: how long audit events are kept; zero is for ever.
    pub audit_retention: Duration,
    /// `session.*_ttl`, in whole seconds
    pub lifetimes: SessionLifetimes,
    /// `revocation.max_staleness`: the bound on revocation.
    pub max_staleness: Duration,
    /// `verify.cache_mib`: what the verifier remembers of tokens takes so much memory at most.
    pub token_cache_mib: u32,
    /// `session.max_per_user` and `session.on_limit`
    pub session_limit: SessionLimit,
    /// `refresh.reuse_grace`: for how long a spent refresh token's answer can be asked for again.
    pub reuse_grace: Duration,
    /// `token_endpoint.enabled`: whether programs may have tokens in bodies.
    pub token_endpoint_enabled: bool,
    /// `token.audience`: the `aud` of access tokens, where it is not the public URL.
    pub token_audience: Option<String>,
    /// `logout.clear_site_data`: what logout asks the browser to forget.
    pub clear_site_data: Vec<SiteData>,
    /// `cookie.*`
    pub cookie: CookieSettings,
    /// `csrf.header`: the header that carries the CSRF token.
    pub csrf_header: String,
    /// `lockout.*` and `throttle.*`
    pub guard: GuardPolicy,
    /// `rate_limit.login`: logins from one address.
    pub login_rate: Rate,
    /// `password.min_length`, `password.min_length_single_factor` and `password.min_strength`
    pub password: PasswordPolicy,
    /// `password.breached_filter`: the file of breached passwords, if there is one.
    pub breached_filter: Option<PathBuf>,
    /// `password.argon2.*`
    pub hashing_cost: HashingCost,
    /// `mfa.*`
    pub second_factors: SecondFactorPolicy,
    /// `passkeys.rp_id`: the domain that passkeys are made for, where it is not the public URL's host.
    pub relying_party_id: Option<String>,
    /// `policies.NAME.*`; `default` is always there.
    pub policies: BTreeMap<String, Policy>,
}

/// `store.url`
#[derive(Debug, Clone, PartialEq)]
pub enum Database {
    /// `doorward.db` in the data directory.
    InDataDirectory,
    /// Another file of SQLite's.
    Sqlite(PathBuf),
    /// A PostgreSQL, which nodes share.
    Postgres(Box<Address>),
}

/// The database that follows from `store.url` and `data_dir`. Shown as `store.url` writes it, without a password.
#[derive(Debug, Clone, PartialEq)]
pub enum DatabaseInUse<'a> {
    /// A file of SQLite's.
    Sqlite(PathBuf),
    /// A PostgreSQL, which nodes share.
    Postgres(&'a Address),
}

impl fmt::Display for DatabaseInUse<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.to_string_lossy()),
            Self::Postgres(address) => address.fmt(out),
        }
    }
}

/// How the connections to PostgreSQL are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorePool {
    /// `store.pool_size`: how many connections a node opens for operations.
    pub size: u32,
    /// `store.timeout`: how long an operation may take, waiting for a connection included.
    pub timeout: Duration,
    /// `store.prepared_statements`: whether a connection keeps what it prepares, which is not possible through a pooler.
    pub prepared_statements: bool,
}

impl Default for StorePool {
    fn default() -> Self {
        Self { size: 16, timeout: Duration::from_secs(5), prepared_statements: true }
    }
}

/// `http.*`
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where `/metrics` is served, if anywhere.
    pub admin_listen: Option<SocketAddr>,
    /// The address people and proxies reach the server by.
    pub public_url: PublicUrl,
    /// The path everything of ours lies under.
    pub base_path: String,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins trusted for CSRF and CORS, beside the public URL's own.
    pub allowed_origins: Option<Vec<WebOrigin>>,
    /// Origins that `rd` may lead to, beside the public URL's own.
    pub redirect_origins: Option<Vec<WebOrigin>>,
}

/// A secret of the configuration; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The secret itself.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            http: Http {
                listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
                admin_listen: None,
                public_url: PublicUrl::localhost(),
                base_path: "/auth".to_owned(),
                trusted_proxies: Vec::new(),
                allowed_origins: None,
                redirect_origins: None,
            },
            mode: Mode::Accounts,
            data_dir: PathBuf::from("./doorward-data"),
            database: Database::InDataDirectory,
            store_pool: StorePool::default(),
            node_name: None,
            setup_token: None,
            audit_retention: Duration::from_secs(365 * 86_400),
            lifetimes: SessionLifetimes {
                access_ttl: Duration::from_secs(15 * 60),
                idle_ttl: Duration::from_secs(7 * 86_400),
                absolute_ttl: Duration::from_secs(30 * 86_400),
            },
            max_staleness: MAX_STALENESS,
            token_cache_mib: 32,
            session_limit: SessionLimit { max_per_user: 5, on_limit: OnLimit::RevokeOldest },
            reuse_grace: Duration::from_secs(60),
            token_endpoint_enabled: false,
            token_audience: None,
            clear_site_data: Vec::new(),
            cookie: CookieSettings::default(),
            csrf_header: "X-CSRF-Token".to_owned(),
            guard: GuardPolicy::default(),
            login_rate: Rate { count: NonZeroU32::MIN.saturating_add(59), per: Window::Minute },
            password: PasswordPolicy::DEFAULT,
            breached_filter: None,
            hashing_cost: HashingCost { memory_kib: 19_456, iterations: 2, parallelism: 1 },
            second_factors: SecondFactorPolicy::default(),
            relying_party_id: None,
            policies: BTreeMap::from([("default".to_owned(), Policy::default())]),
        }
    }
}

impl Settings {
    /// The database in use.
    #[must_use]
    pub fn database(&self) -> DatabaseInUse<'_> {
        match &self.database {
            Database::InDataDirectory => DatabaseInUse::Sqlite(self.database_in_data_dir()),
            Database::Sqlite(path) => DatabaseInUse::Sqlite(path.clone()),
            Database::Postgres(address) => DatabaseInUse::Postgres(address),
        }
    }

    /// The database file, unless `store.url` names another database.
    #[must_use]
    pub fn database_in_data_dir(&self) -> PathBuf {
        self.data_dir.join("doorward.db")
    }

    /// Origins trusted for CSRF and CORS: the public URL's own always, else the server's pages could not post.
    #[must_use]
    pub fn allowed_origins(&self) -> Origins {
        self.with_own_origin(self.http.allowed_origins.as_deref())
    }

    /// Origins that `rd` may lead to: the public URL's own always.
    #[must_use]
    pub fn redirect_origins(&self) -> Origins {
        self.with_own_origin(self.http.redirect_origins.as_deref())
    }

    fn with_own_origin(&self, given: Option<&[WebOrigin]>) -> Origins {
        std::iter::once(self.http.public_url.origin()).chain(given.unwrap_or_default()).cloned().collect()
    }

    /// `verify.cache_mib` in bytes; all that can be addressed where it is more.
    #[must_use]
    pub fn token_cache_bytes(&self) -> usize {
        usize::try_from(u64::from(self.token_cache_mib) << 20).unwrap_or(usize::MAX)
    }

    /// The `aud` of access tokens.
    #[must_use]
    pub fn token_audience(&self) -> String {
        self.token_audience.clone().unwrap_or_else(|| self.http.public_url.to_string())
    }

    /// Names and attributes of the cookies.
    ///
    /// # Errors
    /// [`CookieSettingsError`] for settings that contradict each other; settings that were loaded do not.
    pub fn cookie_plan(&self) -> Result<CookiePlan, CookieSettingsError> {
        CookiePlan::new(&self.cookie, self.http.public_url.as_url(), &self.http.base_path)
    }
}

impl Choice for Mode {
    const WORDS: &'static [(&'static str, Self)] =
        &[("accounts", Self::Accounts), ("single_operator", Self::SingleOperator)];
}

impl Choice for MfaRequired {
    const WORDS: &'static [(&'static str, Self)] =
        &[("never", Self::Never), ("admins", Self::Admins), ("everyone", Self::Everyone)];
}

impl Choice for OnLimit {
    const WORDS: &'static [(&'static str, Self)] =
        &[("revoke_oldest", Self::RevokeOldest), ("refuse", Self::Refuse)];
}

impl Choice for SecureCookies {
    const WORDS: &'static [(&'static str, Self)] =
        &[("auto", Self::Auto), ("always", Self::Always), ("never", Self::Never)];
}

impl Choice for SameSite {
    const WORDS: &'static [(&'static str, Self)] =
        &[("strict", Self::Strict), ("lax", Self::Lax), ("none", Self::None)];
}

impl Choice for SiteData {
    const WORDS: &'static [(&'static str, Self)] =
        &[("cache", Self::Cache), ("cookies", Self::Cookies), ("storage", Self::Storage)];
}

impl Choice for CsrfPolicy {
    const WORDS: &'static [(&'static str, Self)] =
        &[("origin", Self::Origin), ("token", Self::Token), ("off", Self::Off)];
}

impl Choice for ProxyKind {
    const WORDS: &'static [(&'static str, Self)] = &[("generic", Self::Generic), ("nginx", Self::Nginx)];
}
