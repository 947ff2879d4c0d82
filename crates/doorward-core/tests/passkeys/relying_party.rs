//! Who may ask for passkeys, and from where.

use doorward_core::passkey::{InvalidRelyingParty, PasskeyError, RelyingParty};
use doorward_testkit::authenticator::Authenticator;

use crate::stage::{ORIGIN, PASSWORDLESS, Stage};

fn party(id: &str, origins: &[&str]) -> Result<RelyingParty, InvalidRelyingParty> {
    let origins = origins.iter().map(|origin| origin.parse().unwrap()).collect();
    RelyingParty::new(id, origins, "Example")
}

#[test]
fn a_relying_party_is_a_domain_and_asks_from_there_or_below() {
    for (id, origins) in [
        ("example.com", &["https://example.com", "https://auth.example.com:8443/auth"][..]),
        ("intranet", &["https://intranet"]),
        ("localhost", &["http://localhost:8080"]),
        ("auth.localhost", &["http://auth.localhost:8080"]),
    ] {
        assert_eq!(party(id, origins).unwrap().id(), id);
    }
}

#[test]
fn what_no_browser_would_answer_is_refused_at_once() {
    for (id, origins, why) in [
        ("192.0.2.1", &["https://192.0.2.1"][..], InvalidRelyingParty::NotADomain),
        ("[2001:db8::1]", &["https://[2001:db8::1]"], InvalidRelyingParty::NotADomain),
        ("https://example.com", &["https://example.com"], InvalidRelyingParty::NotADomain),
        ("Example.com", &["https://example.com"], InvalidRelyingParty::NotADomain),
        ("", &["https://example.com"], InvalidRelyingParty::NotADomain),
        ("example.com", &[], InvalidRelyingParty::NoOrigin),
        ("example.com", &["http://example.com"], InvalidRelyingParty::Insecure),
        ("example.com", &["ftp://example.com"], InvalidRelyingParty::Insecure),
        ("localhost", &["ftp://localhost"], InvalidRelyingParty::Insecure),
        ("example.com", &["https://example.org"], InvalidRelyingParty::Elsewhere),
        ("example.com", &["https://badexample.com"], InvalidRelyingParty::Elsewhere),
        ("example.com", &["https://example.com", "https://example.org"], InvalidRelyingParty::Elsewhere),
        ("auth.example.com", &["https://example.com"], InvalidRelyingParty::Elsewhere),
        ("com", &["https://example.com"], InvalidRelyingParty::Elsewhere),
        ("localhost", &["http://auth.localhost"], InvalidRelyingParty::Elsewhere),
    ] {
        assert_eq!(party(id, origins).err(), Some(why), "{id} {origins:?}");
    }
}

#[test]
fn only_the_very_origins_that_were_named_are_answered() {
    let stage = Stage::new();
    let (phone, passkey) = stage.phone();
    for origin in [
        "https://evil.test",
        "https://example.com",
        "https://sub.auth.example.com",
        "https://auth.example.com:8443",
        "https://auth.example.com.evil.test",
        "http://auth.example.com",
        "https://AUTH.example.com",
        "https://auth.example.com/",
        "https://auth.example.com/auth",
        "https://auth.example.com@evil.test",
        "null",
        "",
    ] {
        let mut phished = phone.clone();
        phished.origin = origin.to_owned();
        let refused = stage.authenticate(PASSWORDLESS, &passkey, &mut phished);
        assert_eq!(refused, Err(PasskeyError::WrongOrigin), "{origin}");
        let mut phished = Authenticator::at(origin);
        assert_eq!(stage.register(&mut phished).err(), Some(PasskeyError::WrongOrigin), "{origin}");
    }
}

#[test]
fn a_page_in_a_frame_of_another_site_is_not_answered() {
    let stage = Stage::new();
    let (phone, passkey) = stage.phone();
    for (cross_origin, top_origin) in [(true, None), (true, Some("https://evil.test")), (false, Some(ORIGIN))]
    {
        let mut framed = phone.clone();
        framed.cross_origin = cross_origin;
        framed.top_origin = top_origin.map(ToOwned::to_owned);
        let refused = stage.authenticate(PASSWORDLESS, &passkey, &mut framed);
        assert_eq!(refused, Err(PasskeyError::WrongOrigin), "{cross_origin} {top_origin:?}");
        let mut framed = Authenticator { cross_origin, ..Authenticator::at(ORIGIN) };
        framed.top_origin = top_origin.map(ToOwned::to_owned);
        assert_eq!(stage.register(&mut framed).err(), Some(PasskeyError::WrongOrigin));
    }
}

#[test]
fn an_answer_for_another_relying_party_is_none_for_this_one() {
    let stage = Stage::new();
    let (mut phone, passkey) = stage.phone();
    for id in ["example.com", "evil.test", "AUTH.example.com"] {
        phone.rp_id = Some(id.to_owned());
        let refused = stage.authenticate(PASSWORDLESS, &passkey, &mut phone);
        assert_eq!(refused, Err(PasskeyError::WrongOrigin), "{id}");
        let mut other = Authenticator::at(ORIGIN);
        other.rp_id = Some(id.to_owned());
        assert_eq!(stage.register(&mut other).err(), Some(PasskeyError::WrongOrigin), "{id}");
    }
}
