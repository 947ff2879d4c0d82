//! The chains of the audit log: each connection writes one that nobody else does, for as long as it is connected, so that
//! those who commit at once share a flush of the disk.
//!
//! Whose a chain is is written nowhere. A connection takes one that has rested for a while, or makes another, and believes
//! from then on that it knows where it ends; each write checks that belief, and who finds the chain moved takes another.

use doorward_core::{
    audit::{AuditEntry, AuditEvent},
    audit_chain::{
        AuditChainKey, Authenticity, ChainLink, ChainPosition, SHARES_THE_LOG, Seal, SealedPosition,
    },
    time::Timestamp,
};
use std::time::Duration;
use tracing::error;

use super::{
    slot::{ChainEnd, Slot},
    transaction::PostgresTransaction,
};
use crate::{
    audit_chain::{insert_positions, read_positions, row_of},
    event_counts::hour_of,
    failure::{Failure, Trouble},
    sql::{IntoValue, Sql, Value, integer, only_number, params},
};

/// What comes before a chain's number in its name.
const PREFIX: &str = SHARES_THE_LOG;

/// A chain that was not written for so long is whoever's asks for one.
const RESTS_AFTER: Duration = Duration::from_secs(60);

/// Chains are numbered from 1 on: one that is missing below the highest was taken away.
pub(super) fn add_missing(known: &mut Vec<String>) {
    let number = |chain: &String| chain.strip_prefix(PREFIX)?.parse::<u16>().ok();
    let highest = known.iter().filter_map(number).max().unwrap_or(0);
    for number in 1..=highest {
        let chain = format!("{PREFIX}{number}");
        if !known.contains(&chain) {
            known.push(chain);
        }
    }
}

/// Finds a chain for a connection: a transaction of its own, because others have to see the chain before it is written.
pub(super) async fn take_one(
    sql: &PostgresTransaction,
    slot: &Slot,
    key: &AuditChainKey,
    now: Timestamp,
) -> Result<(), Failure> {
    let rested = params![now.minus(RESTS_AFTER).as_millis()];
    let found = sql
        .many(RESTED, rested, |columns| Ok((columns.take::<String>()?, read_positions(columns)?.head)))
        .await?;
    let taken = match found.into_iter().find(|(chain, head)| is_trusted(key, chain, head)) {
        Some((chain, head)) => ChainEnd { chain, end: head.position },
        None => make_one(sql, key).await?,
    };
    slot.set_chain(Some(taken));
    Ok(())
}

/// Written after, a forged end would be as good as a genuine one: what was cut off would never be missed.
fn is_trusted(key: &AuditChainKey, chain: &str, head: &SealedPosition) -> bool {
    let trusted = key.check_seal(Seal::Head, chain, head) == Authenticity::Genuine;
    if !trusted {
        error!(
            event = "audit.chain_left",
            chain, "where this chain of the audit log ends cannot be trusted: run `doorward audit verify`"
        );
    }
    trusted
}

async fn make_one(sql: &PostgresTransaction, key: &AuditChainKey) -> Result<ChainEnd, Failure> {
    let known: u64 = sql
        .one("SELECT count(*) FROM audit_chains WHERE starts_with(chain, 'postgres-')", &[], only_number)
        .await?
        .unwrap_or(0);
    let mut number = known + 1;
    loop {
        let chain = format!("{PREFIX}{number}");
        let start = |seal| key.seal(seal, &chain, ChainPosition::START);
        // Of two that make the same at once, the second waits for the first, and goes on to the next.
        if insert_positions(sql, &chain, start(Seal::Head), start(Seal::Anchor)).await? == 1 {
            return Ok(ChainEnd { chain, end: ChainPosition::START });
        }
        number += 1;
    }
}

/// In no order that others would follow: who takes one after the other takes another. One that came from SQLite is at its
/// end: its rows are chained with their number in the log, which is not known here before they are written.
const RESTED: &str =
    "SELECT chain, head_seq, head_mac, head_key_id, head_tag, anchor_seq, anchor_mac, anchor_key_id, anchor_tag
     FROM audit_chains WHERE highest_time < ?1 AND starts_with(chain, 'postgres-') ORDER BY random() LIMIT 8 FOR SHARE SKIP LOCKED";

/// Events as they are written, and where the chain ends then.
pub(super) struct Extended {
    pub(super) rows: Vec<(AuditEntry, ChainLink)>,
    pub(super) end: ChainEnd,
    head: SealedPosition,
    highest_time: Timestamp,
}

/// Puts events at the end of a chain.
pub(super) fn extend(
    key: &AuditChainKey,
    before: ChainEnd,
    now: Option<Timestamp>,
    events: Vec<AuditEvent>,
) -> Result<Extended, Failure> {
    let ChainEnd { chain, mut end } = before;
    let mut highest_time = now;
    let mut rows = Vec::with_capacity(events.len());
    for event in events {
        highest_time = highest_time.max(Some(event.at));
        let entry = event.into_entry(0);
        let link = key.link(&entry, &chain, end);
        end = link.position();
        rows.push((entry, link));
    }
    let head = key.seal(Seal::Head, &chain, end);
    let highest_time = highest_time.ok_or(Trouble::NoChain)?;
    Ok(Extended { rows, end: ChainEnd { chain, end }, head, highest_time })
}

/// Moves the end of a chain on, from where it is believed to be. Until the commit the chain's row is held.
pub(super) const MOVED: &str = "UPDATE audit_chains
     SET head_seq = ?4, head_mac = ?5, head_key_id = ?6, head_tag = ?7, highest_time = greatest(highest_time, ?8)
     WHERE chain = ?1 AND head_seq = ?2 AND head_mac = ?3";

pub(super) fn move_params<'a>(before: &'a ChainEnd, after: &'a Extended) -> Result<[Value<'a>; 8], Failure> {
    let SealedPosition { position, key_id, tag } = &after.head;
    Ok([
        (&before.chain).into_value(),
        integer(before.end.seq)?.into_value(),
        before.end.mac.as_bytes().into_value(),
        integer(position.seq)?.into_value(),
        position.mac.as_bytes().into_value(),
        key_id.0.into_value(),
        tag.as_bytes().into_value(),
        after.highest_time.as_millis().into_value(),
    ])
}

/// Keeps the time of a write that has no event.
pub(super) const KEEP_TIME: &str =
    "UPDATE audit_chains SET highest_time = ?2 WHERE chain = ?1 AND highest_time < ?2";

/// Writes an event, counts it, and remembers where its hour lies.
pub(super) const WRITE: &str = "WITH written AS (
        INSERT INTO audit (name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
            details, chain, chain_seq, key_id, previous, mac)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) RETURNING seq),
     placed AS (
        INSERT INTO audit_hours (hour, chain, first_seq, last_seq) SELECT ?17, ?12, seq, seq FROM written
        ON CONFLICT (hour, chain) DO UPDATE SET last_seq = excluded.last_seq),
     counted AS (
        INSERT INTO event_counts (hour, chain, name, reason, count) VALUES (?17, ?12, ?1, coalesce(?10, ''), ?18)
        ON CONFLICT (hour, chain, name, reason) DO UPDATE SET count = event_counts.count + excluded.count)
     SELECT seq FROM written";

pub(super) fn row_params<'a>(entry: &'a AuditEntry, link: &'a ChainLink) -> Result<Vec<Value<'a>>, Failure> {
    let more = [Value::Integer(hour_of(entry.at)), Value::Integer(integer(entry.stands_for())?)];
    Ok(row_of(entry, link)?.into_iter().chain(more).collect())
}
