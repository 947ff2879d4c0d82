//! Settings that are allowed and weaken something: logged at each start.

use doorward::cookies::SameSite;

use crate::config::public_url::PublicUrl;
use crate::config::settings::Settings;

/// Argon2id parameters of equal strength: memory in KiB and passes (OWASP Password Storage Cheat Sheet).
const STRONG_ENOUGH: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// The shortest password OWASP ASVS 5.0 (6.2.1) allows.
const LEAST_PASSWORD_LENGTH: u32 = 8;

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
    found
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
    fn each_weakness_is_named_by_its_key() {
        for (file, key) in [
            ("password.argon2.memory_kib = 19455", "password.argon2.memory_kib"),
            ("password.argon2.iterations = 1", "password.argon2.memory_kib"),
            ("password.min_length = 7", "password.min_length"),
            ("cookie.same_site = \"none\"\ncookie.secure = \"always\"", "cookie.same_site"),
            ("http.public_url = \"http://auth.example.com\"", "http.public_url"),
            ("http.listen = \"127.0.0.1:9000\"", "http.public_url"),
            ("http.trusted_proxies = [\"0.0.0.0/0\"]", "http.trusted_proxies"),
        ] {
            let found = warnings(&settings(file));
            assert!(matches!(found.as_slice(), [only] if only.starts_with(key)), "{file}: {found:?}");
        }
    }
}
