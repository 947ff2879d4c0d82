//! What checking the audit log came to, in kinds for programs and in words for people.

use std::fmt;

use crate::audit_chain::{ChainHead, ChainKeyId, ChainPosition};

/// What checking the audit log came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Rows that were read.
    pub rows: u64,
    /// Each chain, as the database says where it stands.
    pub chains: Vec<ChainState>,
    /// What is wrong, in the order of the log; no more of it than was asked for.
    pub findings: Vec<Finding>,
    /// How much more is wrong.
    pub more_findings: u64,
    /// Heads that were given and lie before the anchor: retention has removed their rows, and nothing can be said.
    pub heads_past_retention: Vec<ChainHead>,
}

impl AuditReport {
    /// Whether the log is as it was written, and nothing of it is missing, as far as the chain can tell.
    #[must_use]
    pub const fn is_intact(&self) -> bool {
        self.findings.is_empty() && self.more_findings == 0
    }
}

/// Where a chain stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainState {
    /// The chain.
    pub chain: String,
    /// Where it ends; none where that is not recorded any more.
    pub head: Option<ChainPosition>,
    /// The last row that retention removed; 0 if it has removed none.
    pub trimmed_to: u64,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The chain it concerns.
    pub chain: String,
    /// The row where it shows, as the log numbers rows; none if it concerns no row.
    pub seq: Option<u64>,
    /// What it is.
    pub kind: FindingKind,
}

/// What can be wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FindingKind {
    /// A row does not say what was written.
    Changed,
    /// A row was never written by Doorward.
    Added,
    /// A row is the copy of another one.
    Copied {
        /// The other's number in the chain.
        of: u64,
    },
    /// A row stands elsewhere than it was written.
    Moved {
        /// Where it was written.
        from: u64,
    },
    /// Rows were removed, these numbers of the chain included.
    Missing {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// The end was cut off, these numbers of the chain included.
    CutOff {
        /// The first that is gone.
        first: u64,
        /// The last that is gone.
        last: u64,
    },
    /// A genuine row does not follow the one before it: one of them comes from another copy of the log.
    Unlinked,
    /// Where the chain ended could not be trusted when this row was written.
    Restarted,
    /// The rows before this one were there before the log was chained. Expected once, after an upgrade; else somebody put
    /// a log of their own, in the form of an earlier version, in its place.
    Began,
    /// These rows were written under a master secret that is not configured.
    UnknownKey {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
        /// Which key.
        key: ChainKeyId,
    },
    /// The record of where the chain begins and ends is gone.
    PositionsMissing,
    /// The record of where the chain ends was changed.
    HeadForged,
    /// The record of where the chain ends was put back to an earlier one.
    HeadSetBack {
        /// Where it says the chain ends.
        to: u64,
    },
    /// The record of where the chain ends is of another copy of the log.
    HeadElsewhere,
    /// The record of where the chain ends is under a master secret that is not configured.
    HeadUnknownKey {
        /// Which key.
        key: ChainKeyId,
    },
    /// The record of what retention removed was changed.
    AnchorForged,
    /// The record of what retention removed is under a master secret that is not configured.
    AnchorUnknownKey {
        /// Which key.
        key: ChainKeyId,
    },
    /// A head that was kept elsewhere is not in the log.
    KnownHeadMissing {
        /// Its number in the chain.
        seq: u64,
    },
    /// A head that was kept elsewhere has another MAC in the log: this is another history.
    KnownHeadDiffers {
        /// Its number in the chain.
        seq: u64,
    },
    /// The database's schema is not the one Doorward made, for instance without the triggers that guard the log.
    SchemaChanged {
        /// The difference.
        difference: String,
    },
}

impl FindingKind {
    /// A constant name.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Copied { .. } => "copied",
            Self::Moved { .. } => "moved",
            Self::Missing { .. } => "missing",
            Self::CutOff { .. } => "cut_off",
            Self::Unlinked => "unlinked",
            Self::Restarted => "restarted",
            Self::Began => "began",
            Self::UnknownKey { .. } => "unknown_key",
            Self::PositionsMissing => "positions_missing",
            Self::HeadForged => "head_changed",
            Self::HeadSetBack { .. } => "head_set_back",
            Self::HeadElsewhere => "head_elsewhere",
            Self::HeadUnknownKey { .. } => "head_unknown_key",
            Self::AnchorForged => "anchor_changed",
            Self::AnchorUnknownKey { .. } => "anchor_unknown_key",
            Self::KnownHeadMissing { .. } => "known_head_missing",
            Self::KnownHeadDiffers { .. } => "known_head_differs",
            Self::SchemaChanged { .. } => "schema_changed",
        }
    }

    /// The last row of a range; none for what concerns one row or none.
    #[must_use]
    pub const fn last(&self) -> Option<u64> {
        match self {
            Self::Missing { last, .. } | Self::CutOff { last, .. } | Self::UnknownKey { last, .. } => {
                Some(*last)
            }
            _ => None,
        }
    }
}

/// What to do about rows under another master secret.
const GIVE_THE_SECRET: &str = "give that secret as DOORWARD_MASTER_KEY_PREVIOUS, or as master.key.previous in the \
                               data directory, to have them checked";

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.seq.unwrap_or_default();
        let chain = &self.chain;
        match &self.kind {
            FindingKind::Changed => write!(f, "row {row} was changed"),
            FindingKind::Added => write!(f, "row {row} was added: Doorward did not write it"),
            FindingKind::Copied { of } => write!(f, "row {row} was added: it is a copy of row {of}"),
            FindingKind::Moved { from } => write!(f, "row {row} was moved: it was written as row {from}"),
            FindingKind::Missing { first, last } => write!(f, "{} removed", Rows(*first, *last)),
            FindingKind::CutOff { first, last } => {
                write!(f, "{} cut off at the end", Rows(*first, *last))
            }
            FindingKind::Unlinked => {
                write!(
                    f,
                    "row {row} does not follow the row before it: one of them is from another copy of the log"
                )
            }
            FindingKind::Restarted => write!(
                f,
                "row {row} begins the chain anew: when it was written, the record of where the chain ended could not \
                 be trusted. Rows before it may have been cut off"
            ),
            FindingKind::Began => write!(
                f,
                "rows before row {row} were written by a version that chained none: nothing vouches for them. If this \
                 database was not upgraded from one, somebody replaced the log"
            ),
            FindingKind::UnknownKey { first, last, key } => write!(
                f,
                "{} written under another master secret (key {key}): {GIVE_THE_SECRET}",
                Rows(*first, *last)
            ),
            FindingKind::PositionsMissing => {
                write!(f, "the record of where chain {chain} begins and ends was removed")
            }
            FindingKind::HeadForged => write!(f, "the record of where chain {chain} ends was changed"),
            FindingKind::HeadSetBack { to } => {
                write!(
                    f,
                    "the record of where chain {chain} ends was put back to row {to}; the log goes on after it"
                )
            }
            FindingKind::HeadElsewhere => {
                write!(f, "the record of where chain {chain} ends is from another copy of the log")
            }
            FindingKind::HeadUnknownKey { key } => write!(
                f,
                "where chain {chain} ends was recorded under another master secret (key {key}): {GIVE_THE_SECRET}"
            ),
            FindingKind::AnchorForged => {
                write!(f, "the record of what retention removed from chain {chain} was changed")
            }
            FindingKind::AnchorUnknownKey { key } => write!(
                f,
                "what retention removed from chain {chain} was recorded under another master secret (key {key}): \
                 {GIVE_THE_SECRET}"
            ),
            FindingKind::KnownHeadMissing { seq } => {
                write!(
                    f,
                    "chain {chain} once reached row {seq}, as the head that was given says, and has no such row now"
                )
            }
            FindingKind::KnownHeadDiffers { seq } => {
                write!(
                    f,
                    "row {seq} of chain {chain} is not the one of the head that was given: this is another history"
                )
            }
            FindingKind::SchemaChanged { difference } => write!(f, "the schema was changed: {difference}"),
        }
    }
}

/// The subject of a sentence about these rows.
struct Rows(u64, u64);

impl fmt::Display for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(first, last) = self;
        if first == last { write!(f, "row {first} was") } else { write!(f, "rows {first} to {last} were") }
    }
}
