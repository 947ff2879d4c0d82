//! The audit log, and clean-up, which leaves it alone but for what retention lets go.

use std::ops::ControlFlow;

use doorward_core::{
    audit::{Actor, AuditEntry, AuditEvent, AuditFilter, AuditPart, EventName},
    audit_chain::{ChainHead, Seal},
    audit_report::AuditReport,
    audit_verification::{AuditVerification, AuditVerifier, StoredChain, StoredPositions},
    client::Client,
    ids::UserId,
    page::{Cursor, Page, PageRequest},
    store::{AuditRetention, AuditSink, CleanUp, CleanedUp},
};

use super::state::{State, page_of};
use crate::builders::audit_key;

/// The one chain there is.
pub(super) const CHAIN: &str = "memory";

fn is_wanted(filter: &AuditFilter, entry: &AuditEntry) -> bool {
    filter.user_id.is_none_or(|user| entry.user_id == Some(user))
        && filter.name.as_ref().is_none_or(|name| *name == entry.name)
        && filter.address.is_none_or(|address| entry.address == Some(address))
        && filter.after.is_none_or(|after| entry.at >= after)
        && filter.before.is_none_or(|before| entry.at < before)
}

impl State {
    pub(super) fn audit(&self, filter: &AuditFilter, page: PageRequest) -> Page<AuditEntry> {
        self.newest_first(page, |entry| is_wanted(filter, entry))
    }

    pub(super) fn activity(&self, user: UserId, page: PageRequest) -> Page<AuditEntry> {
        let refreshed = EventName::SessionRefreshed.as_str();
        self.newest_first(page, |entry| entry.user_id == Some(user) && entry.name != refreshed)
    }

    fn newest_first(&self, page: PageRequest, is_wanted: impl Fn(&AuditEntry) -> bool) -> Page<AuditEntry> {
        let entries = self.audit.iter().map(|row| &row.entry).filter(|entry| is_wanted(entry));
        page_of(entries.cloned(), page, true, |entry| {
            Cursor::at(i64::try_from(entry.seq).unwrap_or(i64::MAX), [0; 16])
        })
    }

    pub(super) fn audit_after(&self, filter: &AuditFilter, after: u64, limit: u32) -> AuditPart {
        let later = self.audit.iter().map(|row| &row.entry).filter(|entry| entry.seq > after);
        let wanted = later.filter(|entry| is_wanted(filter, entry));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let entries: Vec<_> = wanted.take(limit).cloned().collect();
        let is_full = entries.len() >= limit;
        let upto = entries.last().filter(|_| is_full).map_or(self.audit_end.seq, |last| last.seq);
        AuditPart { entries, upto }
    }

    pub(super) fn export_audit(&self, filter: &AuditFilter, sink: AuditSink) -> Vec<ChainHead> {
        let wanted = self.audit.iter().filter(|row| is_wanted(filter, &row.entry)).cloned();
        let _ = wanted.map(sink).find(ControlFlow::is_break);
        self.audit_heads()
    }

    pub(super) fn audit_heads(&self) -> Vec<ChainHead> {
        vec![ChainHead { chain: CHAIN.to_owned(), position: self.audit_end }]
    }

    pub(super) fn verify_audit(&self, how: AuditVerification) -> AuditReport {
        let key = audit_key();
        let positions = StoredPositions {
            head: key.seal(Seal::Head, CHAIN, self.audit_end),
            anchor: key.seal(Seal::Anchor, CHAIN, self.audit_start),
        };
        let stored = StoredChain { chain: CHAIN.to_owned(), positions: Some(positions) };
        let mut verifier = AuditVerifier::new(&key, vec![stored], how);
        self.audit.iter().for_each(|row| verifier.row(row));
        verifier.finish()
    }

    fn let_go(&mut self, retention: AuditRetention) {
        let kept = self.audit.iter().filter(|row| row.link.seq > self.audit_start.seq);
        let expired: Vec<_> = kept.take_while(|row| row.entry.at < retention.remove_before).collect();
        let (Some(first), Some(last)) = (expired.first(), expired.last()) else { return };
        // Removing what tells of removals would itself have to be told, without end where retention is short.
        let only_trimmed = expired.iter().all(|row| row.entry.name == EventName::AuditTrimmed.as_str());
        if first.entry.at >= retention.due_before || only_trimmed {
            return;
        }
        let event =
            AuditEvent::new(EventName::AuditTrimmed, retention.now, Actor::System, &Client::default())
                .because("retention")
                .with("rows", expired.len())
                .with("chain", CHAIN)
                .with("first", first.link.seq)
                .with("last", last.link.seq);
        self.audit_start = last.link.position();
        self.record(&event);
    }

    fn remove_let_go(&mut self, limit: u32) -> u32 {
        let start = self.audit_start.seq;
        let gone = self.audit.iter().take_while(|row| row.link.seq <= start).count();
        let gone = gone.min(usize::try_from(limit).unwrap_or(usize::MAX));
        self.audit.drain(..gone);
        u32::try_from(gone).unwrap_or(u32::MAX)
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
        if let Some(retention) = what.audit {
            self.let_go(retention);
        }
        let cleaned = CleanedUp {
            audit_events: self.remove_let_go(what.limit),
            sessions: u32::try_from(gone.len()).unwrap_or(u32::MAX),
            links: remove_earliest(&mut self.links, what.limit, |link| {
                link.expires_at.filter(|expires_at| *expires_at <= what.now)
            }),
            revocations: remove_earliest(&mut self.feed, what.limit, |entry| {
                Some(entry.revocation.expires_at).filter(|expires_at| *expires_at <= what.now)
            }),
            signing_keys: remove_earliest(&mut self.signing_keys, what.limit, |key| {
                let retired_at = key.term.retired_at?;
                (retired_at <= what.keys_retired_before).then(|| (retired_at, key.id.clone()))
            }),
            attempts: self.clean_up_attempts(what.attempts_expired_before, what.limit),
            factor_rests: self.factors.clean_up(what),
            statistics: self.statistics.clean_up(what.statistics_before, what.limit),
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
pub(super) fn remove_earliest<T, K: Ord>(
    items: &mut Vec<T>,
    limit: u32,
    end: impl Fn(&T) -> Option<K>,
) -> u32 {
    let ends = items.iter().enumerate().filter_map(|(at, item)| Some((end(item)?, at))).collect();
    let mut gone: Vec<usize> = earliest(ends, limit).into_iter().map(|(_, at)| at).collect();
    gone.sort_unstable();
    for at in gone.iter().rev() {
        items.remove(*at);
    }
    u32::try_from(gone.len()).unwrap_or(u32::MAX)
}
