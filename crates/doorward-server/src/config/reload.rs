//! SIGHUP: what can change in a running server, and what has to wait for a restart.

use super::specs::{self, Change};
use super::{Complaint, Layers, Loaded, Settings, load, rules};

/// The outcome of reading the configuration again.
#[derive(Debug, Clone)]
pub struct Reloaded {
    /// The configuration now in force.
    pub loaded: Loaded,
    /// Keys that changed and keep their old value until a restart.
    pub awaiting_restart: Vec<&'static str>,
}

/// Reads the layers again over the settings in force.
///
/// # Errors
/// As [`load`], and where the new settings contradict an old one that only a restart changes. The old configuration
/// stays in force then.
pub fn reload(in_force: &Settings, layers: &Layers) -> Result<Reloaded, Complaint> {
    let mut loaded = load(layers)?;
    let fixed = specs::settings().filter(|spec| spec.change == Change::Restart);
    let awaiting_restart = fixed
        .filter(|spec| (spec.get)(in_force) != (spec.get)(&loaded.settings))
        .map(|spec| spec.key)
        .collect();
    keep_fixed(&mut loaded.settings, in_force);
    rules::check(&loaded.settings).map_err(|found| {
        Complaint::new(
            found.key,
            format!("{} (together with settings that only a restart changes)", found.mend),
        )
    })?;
    Ok(Reloaded { loaded, awaiting_restart })
}

/// Puts the old values of what only a restart changes in place of the new.
fn keep_fixed(new: &mut Settings, old: &Settings) {
    let reloadable = new.clone();
    *new = old.clone();
    new.http.trusted_proxies = reloadable.http.trusted_proxies;
    new.http.allowed_origins = reloadable.http.allowed_origins;
    new.http.redirect_origins = reloadable.http.redirect_origins;
    new.lifetimes = reloadable.lifetimes;
    new.max_staleness = reloadable.max_staleness;
    new.session_limit = reloadable.session_limit;
    new.reuse_grace = reloadable.reuse_grace;
    new.token_endpoint_enabled = reloadable.token_endpoint_enabled;
    new.clear_site_data = reloadable.clear_site_data;
    new.guard = reloadable.guard;
    new.login_rate = reloadable.login_rate;
    new.audit_retention = reloadable.audit_retention;
    new.password = reloadable.password;
    new.breached_filter = reloadable.breached_filter;
    new.hashing_cost = reloadable.hashing_cost;
    new.second_factors = reloadable.second_factors;
    new.policies = reloadable.policies;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ConfigFile;

    /// A value for every setting that is not its default.
    const CHANGED: &str = r#"
        mode = "single_operator"
        data_dir = "elsewhere"
        store.url = "sqlite:other.db"
        store.pool_size = 2
        store.timeout = "1s"
        store.prepared_statements = false
        node.name = "blue"
        setup.token = "0123456789abcdef0123456789abcdef"
        csrf.header = "X-Other"
        rate_limit.login = "1/second"
        refresh.reuse_grace = "1s"
        revocation.max_staleness = "2s"
        verify.cache_mib = 1
        token_endpoint.enabled = true
        token.audience = "me"
        logout.clear_site_data = ["cache"]
        [http]
        listen = "127.0.0.1:1"
        admin_listen = "127.0.0.1:2"
        public_url = "https://auth.example.com"
        base_path = "/other"
        trusted_proxies = ["10.0.0.1"]
        allowed_origins = ["https://a.example"]
        redirect_origins = ["https://b.example"]
        [session]
        access_ttl = "1m"
        idle_ttl = "2m"
        absolute_ttl = "3m"
        max_per_user = 1
        on_limit = "refuse"
        [cookie]
        secure = "always"
        same_site = "lax"
        domain = "example.com"
        session_name = "a"
        csrf_name = "b"
        refresh_name = "c"
        [audit]
        retention = 0
        [password]
        min_length = 9
        min_length_single_factor = 15
        min_strength = 3
        breached_filter = "breached.filter"
        argon2 = { memory_kib = 64, iterations = 3, parallelism = 2 }
        [mfa]
        required = "admins"
        trust_device = "1h"
        [passkeys]
        rp_id = "example.com"
        [lockout]
        threshold = 11
        window = "1m"
        duration = "1h"
        [throttle]
        account_delays = ["3s"]
        address_delays = []
        address_free_failures = 0
        [policies.admin]
        aal = 2
    "#;

    fn file(text: &str) -> Layers {
        let file = ConfigFile { path: "doorward.toml".into(), text: text.to_owned() };
        Layers { file: Some(file), ..Layers::default() }
    }

    #[test]
    fn each_setting_changes_or_waits_as_the_list_says() {
        let old = Settings::default();
        let new = load(&file(CHANGED)).unwrap().settings;
        let reloaded = reload(&old, &file(CHANGED)).unwrap();
        let mut waiting = Vec::new();
        for spec in specs::settings() {
            assert_ne!((spec.get)(&old), (spec.get)(&new), "{} is not changed by this test", spec.key);
            let mut expected = (spec.get)(if spec.change == Change::Reload { &new } else { &old });
            if let Some(origins) = expected.as_array_mut().filter(|_| spec.key.ends_with("_origins")) {
                origins[0] = "http://localhost:8080".into();
            }
            assert_eq!((spec.get)(&reloaded.loaded.settings), expected, "{}", spec.key);
            if spec.change == Change::Restart {
                waiting.push(spec.key);
            }
        }
        assert_eq!(reloaded.awaiting_restart, waiting);
        assert_eq!(reloaded.loaded.settings.policies, new.policies);
    }

    #[test]
    fn an_invalid_file_is_refused() {
        assert!(reload(&Settings::default(), &file("session.max_per_user = -1")).is_err());
    }

    #[test]
    fn the_same_file_changes_nothing() {
        let old = load(&file(CHANGED)).unwrap().settings;
        let reloaded = reload(&old, &file(CHANGED)).unwrap();
        assert_eq!((reloaded.loaded.settings, reloaded.awaiting_restart), (old, vec![]));
    }
}
