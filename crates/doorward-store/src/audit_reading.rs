//! The audit log from its first row to its last, on one snapshot, in bounded memory.

use doorward_core::{
    audit::AuditFilter,
    audit_chain::{AuditChainKey, ChainHead, ChainedEntry},
    audit_report::AuditReport,
    audit_verification::{AuditVerification, AuditVerifier},
    ids::UserId,
    store::{AuditProgress, AuditSink},
    time::Timestamp,
};
use std::ops::ControlFlow;

use super::{
    audit, audit_chain,
    failure::Failure,
    sql::{Columns, Sql, only_number, params},
};

/// How many rows lie between two reports of progress.
const REPORT_EVERY: u64 = 1000;

/// Hands every event that `filter` lets through to `sink`, oldest first, until it has enough; where the chains end.
pub(crate) async fn export(
    sql: &impl Sql,
    filter: &AuditFilter,
    sink: &mut AuditSink,
) -> Result<Vec<ChainHead>, Failure> {
    let params = params![
        filter.after.map_or(i64::MIN, Timestamp::as_millis),
        filter.before.map(Timestamp::as_millis),
        filter.user_id.as_ref().map(UserId::as_bytes),
        filter.name.as_ref(),
        filter.address.map(|address| address.to_string()),
    ];
    sql.each(OLDEST_FIRST, params, |columns| Ok(sink(read_chained(columns)?))).await?;
    audit_chain::heads(sql).await
}

/// Checks the whole log.
pub(crate) async fn verify(
    sql: &impl Sql,
    key: &AuditChainKey,
    how: AuditVerification,
    progress: &mut AuditProgress,
) -> Result<AuditReport, Failure> {
    let total = sql.one(SPAN, &[], only_number).await?.unwrap_or(0);
    let mut verifier = AuditVerifier::new(key, audit_chain::stored_chains_if_any(sql).await, how);
    let mut done: u64 = 0;
    let see = |columns: &mut Columns<'_>| {
        // What cannot be read was not written by us: a finding, and no reason to stop.
        match read_chained(columns) {
            Ok(row) => verifier.row(&row),
            Err(_) => verifier.unreadable_row(u64::try_from(columns.first::<i64>()?).unwrap_or(0)),
        }
        done += 1;
        if done.is_multiple_of(REPORT_EVERY) {
            progress(done, total);
        }
        Ok(ControlFlow::Continue(()))
    };
    let (no_time, nobody, no_text) = (None::<i64>, None::<&[u8]>, None::<&str>);
    sql.each(OLDEST_FIRST, params![i64::MIN, no_time, nobody, no_text, no_text], see).await?;
    Ok(verifier.finish())
}

/// About as many rows as there are, without counting them.
const SPAN: &str = "SELECT coalesce(max(seq) - min(seq) + 1, 0) FROM audit";

pub(crate) const OLDEST_FIRST: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason, details,
        chain, chain_seq, key_id, previous, mac
     FROM audit
     WHERE at >= ?1 AND (?2 IS NULL OR at < ?2) AND (?3 IS NULL OR user_id = ?3) AND (?4 IS NULL OR name = ?4)
        AND (?5 IS NULL OR address = ?5)
     ORDER BY seq";

pub(crate) fn read_chained(columns: &mut Columns<'_>) -> Result<ChainedEntry, Failure> {
    Ok(ChainedEntry { entry: audit::read_entry(columns)?, link: audit_chain::read_link(columns)? })
}
