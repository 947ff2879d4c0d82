//! Durations in plain words.

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// From here on hours would be harder to grasp than days; below, "1 day" would hide up to 24 hours.
const DAYS_FROM: u64 = 2 * DAY;

/// A length of time in its largest fitting unit, rounded up so that waiting this long is always enough:
/// "1 second", "2 minutes", "36 hours", "7 days".
#[must_use]
pub fn duration(seconds: u64) -> String {
    match seconds {
        0..=90 => counted(seconds, "second"),
        91..=5_400 => counted(seconds.div_ceil(MINUTE), "minute"),
        5_401..DAYS_FROM => counted(seconds.div_ceil(HOUR), "hour"),
        _ => counted(seconds.div_ceil(DAY), "day"),
    }
}

/// How long to wait, in at most two units, rounded up so that waiting this long is always enough: "42 seconds",
/// "14 minutes and 20 seconds", "1 hour and 5 minutes", "7 days". The countdown (`assets/countdown.js`) says the same.
#[must_use]
pub fn wait(seconds: u64) -> String {
    match seconds {
        0..MINUTE => counted(seconds, "second"),
        MINUTE..HOUR => both((seconds / MINUTE, "minute"), (seconds % MINUTE, "second")),
        HOUR..DAY => {
            let minutes = seconds.div_ceil(MINUTE);
            both((minutes / 60, "hour"), (minutes % 60, "minute"))
        }
        _ => {
            let hours = seconds.div_ceil(HOUR);
            both((hours / 24, "day"), (hours % 24, "hour"))
        }
    }
}

/// How long ago, rounded down: "just now", "5 minutes ago", "3 days ago".
#[must_use]
pub fn ago(seconds: u64) -> String {
    match seconds {
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} ago", counted(seconds / MINUTE, "minute")),
        HOUR..DAYS_FROM => format!("{} ago", counted(seconds / HOUR, "hour")),
        _ => format!("{} ago", counted(seconds / DAY, "day")),
    }
}

fn both((greater, greater_unit): (u64, &str), (lesser, lesser_unit): (u64, &str)) -> String {
    let greater = counted(greater, greater_unit);
    if lesser == 0 { greater } else { format!("{greater} and {}", counted(lesser, lesser_unit)) }
}

fn counted(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::{ago, duration, wait};

    /// Seconds and words; the countdown's own test reads them too, so that the two never differ.
    const WAITS: &str = include_str!("../../tests/waits.json");

    #[test]
    fn a_wait_is_told_in_at_most_two_units() {
        let waits: Vec<(u64, String)> = serde_json::from_str(WAITS).unwrap();
        assert!(!waits.is_empty());
        for (seconds, words) in waits {
            assert_eq!(wait(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn waiting_is_rounded_up_so_that_it_is_always_enough() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (59, "59 seconds"),
            (91, "2 minutes"),
            (120, "2 minutes"),
            (121, "3 minutes"),
            (5_401, "2 hours"),
            (172_800, "2 days"),
            (172_801, "3 days"),
        ] {
            assert_eq!(duration(seconds), words, "{seconds}");
        }
    }

    #[test]
    fn age_is_rounded_down() {
        for (seconds, words) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (172_799, "47 hours ago"),
            (172_800, "2 days ago"),
        ] {
            assert_eq!(ago(seconds), words, "{seconds}");
        }
    }
}
