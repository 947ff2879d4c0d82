//! `lockout.*` and `throttle.*`.

use std::num::NonZeroU32;
use std::time::Duration;

use serde_json::Value as Json;

use super::Change::Reload;
use super::{Spec, duration};
use crate::config::settings::Settings;
use crate::config::value::{Expected, Value};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);
/// Longer than this and a mistyped unit locks people out for good.
const LONGEST_LOCK: Duration = Duration::from_secs(30 * 86_400);
const MOST_FAILURES: u32 = 1_000_000;
/// Doubling from a millisecond, a list reaches its longest delay long before.
const MOST_DELAYS: usize = 64;

pub(super) const SPECS: &[Spec<Settings>] = &[
    Spec::new(
        "lockout.threshold",
        Reload,
        "So many failed logins lock an account for strangers. A device that logged in before has a count of its own, so \
         that nobody can lock its owner out.",
        |settings, value| {
            settings.guard.lockout.threshold =
                NonZeroU32::new(value.count(1, MOST_FAILURES)?).ok_or("write 1 or more")?;
            Ok(())
        },
        |settings| settings.guard.lockout.threshold.get().into(),
    ),
    Spec::new(
        "lockout.window",
        Reload,
        "Failures count for so long, for locks and for delays.",
        |settings, value| {
            value.duration(SECOND, LONGEST_LOCK).map(|window| settings.guard.lockout.window = window)
        },
        |settings| duration(settings.guard.lockout.window),
    ),
    Spec::new(
        "lockout.duration",
        Reload,
        "How long an account stays locked. Attempts meanwhile do not make it longer.",
        |settings, value| {
            value.duration(SECOND, LONGEST_LOCK).map(|length| settings.guard.lockout.duration = length)
        },
        |settings| duration(settings.guard.lockout.duration),
    ),
    Spec::new(
        "throttle.account_delays",
        Reload,
        "How long to wait after the first, second, third … failed login to an account; the last one holds for all \
         further ones. 0s is no wait, an empty list none at all.",
        |settings, value| delays(value).map(|delays| settings.guard.account.delays = delays),
        |settings| shown(&settings.guard.account.delays),
    ),
    Spec::new(
        "throttle.address_delays",
        Reload,
        "The same for failed logins from one address (IPv6: one /64), whatever the accounts, after those that are free.",
        |settings, value| delays(value).map(|delays| settings.guard.address.delays = delays),
        |settings| shown(&settings.guard.address.delays),
    ),
    Spec::new(
        "throttle.address_free_failures",
        Reload,
        "So many failures of an address cost it no wait: many people share one.",
        |settings, value| {
            value.count(0, MOST_FAILURES).map(|count| settings.guard.address.free_failures = count)
        },
        |settings| settings.guard.address.free_failures.into(),
    ),
];

fn delays(value: &Value) -> Result<Vec<Duration>, Expected> {
    let delays = value.durations(Duration::ZERO, DAY)?;
    if delays.len() > MOST_DELAYS {
        return Err(format!(
            "write at most {MOST_DELAYS} delays: the last one holds for all further failures"
        ));
    }
    Ok(delays)
}

fn shown(delays: &[Duration]) -> Json {
    delays.iter().copied().map(duration).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::tests::{complaint, complaint_about, settings, settings_by};

    fn milliseconds(delays: &[Duration]) -> Vec<u128> {
        delays.iter().map(Duration::as_millis).collect()
    }

    #[test]
    fn delays_come_as_an_array_or_separated_by_commas() {
        let file = settings("throttle.account_delays = [\"250ms\", \"0s\", \"1m\"]");
        let variable = settings_by("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "250ms, 0s,1m");
        assert_eq!(milliseconds(&file.guard.account.delays), [250, 0, 60_000]);
        assert_eq!(file, variable);
    }

    #[test]
    fn an_empty_list_of_delays_is_none_at_all() {
        let variable = settings_by("DOORWARD_THROTTLE__ADDRESS_DELAYS", "");
        assert_eq!(settings("throttle.address_delays = []"), variable);
        assert_eq!(milliseconds(&variable.guard.address.delays), [0_u128; 0]);
        assert_eq!(variable.guard.account, Settings::default().guard.account);
    }

    #[test]
    fn the_bounds_are_taken() {
        let most = vec!["\"1d\""; MOST_DELAYS].join(",");
        for file in [
            "lockout.threshold = 1",
            "lockout.threshold = 1000000",
            "lockout.window = \"1s\"\nlockout.duration = \"30d\"",
            "lockout.window = \"30d\"\nlockout.duration = \"1s\"",
            "throttle.address_free_failures = 0",
            "throttle.address_free_failures = 1000000",
            &format!("throttle.account_delays = [{most}]"),
        ] {
            let _ = settings(file);
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_the_mend() {
        let most = vec!["\"1s\""; MOST_DELAYS + 1].join(",");
        for (file, key, mend) in [
            ("lockout.threshold = 0", "lockout.threshold", "from 1 to 1000000"),
            ("lockout.threshold = 1000001", "lockout.threshold", "from 1 to 1000000"),
            ("lockout.window = \"0s\"", "lockout.window", "from 1s to 30d"),
            ("lockout.duration = \"31d\"", "lockout.duration", "from 1s to 30d"),
            ("lockout.duration = 900", "lockout.duration", "\"15m\""),
            ("throttle.account_delays = \"1s\"", "throttle.account_delays", "write a list"),
            ("throttle.account_delays = [1, 2]", "throttle.account_delays", "list of texts"),
            ("throttle.account_delays = [\"1s\", \"2\"]", "throttle.account_delays", "\"2\" does not fit"),
            ("throttle.address_delays = [\"25h\"]", "throttle.address_delays", "from 0s to 1d"),
            (&format!("throttle.address_delays = [{most}]"), "throttle.address_delays", "at most 64"),
            ("throttle.address_free_failures = -1", "throttle.address_free_failures", "from 0 to 1000000"),
        ] {
            let complaint = complaint(file);
            assert!(complaint.starts_with(&format!("{key} = ")) && complaint.contains(mend), "{complaint}");
        }
        let complaint = complaint_about("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "1s,,2s");
        assert!(complaint.contains("\"\" does not fit"), "{complaint}");
    }
}
