//! From the operator's settings to what the library takes.

use std::sync::Arc;

use doorward::{Config, ConfigError};
use doorward_core::rate_limit::Rate;
use doorward_core::secret::PlainToken;
use doorward_core::settings::Settings as CoreSettings;
use http::HeaderName;

use crate::config::{DatabaseInUse, Settings};
use crate::{Failure, breached};

/// The settings as the library takes them.
///
/// # Errors
/// [`Failure::Unusable`] where the library sees a contradiction that loading did not, or the file of breached passwords
/// cannot be used.
pub(crate) fn library_config(settings: &Settings) -> Result<Config, Failure> {
    let unusable = |error: ConfigError| Failure::Unusable(error.to_string());
    let mut config = Config::new(&settings.http.public_url.to_string()).map_err(unusable)?;
    config.base_path.clone_from(&settings.http.base_path);
    config.trusted_proxies = settings.http.trusted_proxies.iter().copied().collect();
    config.allowed_origins = settings.allowed_origins();
    config.redirect_origins = settings.redirect_origins();
    config.cookies = settings.cookie.clone();
    config.csrf_header = HeaderName::try_from(&settings.csrf_header)
        .map_err(|error| Failure::Unusable(format!("csrf.header = {:?}: {error}", settings.csrf_header)))?;
    config.clear_site_data.clone_from(&settings.clear_site_data);
    config.token_endpoint = settings.token_endpoint_enabled;
    config.audience = Some(settings.token_audience());
    config.node_name = node_name(settings);
    // The default policy exists, unless the operator has written another one of that name.
    config.policies.extend(settings.policies.clone());
    config.settings = core_settings(settings);
    let relying_party = settings.relying_party().map_err(|error| Failure::Unusable(error.to_string()))?;
    config.settings.relying_party = relying_party.map(Arc::new);
    config.settings.breached_passwords = breached::open_configured(settings)?;
    config.check().map_err(unusable)?;
    Ok(config)
}

/// What this node is called among those that share its database; nothing where none do.
fn node_name(settings: &Settings) -> Option<String> {
    let DatabaseInUse::Postgres(_) = settings.database() else { return None };
    let by_place = || {
        let machine = rustix::system::uname();
        // A port that the system chooses is not known yet; the process's number tells nodes of one machine apart as well.
        let port = Some(settings.http.listen.port()).filter(|port| *port != 0);
        let number = port.map_or_else(std::process::id, u32::from);
        format!("{}:{number}", machine.nodename().to_string_lossy())
    };
    Some(settings.node_name.clone().unwrap_or_else(by_place))
}

fn core_settings(settings: &Settings) -> CoreSettings {
    CoreSettings {
        mode: settings.mode,
        lifetimes: settings.lifetimes,
        max_staleness: settings.max_staleness,
        token_cache_bytes: settings.token_cache_bytes(),
        session_limit: settings.session_limit,
        reuse_grace: settings.reuse_grace,
        password: settings.password,
        breached_passwords: None,
        hashing_cost: settings.hashing_cost,
        guard: settings.guard.clone(),
        second_factors: settings.second_factors,
        relying_party: None,
        issuer: settings.issuer().to_owned(),
        login_rate: Rate { attempts: settings.login_rate.count, per: settings.login_rate.per.duration() },
        audit_retention: (!settings.audit_retention.is_zero()).then_some(settings.audit_retention),
        setup_token: settings.setup_token.as_ref().map(|token| PlainToken::new(token.reveal().to_owned())),
    }
}
