//! The console's front page: pictures, and their numbers as text.

use askama::Template;

use super::{
    Section,
    figure::{Figure, Head},
};
use crate::pages::{Frame, moment::Moment, plot::Sample};

const HOUR_MS: i64 = 3_600_000;

/// `BASE/admin`.
#[derive(Clone, Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// How far back the pictures go.
    pub range: Range,
    /// When it is, in milliseconds since the epoch.
    pub now_ms: i64,
    /// What there is now.
    pub totals: Totals,
    /// Sign-ins of each slot of the range, oldest first.
    pub sign_ins: Vec<SignIns>,
    /// How many sessions were live, oldest first.
    pub live_sessions: Vec<Sample>,
    /// How many accounts were locked.
    pub locked_accounts: Vec<Sample>,
    /// How many users there were.
    pub users: Vec<Sample>,
    /// Refused requests of the range by their reason's code, which is empty where none is known; the most first.
    pub refusals: Vec<(String, u64)>,
    /// What each server knows of revocations.
    pub nodes: Vec<NodeStaleness>,
    /// From how old on a server lets nobody in, in milliseconds.
    pub staleness_bound_ms: u64,
}

/// How far back the pictures go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// 24 hours, by the hour.
    Day,
    /// 30 days, by the day.
    Month,
}

/// What there is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Users.
    pub users: u64,
    /// Sessions that live.
    pub live_sessions: u64,
    /// Accounts that are locked.
    pub locked_accounts: u64,
    /// When they were counted.
    pub as_of: Moment,
}

/// How many signed in within a slot of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignIns {
    /// Those who could.
    pub succeeded: u64,
    /// Those who were refused.
    pub refused: u64,
}

/// What a server knows of revocations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeStaleness {
    /// Its name; none for the one that makes the page.
    pub name: Option<String>,
    /// How old that is, in milliseconds.
    pub age_ms: u64,
}

impl Range {
    /// Both, in the order of their links.
    pub const ALL: [Self; 2] = [Self::Day, Self::Month];

    /// Its name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
        }
    }

    /// How long each of its slots is, in milliseconds.
    #[must_use]
    pub const fn slot_ms(self) -> i64 {
        match self {
            Self::Day => HOUR_MS,
            Self::Month => 24 * HOUR_MS,
        }
    }

    /// How many slots it has.
    #[must_use]
    pub const fn slots(self) -> usize {
        match self {
            Self::Day => 24,
            Self::Month => 30,
        }
    }

    /// When it begins: so many slots before the end of the one that is not over yet. In milliseconds since the epoch.
    #[must_use]
    pub fn from_ms(self, now_ms: i64) -> i64 {
        let slots = i64::try_from(self.slots()).unwrap_or(i64::MAX);
        self.until_ms(now_ms).saturating_sub(slots.saturating_mul(self.slot_ms()))
    }

    /// When it ends: with the slot that is not over yet.
    #[must_use]
    pub fn until_ms(self, now_ms: i64) -> i64 {
        now_ms.div_euclid(self.slot_ms()).saturating_add(1).saturating_mul(self.slot_ms())
    }

    /// The slot in which a time is, if it is within the range.
    #[must_use]
    pub fn slot_of(self, at_ms: i64, now_ms: i64) -> Option<usize> {
        let slot = at_ms.saturating_sub(self.from_ms(now_ms)).div_euclid(self.slot_ms());
        usize::try_from(slot).ok().filter(|slot| *slot < self.slots())
    }

    /// How far apart samples may be and still belong together: a server that was switched off measured nothing.
    #[must_use]
    pub const fn gap_ms(self) -> i64 {
        match self {
            Self::Day => HOUR_MS,
            Self::Month => 3 * HOUR_MS,
        }
    }
}

impl OverviewPage {
    /// Everything there is to see, in its order.
    fn figures(&self) -> Vec<Figure> {
        vec![
            Figure::sign_ins(self),
            Figure::live_sessions(self),
            Figure::refusals(self),
            Figure::locked_accounts(self),
            Figure::users(self),
            Figure::staleness(self),
        ]
    }
}
