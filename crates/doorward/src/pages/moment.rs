//! A point in time as a page shows it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

use crate::pages::words;

/// A point in time, three ways: for machines, for reading, and relative to now.
///
/// Rendered as `<time datetime="…">`, so that the pages' script can show it in the reader's own time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// RFC 3339, UTC, for the `datetime` attribute.
    pub datetime: String,
    /// "21 Nov 2025, 05:53 UTC".
    pub absolute: String,
    /// "5 minutes ago", or "in 2 days" for what is yet to come.
    pub relative: String,
}

impl Moment {
    /// The moment `at`, seen from `now`; both milliseconds since the epoch, UTC.
    ///
    /// A time outside the calendar's range (years -9999 to 9999) reads "at an unknown time": a page with one odd row is
    /// of more use than no page.
    #[must_use]
    pub fn new(at_ms: i64, now_ms: i64) -> Self {
        let Some((datetime, absolute)) = calendar(at_ms) else {
            let unknown = "at an unknown time".to_owned();
            return Self { datetime: String::new(), absolute: unknown.clone(), relative: unknown };
        };
        let distance_seconds = now_ms.abs_diff(at_ms) / 1000;
        let relative = if at_ms > now_ms {
            format!("in {}", words::duration(distance_seconds))
        } else {
            words::ago(distance_seconds)
        };
        Self { datetime, absolute, relative }
    }
}

fn calendar(at_ms: i64) -> Option<(String, String)> {
    let at = OffsetDateTime::from_unix_timestamp(at_ms.div_euclid(1000)).ok()?;
    let for_reading =
        format_description!("[day padding:none] [month repr:short] [year], [hour]:[minute] UTC");
    Some((at.format(&Rfc3339).ok()?, at.format(for_reading).ok()?))
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn past_and_future_read_as_such() {
        let now_ms = 1_763_704_380_000;
        let past = Moment::new(now_ms - 300_000, now_ms);
        assert_eq!(past.datetime, "2025-11-21T05:48:00Z");
        assert_eq!(past.absolute, "21 Nov 2025, 05:48 UTC");
        assert_eq!(past.relative, "5 minutes ago");
        assert_eq!(Moment::new(now_ms + 7 * 86_400_000, now_ms).relative, "in 7 days");
        assert_eq!(Moment::new(now_ms, now_ms).relative, "just now");
    }

    #[test]
    fn a_time_outside_the_calendar_is_no_panic() {
        assert_eq!(Moment::new(i64::MAX, i64::MIN).relative, "at an unknown time");
        assert_eq!(Moment::new(i64::MIN, i64::MAX).datetime, "");
    }
}
