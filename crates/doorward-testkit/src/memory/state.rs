//! Everything that is remembered.

use std::collections::BTreeMap;

use doorward_core::{
    audit::{AuditEntry, AuditEvent},
    ids::{SessionId, UserId},
    link::Link,
    page::{Cursor, Page, PageRequest},
    revocation::Revocation,
    session::Session,
    signing_key::SealedSigningKey,
    store::{Feed, StoreError, UserCredentials},
    time::Timestamp,
    user::NormalisedName,
};

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) setup_complete: bool,
    pub(super) users: BTreeMap<UserId, UserCredentials>,
    /// Every name ever used.
    pub(super) names: BTreeMap<NormalisedName, UserId>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) links: Vec<Link>,
    pub(super) feed: Vec<Revocation>,
    pub(super) last_seq: u64,
    pub(super) highest_time: Timestamp,
    pub(super) signing_keys: Vec<SealedSigningKey>,
    pub(super) signing_keys_version: u64,
    pub(super) audit: Vec<AuditEntry>,
}

impl State {
    pub(super) fn user_mut(&mut self, id: UserId) -> Result<&mut UserCredentials, StoreError> {
        self.users.get_mut(&id).ok_or(StoreError::NotFound)
    }

    pub(super) fn record(&mut self, event: &AuditEvent) {
        let event = event.clone();
        self.audit.push(AuditEntry {
            seq: self.audit.last().map_or(1, |last| last.seq + 1),
            name: event.name.as_str().to_owned(),
            outcome: event.name.outcome().as_str().to_owned(),
            at: event.at,
            actor: event.actor.to_string(),
            user_id: event.user_id,
            session_id: event.session_id,
            address: event.address,
            user_agent: event.user_agent.as_str().to_owned(),
            request_id: event.request_id,
            reason: event.reason,
            details: event.details,
        });
    }

    pub(super) fn feed(&self, after: u64, limit: u32) -> Feed {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Feed {
            entries: self.feed.iter().filter(|entry| entry.seq > after).take(limit).copied().collect(),
            last_seq: self.last_seq,
            highest_time: self.highest_time,
            signing_keys_version: self.signing_keys_version,
            setup_complete: self.setup_complete,
        }
    }
}

/// The part of a sorted list that is asked for. `key` gives each item's place, as it sorts.
pub(super) fn page_of<T>(
    items: impl Iterator<Item = T>,
    request: PageRequest,
    descending: bool,
    key: impl Fn(&T) -> Cursor,
) -> Page<T> {
    let place = |cursor: &Cursor| (cursor.position, cursor.id);
    let mut items: Vec<T> = items
        .filter(|item| {
            request.after.is_none_or(|after| {
                if descending { place(&key(item)) < place(&after) } else { place(&key(item)) > place(&after) }
            })
        })
        .collect();
    items.sort_by_key(|item| place(&key(item)));
    if descending {
        items.reverse();
    }
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(&key) } else { None };
    Page { items, next }
}
