//! The audit log.

use askama::Template;

use super::{EventRow, Section};
use crate::pages::{Field, Frame};

/// `BASE/admin/audit`.
#[derive(Clone, Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// Which events.
    pub filter: AuditFields,
    /// The events, newest first.
    pub events: Vec<EventRow>,
    /// Where else it leads; none while the filter cannot be read.
    pub links: Option<AuditLinks>,
    /// Whether new events appear as they happen.
    pub follows: bool,
}

/// The fields that choose events.
#[derive(Clone, Debug, Default)]
pub struct AuditFields {
    /// Whom they concern.
    pub user: Field,
    /// The constant name; empty for every event.
    pub event: String,
    /// From where.
    pub address: Field,
    /// From when, UTC, as such a field writes it: "2025-11-21T05:53".
    pub from: Field,
    /// Until when.
    pub until: Field,
}

/// Where the page leads, with the same filter.
#[derive(Clone, Debug)]
pub struct AuditLinks {
    /// The next part of the list.
    pub older: Option<String>,
    /// The beginning of the list, where this is not it.
    pub newest: Option<String>,
    /// The page that shows new events as they happen.
    pub follow: String,
    /// The page that does not.
    pub stay: String,
    /// New events, as a stream.
    pub stream: String,
    /// Everything, as CSV.
    pub csv: String,
    /// Everything, as JSON.
    pub json: String,
}

/// What a script fills in.
fn blank_event() -> EventRow {
    EventRow::default()
}

impl AuditFields {
    /// Whether any event is left out.
    fn chooses(&self) -> bool {
        let Self { user, event, address, from, until } = self;
        !event.is_empty() || [user, address, from, until].iter().any(|field| !field.value.is_empty())
    }
}
