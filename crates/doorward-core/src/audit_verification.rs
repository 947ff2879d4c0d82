//! Checks the audit log: row by row in the order of the log, in bounded memory, whatever somebody made of it.
//!
//! Each row is judged by itself first (its MAC covers the row, its place and the MAC before it, which is kept with it),
//! then by whether it follows. So one row that was changed is one finding, and those after it are judged as ever.

use std::collections::BTreeMap;

use crate::{
    audit::EventName,
    audit_chain::{AuditChainKey, Authenticity, ChainHead, ChainedEntry, SealedPosition},
    audit_report::{AuditReport, FindingKind},
    audit_walk::{Findings, Known, Walk},
};

/// How to check the log.
#[derive(Clone, Debug)]
pub struct AuditVerification {
    /// Heads that were kept elsewhere: only they show that the end was cut off together with its record.
    pub known_heads: Vec<ChainHead>,
    /// The most findings to report one by one.
    pub max_findings: usize,
}

impl Default for AuditVerification {
    fn default() -> Self {
        Self { known_heads: Vec::new(), max_findings: 100 }
    }
}

/// A chain as the store records where it stands.
#[derive(Clone, Debug)]
pub struct StoredChain {
    /// The chain.
    pub chain: String,
    /// Its head and its anchor; none if the record is gone.
    pub positions: Option<StoredPositions>,
}

/// Where a chain ends and begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredPositions {
    /// Where it ends.
    pub head: SealedPosition,
    /// The last row that retention removed.
    pub anchor: SealedPosition,
}

/// Checks a log whose rows are shown to it one after the other, by their number.
pub struct AuditVerifier<'a> {
    key: &'a AuditChainKey,
    walks: BTreeMap<String, Walk>,
    findings: Findings,
    rows: u64,
    unmatched: Vec<ChainHead>,
}

impl<'a> AuditVerifier<'a> {
    /// Begins with what the store says of its chains.
    #[must_use]
    pub fn new(key: &'a AuditChainKey, stored: Vec<StoredChain>, how: AuditVerification) -> Self {
        let mut findings = Findings { list: Vec::new(), max: how.max_findings, more: 0 };
        let mut walks: BTreeMap<String, Walk> = stored
            .into_iter()
            .map(|stored| (stored.chain.clone(), Walk::begin(key, stored, &mut findings)))
            .collect();
        let mut unmatched = Vec::new();
        for head in how.known_heads {
            match walks.get_mut(&head.chain) {
                Some(walk) => walk.known.push(Known { position: head.position, found: None }),
                None => unmatched.push(head),
            }
        }
        Self { key, walks, findings, rows: 0, unmatched }
    }

    /// Shows the next row.
    pub fn row(&mut self, row: &ChainedEntry) {
        self.rows += 1;
        let (entry, link) = (&row.entry, &row.link);
        let Some(walk) = self.walks.get_mut(&link.chain) else {
            self.findings.add(&link.chain, Some(entry.seq), FindingKind::Added);
            return;
        };
        let seq = link.place(entry.seq);
        match self.key.check(entry, link) {
            Authenticity::Genuine => {
                // Of a log that was emptied together with its record, the restart is row 1, and looks like a beginning.
                let restarts = entry.name == EventName::AuditChainRestarted.as_str();
                walk.genuine(seq, link, restarts, &mut self.findings);
                if entry.name == EventName::AuditChainBegan.as_str() {
                    self.findings.add(&link.chain, Some(seq), FindingKind::Began);
                }
            }
            Authenticity::UnknownKey => walk.under_unknown_key(seq, link, &mut self.findings),
            Authenticity::Forged => {
                let written_at = walk.seq_of(link.seq).filter(|at| *at != seq);
                match written_at {
                    Some(from) if self.key.check_as_if_at(entry, link, from) == Authenticity::Genuine => {
                        walk.moved(seq, from, link, &mut self.findings);
                    }
                    _ => walk.forged(seq, &mut self.findings),
                }
            }
        }
    }

    /// Shows that the next row cannot even be read.
    pub fn unreadable_row(&mut self, seq: u64) {
        self.rows += 1;
        match self.walks.first_entry() {
            Some(mut only) => only.get_mut().forged(seq, &mut self.findings),
            None => self.findings.add("", Some(seq), FindingKind::Added),
        }
    }

    /// What it came to, after the last row.
    #[must_use]
    pub fn finish(self) -> AuditReport {
        let Self { walks, mut findings, rows, unmatched, .. } = self;
        let mut report = AuditReport { rows, ..AuditReport::default() };
        for walk in walks.into_values() {
            report.chains.push(walk.state());
            walk.finish(&mut findings, &mut report.heads_past_retention);
        }
        for head in unmatched {
            findings.add(&head.chain, None, FindingKind::KnownHeadMissing { seq: head.position.seq });
        }
        findings.list.sort_by_key(|finding| finding.seq.unwrap_or(u64::MAX));
        report.findings = findings.list;
        report.more_findings = findings.more;
        report
    }
}
