//! Durations in plain words.

use crate::pages::Language;
use crate::pages::phrases::Count;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// From here on hours would be harder to grasp than days; below, "1 day" would hide up to 24 hours.
const DAYS_FROM: u64 = 2 * DAY;

/// A length of time in its largest fitting unit, rounded up so that waiting this long is always enough.
enum Length {
    Seconds(u64),
    Minutes(u64),
    Hours(u64),
    Days(u64),
}

impl Length {
    const fn of(seconds: u64) -> Self {
        match seconds {
            0..=90 => Self::Seconds(seconds),
            91..=5_400 => Self::Minutes(seconds.div_ceil(MINUTE)),
            5_401..DAYS_FROM => Self::Hours(seconds.div_ceil(HOUR)),
            _ => Self::Days(seconds.div_ceil(DAY)),
        }
    }
}

impl Language {
    /// A length of time in its largest fitting unit, rounded up so that waiting this long is always enough:
    /// "1 second", "2 minutes", "36 hours", "7 days". In German for "30 Tage lang", not for "in 30 Tagen".
    #[must_use]
    pub(crate) fn duration(self, seconds: impl Count) -> String {
        let words = match Length::of(seconds.count()) {
            Length::Seconds(count) => self.seconds(count),
            Length::Minutes(count) => self.minutes(count),
            Length::Hours(count) => self.hours(count),
            Length::Days(count) => self.days(count),
        };
        words.to_string()
    }

    /// How far ahead, rounded up: "in 5 minutes", "in 2 days".
    #[must_use]
    pub(crate) fn ahead(self, seconds: u64) -> String {
        let words = match Length::of(seconds) {
            Length::Seconds(count) => self.in_seconds(count),
            Length::Minutes(count) => self.in_minutes(count),
            Length::Hours(count) => self.in_hours(count),
            Length::Days(count) => self.in_days(count),
        };
        words.to_string()
    }

    /// How long ago, rounded down: "just now", "5 minutes ago", "3 days ago".
    #[must_use]
    pub(crate) fn ago(self, seconds: u64) -> String {
        let words = match seconds {
            0..MINUTE => self.just_now(),
            MINUTE..HOUR => self.minutes_ago(seconds / MINUTE),
            HOUR..DAYS_FROM => self.hours_ago(seconds / HOUR),
            _ => self.days_ago(seconds / DAY),
        };
        words.to_string()
    }

    /// How long to wait, in at most two units, rounded up so that waiting this long is always enough: "42 seconds",
    /// "14 minutes and 20 seconds", "1 hour and 5 minutes", "7 days". As German has it after "noch". The countdown
    /// (`assets/countdown.js`) says the same.
    #[must_use]
    pub(crate) fn wait(self, seconds: impl Count) -> String {
        let seconds = seconds.count();
        let (greater, lesser) = match seconds {
            0..MINUTE => return self.seconds(seconds).to_string(),
            MINUTE..HOUR => {
                let rest = seconds % MINUTE;
                (self.minutes(seconds / MINUTE), (rest > 0).then(|| self.seconds(rest)))
            }
            HOUR..DAY => {
                let minutes = seconds.div_ceil(MINUTE);
                let rest = minutes % 60;
                (self.hours(minutes / 60), (rest > 0).then(|| self.minutes(rest)))
            }
            _ => {
                let hours = seconds.div_ceil(HOUR);
                let rest = hours % 24;
                (self.days(hours / 24), (rest > 0).then(|| self.hours(rest)))
            }
        };
        lesser.map_or_else(|| greater.to_string(), |lesser| self.both(&greater, lesser).to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::Language::{self, English, German};

    /// Seconds and words, by language; the countdown's own test reads them too, so that the two never differ.
    const WAITS: &str = include_str!("../../tests/waits.json");

    #[test]
    fn a_wait_is_told_in_at_most_two_units() {
        let waits: HashMap<String, Vec<(u64, String)>> = serde_json::from_str(WAITS).unwrap();
        for language in Language::ALL {
            for (seconds, words) in &waits[language.tag()] {
                assert_eq!(language.wait(seconds), *words, "{seconds}");
            }
        }
    }

    #[test]
    fn waiting_is_rounded_up_so_that_it_is_always_enough() {
        for (seconds, english, german) in [
            (0, "0 seconds", "0 Sekunden"),
            (1, "1 second", "1 Sekunde"),
            (59, "59 seconds", "59 Sekunden"),
            (91, "2 minutes", "2 Minuten"),
            (120, "2 minutes", "2 Minuten"),
            (121, "3 minutes", "3 Minuten"),
            (5_401, "2 hours", "2 Stunden"),
            (172_800, "2 days", "2 Tage"),
            (172_801, "3 days", "3 Tage"),
        ] {
            assert_eq!((&*English.duration(seconds), &*German.duration(seconds)), (english, german));
            assert_eq!(English.ahead(seconds), format!("in {english}"));
        }
        for (seconds, words) in
            [(1, "in 1 Sekunde"), (91, "in 2 Minuten"), (5_401, "in 2 Stunden"), (172_800, "in 2 Tagen")]
        {
            assert_eq!(German.ahead(seconds), words);
        }
    }

    #[test]
    fn age_is_rounded_down() {
        for (seconds, english, german) in [
            (0, "just now", "gerade eben"),
            (59, "just now", "gerade eben"),
            (60, "1 minute ago", "vor 1 Minute"),
            (3_599, "59 minutes ago", "vor 59 Minuten"),
            (3_600, "1 hour ago", "vor 1 Stunde"),
            (172_799, "47 hours ago", "vor 47 Stunden"),
            (172_800, "2 days ago", "vor 2 Tagen"),
        ] {
            assert_eq!((&*English.ago(seconds), &*German.ago(seconds)), (english, german));
        }
    }
}
