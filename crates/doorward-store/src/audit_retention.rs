//! Retention: the oldest events go, and the chain is anchored where they ended.
//!
//! The anchor is moved to the end of all that may go at once, with one event that says so; the rows before it are
//! removed afterwards, a batch at a time. A process killed in between leaves rows that the next clean-up removes.

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    audit_chain::{AuditChainKey, Authenticity, ChainPosition, Seal},
    audit_verification::StoredPositions,
    client::Client,
    store::AuditRetention,
};
use rusqlite::{Connection, params};

use super::{
    audit,
    audit_chain::{CHAIN, positions, write_anchor},
    audit_reading::read_chained,
    failure::{Failure, Trouble},
    sql::{Columns, change, integer},
};

/// What retention lets go.
#[derive(Clone, Copy)]
pub(crate) struct Expired {
    /// The first row that goes.
    first: u64,
    /// The last.
    last: ChainPosition,
    /// How many there are.
    rows: u64,
}

/// What may go by now, if anything is due. Reads no further than that, and without keeping anybody from writing: rows
/// never change, so what may go now may go later.
///
/// Only a genuine row says how old it is, and that those before it are older. A row whose time was forged, or that was
/// written under a secret that is gone, stays until a genuine one after it is old enough: what shows tampering is kept as
/// long as anything else.
pub(crate) fn expired(
    connection: &Connection,
    key: &AuditChainKey,
    retention: AuditRetention,
) -> Result<Option<Expired>, Failure> {
    let anchor = positions(connection, CHAIN)?.map_or(0, |stored| trusted_anchor(key, &stored).unwrap_or(0));
    let mut statement = connection.prepare_cached(OLDEST)?;
    let mut rows = statement.query([CHAIN])?;
    let (mut first, mut walked, mut found) = (None, 0, None);
    // Removing what tells of removals would itself have to be told, without end where retention is short.
    let (mut tells_of_more, mut is_worth_it) = (false, false);
    while let Some(row) = rows.next()? {
        let Ok(row) = read_chained(&mut Columns::of(row)) else {
            walked += 1;
            tells_of_more = true;
            continue;
        };
        if row.link.seq <= anchor {
            continue;
        }
        walked += 1;
        let first = *first.get_or_insert(row.link.seq);
        tells_of_more |= row.entry.name != EventName::AuditTrimmed.as_str();
        if key.check(&row.entry, &row.link) == Authenticity::Genuine {
            let bound = if found.is_none() { retention.due_before } else { retention.remove_before };
            if row.entry.at >= bound {
                break;
            }
            is_worth_it = tells_of_more;
            found = Some(Expired { first, last: row.link.position(), rows: walked });
        }
    }
    Ok(found.filter(|_| is_worth_it))
}

/// Moves the anchor behind what has expired, unless another process did, and says so in the log.
pub(crate) fn let_go(
    connection: &Connection,
    key: &AuditChainKey,
    expired: Expired,
    retention: AuditRetention,
) -> Result<(), Failure> {
    let Some(stored) = positions(connection, CHAIN)? else { return Ok(()) };
    if trusted_anchor(key, &stored).is_some_and(|anchor| anchor >= expired.last.seq) {
        return Ok(());
    }
    write_anchor(connection, CHAIN, &key.seal(Seal::Anchor, CHAIN, expired.last))?;
    let event = AuditEvent::new(EventName::AuditTrimmed, retention.now, Actor::System, &Client::default())
        .because("retention")
        .with("rows", expired.rows)
        .with("chain", CHAIN)
        .with("first", expired.first)
        .with("last", expired.last.seq);
    audit::append(connection, &event)
}

/// Removes some of the rows before the anchor.
pub(crate) fn remove(connection: &Connection, key: &AuditChainKey, limit: u32) -> Result<u32, Failure> {
    // An anchor that somebody else set lets nothing go.
    let anchor = positions(connection, CHAIN)?.and_then(|stored| trusted_anchor(key, &stored));
    let Some(anchor) = anchor.filter(|anchor| *anchor > 0) else { return Ok(0) };
    let removed = change(connection, REMOVE, params![limit, CHAIN, integer(anchor)?])?;
    u32::try_from(removed).map_err(|_| Trouble::TooLarge.into())
}

fn trusted_anchor(key: &AuditChainKey, stored: &StoredPositions) -> Option<u64> {
    let genuine = key.check_seal(Seal::Anchor, CHAIN, &stored.anchor) == Authenticity::Genuine;
    genuine.then_some(stored.anchor.position.seq)
}

const OLDEST: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason, details,
        chain, chain_seq, key_id, previous, mac
     FROM audit WHERE chain = ?1 ORDER BY seq";
/// Looks at no more rows than it may remove: those before the anchor are the first.
const REMOVE: &str = "DELETE FROM audit WHERE seq IN
    (SELECT seq FROM (SELECT seq, chain, chain_seq FROM audit ORDER BY seq LIMIT ?1)
     WHERE chain = ?2 AND chain_seq <= ?3)";
