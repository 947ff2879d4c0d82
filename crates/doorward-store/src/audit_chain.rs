//! The chain of the audit log: events wait in a temporary table until their group commits, and are then chained and
//! moved into the log together. So an operation that is rolled back leaves no gap, and the head is read and written once
//! a group, whichever process wrote the group before.

use doorward_core::{
    audit::{Actor, AuditEntry, AuditEvent, EventName},
    audit_chain::{
        AuditChainKey, Authenticity, ChainHead, ChainKeyId, ChainLink, ChainMac, ChainPosition, Seal,
        SealedPosition,
    },
    audit_verification::{StoredChain, StoredPositions},
    client::Client,
    ids::{SessionId, UserId},
    time::Timestamp,
};
use rusqlite::{Connection, params};
use tracing::error;

use super::{
    audit,
    event_counts::Tally,
    failure::{Failure, Trouble},
    sql::{Columns, change, integer, many, one, only},
};

/// The one chain of the file.
pub(crate) const CHAIN: &str = "sqlite";

/// Where events wait for their group to commit. A table, so that it is rolled back with what they tell of.
pub(crate) const PENDING: &str = "CREATE TEMP TABLE pending_audit (
    place INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    outcome TEXT NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    user_id BLOB,
    session_id BLOB,
    address TEXT,
    user_agent TEXT NOT NULL,
    request_id TEXT,
    reason TEXT,
    details TEXT NOT NULL
) STRICT;";

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
    pub(crate) fn write_pending(&self, connection: &Connection) -> Result<Option<ChainPosition>, Failure> {
        let mut pending = connection.prepare_cached(PENDING_ENTRIES)?;
        let mut rows = pending.query([])?;
        let Some(first) = rows.next()? else { return Ok(None) };
        let first = audit::read_entry(&mut Columns::of(first))?;
        let mut chain = self.open(connection, first.at)?;
        chain.append(first)?;
        while let Some(row) = rows.next()? {
            chain.append(audit::read_entry(&mut Columns::of(row))?)?;
        }
        let end = chain.close()?;
        drop(rows);
        change(connection, "DELETE FROM temp.pending_audit", [])?;
        Ok(Some(end))
    }

    /// Remembers what was committed.
    pub(crate) fn committed(&mut self, end: Option<ChainPosition>) {
        self.last = end.or(self.last);
    }

    fn open<'a>(&'a self, connection: &'a Connection, now: Timestamp) -> Result<OpenChain<'a>, Failure> {
        let last_seq = audit::last_seq(connection)?;
        let mut chain = OpenChain {
            key: &self.key,
            connection,
            last_seq,
            end: ChainPosition::START,
            tally: Tally::default(),
        };
        match self.trusted_head(connection)? {
            Ok(head) => chain.end = head,
            // Written after, a forged head would be as good as a genuine one: what was cut off would never be missed.
            Err(distrust) => chain.restart(distrust, now)?,
        }
        Ok(chain)
    }

    fn trusted_head(&self, connection: &Connection) -> Result<Result<ChainPosition, Distrust>, Failure> {
        let Some(StoredPositions { head, .. }) = positions(connection, CHAIN)? else {
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
    connection: &'a Connection,
    last_seq: u64,
    end: ChainPosition,
    tally: Tally,
}

impl OpenChain<'_> {
    fn append(&mut self, mut entry: AuditEntry) -> Result<(), Failure> {
        entry.seq = self.next_seq()?;
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
        insert_positions(self.connection, CHAIN, self.key.seal(Seal::Head, CHAIN, self.end), start)
    }

    /// Whoever can write to the database can give it the form of an earlier version, with rows of their own: taking those
    /// in must be seen for as long as they are kept.
    fn tell_of_rows_before(&mut self) -> Result<(), Failure> {
        let highest: i64 =
            self.connection.query_row("SELECT highest_time FROM state", [], |row| row.get(0))?;
        let at = Timestamp::from_millis(highest);
        let event = AuditEvent::new(EventName::AuditChainBegan, at, Actor::System, &Client::default());
        let rows = self.end.seq;
        self.append(event.with("rows", rows).into_entry(0))
    }

    fn next_seq(&self) -> Result<u64, Failure> {
        self.last_seq.checked_add(1).ok_or_else(|| Trouble::TooLarge.into())
    }

    fn insert(&mut self, entry: &AuditEntry, link: &ChainLink) -> Result<(), Failure> {
        insert(self.connection, entry, link)?;
        self.tally.add(entry);
        self.last_seq = entry.seq;
        self.end = link.position();
        Ok(())
    }

    fn close(self) -> Result<ChainPosition, Failure> {
        self.tally.write(self.connection)?;
        write_head(self.connection, CHAIN, &self.key.seal(Seal::Head, CHAIN, self.end))?;
        Ok(self.end)
    }
}

/// Takes the rows that were there before the chain into it: for the migration that makes it.
pub(crate) fn chain_existing(connection: &Connection, key: &AuditChainKey) -> Result<(), Failure> {
    let mut existing = connection.prepare(BEFORE_CHAIN)?;
    let mut rows = existing.query([])?;
    let mut chain =
        OpenChain { key, connection, last_seq: 0, end: ChainPosition::START, tally: Tally::default() };
    while let Some(row) = rows.next()? {
        let entry = audit::read_entry(&mut Columns::of(row))?;
        let link = key.link(&entry, CHAIN, chain.end);
        chain.insert(&entry, &link)?;
    }
    if chain.end != ChainPosition::START {
        chain.tell_of_rows_before()?;
    }
    let anchor = key.seal(Seal::Anchor, CHAIN, ChainPosition::START);
    insert_positions(connection, CHAIN, key.seal(Seal::Head, CHAIN, chain.end), anchor)
}

/// Seals under the current master secret what was sealed under a previous one, which may be gone tomorrow.
pub(crate) fn reseal(connection: &Connection, key: &AuditChainKey) -> Result<(), Failure> {
    let Some(StoredPositions { head, anchor }) = positions(connection, CHAIN)? else { return Ok(()) };
    let is_outdated = |seal, sealed: &SealedPosition| {
        sealed.key_id != key.id() && key.check_seal(seal, CHAIN, sealed) == Authenticity::Genuine
    };
    if is_outdated(Seal::Head, &head) {
        write_head(connection, CHAIN, &key.seal(Seal::Head, CHAIN, head.position))?;
    }
    if is_outdated(Seal::Anchor, &anchor) {
        write_anchor(connection, CHAIN, &key.seal(Seal::Anchor, CHAIN, anchor.position))?;
    }
    Ok(())
}

const PENDING_ENTRIES: &str =
    "SELECT 0, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason, details
     FROM temp.pending_audit ORDER BY place";
const BEFORE_CHAIN: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason, details
     FROM audit_before_chain ORDER BY seq";

fn insert(connection: &Connection, entry: &AuditEntry, link: &ChainLink) -> Result<(), Failure> {
    change(
        connection,
        "INSERT INTO audit (seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id,
            reason, details, chain, chain_seq, key_id, previous, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
        params![
            integer(entry.seq)?,
            entry.name,
            entry.outcome,
            entry.at.as_millis(),
            entry.actor,
            entry.user_id.as_ref().map(UserId::as_bytes),
            entry.session_id.as_ref().map(SessionId::as_bytes),
            entry.address.map(|address| address.to_string()),
            entry.user_agent,
            entry.request_id,
            entry.reason,
            serde_json::to_string(&entry.details)?,
            link.chain,
            integer(link.seq)?,
            link.key_id.0,
            link.previous.as_bytes(),
            link.mac.as_bytes(),
        ],
    )?;
    Ok(())
}

/// The columns of [`ChainLink`], after those of the entry.
pub(crate) fn read_link(columns: &mut Columns<'_>) -> Result<ChainLink, Failure> {
    Ok(ChainLink {
        chain: columns.take()?,
        seq: columns.number()?,
        key_id: read_key_id(columns)?,
        previous: ChainMac::from_bytes(columns.take()?),
        mac: ChainMac::from_bytes(columns.take()?),
    })
}

/// Where a chain ends and begins, as it is recorded.
pub(crate) fn positions(connection: &Connection, chain: &str) -> Result<Option<StoredPositions>, Failure> {
    one(
        connection,
        "SELECT head_seq, head_mac, head_key_id, head_tag, anchor_seq, anchor_mac, anchor_key_id, anchor_tag
         FROM audit_chains WHERE chain = ?1",
        [chain],
        |columns| Ok(StoredPositions { head: read_sealed(columns)?, anchor: read_sealed(columns)? }),
    )
}

fn read_sealed(columns: &mut Columns<'_>) -> Result<SealedPosition, Failure> {
    Ok(SealedPosition {
        position: ChainPosition { seq: columns.number()?, mac: ChainMac::from_bytes(columns.take()?) },
        key_id: read_key_id(columns)?,
        tag: ChainMac::from_bytes(columns.take()?),
    })
}

/// Every chain that is recorded, and the one there has to be.
pub(crate) fn stored_chains(connection: &Connection) -> Result<Vec<StoredChain>, Failure> {
    let mut chains: Vec<String> =
        many(connection, "SELECT chain FROM audit_chains ORDER BY chain LIMIT 1000", [], only)?;
    if !chains.iter().any(|chain| chain == CHAIN) {
        chains.push(CHAIN.to_owned());
    }
    let stored = |chain: String| Ok(StoredChain { positions: positions(connection, &chain)?, chain });
    chains.into_iter().map(stored).collect()
}

/// [`stored_chains`] of a database whose schema was changed: without the record, that is what is wrong.
pub(crate) fn stored_chains_if_any(connection: &Connection) -> Vec<StoredChain> {
    stored_chains(connection)
        .unwrap_or_else(|_| vec![StoredChain { chain: CHAIN.to_owned(), positions: None }])
}

/// Where each chain ends.
pub(crate) fn heads(connection: &Connection) -> Result<Vec<ChainHead>, Failure> {
    let head = |stored: StoredChain| {
        let position = stored.positions?.head.position;
        Some(ChainHead { chain: stored.chain, position })
    };
    Ok(stored_chains(connection)?.into_iter().filter_map(head).collect())
}

/// One that no key has, for a number that is none: whoever wrote it there must not stop every write.
fn read_key_id(columns: &mut Columns<'_>) -> Result<ChainKeyId, Failure> {
    Ok(ChainKeyId(u32::try_from(columns.take::<i64>()?).unwrap_or_default()))
}

fn insert_positions(
    connection: &Connection,
    chain: &str,
    head: SealedPosition,
    anchor: SealedPosition,
) -> Result<(), Failure> {
    change(
        connection,
        "INSERT INTO audit_chains (chain, head_seq, head_mac, head_key_id, head_tag,
            anchor_seq, anchor_mac, anchor_key_id, anchor_tag)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        params![
            chain,
            integer(head.position.seq)?,
            head.position.mac.as_bytes(),
            head.key_id.0,
            head.tag.as_bytes(),
            integer(anchor.position.seq)?,
            anchor.position.mac.as_bytes(),
            anchor.key_id.0,
            anchor.tag.as_bytes(),
        ],
    )?;
    Ok(())
}

fn write_head(connection: &Connection, chain: &str, head: &SealedPosition) -> Result<(), Failure> {
    let sql = "UPDATE audit_chains SET head_seq = ?2, head_mac = ?3, head_key_id = ?4, head_tag = ?5 WHERE chain = ?1";
    write_position(connection, sql, chain, head)
}

pub(crate) fn write_anchor(
    connection: &Connection,
    chain: &str,
    anchor: &SealedPosition,
) -> Result<(), Failure> {
    let sql = "UPDATE audit_chains SET anchor_seq = ?2, anchor_mac = ?3, anchor_key_id = ?4, anchor_tag = ?5 WHERE chain = ?1";
    write_position(connection, sql, chain, anchor)
}

fn write_position(
    connection: &Connection,
    sql: &str,
    chain: &str,
    sealed: &SealedPosition,
) -> Result<(), Failure> {
    let SealedPosition { position, key_id, tag } = sealed;
    change(
        connection,
        sql,
        params![chain, integer(position.seq)?, position.mac.as_bytes(), key_id.0, tag.as_bytes()],
    )?;
    Ok(())
}
