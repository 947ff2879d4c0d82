//! `BASE/keepalive.js`: the script that keeps classic apps signed in while a page is open.

use serde::Serialize;

/// Its `Content-Type`.
pub const CONTENT_TYPE: &str = "text/javascript; charset=utf-8";

/// Its `Cache-Control`. The address is part of the contract and carries no hash, and the settings may change with the
/// configuration, so it is cached only briefly.
pub const CACHE_CONTROL: &str = "public, max-age=300";

const TEMPLATE: &str = include_str!("assets/keepalive.js");
/// Stands in the script where the settings go. A string literal, so that the script as it is stays valid JavaScript.
const PLACEHOLDER: &str = "\"@SETTINGS@\"";

/// What the script must know of the configuration.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct KeepaliveSettings {
    /// `session.access_ttl` in seconds: it refreshes at half of it.
    pub access_ttl_seconds: u64,
    /// The CSRF cookie's full name, prefix included. Only this one is read.
    pub csrf_cookie: String,
    /// `csrf.header`.
    pub csrf_header: String,
}

/// The script, for these settings. The same for everybody: no secret goes in.
#[must_use]
pub fn script(settings: &KeepaliveSettings) -> String {
    // Two strings and a number always serialise; an empty object makes the script do nothing.
    let json = serde_json::to_string(settings).unwrap_or_else(|_| "{}".to_owned());
    TEMPLATE.replacen(PLACEHOLDER, &json, 1)
}

#[cfg(test)]
mod tests {
    use super::{KeepaliveSettings, PLACEHOLDER, TEMPLATE, script};

    #[test]
    fn the_settings_are_filled_in_as_json() {
        let settings = KeepaliveSettings {
            access_ttl_seconds: 900,
            csrf_cookie: "__Host-dw_csrf".to_owned(),
            csrf_header: "X-\"CSRF\"".to_owned(),
        };
        assert_eq!(TEMPLATE.matches(PLACEHOLDER).count(), 1);
        let script = script(&settings);
        assert!(!script.contains("@SETTINGS@"));
        assert!(script.contains(
            r#"const settings = {"accessTtlSeconds":900,"csrfCookie":"__Host-dw_csrf","csrfHeader":"X-\"CSRF\""};"#
        ));
    }
}
