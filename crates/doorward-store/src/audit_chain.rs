//! The chains of the audit log: SQLite has one, PostgreSQL one for each connection that writes at a time.

use doorward_core::{
    audit::AuditEntry,
    audit_chain::{
        AuditChainKey, Authenticity, ChainHead, ChainKeyId, ChainLink, ChainMac, ChainPosition, Seal,
        SealedPosition,
    },
    audit_verification::{StoredChain, StoredPositions},
    ids::{SessionId, UserId},
};
use futures_util::future::try_join_all;

use super::{
    failure::Failure,
    sql::{Columns, IntoValue, Sql, Value, integer, only, params},
};

/// Seals under the current master secret what was sealed under a previous one, which may be gone tomorrow.
pub(crate) async fn reseal(sql: &impl Sql, key: &AuditChainKey) -> Result<(), Failure> {
    for StoredChain { chain, positions } in stored_chains(sql).await? {
        let Some(StoredPositions { head, anchor }) = positions else { continue };
        let is_outdated = |seal, sealed: &SealedPosition| {
            sealed.key_id != key.id() && key.check_seal(seal, &chain, sealed) == Authenticity::Genuine
        };
        if is_outdated(Seal::Head, &head) {
            let sealed = key.seal(Seal::Head, &chain, head.position);
            write_head(sql, &chain, Some(head.position), &sealed).await?;
        }
        if is_outdated(Seal::Anchor, &anchor) {
            write_anchor(sql, &chain, &key.seal(Seal::Anchor, &chain, anchor.position)).await?;
        }
    }
    Ok(())
}

/// What is written of an event, but for its place in the log.
pub(crate) fn row_of<'a>(entry: &'a AuditEntry, link: &'a ChainLink) -> Result<[Value<'a>; 16], Failure> {
    let owned = |text: String| Value::Text(text.into());
    Ok([
        (&entry.name).into_value(),
        (&entry.outcome).into_value(),
        Value::Integer(entry.at.as_millis()),
        (&entry.actor).into_value(),
        entry.user_id.as_ref().map(UserId::as_bytes).into_value(),
        entry.session_id.as_ref().map(SessionId::as_bytes).into_value(),
        entry.address.map(|address| address.to_string()).into_value(),
        (&entry.user_agent).into_value(),
        entry.request_id.as_ref().into_value(),
        entry.reason.as_ref().into_value(),
        owned(serde_json::to_string(&entry.details)?),
        (&link.chain).into_value(),
        Value::Integer(integer(link.seq)?),
        link.key_id.0.into_value(),
        link.previous.as_bytes().into_value(),
        link.mac.as_bytes().into_value(),
    ])
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
pub(crate) async fn positions(sql: &impl Sql, chain: &str) -> Result<Option<StoredPositions>, Failure> {
    sql.one(POSITIONS, params![chain], read_positions).await
}

const POSITIONS: &str =
    "SELECT head_seq, head_mac, head_key_id, head_tag, anchor_seq, anchor_mac, anchor_key_id, anchor_tag
     FROM audit_chains WHERE chain = ?1";

pub(crate) fn read_positions(columns: &mut Columns<'_>) -> Result<StoredPositions, Failure> {
    Ok(StoredPositions { head: read_sealed(columns)?, anchor: read_sealed(columns)? })
}

fn read_sealed(columns: &mut Columns<'_>) -> Result<SealedPosition, Failure> {
    Ok(SealedPosition {
        position: ChainPosition { seq: columns.number()?, mac: ChainMac::from_bytes(columns.take()?) },
        key_id: read_key_id(columns)?,
        tag: ChainMac::from_bytes(columns.take()?),
    })
}

/// Every chain that is recorded, and those there have to be.
pub(crate) async fn stored_chains<S: Sql>(sql: &S) -> Result<Vec<StoredChain>, Failure> {
    let mut chains: Vec<String> = sql.many(CHAINS, &[], only).await?;
    S::add_missing_chains(&mut chains);
    let stored = async |chain: String| {
        Ok::<_, Failure>(StoredChain { positions: positions(sql, &chain).await?, chain })
    };
    try_join_all(chains.into_iter().map(stored)).await
}

const CHAINS: &str = "SELECT chain FROM audit_chains ORDER BY chain LIMIT 1000";

/// [`stored_chains`] of a database whose schema was changed: without the record, that is what is wrong.
pub(crate) async fn stored_chains_if_any<S: Sql>(sql: &S) -> Vec<StoredChain> {
    stored_chains(sql).await.unwrap_or_else(|_| {
        let mut chains = Vec::new();
        S::add_missing_chains(&mut chains);
        chains.into_iter().map(|chain| StoredChain { chain, positions: None }).collect()
    })
}

/// Where each chain ends.
pub(crate) async fn heads(sql: &impl Sql) -> Result<Vec<ChainHead>, Failure> {
    let head = |stored: StoredChain| {
        let position = stored.positions?.head.position;
        Some(ChainHead { chain: stored.chain, position })
    };
    Ok(stored_chains(sql).await?.into_iter().filter_map(head).collect())
}

/// One that no key has, for a number that is none: whoever wrote it there must not stop every write.
fn read_key_id(columns: &mut Columns<'_>) -> Result<ChainKeyId, Failure> {
    Ok(ChainKeyId(u32::try_from(columns.take::<i64>()?).unwrap_or_default()))
}

/// Records a chain, unless it is recorded already.
pub(crate) async fn insert_positions(
    sql: &impl Sql,
    chain: &str,
    head: SealedPosition,
    anchor: SealedPosition,
) -> Result<u64, Failure> {
    sql.change(
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
    )
    .await
}

/// Moves the end of a chain; where `before` is given, only if it still is there.
pub(crate) async fn write_head(
    sql: &impl Sql,
    chain: &str,
    before: Option<ChainPosition>,
    head: &SealedPosition,
) -> Result<u64, Failure> {
    let SealedPosition { position, key_id, tag } = head;
    sql.change(
        "UPDATE audit_chains SET head_seq = ?2, head_mac = ?3, head_key_id = ?4, head_tag = ?5
         WHERE chain = ?1 AND (?6 IS NULL OR (head_seq = ?6 AND head_mac = ?7))",
        params![
            chain,
            integer(position.seq)?,
            position.mac.as_bytes(),
            key_id.0,
            tag.as_bytes(),
            before.map(|before| integer(before.seq)).transpose()?,
            before.as_ref().map(|before| before.mac.as_bytes()),
        ],
    )
    .await
}

pub(crate) async fn write_anchor(
    sql: &impl Sql,
    chain: &str,
    anchor: &SealedPosition,
) -> Result<(), Failure> {
    let SealedPosition { position, key_id, tag } = anchor;
    sql.queue(
        "UPDATE audit_chains SET anchor_seq = ?2, anchor_mac = ?3, anchor_key_id = ?4, anchor_tag = ?5
         WHERE chain = ?1",
        params![chain, integer(position.seq)?, position.mac.as_bytes(), key_id.0, tag.as_bytes()],
    )
    .await
}
