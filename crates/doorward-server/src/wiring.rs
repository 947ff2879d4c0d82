//! From the operator's settings to what core takes.

use axum::http::HeaderName;
use doorward::Config;
use doorward::config::{CsrfPolicy, Policy, ProxyKind, SiteData};
use doorward_core::password::{HashingCost, PasswordPolicy};
use doorward_core::rate_limit::Rate;
use doorward_core::secret::PlainToken;
use doorward_core::session::{OnLimit, SessionLifetimes, SessionLimit};
use doorward_core::settings::Settings as CoreSettings;

use crate::Failure;
use crate::config::{self, Settings};

/// The settings as the use cases take them.
pub(crate) fn core_settings(settings: &Settings) -> CoreSettings {
    let session = &settings.session;
    let password = &settings.password;
    CoreSettings {
        lifetimes: SessionLifetimes {
            access_ttl: session.access_ttl,
            idle_ttl: session.idle_ttl,
            absolute_ttl: session.absolute_ttl,
        },
        session_limit: SessionLimit {
            max_per_user: session.max_per_user,
            on_limit: match session.on_limit {
                config::OnLimit::RevokeOldest => OnLimit::RevokeOldest,
                config::OnLimit::Refuse => OnLimit::Refuse,
            },
        },
        reuse_grace: settings.reuse_grace,
        password: PasswordPolicy { min_length: password.min_length },
        hashing_cost: HashingCost {
            memory_kib: password.argon2_memory_kib,
            iterations: password.argon2_iterations,
            parallelism: password.argon2_parallelism,
        },
        login_rate: Rate { attempts: settings.login_rate.count, per: settings.login_rate.per.duration() },
        setup_token: settings.setup_token.as_ref().map(|token| PlainToken::new(token.reveal().to_owned())),
    }
}

/// The settings as the library takes them.
///
/// # Errors
/// [`Failure`] for values that the configuration's own checks let through and the library does not take.
pub(crate) fn library_config(settings: &Settings) -> Result<Config, Failure> {
    let refused = |error| Failure::failed("cannot use the configuration", error);
    let policies = settings.policies.iter().map(|(name, policy)| Ok((name.clone(), library_policy(policy)?)));
    let header = HeaderName::try_from(settings.csrf_header.as_str())
        .map_err(|error| Failure::failed("cannot use csrf.header", error))?;
    Ok(Config {
        base_path: settings.http.base_path.clone(),
        trusted_proxies: settings.http.trusted_proxies.iter().copied().collect(),
        allowed_origins: settings.allowed_origins(),
        redirect_origins: settings.redirect_origins(),
        cookies: settings.cookie_settings(),
        csrf_header: header,
        clear_site_data: settings.clear_site_data.iter().map(library_site_data).collect(),
        token_endpoint: settings.token_endpoint_enabled,
        audience: settings.token_audience.clone(),
        policies: policies.collect::<Result<_, Failure>>()?,
        settings: core_settings(settings),
        ..Config::new(&settings.http.public_url.to_string()).map_err(refused)?
    })
}

fn library_policy(policy: &config::Policy) -> Result<Policy, Failure> {
    let roles = policy.roles_any.iter().map(|role| role.parse()).collect::<Result<_, _>>();
    Ok(Policy {
        roles_any: roles.map_err(|error| Failure::failed("cannot use policies.NAME.roles_any", error))?,
        aal: policy.aal.0,
        max_age: policy.max_age,
        redirect: policy.redirect,
        csrf: match policy.csrf {
            config::Csrf::Origin => CsrfPolicy::Origin,
            config::Csrf::Token => CsrfPolicy::Token,
            config::Csrf::Off => CsrfPolicy::Off,
        },
        proxy: match policy.proxy {
            config::Proxy::Generic => ProxyKind::Generic,
            config::Proxy::Nginx => ProxyKind::Nginx,
        },
    })
}

const fn library_site_data(data: &config::SiteData) -> SiteData {
    match data {
        config::SiteData::Cache => SiteData::Cache,
        config::SiteData::Cookies => SiteData::Cookies,
        config::SiteData::Storage => SiteData::Storage,
    }
}

/// The address of one of our pages.
pub(crate) fn page_url(settings: &Settings, path: &str) -> String {
    format!("{}{}{path}", settings.http.public_url, settings.http.base_path)
}

/// The address of the setup page; without a token, whoever opens it enters one.
pub(crate) fn setup_url(settings: &Settings, token: Option<&PlainToken>) -> String {
    let page = page_url(settings, "/setup");
    // The token is base64url: nothing in it needs escaping.
    token.map_or_else(|| page.clone(), |token| format!("{page}?token={}", token.reveal()))
}
