//! Cookie attributes and names that browsers, or attackers on a sibling host, would turn against the user. The library
//! decides, because a program that embeds it has the same cookies; here are the words for the operator.

use doorward::cookies::{CookieSettingsError as Refused, SecureCookies};

use super::Contradiction;
use crate::config::settings::Settings;

pub(super) fn check(settings: &Settings) -> Result<(), Contradiction> {
    if settings.http.public_url.is_https() && settings.cookie.secure == SecureCookies::Never {
        return Err(Contradiction::new(
            "cookie.secure",
            format!(
                "http.public_url is {}: without Secure the cookies would travel over plain http as well; write \"auto\"",
                settings.http.public_url
            ),
        ));
    }
    settings.cookie_plan().map(drop).map_err(|refused| explain(refused, settings))
}

fn explain(refused: Refused, settings: &Settings) -> Contradiction {
    let public_url = &settings.http.public_url;
    match refused {
        // RFC 6265bis, 5.7: such a cookie is dropped, so that nobody could log in.
        Refused::SameSiteNoneWithoutSecure => Contradiction::new(
            "cookie.same_site",
            "browsers drop SameSite=None cookies without Secure: give http.public_url an https address, or set \
             cookie.secure to \"always\", or write \"strict\" or \"lax\"",
        ),
        Refused::Domain { .. } => Contradiction::new(
            "cookie.domain",
            format!(
                "http.public_url is {public_url}: browsers take a cookie for its host or a parent domain of that only; \
                 write that, or \"none\""
            ),
        ),
        Refused::SameName { setting, other, name } => {
            // The device cookie has no setting that could be mended.
            let (key, rival) = if other.starts_with("cookie.") { (other, setting) } else { (setting, other) };
            Contradiction::new(
                key,
                format!("{rival} is {name:?} as well: give each cookie a name of its own"),
            )
        }
        Refused::Prefix { setting, why, mend, .. } => Contradiction::new(
            setting,
            format!(
                "browsers drop a cookie with this prefix {why}: write the name without the prefix, or {mend}"
            ),
        ),
        Refused::Name { setting, .. } => {
            Contradiction::new(setting, "this is no cookie name: write letters, digits, - and _")
        }
        Refused::BasePath { .. } => Contradiction::new(
            "http.base_path",
            "this cannot be a cookie's path: write one such as \"/auth\"",
        ),
    }
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::{complaint, settings};

    #[test]
    fn what_browsers_would_drop_or_leak_is_refused() {
        const HTTPS: &str = "http.public_url = \"https://auth.example.com\"\n";
        for (file, key) in [
            ("cookie.same_site = \"none\"", "cookie.same_site"),
            ("cookie.secure = \"never\"", "cookie.secure"),
            ("cookie.domain = \"example.org\"", "cookie.domain"),
            ("cookie.domain = \"ample.com\"", "cookie.domain"),
            ("cookie.domain = \"a.auth.example.com\"", "cookie.domain"),
            ("cookie.session_name = \"a\"\ncookie.csrf_name = \"a\"", "cookie.csrf_name"),
            ("cookie.session_name = \"__Secure-dw_device\"", "cookie.session_name"),
            ("cookie.session_name = \"__Host-dw_csrf\"", "cookie.csrf_name"),
            ("cookie.session_name = \"__Secure-a\"", "cookie.session_name"),
            ("cookie.refresh_name = \"__Host-a\"", "cookie.refresh_name"),
            ("cookie.domain = \"example.com\"\ncookie.session_name = \"__Host-a\"", "cookie.session_name"),
        ] {
            let plain = !matches!(key, "cookie.secure" | "cookie.domain")
                && !file.contains("__Host")
                && !file.contains("device")
                && !file.contains("domain");
            let file = if plain { file.to_owned() } else { format!("{HTTPS}{file}") };
            let complaint = complaint(&file);
            assert!(complaint.starts_with(key), "{file}: {complaint}");
        }
    }

    #[test]
    fn the_same_settings_in_a_setting_that_keeps_them_are_taken() {
        for file in [
            "http.public_url = \"https://a.example.com\"\ncookie.same_site = \"none\"",
            "cookie.same_site = \"none\"\ncookie.secure = \"always\"",
            "cookie.secure = \"never\"",
            "http.public_url = \"https://auth.example.com\"\ncookie.domain = \"example.com\"\ncookie.refresh_name = \"__Host-a\"",
            "http.public_url = \"https://example.com\"\ncookie.domain = \"example.com\"",
            "http.public_url = \"https://example.com\"\ncookie.session_name = \"__Host-a\"\ncookie.refresh_name = \"__Secure-b\"",
        ] {
            let _ = settings(file);
        }
    }
}
