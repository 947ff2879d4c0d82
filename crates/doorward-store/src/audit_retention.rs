//! Retention: the oldest events go, and the chain is anchored where they ended.
//!
//! The anchor is moved to the end of all that may go at once, with one event that says so; the rows before it are
//! removed afterwards, a batch at a time. A process killed in between leaves rows that the next clean-up removes.

use std::ops::ControlFlow;

use doorward_core::{
    audit::{Actor, AuditEvent, EventName},
    audit_chain::{AuditChainKey, Authenticity, ChainPosition, ChainedEntry, Seal},
    audit_verification::{StoredChain, StoredPositions},
    client::Client,
    store::AuditRetention,
};

use super::{
    audit_chain::{positions, stored_chains, write_anchor},
    audit_reading::read_chained,
    failure::{Failure, Trouble},
    sql::{Columns, Sql, Text, integer, params},
};

/// Rows that are asked for at once. PostgreSQL sends all that it is asked for, whether or not somebody has enough of them.
const ROWS_AT_ONCE: u32 = 500;

/// What retention lets go of a chain.
pub(crate) struct Expired {
    chain: String,
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
pub(crate) async fn expired(
    sql: &impl Sql,
    key: &AuditChainKey,
    retention: AuditRetention,
) -> Result<Vec<Expired>, Failure> {
    let mut expired = Vec::new();
    for StoredChain { chain, positions } in stored_chains(sql).await? {
        let anchor = positions.map_or(0, |stored| trusted_anchor(key, &chain, &stored).unwrap_or(0));
        let mut walk = Walk { anchor, ..Walk::default() };
        let mut place = Some(i64::MIN);
        while let Some(after) = place.take() {
            let mut rows = 0_u32;
            let see = |columns: &mut Columns<'_>| {
                rows += 1;
                let at = columns.take()?;
                let further = walk.see(read_chained(columns), key, retention);
                place = Some(at).filter(|_| rows == ROWS_AT_ONCE && further.is_continue());
                Ok(further)
            };
            sql.each(OLDEST, params![&chain, after, ROWS_AT_ONCE, integer(anchor)?], see).await?;
        }
        if let Some((first, last)) = walk.found.filter(|_| walk.is_worth_it) {
            expired.push(Expired { chain, first, last, rows: walk.rows_found });
        }
    }
    Ok(expired)
}

/// A walk over the oldest rows of a chain.
#[derive(Default)]
struct Walk {
    /// Rows up to this were let go before.
    anchor: u64,
    first: Option<u64>,
    walked: u64,
    /// The first row that may go, and the last.
    found: Option<(u64, ChainPosition)>,
    rows_found: u64,
    /// Removing what tells of removals would itself have to be told, without end where retention is short.
    tells_of_more: bool,
    is_worth_it: bool,
}

impl Walk {
    fn see(
        &mut self,
        row: Result<ChainedEntry, Failure>,
        key: &AuditChainKey,
        retention: AuditRetention,
    ) -> ControlFlow<()> {
        let Ok(row) = row else {
            self.walked += 1;
            self.tells_of_more = true;
            return ControlFlow::Continue(());
        };
        if row.link.seq <= self.anchor {
            return ControlFlow::Continue(());
        }
        self.walked += 1;
        let first = *self.first.get_or_insert(row.link.seq);
        self.tells_of_more |= row.entry.name != EventName::AuditTrimmed.as_str();
        if key.check(&row.entry, &row.link) == Authenticity::Genuine {
            let bound = if self.found.is_none() { retention.due_before } else { retention.remove_before };
            if row.entry.at >= bound {
                return ControlFlow::Break(());
            }
            self.is_worth_it = self.tells_of_more;
            self.found = Some((first, row.link.position()));
            self.rows_found = self.walked;
        }
        ControlFlow::Continue(())
    }
}

/// Moves the anchor behind what has expired, unless another process did, and says so in the log.
pub(crate) async fn let_go(
    sql: &impl Sql,
    key: &AuditChainKey,
    expired: &Expired,
    retention: AuditRetention,
) -> Result<(), Failure> {
    let Expired { chain, first, last, rows } = expired;
    let Some(stored) = positions(sql, chain).await? else { return Ok(()) };
    if trusted_anchor(key, chain, &stored).is_some_and(|anchor| anchor >= last.seq) {
        return Ok(());
    }
    write_anchor(sql, chain, &key.seal(Seal::Anchor, chain, *last)).await?;
    let event = AuditEvent::new(EventName::AuditTrimmed, retention.now, Actor::System, &Client::default())
        .because("retention")
        .with("rows", rows)
        .with("chain", chain)
        .with("first", first)
        .with("last", last.seq);
    sql.append(&event)
}

/// Removes some of the rows before the anchors.
pub(crate) async fn remove(sql: &impl Sql, key: &AuditChainKey, limit: u32) -> Result<u32, Failure> {
    let mut left = u64::from(limit);
    for StoredChain { chain, positions } in stored_chains(sql).await? {
        // An anchor that somebody else set lets nothing go.
        let anchor = positions.and_then(|stored| trusted_anchor(key, &chain, &stored));
        if let Some(anchor) = anchor.filter(|anchor| *anchor > 0) {
            let removed = sql.change(REMOVE, params![integer(left)?, chain, integer(anchor)?]).await?;
            left = left.saturating_sub(removed);
        }
    }
    u32::try_from(u64::from(limit).saturating_sub(left)).map_err(|_| Trouble::TooLarge.into())
}

fn trusted_anchor(key: &AuditChainKey, chain: &str, stored: &StoredPositions) -> Option<u64> {
    let genuine = key.check_seal(Seal::Anchor, chain, &stored.anchor) == Authenticity::Genuine;
    genuine.then_some(stored.anchor.position.seq)
}

macro_rules! oldest_by {
    ($order:literal) => {
        concat!(
            "SELECT ",
            $order,
            ", seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
                details, chain, chain_seq, key_id, previous, mac
             FROM audit WHERE chain = ?1 AND ",
            $order,
            " > ?2 AND chain_seq > ?4 ORDER BY ",
            $order,
            " LIMIT ?3"
        )
    };
}
/// SQLite's one chain lies in the order of the log; PostgreSQL has an index of each.
const OLDEST: Text = Text { sqlite: oldest_by!("seq"), postgres: oldest_by!("chain_seq") };
/// Looks at no more rows than it may remove: those before the anchor are the first.
const REMOVE: Text = Text {
    sqlite: "DELETE FROM audit WHERE seq IN
    (SELECT seq FROM (SELECT seq, chain, chain_seq FROM audit ORDER BY seq LIMIT ?1)
     WHERE chain = ?2 AND chain_seq <= ?3)",
    postgres: "DELETE FROM audit WHERE seq IN
    (SELECT seq FROM audit WHERE chain = ?2 AND chain_seq <= ?3 ORDER BY chain_seq LIMIT ?1)",
};
