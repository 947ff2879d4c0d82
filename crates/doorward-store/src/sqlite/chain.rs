//! The chain of the audit log in a SQLite file: events wait in memory until their group commits, and are then chained and
//! written to the log together. So an operation that is rolled back leaves no gap, and the head is read and written once a
//! group, whichever process wrote the group before.

use doorward_core::{
    audit::{Actor, AuditEntry, AuditEvent, EventName},
    audit_chain::{AuditChainKey, Authenticity, ChainLink, ChainPosition, Seal},
    audit_verification::StoredPositions,
    client::Client,
    time::Timestamp,
};
use tracing::error;

use super::{
    audit_lines::last_seq,
    tally::Tally,
    transaction::{SqliteTransaction, at_once, change, many},
};
use crate::{
    audit,
    audit_chain::{insert_positions, positions, row_of, write_head},
    failure::{Failure, Trouble},
    sql::{Value, integer, params},
};

/// The one chain of the file.
pub(crate) const CHAIN: &str = "sqlite";

/// Chains what the writer commits.
pub(crate) struct ChainWriter {
    key: AuditChainKey,
    /// Where the chain ended when this process wrote last: it never ends earlier.
    last: Option<ChainPosition>,
}

/// Why the recorded end of the chain is not followed.
#[derive(Clone, Copy)]
enum Distrust {
    Missing,
    Forged,
    UnknownKey,
    SetBack,
}

impl Distrust {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "head_missing",
            Self::Forged => "head_changed",
            Self::UnknownKey => "head_under_another_master_secret",
            Self::SetBack => "head_set_back",
        }
    }
}

impl ChainWriter {
    pub(crate) const fn new(key: AuditChainKey) -> Self {
        Self { key, last: None }
    }

    /// Moves what waits into the log. Where the chain ends then; none if nothing waited.
    pub(crate) fn write_waiting(&self, sql: &SqliteTransaction) -> Result<Option<ChainPosition>, Failure> {
        let events = sql.take_events();
        let Some(first) = events.first() else { return Ok(None) };
        let mut chain = self.open(sql, first.at)?;
        for event in events {
            chain.append(event)?;
        }
        chain.close().map(Some)
    }

    /// Remembers what was committed.
    pub(crate) fn committed(&mut self, end: Option<ChainPosition>) {
        self.last = end.or(self.last);
    }

    fn open<'a>(&'a self, sql: &'a SqliteTransaction, now: Timestamp) -> Result<OpenChain<'a>, Failure> {
        let last_seq = last_seq(&sql.connection())?;
        let mut chain =
            OpenChain { key: &self.key, sql, last_seq, end: ChainPosition::START, tally: Tally::default() };
        match self.trusted_head(sql)? {
            Ok(head) => chain.end = head,
            // Written after, a forged head would be as good as a genuine one: what was cut off would never be missed.
            Err(distrust) => chain.restart(distrust, now)?,
        }
        Ok(chain)
    }

    fn trusted_head(&self, sql: &SqliteTransaction) -> Result<Result<ChainPosition, Distrust>, Failure> {
        let Some(StoredPositions { head, .. }) = at_once(positions(sql, CHAIN))? else {
            return Ok(Err(Distrust::Missing));
        };
        Ok(match self.key.check_seal(Seal::Head, CHAIN, &head) {
            Authenticity::Forged => Err(Distrust::Forged),
            Authenticity::UnknownKey => Err(Distrust::UnknownKey),
            Authenticity::Genuine if self.last.is_some_and(|last| is_set_back(last, head.position)) => {
                Err(Distrust::SetBack)
            }
            Authenticity::Genuine => Ok(head.position),
        })
    }
}

fn is_set_back(last: ChainPosition, head: ChainPosition) -> bool {
    head.seq < last.seq || (head.seq == last.seq && head.mac != last.mac)
}

/// The chain while a group is written after its end.
struct OpenChain<'a> {
    key: &'a AuditChainKey,
    sql: &'a SqliteTransaction,
    last_seq: u64,
    end: ChainPosition,
    tally: Tally,
}

impl OpenChain<'_> {
    fn append(&mut self, event: AuditEvent) -> Result<(), Failure> {
        let entry = event.into_entry(self.next_seq()?);
        let link = self.key.link(&entry, CHAIN, self.end);
        self.insert(&entry, &link)
    }

    /// Goes on without following anything, and says so in the log.
    fn restart(&mut self, why: Distrust, now: Timestamp) -> Result<(), Failure> {
        error!(
            event = "audit.chain_restarted",
            reason = why.as_str(),
            "where the audit log ends cannot be trusted: run `doorward audit verify`"
        );
        let seq = self.next_seq()?;
        let event = AuditEvent::new(EventName::AuditChainRestarted, now, Actor::System, &Client::default());
        let entry = event.because(why.as_str()).into_entry(seq);
        let link = self.key.restart(&entry, CHAIN, seq);
        self.insert(&entry, &link)?;
        // With a record of the end that is gone, that of the beginning is too.
        let start = self.key.seal(Seal::Anchor, CHAIN, ChainPosition::START);
        let head = self.key.seal(Seal::Head, CHAIN, self.end);
        at_once(insert_positions(self.sql, CHAIN, head, start)).map(|_| ())
    }

    /// Whoever can write to the database can give it the form of an earlier version, with rows of their own: taking those
    /// in must be seen for as long as they are kept.
    fn tell_of_rows_before(&mut self) -> Result<(), Failure> {
        let highest: i64 =
            self.sql.connection().query_row("SELECT highest_time FROM state", [], |row| row.get(0))?;
        let at = Timestamp::from_millis(highest);
        let event = AuditEvent::new(EventName::AuditChainBegan, at, Actor::System, &Client::default());
        let rows = self.end.seq;
        self.append(event.with("rows", rows))
    }

    fn next_seq(&self) -> Result<u64, Failure> {
        self.last_seq.checked_add(1).ok_or_else(|| Trouble::TooLarge.into())
    }

    fn insert(&mut self, entry: &AuditEntry, link: &ChainLink) -> Result<(), Failure> {
        let row = row_of(entry, link)?;
        let params: Vec<_> = row.into_iter().chain([Value::Integer(integer(entry.seq)?)]).collect();
        change(&self.sql.connection(), INSERT, &params)?;
        self.tally.add(entry);
        self.last_seq = entry.seq;
        self.end = link.position();
        Ok(())
    }

    fn close(self) -> Result<ChainPosition, Failure> {
        self.tally.write(&self.sql.connection())?;
        at_once(write_head(self.sql, CHAIN, None, &self.key.seal(Seal::Head, CHAIN, self.end)))?;
        Ok(self.end)
    }
}

/// Takes the rows that were there before the chain into it: for the migration that makes it.
pub(crate) fn chain_existing(sql: &SqliteTransaction, key: &AuditChainKey) -> Result<(), Failure> {
    let mut chain = OpenChain { key, sql, last_seq: 0, end: ChainPosition::START, tally: Tally::default() };
    let mut last = i64::MIN;
    loop {
        let entries = many(&sql.connection(), BEFORE_CHAIN, params![last, BATCH], audit::read_entry)?;
        let Some(newest) = entries.last() else { break };
        last = integer(newest.seq)?;
        for entry in entries {
            let link = key.link(&entry, CHAIN, chain.end);
            chain.insert(&entry, &link)?;
        }
    }
    if chain.end != ChainPosition::START {
        chain.tell_of_rows_before()?;
    }
    let anchor = key.seal(Seal::Anchor, CHAIN, ChainPosition::START);
    at_once(insert_positions(sql, CHAIN, key.seal(Seal::Head, CHAIN, chain.end), anchor)).map(|_| ())
}

/// So many events are in memory at once.
const BATCH: u32 = 1000;
const BEFORE_CHAIN: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason, details
     FROM audit_before_chain WHERE seq > ?1 ORDER BY seq LIMIT ?2";
const INSERT: &str = "INSERT INTO audit (name, outcome, at, actor, user_id, session_id, address, user_agent,
        request_id, reason, details, chain, chain_seq, key_id, previous, mac, seq)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
