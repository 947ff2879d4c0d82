//! What an operator, or a program that embeds Doorward, can choose.

use std::{collections::BTreeMap, num::NonZeroU32, sync::Arc, time::Duration};

use doorward_core::{
    access_token::TokenRules,
    guard::GuardPolicy,
    mode::Mode,
    passkey::RelyingParty,
    password::{HashingCost, PasswordPolicy},
    rate_limit::Rate,
    second_factor::SecondFactorPolicy,
    session::{OnLimit, SessionLifetimes, SessionLimit},
    settings::{MAX_STALENESS, Settings},
    user::Role,
    verifier::DEFAULT_CACHE_BYTES,
};
use http::{HeaderName, HeaderValue};
use url::Url;

use crate::{
    cookies::CookieSettings,
    origins::{Origins, WebOrigin},
    trusted_proxies::TrustedProxies,
};

/// Every choice; [`Config::new`] gives the defaults of the HTTP contract.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where browsers reach us: scheme, host and port.
    pub public_url: Url,
    /// The path our own routes are mounted under, without a trailing slash; empty for the root.
    pub base_path: String,
    /// Peers whose forwarding headers are believed.
    pub trusted_proxies: TrustedProxies,
    /// Origins trusted for CSRF and CORS.
    pub allowed_origins: Origins,
    /// Where `rd` may lead.
    pub redirect_origins: Origins,
    /// Names and attributes of cookies.
    pub cookies: CookieSettings,
    /// The header that carries the CSRF token.
    pub csrf_header: HeaderName,
    /// What browsers are asked to forget at logout.
    pub clear_site_data: Vec<SiteData>,
    /// Whether programs get tokens in the body (`/v1/token`).
    pub token_endpoint: bool,
    /// The `aud` claim; the public URL unless given.
    pub audience: Option<String>,
    /// What locations behind the proxy need, by name.
    pub policies: BTreeMap<String, Policy>,
    /// How this process is called among others over the same store, which it tells of itself every second, for
    /// administrators; none where there are no others.
    pub node_name: Option<String>,
    /// What the use cases can be told.
    pub settings: Settings,
}

/// Something a browser can be asked to forget (W3C Clear Site Data).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteData {
    /// `"cache"`
    Cache,
    /// `"cookies"`: of the whole registrable domain, the known device included.
    Cookies,
    /// `"storage"`
    Storage,
}

/// What a location behind the proxy needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// One of these roles; any signed-in user when empty.
    pub roles_any: Vec<Role>,
    /// At least this authentication assurance level.
    pub aal: u8,
    /// An authentication no older than this.
    pub max_age: Option<Duration>,
    /// Whether a browser without session is sent to the login page.
    pub redirect: bool,
    /// What is asked of unsafe methods that a cookie authenticates.
    pub csrf: CsrfPolicy,
    /// Which proxy asks.
    pub proxy: ProxyKind,
}

/// What is asked of unsafe methods and WebSocket handshakes that a cookie authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsrfPolicy {
    /// Where they come from.
    Origin,
    /// Where they come from, and the CSRF token in a header.
    Token,
    /// Nothing: the app sees to it.
    Off,
}

/// The proxies that differ in what they do with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyKind {
    /// One that passes the answer on.
    Generic,
    /// nginx, which makes 500 of anything but 2xx, 401 and 403.
    Nginx,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            roles_any: Vec::new(),
            aal: 1,
            max_age: None,
            redirect: false,
            csrf: CsrfPolicy::Origin,
            proxy: ProxyKind::Generic,
        }
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The public URL is no origin.
    #[error(
        "http.public_url {0:?}: write scheme, host and, where it differs, port: https://auth.example.com"
    )]
    PublicUrl(String),
    /// The base path is none.
    #[error("http.base_path {0:?}: write a path that begins with a slash and does not end with one: /auth")]
    BasePath(String),
    /// The cookie settings contradict each other.
    #[error(transparent)]
    Cookies(#[from] crate::cookies::CookieSettingsError),
    /// The lifetimes contradict each other.
    #[error(transparent)]
    Lifetimes(#[from] doorward_core::settings::LifetimeContradiction),
}

impl Config {
    /// The defaults of the contract for a public URL.
    ///
    /// # Errors
    /// [`ConfigError::PublicUrl`]
    pub fn new(public_url: &str) -> Result<Self, ConfigError> {
        let refused = || ConfigError::PublicUrl(public_url.to_owned());
        let origin =
            WebOrigin::parse(public_url.strip_suffix('/').unwrap_or(public_url)).map_err(|_| refused())?;
        let own: Origins = std::iter::once(origin.clone()).collect();
        let public_url = Url::parse(origin.as_str()).map_err(|_| refused())?;
        Ok(Self {
            settings: default_settings(&public_url),
            public_url,
            base_path: "/auth".to_owned(),
            trusted_proxies: TrustedProxies::default(),
            allowed_origins: own.clone(),
            redirect_origins: own,
            cookies: CookieSettings::default(),
            csrf_header: HeaderName::from_static("x-csrf-token"),
            clear_site_data: Vec::new(),
            token_endpoint: false,
            audience: None,
            node_name: None,
            policies: BTreeMap::from([("default".to_owned(), Policy::default())]),
        })
    }

    /// The public URL as an origin: no path, no trailing slash.
    #[must_use]
    pub fn public_origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    /// The `iss` claim: the public URL and the base path.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}{}", self.public_origin(), self.base_path)
    }

    /// Who issues tokens for whom.
    #[must_use]
    pub fn token_rules(&self) -> TokenRules {
        TokenRules {
            issuer: self.issuer(),
            audience: self.audience.clone().unwrap_or_else(|| self.public_origin()),
            access_ttl: self.settings.lifetimes.access_ttl,
        }
    }

    /// Whether the choices fit together.
    ///
    /// # Errors
    /// The first contradiction.
    pub fn check(&self) -> Result<(), ConfigError> {
        let path = &self.base_path;
        let bad_byte = |b: u8| !(b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.' | b'~'));
        let shaped = path.is_empty()
            || path.starts_with('/')
                && !path.ends_with('/')
                && !path.bytes().any(bad_byte)
                && path.split('/').skip(1).all(|segment| !matches!(segment, "" | "." | ".."));
        if !shaped {
            return Err(ConfigError::BasePath(path.clone()));
        }
        Ok(self.settings.lifetimes.check()?)
    }

    pub(crate) fn clear_site_data_header(&self) -> Option<HeaderValue> {
        let directive = |data: &SiteData| match data {
            SiteData::Cache => "\"cache\"",
            SiteData::Cookies => "\"cookies\"",
            SiteData::Storage => "\"storage\"",
        };
        let directives: Vec<_> = self.clear_site_data.iter().map(directive).collect();
        if directives.is_empty() { None } else { HeaderValue::try_from(directives.join(", ")).ok() }
    }
}

/// The relying party of a public URL: passkeys are made for its host and answer on its origin. None where browsers have no
/// passkeys: for an address, and without https.
#[must_use]
pub fn relying_party_of(public_url: &Url) -> Option<Arc<RelyingParty>> {
    let host = public_url.host_str()?;
    RelyingParty::new(host, vec![public_url.clone()], host).ok().map(Arc::new)
}

fn default_settings(public_url: &Url) -> Settings {
    const DAY: u64 = 24 * 3600;
    const SIXTY: NonZeroU32 = NonZeroU32::new(60).unwrap();
    Settings {
        mode: Mode::default(),
        lifetimes: SessionLifetimes {
            access_ttl: Duration::from_secs(15 * 60),
            idle_ttl: Duration::from_secs(7 * DAY),
            absolute_ttl: Duration::from_secs(30 * DAY),
        },
        max_staleness: MAX_STALENESS,
        token_cache_bytes: DEFAULT_CACHE_BYTES,
        session_limit: SessionLimit { max_per_user: 5, on_limit: OnLimit::RevokeOldest },
        reuse_grace: Duration::from_secs(60),
        password: PasswordPolicy::DEFAULT,
        breached_passwords: None,
        hashing_cost: HashingCost { memory_kib: 19_456, iterations: 2, parallelism: 1 },
        guard: GuardPolicy::default(),
        login_rate: Rate { attempts: SIXTY, per: Duration::from_secs(60) },
        audit_retention: Some(Duration::from_secs(365 * 86_400)),
        second_factors: SecondFactorPolicy::default(),
        relying_party: relying_party_of(public_url),
        issuer: public_url.host_str().unwrap_or_default().to_owned(),
        setup_token: None,
    }
}
