//! From times to lengths.

/// From when until when a picture shows, in milliseconds since the epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeAxis {
    /// Its left end.
    pub from_ms: i64,
    /// Its right end, after the left one.
    pub until_ms: i64,
    /// What is written below it.
    pub ticks: Vec<Tick>,
}

/// A time that is written below an axis.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Where it stands, in milliseconds since the epoch.
    pub at_ms: i64,
    /// How it reads.
    pub text: String,
    /// The same for machines (RFC 3339), where it is a time of day: those differ from zone to zone.
    pub datetime: Option<String>,
}

impl TimeAxis {
    /// Where a time is between `left` and `right`; what is outside is at an end.
    pub(super) fn x(&self, at_ms: i64, left: f64, right: f64) -> f64 {
        let length = self.until_ms.saturating_sub(self.from_ms).max(1) as f64;
        let share = at_ms.saturating_sub(self.from_ms) as f64 / length;
        left + share.clamp(0.0, 1.0) * (right - left)
    }
}
