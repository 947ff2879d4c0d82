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

fn counted(count: u64, unit: &str) -> String {
    if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::{ago, duration};

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
