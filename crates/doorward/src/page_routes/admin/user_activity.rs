//! What happened to a user's account, as administrators are told of it.

use std::collections::HashMap;

use doorward_core::{
    audit::{Actor, AuditEntry},
    ids::UserId,
    page::PageRequest,
    user::Username,
};

use super::{
    super::{
        activity::{done_by, told},
        not_now::NotNow,
    },
    visit::Visit,
};
use crate::pages::views::{ActivityEntry, DoneBy};

/// Events shown; the audit log has the rest.
const SHOWN: u32 = 10;

/// The latest events, with who did it and where they were.
///
/// # Errors
/// The store does not answer.
pub(super) async fn activity_of(visit: &Visit<'_>, owner: UserId) -> Result<Vec<ActivityEntry>, NotNow> {
    let authority = visit.authority();
    let entries = authority.activity(owner, PageRequest { after: None, limit: SHOWN }).await?.items;
    let actors: Vec<UserId> = entries.iter().filter_map(actor).collect();
    let names: HashMap<UserId, Username> = authority.usernames(&actors).await?;
    let person = |id: UserId| match names.get(&id) {
        Some(name) => DoneBy::Person(visit.user_link(id, name.as_str())),
        // Removed since.
        None => DoneBy::Administration,
    };
    let told = |entry: &AuditEntry| ActivityEntry {
        by: done_by(entry, owner, person),
        ..told(visit.language(), entry, visit.now())
    };
    Ok(entries.iter().map(told).collect())
}

fn actor(entry: &AuditEntry) -> Option<UserId> {
    match entry.actor.parse() {
        Ok(Actor::User(id)) => Some(id),
        Ok(Actor::Anonymous | Actor::CommandLine | Actor::System) | Err(_) => None,
    }
}
