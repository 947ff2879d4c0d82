//! An event of the audit log as administrators read it.

use serde::Serialize;

use crate::pages::{Language, device::Device, moment::Moment};

/// What is known of an event.
#[derive(Clone, Debug)]
pub struct EventFacts {
    /// Its place in the log.
    pub seq: u64,
    /// When.
    pub at: Moment,
    /// Its constant name; of a newer version, it may be one that this one has no words for.
    pub name: String,
    /// Somebody was refused.
    pub refused: bool,
    /// Who did it.
    pub actor: Person,
    /// Whom it concerns.
    pub subject: Option<Person>,
    /// From where.
    pub address: Option<String>,
    /// With what; empty where no program was involved.
    pub user_agent: String,
    /// The code of the refusal, or the cause of an end.
    pub reason: Option<String>,
    /// What else is worth knowing.
    pub details: Vec<(String, String)>,
}

/// Somebody in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Person {
    /// A user.
    User {
        /// Their id.
        id: String,
        /// Their name; none of one who was deleted.
        name: Option<String>,
    },
    /// Somebody who has not proved who they are.
    Anonymous,
    /// Whoever may run commands on the server.
    CommandLine,
    /// Doorward itself.
    System,
    /// What only a newer version knows, as it is written.
    Unknown(String),
}

/// An event in words of one language: what the page's template shows, and what is sent to a page that follows.
///
/// All of it is text, to be escaped where it becomes markup. An empty member is nothing to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// Its place in the log.
    pub seq: u64,
    /// When, RFC 3339.
    pub datetime: String,
    /// When, for reading, UTC.
    pub at: String,
    /// What happened.
    pub event: String,
    /// Its constant name.
    pub name: String,
    /// Somebody was refused.
    pub refused: bool,
    /// Whether something changed or somebody was refused.
    pub outcome: String,
    /// Who did it.
    pub who: String,
    /// Where more is known of them.
    pub who_url: String,
    /// Whom it concerns.
    pub whom: String,
    /// Where more is known of them.
    pub whom_url: String,
    /// From where.
    pub address: String,
    /// To the events from there.
    pub address_url: String,
    /// With what.
    pub device: String,
    /// Why, in words.
    pub reason: String,
    /// Why, as a code.
    pub code: String,
    /// What else is worth knowing.
    pub details: String,
}

impl EventRow {
    /// An event in words.
    #[must_use]
    pub fn new(t: Language, base_path: &str, facts: &EventFacts) -> Self {
        let (who, who_url) = person(t, base_path, &facts.actor);
        let (whom, whom_url) =
            facts.subject.as_ref().map(|subject| person(t, base_path, subject)).unwrap_or_default();
        let address = facts.address.clone().unwrap_or_default();
        let code = facts.reason.clone().unwrap_or_default();
        let detail = |(name, value): &(String, String)| format!("{name}={value}");
        Self {
            seq: facts.seq,
            datetime: facts.at.datetime(),
            at: t.precise(&facts.at),
            event: t.event_named(&facts.name).map_or_else(|| facts.name.clone(), |words| words.to_string()),
            name: facts.name.clone(),
            refused: facts.refused,
            outcome: if facts.refused { t.audit_refused() } else { t.audit_done() }.to_string(),
            who,
            who_url,
            whom,
            whom_url,
            address_url: if address.is_empty() { String::new() } else { of_address(base_path, &address) },
            address,
            device: if facts.user_agent.is_empty() {
                String::new()
            } else {
                t.device(&Device::from_user_agent(&facts.user_agent))
            },
            reason: t.reason(&code).map(|words| words.to_string()).unwrap_or_default(),
            code,
            details: facts.details.iter().map(detail).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Who somebody is, and where more is known of them.
fn person(t: Language, base_path: &str, person: &Person) -> (String, String) {
    let words = match person {
        Person::User { id, name: Some(name) } => {
            return (name.clone(), format!("{base_path}/admin/users/{id}"));
        }
        Person::User { id, name: None } => t.audit_deleted_user(id),
        Person::Anonymous => t.audit_anonymous(),
        Person::CommandLine => t.audit_command_line(),
        Person::System => t.audit_system(),
        Person::Unknown(written) => return (written.clone(), String::new()),
    };
    (words.to_string(), String::new())
}

/// The events from an address.
fn of_address(base_path: &str, address: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("address", address).finish();
    format!("{base_path}/admin/audit?{query}")
}
