//! Passkeys that no browser would make or offer.

use doorward_core::passkey::InvalidRelyingParty;

use super::Contradiction;
use crate::config::settings::Settings;

pub(super) fn check(settings: &Settings) -> Result<(), Contradiction> {
    let public_url = &settings.http.public_url;
    let Err(refused) = settings.relying_party() else { return Ok(()) };
    let mend = match refused {
        _ if public_url.as_url().domain().is_none() => {
            "browsers have passkeys for names, and not for addresses; give http.public_url a name, or take \
             passkeys.rp_id out"
        }
        InvalidRelyingParty::Insecure => {
            "browsers have passkeys on https only, and on localhost; give http.public_url an https address, or take \
             passkeys.rp_id out"
        }
        InvalidRelyingParty::NotADomain | InvalidRelyingParty::NoOrigin | InvalidRelyingParty::Elsewhere => {
            "browsers take passkeys for its host, or a parent domain of two parts or more; write that, or take \
             passkeys.rp_id out"
        }
    };
    Err(Contradiction::new("passkeys.rp_id", format!("http.public_url is {public_url}: {mend}")))
}

#[cfg(test)]
mod tests {
    use crate::config::load::tests::{complaint, settings};

    fn file(public_url: &str, rp_id: &str) -> String {
        format!("http.public_url = \"{public_url}\"\npasskeys.rp_id = \"{rp_id}\"")
    }

    #[test]
    fn passkeys_are_made_for_the_public_urls_host_or_above_it() {
        for (public_url, rp_id) in [
            ("https://auth.example.com", "auth.example.com"),
            ("https://auth.example.com:8443", "example.com"),
            ("https://auth.example.com", "EXAMPLE.com"),
            ("https://intranet", "intranet"),
            ("http://localhost:8080", "localhost"),
            ("http://app.dev.localhost", "dev.localhost"),
        ] {
            let given = settings(&file(public_url, rp_id));
            assert_eq!(given.relying_party_id(), Some(rp_id.to_lowercase().as_str()));
        }
    }

    #[test]
    fn what_browsers_would_not_take_is_refused_with_the_mend() {
        for (public_url, rp_id, mend) in [
            ("https://auth.example.com", "example.org", "parent domain"),
            ("https://auth.example.com", "ample.com", "parent domain"),
            ("https://auth.example.com", "a.auth.example.com", "parent domain"),
            ("https://auth.example.com", "com", "two parts"),
            ("http://app.localhost", "localhost", "two parts"),
            ("https://192.0.2.1", "example.com", "names, and not for addresses"),
            ("http://[::1]:8080", "localhost", "names, and not for addresses"),
            ("http://auth.example.com", "auth.example.com", "https only"),
        ] {
            let complaint = complaint(&file(public_url, rp_id));
            assert!(complaint.starts_with("passkeys.rp_id = "), "{complaint}");
            assert!(complaint.contains(public_url) && complaint.contains(mend), "{complaint}");
        }
    }
}
