//! Which names the cookies have, as the contract's table says.

use super::settings::Settings;

/// The names in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieNames {
    /// The session cookie.
    pub session: String,
    /// The CSRF cookie.
    pub csrf: String,
    /// The refresh cookie.
    pub refresh: String,
    /// The known-device cookie, which has no setting.
    pub device: String,
}

impl CookieNames {
    /// The configured names, or the contract's.
    ///
    /// The prefixes say what no other host could forge (RFC 6265bis, 4.1.3): `__Host-` forbids Domain and asks for
    /// Path=/, so with a cookie domain the shared cookies cannot have it, and the private ones trade their narrow
    /// path for it: a sibling host must not be able to plant them.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let cookie = &settings.cookie;
        let (shared, private) = match (settings.cookies_are_secure(), &cookie.domain) {
            (false, _) => ("", ""),
            (true, None) => ("__Host-", "__Secure-"),
            (true, Some(_)) => ("__Secure-", "__Host-"),
        };
        let name = |given: &Option<String>, prefix: &str, name: &str| {
            given.clone().unwrap_or_else(|| format!("{prefix}{name}"))
        };
        Self {
            session: name(&cookie.session_name, shared, "dw_session"),
            csrf: name(&cookie.csrf_name, shared, "dw_csrf"),
            refresh: name(&cookie.refresh_name, private, "dw_refresh"),
            device: name(&None, private, "dw_device"),
        }
    }

    /// Every name, with the key that sets it.
    pub(super) fn with_keys(&self) -> [(&'static str, &str); 4] {
        [
            ("cookie.session_name", &self.session),
            ("cookie.csrf_name", &self.csrf),
            ("cookie.refresh_name", &self.refresh),
            ("the known-device cookie", &self.device),
        ]
    }
}
