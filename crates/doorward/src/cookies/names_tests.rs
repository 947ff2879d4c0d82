use std::time::Duration;

use super::*;

const HTTPS: &str = "https://auth.example.com";
const HTTP: &str = "http://localhost:8080";

fn plan(settings: &CookieSettings, public_url: &str) -> Result<CookiePlan, CookieSettingsError> {
    CookiePlan::new(settings, &Url::parse(public_url).unwrap(), "/auth")
}

fn shown(plan: &CookiePlan) -> Vec<String> {
    let set = |kind| plan.cookie(kind).set("v", Duration::from_secs(1)).unwrap();
    CookieKind::ALL.into_iter().map(|kind| set(kind).to_str().unwrap().replace("=v; Max-Age=1", "")).collect()
}

#[test]
fn https_gives_prefixed_secure_cookies() {
    assert_eq!(
        shown(&plan(&CookieSettings::default(), HTTPS).unwrap()),
        [
            "__Host-dw_session; Path=/; Secure; HttpOnly; SameSite=Strict",
            "__Host-dw_csrf; Path=/; Secure; SameSite=Strict",
            "__Secure-dw_refresh; Path=/auth; Secure; HttpOnly; SameSite=Strict",
            "__Secure-dw_pending; Path=/auth; Secure; HttpOnly; SameSite=Strict",
            "__Secure-dw_device; Path=/auth; Secure; HttpOnly; SameSite=Strict",
        ]
    );
}

#[test]
fn http_gives_bare_names_without_secure() {
    assert_eq!(
        shown(&plan(&CookieSettings::default(), HTTP).unwrap()),
        [
            "dw_session; Path=/; HttpOnly; SameSite=Strict",
            "dw_csrf; Path=/; SameSite=Strict",
            "dw_refresh; Path=/auth; HttpOnly; SameSite=Strict",
            "dw_pending; Path=/auth; HttpOnly; SameSite=Strict",
            "dw_device; Path=/auth; HttpOnly; SameSite=Strict",
        ]
    );
}

#[test]
fn a_shared_domain_locks_the_private_cookies_to_our_host() {
    let settings = CookieSettings { domain: Some(".Example.com".to_owned()), ..CookieSettings::default() };
    assert_eq!(
        shown(&plan(&settings, HTTPS).unwrap()),
        [
            "__Secure-dw_session; Path=/; Domain=example.com; Secure; HttpOnly; SameSite=Strict",
            "__Secure-dw_csrf; Path=/; Domain=example.com; Secure; SameSite=Strict",
            "__Host-dw_refresh; Path=/; Secure; HttpOnly; SameSite=Strict",
            "__Host-dw_pending; Path=/; Secure; HttpOnly; SameSite=Strict",
            "__Host-dw_device; Path=/; Secure; HttpOnly; SameSite=Strict",
        ]
    );
}

#[test]
fn secure_can_be_forced_and_forbidden() {
    let always = CookieSettings { secure: SecureCookies::Always, ..CookieSettings::default() };
    assert_eq!(
        shown(&plan(&always, HTTP).unwrap())[0],
        "dw_session; Path=/; Secure; HttpOnly; SameSite=Strict"
    );
    let never = CookieSettings { secure: SecureCookies::Never, ..CookieSettings::default() };
    assert_eq!(shown(&plan(&never, HTTPS).unwrap())[0], "dw_session; Path=/; HttpOnly; SameSite=Strict");
}

#[test]
fn same_site_none_needs_secure() {
    let none = CookieSettings { same_site: SameSite::None, ..CookieSettings::default() };
    assert!(
        shown(&plan(&none, HTTPS).unwrap()).iter().all(|cookie| cookie.ends_with("Secure; SameSite=None")
            || cookie.ends_with("Secure; HttpOnly; SameSite=None"))
    );
    assert_eq!(plan(&none, HTTP), Err(CookieSettingsError::SameSiteNoneWithoutSecure));
    let never = CookieSettings { secure: SecureCookies::Never, ..none };
    assert_eq!(plan(&never, HTTPS), Err(CookieSettingsError::SameSiteNoneWithoutSecure));
}

fn renamed(session: &str, csrf: &str, refresh: &str) -> CookieSettings {
    let name = |name: &str| (!name.is_empty()).then(|| name.to_owned());
    CookieSettings {
        session_name: name(session),
        csrf_name: name(csrf),
        refresh_name: name(refresh),
        ..CookieSettings::default()
    }
}

#[test]
fn configured_names_are_used_exactly() {
    let plan = plan(&renamed("__Host-sid", "xsrf", "__Secure-r"), HTTPS).unwrap();
    let names: Vec<_> = CookieKind::ALL.iter().map(|kind| plan.cookie(*kind).name()).collect();
    assert_eq!(names, ["__Host-sid", "xsrf", "__Secure-r", "__Secure-dw_pending", "__Secure-dw_device"]);
}

#[test]
fn names_must_differ_also_from_the_ones_not_configured() {
    for settings in [
        renamed("a", "a", ""),
        renamed("a", "", "a"),
        renamed("", "a", "a"),
        renamed("__Host-dw_csrf", "", ""),
    ] {
        let error = plan(&settings, HTTPS).unwrap_err();
        assert!(matches!(error, CookieSettingsError::SameName { .. }), "{error}");
    }
    let device = plan(&renamed("dw_device", "", ""), HTTP).unwrap_err();
    assert!(matches!(device, CookieSettingsError::SameName { .. }));
}

#[test]
fn names_that_browsers_or_headers_break_on_are_refused() {
    for name in ["a b", "a;b", "a=b", "ä", "a,b", "\"a\"", "a\n", &"a".repeat(257)] {
        let error = plan(&renamed(name, "", ""), HTTPS).unwrap_err();
        assert!(matches!(error, CookieSettingsError::Name { setting: "cookie.session_name", .. }), "{error}");
    }
}

#[test]
fn a_prefix_must_be_kept_by_the_attributes() {
    let domain = |settings| CookieSettings { domain: Some("example.com".to_owned()), ..settings };
    let refused = [
        (renamed("__Host-s", "", ""), HTTP),
        (renamed("__Secure-s", "", ""), HTTP),
        (renamed("__sEcUrE-s", "", ""), HTTP),
        (domain(renamed("__Host-s", "", "")), HTTPS),
        (domain(renamed("", "__host-c", "")), HTTPS),
        (renamed("", "", "__Host-r"), HTTPS),
        (renamed("", "__Http-c", ""), HTTPS),
        (renamed("", "__Host-Http-c", ""), HTTPS),
    ];
    for (settings, public_url) in refused {
        let error = plan(&settings, public_url).unwrap_err();
        assert!(matches!(error, CookieSettingsError::Prefix { .. }), "{settings:?}: {error}");
    }
    for (settings, public_url) in [
        (renamed("__Host-Http-s", "__Host-c", "__Secure-r"), HTTPS),
        (domain(renamed("__Secure-s", "__Secure-c", "__Host-r")), HTTPS),
    ] {
        assert!(plan(&settings, public_url).is_ok(), "{settings:?}");
    }
}

#[test]
fn a_domain_must_cover_the_public_host() {
    let with = |domain: &str| CookieSettings { domain: Some(domain.to_owned()), ..CookieSettings::default() };
    for domain in ["auth.example.com", "example.com", ".example.com", "EXAMPLE.com"] {
        assert!(plan(&with(domain), HTTPS).is_ok(), "{domain}");
    }
    for domain in
        ["", ".", "com", "other.com", "ample.com", "app.example.com", "example.com.", "..example.com", "a;b"]
    {
        let error = plan(&with(domain), HTTPS).unwrap_err();
        assert!(matches!(error, CookieSettingsError::Domain { .. }), "{domain}: {error}");
    }
    assert!(plan(&with("127.0.0.1"), "http://127.0.0.1:8080").is_err());
}

#[test]
fn the_base_path_is_the_private_cookies_path() {
    let path = |base: &str| {
        let plan = CookiePlan::new(&CookieSettings::default(), &Url::parse(HTTPS).unwrap(), base);
        plan.map(|plan| plan.cookie(CookieKind::Refresh).path().to_owned())
    };
    assert_eq!(path("/auth/").unwrap(), "/auth");
    assert_eq!(path("").unwrap(), "/");
    assert_eq!(path("/").unwrap(), "/");
    for refused in ["auth", "/a;b", "/a b", "/ä"] {
        assert!(matches!(path(refused), Err(CookieSettingsError::BasePath { .. })), "{refused}");
    }
}

#[test]
fn messages_name_the_key_the_value_and_the_mend() {
    let error = plan(&renamed("", "", "__Host-r"), HTTPS).unwrap_err().to_string();
    for part in ["cookie.refresh_name", "__Host-r", "drop the prefix"] {
        assert!(error.contains(part), "{error}");
    }
}
