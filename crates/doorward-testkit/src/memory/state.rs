//! Everything that is remembered.

use std::collections::{BTreeMap, BTreeSet};

use doorward_core::{
    audit::AuditEvent,
    audit_chain::{ChainPosition, ChainedEntry},
    guard::Subject,
    ids::{SessionId, UserId},
    link::Link,
    node::Node,
    page::{Cursor, Page, PageRequest},
    revocation::FeedEntry,
    session::Session,
    signing_key::SealedSigningKey,
    store::{Feed, StoreError, UserCredentials},
    time::Timestamp,
    user::NormalisedName,
};

use super::{attempts::Remembered, audit::CHAIN, factors::FactorState, statistics::Statistics};
use crate::builders::audit_key;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) setup_complete: bool,
    pub(super) users: BTreeMap<UserId, UserCredentials>,
    /// Every name ever used.
    pub(super) names: BTreeMap<NormalisedName, UserId>,
    pub(super) sessions: BTreeMap<SessionId, Session>,
    pub(super) links: Vec<Link>,
    pub(super) feed: Vec<FeedEntry>,
    pub(super) last_seq: u64,
    pub(super) highest_time: Timestamp,
    pub(super) signing_keys: Vec<SealedSigningKey>,
    pub(super) signing_keys_version: u64,
    pub(super) audit: Vec<ChainedEntry>,
    /// Where the audit log's chain ends, and up to where retention has removed it.
    pub(super) audit_end: ChainPosition,
    pub(super) audit_start: ChainPosition,
    pub(super) attempts: BTreeMap<Subject, Remembered>,
    pub(super) factors: FactorState,
    pub(super) statistics: Statistics,
    pub(super) nodes: BTreeMap<String, Node>,
    /// Whose password is too short to protect an account alone.
    pub(super) needs_factor: BTreeSet<UserId>,
}

impl State {
    pub(super) fn user_mut(&mut self, id: UserId) -> Result<&mut UserCredentials, StoreError> {
        self.users.get_mut(&id).ok_or(StoreError::NotFound)
    }

    pub(super) fn record(&mut self, event: &AuditEvent) {
        let seq = self.audit_end.seq + 1;
        let entry = event.clone().into_entry(seq);
        let link = audit_key().link(&entry, CHAIN, self.audit_end);
        self.audit_end = link.position();
        self.statistics.count(&entry);
        self.audit.push(ChainedEntry { entry, link });
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
    let mut items: Vec<T> = items
        .filter(|item| {
            request
                .after
                .as_ref()
                .is_none_or(|after| if descending { key(item) < *after } else { key(item) > *after })
        })
        .collect();
    items.sort_by_key(&key);
    if descending {
        items.reverse();
    }
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let next = if more { items.last().map(&key) } else { None };
    Page { items, next }
}
