//! The audit log, and clean-up, which leaves it alone.

use doorward_core::{
    audit::{AuditEntry, AuditFilter},
    page::{Cursor, Page, PageRequest},
    store::{CleanUp, CleanedUp},
};

use super::state::{State, page_of};

impl State {
    pub(super) fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Page<AuditEntry> {
        let wanted = |entry: &&AuditEntry| {
            filter.user_id.is_none_or(|user| entry.user_id == Some(user))
                && filter.name.as_ref().is_none_or(|name| *name == entry.name)
                && filter.after.is_none_or(|after| entry.at >= after)
                && filter.before.is_none_or(|before| entry.at < before)
        };
        page_of(self.audit.iter().filter(wanted).cloned(), page, true, |entry| Cursor {
            position: i64::try_from(entry.seq).unwrap_or(i64::MAX),
            id: [0; 16],
        })
    }

    pub(super) fn clean_up(&mut self, what: CleanUp) -> CleanedUp {
        let gone: Vec<_> = self
            .sessions
            .values()
            .filter(|session| session.expires_at <= what.sessions_ended_before)
            .map(|session| (session.expires_at, session.id))
            .collect();
        let gone = earliest(gone, what.limit);
        self.sessions.retain(|id, session| !gone.contains(&(session.expires_at, *id)));
        let cleaned = CleanedUp {
            sessions: u32::try_from(gone.len()).unwrap_or(u32::MAX),
            links: remove_earliest(&mut self.links, what.limit, |link| {
                link.expires_at.filter(|expires_at| *expires_at <= what.now)
            }),
            revocations: remove_earliest(&mut self.feed, what.limit, |entry| {
                Some(entry.expires_at).filter(|expires_at| *expires_at <= what.now)
            }),
            signing_keys: remove_earliest(&mut self.signing_keys, what.limit, |key| {
                key.retired_at.filter(|retired_at| *retired_at <= what.keys_retired_before)
            }),
        };
        if cleaned.signing_keys > 0 {
            self.signing_keys_version += 1;
        }
        cleaned
    }
}

fn earliest<T: Ord>(mut items: Vec<T>, limit: u32) -> Vec<T> {
    items.sort();
    items.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    items
}

/// Removes, of those that have an end, the ones with the earliest.
fn remove_earliest<T, K: Ord>(items: &mut Vec<T>, limit: u32, end: impl Fn(&T) -> Option<K>) -> u32 {
    let ends = items.iter().enumerate().filter_map(|(at, item)| Some((end(item)?, at))).collect();
    let mut gone: Vec<usize> = earliest(ends, limit).into_iter().map(|(_, at)| at).collect();
    gone.sort_unstable();
    for at in gone.iter().rev() {
        items.remove(*at);
    }
    u32::try_from(gone.len()).unwrap_or(u32::MAX)
}
