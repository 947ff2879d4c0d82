//! Events in words.

use std::collections::HashMap;

use doorward_core::{
    audit::{Actor, AuditEntry, Outcome},
    authority::Authority,
    ids::{NotAnId, UserId},
    refusal::Refusal,
    time::Timestamp,
    user::Username,
};

use crate::pages::{
    Language,
    moment::Moment,
    views::admin::{EventFacts, EventRow, Person},
};

/// The events as the page shows them, with the names that their users have now.
///
/// # Errors
/// [`Refusal::StoreUnavailable`]
pub(super) async fn rows(
    authority: &Authority,
    t: Language,
    base_path: &str,
    now: Timestamp,
    entries: &[AuditEntry],
) -> Result<Vec<EventRow>, Refusal> {
    let mut ids: Vec<UserId> =
        entries.iter().flat_map(|entry| [acting_user(entry), entry.user_id]).flatten().collect();
    ids.sort_unstable();
    ids.dedup();
    let names = authority.usernames(&ids).await?;
    Ok(entries.iter().map(|entry| EventRow::new(t, base_path, &facts(entry, &names, now))).collect())
}

fn acting_user(entry: &AuditEntry) -> Option<UserId> {
    match entry.actor.parse() {
        Ok(Actor::User(id)) => Some(id),
        Ok(Actor::Anonymous | Actor::CommandLine | Actor::System) | Err(NotAnId) => None,
    }
}

fn facts(entry: &AuditEntry, names: &HashMap<UserId, Username>, now: Timestamp) -> EventFacts {
    let user = |id: UserId| Person::User {
        id: id.to_string(),
        name: names.get(&id).map(|name| name.as_str().to_owned()),
    };
    EventFacts {
        seq: entry.seq,
        at: Moment::new(entry.at.as_millis(), now.as_millis()),
        name: entry.name.clone(),
        refused: entry.outcome == Outcome::Refused.as_str(),
        actor: match entry.actor.parse() {
            Ok(Actor::User(id)) => user(id),
            Ok(Actor::Anonymous) => Person::Anonymous,
            Ok(Actor::CommandLine) => Person::CommandLine,
            Ok(Actor::System) => Person::System,
            Err(NotAnId) => Person::Unknown(entry.actor.clone()),
        },
        subject: entry.user_id.map(user),
        address: entry.address.map(|address| address.to_string()),
        user_agent: entry.user_agent.clone(),
        reason: entry.reason.clone(),
        details: entry.details.clone(),
    }
}
