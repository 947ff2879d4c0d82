//! A point in time as a page shows it.

use time::format_description::well_known::Rfc3339;
use time::{Month, OffsetDateTime};

use crate::pages::Language;
use crate::pages::phrases::Phrase;

/// A point in time, seen from now: for machines, for reading, and relative.
///
/// Rendered as `<time datetime="…">`, so that the pages' script can show it in the reader's own time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    at_ms: i64,
    now_ms: i64,
}

impl Moment {
    /// The moment `at`, seen from `now`; both milliseconds since the epoch, UTC.
    ///
    /// A time outside the calendar's range (years -9999 to 9999) reads "at an unknown time": a page with one odd row is
    /// of more use than no page.
    #[must_use]
    pub const fn new(at_ms: i64, now_ms: i64) -> Self {
        Self { at_ms, now_ms }
    }

    /// "05:53", UTC.
    #[must_use]
    pub fn clock(&self) -> String {
        self.calendar().map(|at| format!("{:02}:{:02}", at.hour(), at.minute())).unwrap_or_default()
    }

    /// RFC 3339, UTC, for the `datetime` attribute.
    #[must_use]
    pub fn datetime(&self) -> String {
        self.calendar().and_then(|at| at.format(&Rfc3339).ok()).unwrap_or_default()
    }

    fn calendar(&self) -> Option<OffsetDateTime> {
        OffsetDateTime::from_unix_timestamp(self.at_ms.div_euclid(1000)).ok()
    }
}

impl Language {
    /// "21 Nov 2025, 05:53 UTC".
    #[must_use]
    pub fn absolute(self, moment: &Moment) -> String {
        let Some(at) = moment.calendar() else { return self.at_unknown_time().to_string() };
        self.dated(at.day(), month(self, at.month()), at.year(), moment.clock()).to_string()
    }

    /// "21 Nov 2025, 05:53:07 UTC".
    #[must_use]
    pub fn precise(self, moment: &Moment) -> String {
        let Some(at) = moment.calendar() else { return self.at_unknown_time().to_string() };
        let clock = format!("{}:{:02}", moment.clock(), at.second());
        self.dated(at.day(), month(self, at.month()), at.year(), clock).to_string()
    }

    /// "21 Nov", UTC, where there is little room.
    #[must_use]
    pub fn day(self, moment: &Moment) -> String {
        let Some(at) = moment.calendar() else { return self.at_unknown_time().to_string() };
        self.day_of_month(at.day(), month(self, at.month())).to_string()
    }

    /// "5 minutes ago", or "in 2 days" for what is yet to come.
    #[must_use]
    pub fn relative(self, moment: &Moment) -> String {
        if moment.calendar().is_none() {
            return self.at_unknown_time().to_string();
        }
        let distance_seconds = moment.now_ms.abs_diff(moment.at_ms) / 1000;
        if moment.at_ms > moment.now_ms { self.ahead(distance_seconds) } else { self.ago(distance_seconds) }
    }
}

/// A month as it stands in a date.
fn month(t: Language, month: Month) -> Phrase {
    match month {
        Month::January => t.january(),
        Month::February => t.february(),
        Month::March => t.march(),
        Month::April => t.april(),
        Month::May => t.may(),
        Month::June => t.june(),
        Month::July => t.july(),
        Month::August => t.august(),
        Month::September => t.september(),
        Month::October => t.october(),
        Month::November => t.november(),
        Month::December => t.december(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Language, Moment};

    const NOW_MS: i64 = 1_763_704_380_000;

    #[test]
    fn past_and_future_read_as_such() {
        let past = Moment::new(NOW_MS - 300_000, NOW_MS);
        let future = Moment::new(NOW_MS + 7 * 86_400_000, NOW_MS);
        let now = Moment::new(NOW_MS, NOW_MS);
        for (t, ago, ahead, just_now) in [
            (Language::English, "5 minutes ago", "in 7 days", "just now"),
            (Language::German, "vor 5 Minuten", "in 7 Tagen", "gerade eben"),
        ] {
            let told = [t.relative(&past), t.relative(&future), t.relative(&now)];
            assert_eq!(told, [ago, ahead, just_now]);
        }
    }

    #[test]
    fn a_date_is_written_as_its_readers_write_it() {
        for (days, english, german) in [
            (0, "21 Nov 2025, 05:53 UTC", "21. Nov. 2025, 05:53 UTC"),
            (-261, "5 Mar 2025, 05:53 UTC", "5. März 2025, 05:53 UTC"),
            (44, "4 Jan 2026, 05:53 UTC", "4. Jan. 2026, 05:53 UTC"),
        ] {
            let moment = Moment::new(NOW_MS + days * 86_400_000, NOW_MS);
            let told = Language::ALL.map(|t| t.absolute(&moment));
            assert_eq!(told, [english, german]);
            let precise = Language::ALL.map(|t| t.precise(&moment));
            assert_eq!(precise, [english, german].map(|told| told.replace("05:53", "05:53:00")));
            let day = Language::ALL.map(|t| t.day(&moment));
            assert!([english, german].iter().zip(&day).all(|(told, day)| told.starts_with(day)), "{day:?}");
            assert_eq!(moment.clock(), "05:53");
        }
        assert_eq!(Moment::new(NOW_MS, NOW_MS).datetime(), "2025-11-21T05:53:00Z");
    }

    #[test]
    fn a_time_outside_the_calendar_is_no_panic() {
        let after_all = Moment::new(i64::MAX, i64::MIN);
        assert_eq!(Language::English.relative(&after_all), "at an unknown time");
        assert_eq!(Language::German.absolute(&after_all), "zu unbekannter Zeit");
        assert_eq!(Moment::new(i64::MIN, i64::MAX).datetime(), "");
    }
}
