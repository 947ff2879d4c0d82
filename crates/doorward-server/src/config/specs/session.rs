//! `session.*`, `refresh.*`, `revocation.*`, `verify.*`, `token.*`, `token_endpoint.*` and `logout.*`.

use std::time::Duration;

use doorward::config::SiteData;
use doorward_core::settings::{GREATEST_STALENESS, LEAST_STALENESS};

use super::Change::{Reload, Restart};
use super::{Spec, duration, word};
use crate::config::settings::Settings;
use crate::config::value::{Choice, Expected};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
/// Browsers forget any cookie after 400 days (RFC 6265bis, 5.5), so a longer session would be a promise not kept.
const LONGEST_COOKIE: Duration = Duration::from_secs(400 * 86_400);

/// 64 GiB: more than there are people.
const LARGEST_CACHE_MIB: u32 = 65_536;

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "session.access_ttl",
        Reload,
        "How long an access token lives before it has to be refreshed.",
        |settings, value| value.whole_seconds(SECOND, DAY).map(|ttl| settings.lifetimes.access_ttl = ttl),
        |settings| duration(settings.lifetimes.access_ttl),
    ),
    Spec::new(
        "session.idle_ttl",
        Reload,
        "A session that is not used for so long ends.",
        |settings, value| {
            value.whole_seconds(SECOND, LONGEST_COOKIE).map(|ttl| settings.lifetimes.idle_ttl = ttl)
        },
        |settings| duration(settings.lifetimes.idle_ttl),
    ),
    Spec::new(
        "session.absolute_ttl",
        Reload,
        "A session ends after so long, however much it is used.",
        |settings, value| {
            value.whole_seconds(SECOND, LONGEST_COOKIE).map(|ttl| settings.lifetimes.absolute_ttl = ttl)
        },
        |settings| duration(settings.lifetimes.absolute_ttl),
    ),
    Spec::new(
        "session.max_per_user",
        Reload,
        "How many sessions a user may have at once; 0 is no limit.",
        |settings, value| value.count(0, u32::MAX).map(|count| settings.session_limit.max_per_user = count),
        |settings| settings.session_limit.max_per_user.into(),
    ),
    Spec::new(
        "session.on_limit",
        Reload,
        "What a login beyond that does: \"revoke_oldest\" makes room, \"refuse\" refuses the login.",
        |settings, value| value.choice().map(|choice| settings.session_limit.on_limit = choice),
        |settings| word(settings.session_limit.on_limit),
    ),
    Spec::new(
        "refresh.reuse_grace",
        Reload,
        "For how long a client whose refresh got lost on the way may ask again. A replay later than that is theft.",
        |settings, value| {
            value.duration(Duration::ZERO, 3_600 * SECOND).map(|grace| settings.reuse_grace = grace)
        },
        |settings| duration(settings.reuse_grace),
    ),
    Spec::new(
        "revocation.max_staleness",
        Reload,
        "How long after it was ended a session may still be let in, on any node; 100ms to 1m. A node that cannot confirm \
         for so long which sessions have ended lets nobody in. Short is safe, long bears a slow or absent database.",
        |settings, value| {
            value.duration(LEAST_STALENESS, GREATEST_STALENESS).map(|bound| settings.max_staleness = bound)
        },
        |settings| duration(settings.max_staleness),
    ),
    Spec::new(
        "verify.cache_mib",
        Restart,
        "How much memory a node takes at most, in MiB, to remember access tokens that it has verified; it is taken as it \
         is needed. 32 are enough for 8,000 people at once as fast as can be, and for a million at a tenth of what a \
         new token costs. 0 verifies every signature anew.",
        |settings, value| value.count(0, LARGEST_CACHE_MIB).map(|mib| settings.token_cache_mib = mib),
        |settings| settings.token_cache_mib.into(),
    ),
    Spec::new(
        "token_endpoint.enabled",
        Reload,
        "Whether programs may get tokens in a response body instead of cookies.",
        |settings, value| value.boolean().map(|enabled| settings.token_endpoint_enabled = enabled),
        |settings| settings.token_endpoint_enabled.into(),
    ),
    Spec::new(
        "token.audience",
        Restart,
        "The audience (aud) that access tokens name. Its default is the public URL.",
        |settings, value| {
            let text = value.text()?;
            if text.is_empty() || text.len() > 512 || text.chars().any(char::is_control) {
                return Err("write the name or URL of who accepts the tokens".to_owned());
            }
            settings.token_audience = Some(text.to_owned());
            Ok(())
        },
        |settings| settings.token_audience().into(),
    ),
    Spec::new(
        "logout.clear_site_data",
        Reload,
        "What logout asks the browser to forget as well: \"cache\" (slow in some browsers), \"cookies\" (of the whole \
         registrable domain, other apps' and the known device's included), \"storage\".",
        |settings, value| {
            let items = if value.text() == Ok("none") { Vec::new() } else { value.list_of(site_data)? };
            settings.clear_site_data = items;
            Ok(())
        },
        |settings| settings.clear_site_data.iter().map(|item| item.word()).collect(),
    ),
];

fn site_data(text: &str) -> Result<SiteData, Expected> {
    SiteData::WORDS
        .iter()
        .find(|(word, _)| *word == text)
        .map(|(_, item)| *item)
        .ok_or_else(|| "write any of \"cache\", \"cookies\", \"storage\"".to_owned())
}
