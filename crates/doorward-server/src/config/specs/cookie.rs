//! `cookie.*`.

use doorward::cookies::CookieKind;
use serde_json::Value as Json;

use super::Change::Restart;
use super::{Spec, word};
use crate::config::rules;
use crate::config::settings::Settings;

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "cookie.secure",
        Restart,
        "Whether cookies are for https only: \"auto\" follows the public URL, \"always\", \"never\".",
        |settings, value| value.choice().map(|choice| settings.cookie.secure = choice),
        |settings| word(settings.cookie.secure),
    ),
    Spec::new(
        "cookie.same_site",
        Restart,
        "Which cross-site requests carry the cookies: \"strict\" none, \"lax\" links, \"none\" all of them.",
        |settings, value| value.choice().map(|choice| settings.cookie.same_site = choice),
        |settings| word(settings.cookie.same_site),
    ),
    Spec::new(
        "cookie.domain",
        Restart,
        "The parent domain whose hosts share the session cookie, for a Doorward on auth.example.com that protects \
         app.example.com: \"example.com\". Every host under it can then read and set that cookie. \"none\" shares it \
         with no other host.",
        |settings, value| {
            settings.cookie.domain = value.unless("none")?.map(rules::cookie_domain_syntax).transpose()?;
            Ok(())
        },
        |settings| settings.cookie.domain.as_deref().map_or("none".into(), Json::from),
    ),
    Spec::new(
        "cookie.session_name",
        Restart,
        "The session cookie's name. Its default carries the prefix that fits: __Host-, __Secure- or none.",
        |settings, value| {
            settings.cookie.session_name = Some(rules::cookie_name(value.text()?)?);
            Ok(())
        },
        |settings| name(settings, CookieKind::Session),
    ),
    Spec::new(
        "cookie.csrf_name",
        Restart,
        "The CSRF cookie's name. Its default carries the prefix that fits.",
        |settings, value| {
            settings.cookie.csrf_name = Some(rules::cookie_name(value.text()?)?);
            Ok(())
        },
        |settings| name(settings, CookieKind::Csrf),
    ),
    Spec::new(
        "cookie.refresh_name",
        Restart,
        "The refresh cookie's name. Its default carries the prefix that fits.",
        |settings, value| {
            settings.cookie.refresh_name = Some(rules::cookie_name(value.text()?)?);
            Ok(())
        },
        |settings| name(settings, CookieKind::Refresh),
    ),
];

/// The name in force; null where the settings contradict each other, which is refused before anything is shown.
fn name(settings: &Settings, kind: CookieKind) -> Json {
    settings.cookie_plan().map_or(Json::Null, |plan| plan.cookie(kind).name().into())
}
