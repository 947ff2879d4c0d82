//! Rates as people write them: `60/minute`.

use std::fmt;
use std::num::NonZeroU32;
use std::str::FromStr;
use std::time::Duration;

/// So many events in a window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many events the window allows.
    pub count: NonZeroU32,
    /// The window.
    pub per: Window,
}

/// The windows a rate may be given over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// One second.
    Second,
    /// Sixty seconds.
    Minute,
    /// Sixty minutes.
    Hour,
}

/// What a rate has to look like, for messages.
pub(super) const EXPECTED: &str =
    "write how many (one or more) in which time: N/second, N/minute or N/hour, for instance \"60/minute\"";

impl Window {
    const ALL: [(&'static str, Self); 3] =
        [("second", Self::Second), ("minute", Self::Minute), ("hour", Self::Hour)];

    /// How long the window is.
    #[must_use]
    pub const fn duration(self) -> Duration {
        match self {
            Self::Second => Duration::from_secs(1),
            Self::Minute => Duration::from_secs(60),
            Self::Hour => Duration::from_secs(3_600),
        }
    }
}

/// The text is not a rate.
#[derive(Debug, PartialEq, Eq)]
pub struct NotARate;

impl FromStr for Rate {
    type Err = NotARate;

    fn from_str(text: &str) -> Result<Self, NotARate> {
        let (count, window) = text.split_once('/').ok_or(NotARate)?;
        // `parse` would take a leading plus sign, which nobody means.
        if !count.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotARate);
        }
        let count = count.parse().map_err(|_| NotARate)?;
        let per = Window::ALL.iter().find(|(name, _)| *name == window).ok_or(NotARate)?.1;
        Ok(Self { count, per })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let window = match self.per {
            Window::Second => "second",
            Window::Minute => "minute",
            Window::Hour => "hour",
        };
        write!(out, "{}/{window}", self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_reads_back_what_it_prints() {
        for text in ["60/minute", "1/second", "1000/hour"] {
            assert_eq!(text.parse::<Rate>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_rate_of_nothing_or_of_no_window_is_refused() {
        for text in [
            "",
            "60",
            "0/minute",
            "-1/minute",
            "+1/minute",
            "60/min",
            "60 / minute",
            "/minute",
            "5000000000/hour",
        ] {
            assert_eq!(text.parse::<Rate>(), Err(NotARate), "{text}");
        }
    }
}
