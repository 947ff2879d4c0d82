//! Settings that are allowed and weaken something: logged at each start.

use std::time::Duration;

use doorward::{cookies::SameSite, origins::WebOrigin};

use crate::config::duration::show;
use crate::config::public_url::PublicUrl;
use crate::config::settings::{Database, Settings};

/// Argon2id parameters of equal strength: memory in KiB and passes (OWASP Password Storage Cheat Sheet).
const STRONG_ENOUGH: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// The shortest password OWASP ASVS 5.0 (6.2.1) allows.
const LEAST_PASSWORD_LENGTH: u32 = 8;

/// The most failures in a row that NIST SP 800-63B-4 (3.2.2) allows an account.
const MOST_FAILURES: u32 = 100;

/// What a million guesses do not find, by zxcvbn's estimate.
const LEAST_STRENGTH: u8 = 2;

/// Longer than this, and a stolen device with a guessed password goes unnoticed.
const LONGEST_TRUST: Duration = Duration::from_secs(30 * 86_400);

/// One sentence for each weakness, naming the key, the value and the mend.
pub(in crate::config) fn warnings(settings: &Settings) -> Vec<String> {
    let mut found = Vec::new();
    let cost = &settings.hashing_cost;
    let strong =
        STRONG_ENOUGH.iter().any(|(memory, passes)| cost.memory_kib >= *memory && cost.iterations >= *passes);
    if !strong {
        found.push(format!(
            "password.argon2.memory_kib = {} with {} iterations is weaker than OWASP advises: stolen hashes are cheap to \
             crack; write at least 19456 with 2",
            cost.memory_kib, cost.iterations
        ));
    }
    if settings.password.min_length < LEAST_PASSWORD_LENGTH {
        found.push(format!(
            "password.min_length = {} lets passwords be guessed: write at least {LEAST_PASSWORD_LENGTH}",
            settings.password.min_length
        ));
    }
    database(settings, &mut found);
    guard(settings, &mut found);
    second_factors(settings, &mut found);
    if settings.password.min_strength < LEAST_STRENGTH {
        found.push(format!(
            "password.min_strength = {} lets people choose passwords that are found within a million guesses: write at \
             least {LEAST_STRENGTH}",
            settings.password.min_strength
        ));
    }
    if settings.cookie.same_site == SameSite::None {
        found.push(
            "cookie.same_site = \"none\" lets every site send requests with the user's cookies: only the CSRF token and \
             the origin check stand against it; write \"strict\" unless pages of other sites embed this one"
                .to_owned(),
        );
    }
    if !settings.http.public_url.is_https() && !settings.http.public_url.is_loopback() {
        found.push(format!(
            "http.public_url = \"{}\" is plain http: whoever is on the way reads passwords and cookies; write an https \
             address, with the reverse proxy keeping the certificate",
            settings.http.public_url
        ));
    }
    let default = PublicUrl::localhost();
    if settings.http.public_url == default && ![8080, 0].contains(&settings.http.listen.port()) {
        found.push(format!(
            "http.public_url = \"{default}\" is the default, and http.listen is {}: links and the setup URL lead to \
             another port; write the address that browsers use",
            settings.http.listen
        ));
    }
    for everyone in settings.http.trusted_proxies.iter().filter(|network| network.prefix_len() == 0) {
        found.push(format!(
            "http.trusted_proxies has \"{everyone}\": anybody who reaches the port can forge addresses and hosts; name \
             the proxy's own address"
        ));
    }
    for origin in
        settings.redirect_origins().iter().filter(|origin| !session_cookie_reaches(settings, origin))
    {
        found.push(format!(
            "http.redirect_origins has \"{}\", where the session cookie does not go: who signs in and returns there is \
             sent back to sign in; set cookie.domain to a domain that both hosts belong to, or serve {} on the app's host",
            origin.as_str(),
            settings.http.base_path
        ));
    }
    found
}

/// Who could take the database's place.
fn database(settings: &Settings, found: &mut Vec<String>) {
    let Database::Postgres(address) = &settings.database else { return };
    if let Some(host) = address.unverified_host() {
        found.push(format!(
            "store.url has sslmode={} and no authority to verify {host} by: whoever is on the way can read and change \
             everything that is remembered; write sslmode=verify-full&sslrootcert=FILE (or =system)",
            address.ssl_mode().word()
        ));
    }
}

/// What makes guessing easier than it need be, or does not do what it looks like.
fn guard(settings: &Settings, found: &mut Vec<String>) {
    let guard = &settings.guard;
    let threshold = guard.lockout.threshold.get();
    if threshold > MOST_FAILURES {
        found.push(format!(
            "lockout.threshold = {threshold} lets passwords be guessed: NIST SP 800-63B allows no more than \
             {MOST_FAILURES} failures in a row; write at most that"
        ));
    }
    for (key, delays) in [
        ("throttle.account_delays", &guard.account.delays),
        ("throttle.address_delays", &guard.address.delays),
    ] {
        if !delays.is_sorted() {
            found.push(format!(
                "{key} = [{}] does not ascend: a later failure waits for less than an earlier one; write the delays from \
                 the shortest to the longest",
                delays.iter().map(|delay| show(*delay)).collect::<Vec<_>>().join(", ")
            ));
        }
        if let Some(longest) = delays.iter().max().filter(|longest| **longest > guard.lockout.window) {
            found.push(format!(
                "{key} has {}, and failures are forgotten after lockout.window = {}, and the delay with them; write a \
                 window of at least the longest delay",
                show(*longest),
                show(guard.lockout.window)
            ));
        }
    }
}

/// What makes the second factor worth less than it looks.
fn second_factors(settings: &Settings, found: &mut Vec<String>) {
    if let Some(trust) = settings.second_factors.trust_device.filter(|trust| *trust > LONGEST_TRUST) {
        found.push(format!(
            "mfa.trust_device = \"{}\" lets whoever has the password and a copy of the device's cookie in for so long \
             without the factor; write at most {}",
            show(trust),
            show(LONGEST_TRUST)
        ));
    }
}

/// Whether browsers send the session cookie to this origin's host (ports do not matter to cookies).
fn session_cookie_reaches(settings: &Settings, origin: &WebOrigin) -> bool {
    let shared = settings.cookie.domain.as_deref().map(|domain| domain.strip_prefix('.').unwrap_or(domain));
    let host = origin.host();
    host == settings.http.public_url.origin().host()
        || shared.is_some_and(|domain| {
            host.eq_ignore_ascii_case(domain)
                || host.to_ascii_lowercase().ends_with(&format!(".{}", domain.to_ascii_lowercase()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::settings;

    #[test]
    fn the_defaults_warn_of_nothing() {
        assert_eq!(warnings(&Settings::default()), Vec::<String>::new());
    }

    #[test]
    fn a_shared_cookie_reaches_its_subdomains() {
        let file = "http.public_url = \"https://auth.example.com\"\ncookie.domain = \"example.com\"\n\
                    http.redirect_origins = [\"https://app.example.com\", \"https://example.com\"]";
        assert_eq!(warnings(&settings(file)), Vec::<String>::new());
        let found = warnings(&settings(&file.replace("app.example.com", "app.notexample.com")));
        assert!(matches!(found.as_slice(), [only] if only.contains("notexample")), "{found:?}");
    }

    #[test]
    fn each_weakness_is_named_by_its_key() {
        for (file, key) in [
            ("password.argon2.memory_kib = 19455", "password.argon2.memory_kib"),
            ("password.argon2.iterations = 1", "password.argon2.memory_kib"),
            ("password.min_length = 7", "password.min_length"),
            ("password.min_strength = 1", "password.min_strength"),
            ("lockout.threshold = 101", "lockout.threshold"),
            ("throttle.account_delays = [\"2s\", \"1s\"]", "throttle.account_delays"),
            ("throttle.address_delays = [\"16m\"]", "throttle.address_delays"),
            ("mfa.trust_device = \"31d\"", "mfa.trust_device"),
            ("cookie.same_site = \"none\"\ncookie.secure = \"always\"", "cookie.same_site"),
            ("http.public_url = \"http://auth.example.com\"", "http.public_url"),
            ("http.listen = \"127.0.0.1:9000\"", "http.public_url"),
            ("http.trusted_proxies = [\"0.0.0.0/0\"]", "http.trusted_proxies"),
            ("http.redirect_origins = [\"http://app.test:8080\"]", "http.redirect_origins"),
            ("store.url = \"postgres://u@db.example/d?sslmode=require\"", "store.url"),
        ] {
            let found = warnings(&settings(file));
            assert!(matches!(found.as_slice(), [only] if only.starts_with(key)), "{file}: {found:?}");
        }
    }
}
