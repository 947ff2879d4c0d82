//! Cookie attributes and names that browsers, or attackers on a sibling host, would turn against the user.

use super::Contradiction;
use crate::config::cookie_names::CookieNames;
use crate::config::settings::{SameSite, Secure, Settings};

pub(super) fn check(settings: &Settings) -> Result<(), Contradiction> {
    secure(settings)?;
    domain(settings)?;
    names(&CookieNames::of(settings))?;
    prefixes(settings)
}

fn secure(settings: &Settings) -> Result<(), Contradiction> {
    if settings.http.public_url.is_https() && settings.cookie.secure == Secure::Never {
        return Err(Contradiction::new(
            "cookie.secure",
            format!(
                "http.public_url is {}: without Secure the cookies would travel over plain http as well; write \"auto\"",
                settings.http.public_url
            ),
        ));
    }
    // RFC 6265bis, 5.7: a cookie of SameSite=None without Secure is dropped, so that nobody could log in.
    if settings.cookie.same_site == SameSite::None && !settings.cookies_are_secure() {
        return Err(Contradiction::new(
            "cookie.same_site",
            "browsers drop SameSite=None cookies without Secure: give http.public_url an https address, or set \
             cookie.secure to \"always\", or write \"strict\" or \"lax\"",
        ));
    }
    Ok(())
}

fn domain(settings: &Settings) -> Result<(), Contradiction> {
    let Some(domain) = &settings.cookie.domain else { return Ok(()) };
    let fits = settings.http.public_url.domain().is_some_and(|host| {
        host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if fits {
        return Ok(());
    }
    Err(Contradiction::new(
        "cookie.domain",
        format!(
            "http.public_url is {}: browsers take a cookie for its host or a parent domain of that only; write that, \
             or \"none\"",
            settings.http.public_url
        ),
    ))
}

fn names(names: &CookieNames) -> Result<(), Contradiction> {
    let all = names.with_keys();
    for (at, (key, name)) in all.iter().enumerate() {
        for (other_key, other) in all.iter().skip(at + 1) {
            // Browsers compare prefixes without regard to case, and people do so with names.
            if name.eq_ignore_ascii_case(other) {
                let subject = if other_key.contains('.') { *other_key } else { *key };
                let rival = if subject == *key { other_key } else { key };
                return Err(Contradiction::new(
                    subject,
                    format!("{rival} has the same name {name:?}: give it another"),
                ));
            }
        }
    }
    Ok(())
}

/// A prefix that the attributes do not keep makes browsers drop the cookie without a word (RFC 6265bis, 4.1.3).
fn prefixes(settings: &Settings) -> Result<(), Contradiction> {
    let names = CookieNames::of(settings);
    let shared = settings.cookie.domain.is_some();
    // Whether each cookie is confined to this host and the path /, as CookieNames explains.
    let confined = [!shared, !shared, shared, shared];
    for ((key, name), confined) in names.with_keys().into_iter().zip(confined) {
        let starts =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let (host, secure) = (starts("__Host-"), starts("__Secure-"));
        if (host || secure) && !settings.cookies_are_secure() {
            return Err(Contradiction::new(
                key,
                "browsers take this prefix over https only: leave it out, or give http.public_url an https address",
            ));
        }
        if host && !confined {
            let why = if shared {
                "cookie.domain is set, which it forbids"
            } else {
                "this cookie has a path, which it forbids"
            };
            return Err(Contradiction::new(key, format!("{why}: write __Secure- in place of __Host-")));
        }
    }
    Ok(())
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
            ("cookie.session_name = \"__secure-DW_device\"", "cookie.session_name"),
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
