//! From the operator's settings to what core takes.

use doorward_core::access_token::TokenRules;
use doorward_core::password::{HashingCost, PasswordPolicy};
use doorward_core::rate_limit::Rate;
use doorward_core::secret::PlainToken;
use doorward_core::session::{OnLimit, SessionLifetimes, SessionLimit};
use doorward_core::settings::Settings as CoreSettings;

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

/// Who issues tokens for whom.
pub(crate) fn token_rules(settings: &Settings) -> TokenRules {
    TokenRules {
        issuer: format!("{}{}", settings.http.public_url, settings.http.base_path),
        audience: settings.token_audience(),
        access_ttl: settings.session.access_ttl,
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
