//! `mfa.*` and `passkeys.*`.

use std::time::Duration;

use serde_json::Value as Json;

use super::Change::{Reload, Restart};
use super::{Spec, duration, word};
use crate::config::duration::show;
use crate::config::rules;
use crate::config::settings::Settings;
use crate::config::value::{Expected, Value};

/// Less, and the factor is asked for again at once.
const SHORTEST_TRUST: Duration = Duration::from_secs(60);
/// As long as browsers keep the cookie by which a device is known.
const LONGEST_TRUST: Duration = Duration::from_secs(180 * 86_400);

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "mfa.required",
        Reload,
        "Who needs a second factor: \"never\" leaves it to each user, \"admins\" demands one of administrators, \
         \"everyone\" of all. Who has none is led to set one up, and can do nothing else until then.",
        |settings, value| value.choice().map(|choice| settings.second_factors.required = choice),
        |settings| word(settings.second_factors.required),
    ),
    Spec::new(
        "mfa.trust_device",
        Reload,
        "For how long somebody may skip their second factor on a device that they choose to trust; the password is asked \
         for all the same. \"off\" asks for the factor at each login.",
        |settings, value| trust(value).map(|trust| settings.second_factors.trust_device = trust),
        |settings| settings.second_factors.trust_device.map_or("off".into(), duration),
    ),
    Spec::new(
        "passkeys.rp_id",
        Restart,
        "The domain that passkeys are made for: the public URL's host, which is the default, or a parent domain of it. \
         Browsers offer passkeys to that domain only: whoever changes it makes all of them useless.",
        |settings, value| {
            settings.relying_party_id = Some(rules::domain_name(value.text()?)?);
            Ok(())
        },
        |settings| settings.relying_party_id().map_or(Json::Null, Json::from),
    ),
];

fn trust(value: &Value) -> Result<Option<Duration>, Expected> {
    if value.unless("off") == Ok(None) {
        return Ok(None);
    }
    let trust = value.whole_seconds(Duration::ZERO, LONGEST_TRUST)?;
    if !trust.is_zero() && trust < SHORTEST_TRUST {
        return Err(format!("write \"off\", or a duration from {} on", show(SHORTEST_TRUST)));
    }
    Ok(Some(trust).filter(|trust| !trust.is_zero()))
}

#[cfg(test)]
mod tests {
    use doorward_core::second_factor::MfaRequired;

    use super::*;
    use crate::config::load::tests::{complaint, settings, settings_by};

    #[test]
    fn each_word_demands_a_factor_of_those_people() {
        for (word, required) in [
            ("never", MfaRequired::Never),
            ("admins", MfaRequired::Admins),
            ("everyone", MfaRequired::Everyone),
        ] {
            let given = settings(&format!("mfa.required = \"{word}\""));
            assert_eq!(given.second_factors.required, required);
            assert_eq!(settings_by("DOORWARD_MFA__REQUIRED", word), given);
        }
    }

    #[test]
    fn a_device_is_trusted_for_as_long_as_is_written_and_not_at_all_by_default() {
        assert_eq!(Settings::default().second_factors.trust_device, None);
        for (text, seconds) in
            [("off", None), ("", None), ("0s", None), ("1m", Some(60)), ("180d", Some(15_552_000))]
        {
            let given = settings(&format!("mfa.trust_device = \"{text}\""));
            assert_eq!(given.second_factors.trust_device, seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_mend() {
        for (file, key, mend) in [
            ("mfa.required = \"always\"", "mfa.required", "\"never\", \"admins\", \"everyone\""),
            ("mfa.required = true", "mfa.required", "\"never\""),
            ("mfa.trust_device = \"59s\"", "mfa.trust_device", "\"off\", or a duration from 1m on"),
            ("mfa.trust_device = \"60500ms\"", "mfa.trust_device", "whole seconds"),
            ("mfa.trust_device = \"181d\"", "mfa.trust_device", "to 180d"),
            ("mfa.trust_device = 30", "mfa.trust_device", "\"15m\""),
            ("mfa.trust_device = false", "mfa.trust_device", "\"15m\""),
            ("passkeys.rp_id = \"https://a.example\"", "passkeys.rp_id", "domain name"),
            ("passkeys.rp_id = \"\"", "passkeys.rp_id", "domain name"),
            ("passkeys.rp_id = \"10.0.0.1\"", "passkeys.rp_id", "domain name"),
        ] {
            let complaint = complaint(file);
            assert!(complaint.starts_with(&format!("{key} = ")) && complaint.contains(mend), "{complaint}");
        }
    }
}
