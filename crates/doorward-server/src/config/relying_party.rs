//! Whom passkeys are made for (WebAuthn Level 3, 4): what follows from the public URL, `http.allowed_origins` and
//! `passkeys.rp_id`.

use doorward_core::passkey::{InvalidRelyingParty, RelyingParty};
use url::Url;

use super::settings::Settings;

impl Settings {
    /// What authenticator apps and passkeys show as the name of this installation: the public URL's host.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.http.public_url.origin().host()
    }

    /// The domain that passkeys are made for. None where browsers have no passkeys: where the public URL names an address,
    /// or is plain http and leads elsewhere than to this machine.
    #[must_use]
    pub fn relying_party_id(&self) -> Option<&str> {
        let own = || self.http.public_url.as_url().domain();
        let offered = |host: &&str| may_ask(host, self.http.public_url.as_url());
        self.relying_party_id.as_deref().or_else(|| own().filter(offered))
    }

    /// Whom passkeys are made for, with the origins that may ask for them. None where browsers have no passkeys.
    ///
    /// # Errors
    /// [`InvalidRelyingParty`] for settings that contradict each other; settings that were loaded do not.
    pub fn relying_party(&self) -> Result<Option<RelyingParty>, InvalidRelyingParty> {
        self.relying_party_id()
            .map(|id| RelyingParty::new(id, self.passkey_origins(id), self.issuer()))
            .transpose()
    }

    /// The public URL's origin, and of `http.allowed_origins` those that browsers let ask for this domain's passkeys.
    fn passkey_origins(&self, id: &str) -> Vec<Url> {
        let own = self.http.public_url.origin();
        let others = self.http.allowed_origins.iter().flatten().filter(|origin| *origin != own);
        let others = others.filter_map(|origin| Url::parse(origin.as_str()).ok());
        let others = others.filter(|origin| may_ask(id, origin));
        std::iter::once(self.http.public_url.as_url().clone()).chain(others).collect()
    }
}

fn may_ask(id: &str, origin: &Url) -> bool {
    RelyingParty::new(id, vec![origin.clone()], id).is_ok()
}

#[cfg(test)]
mod tests {
    use doorward_core::passkey::RelyingParty;

    use crate::config::load::tests::settings;

    #[test]
    fn where_browsers_have_no_passkeys_there_are_none() {
        for (public_url, id) in [
            ("https://auth.example.com", Some("auth.example.com")),
            ("https://intranet", Some("intranet")),
            ("http://localhost:8080", Some("localhost")),
            ("http://127.0.0.1:8080", None),
            ("https://[2001:db8::1]", None),
            ("http://auth.example.com", None),
        ] {
            let given = settings(&format!("http.public_url = \"{public_url}\""));
            let party = given.relying_party().unwrap();
            assert_eq!(party.as_ref().map(RelyingParty::id), id, "{public_url}");
        }
    }

    #[test]
    fn the_origins_below_the_domain_ask_and_no_others() {
        let given = settings(
            "http.public_url = \"https://auth.example.com\"\npasskeys.rp_id = \"example.com\"\n\
             http.allowed_origins = [\"https://app.example.com:8443\", \"https://example.com\", \
             \"http://plain.example.com\", \"https://notexample.com\", \"https://auth.example.com\"]",
        );
        let origins: Vec<String> =
            given.passkey_origins("example.com").iter().map(ToString::to_string).collect();
        let expected = ["https://auth.example.com/", "https://app.example.com:8443/", "https://example.com/"];
        assert_eq!(origins, expected);
        assert!(given.relying_party().is_ok_and(|party| party.is_some()));
    }

    #[test]
    fn the_installation_is_named_after_its_host() {
        assert_eq!(
            settings("http.public_url = \"https://auth.example.com:8443\"").issuer(),
            "auth.example.com"
        );
    }
}
