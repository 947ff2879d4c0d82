//! The audit log from its first row to its last, on one snapshot, in bounded memory.

use std::{ops::ControlFlow, path::Path};

use doorward_core::{
    audit::AuditFilter,
    audit_chain::{AuditChainKey, ChainHead, ChainedEntry},
    audit_report::{AuditReport, Finding, FindingKind},
    audit_verification::{AuditVerification, AuditVerifier},
    store::{AuditProgress, AuditSink},
    time::Timestamp,
};
use rusqlite::{Connection, params};

use super::{
    SqliteOptions, audit,
    audit_chain::{self, CHAIN},
    failure::Failure,
    sql::{Columns, one, only_number},
    sqlite::{
        OpenError,
        connection::open_reader,
        migrate::{self, version_of},
    },
};

/// Checks the audit log of a database, whether or not it is in use, and writes nothing to it. Unlike a store it opens one
/// whose schema is not what it should be: that is one more finding. `progress` is told how many rows were read, and of
/// about how many.
///
/// # Errors
/// [`OpenError`]: it cannot be read, is another program's, or has no chain yet.
pub fn verify_audit(
    path: &Path,
    key: &AuditChainKey,
    how: AuditVerification,
    mut progress: AuditProgress,
) -> Result<AuditReport, OpenError> {
    let sqlite = |source| OpenError::Sqlite { path: path.to_owned(), source };
    std::fs::metadata(path).map_err(|source| OpenError::File { path: path.to_owned(), source })?;
    let connection = open_reader(path, SqliteOptions::default().busy_timeout).map_err(sqlite)?;
    connection.execute_batch("BEGIN").map_err(sqlite)?;
    let version = version_of(&connection, path)?;
    if version < FIRST_CHAINED {
        return Err(OpenError::NotChained { path: path.to_owned() });
    }
    let differences = match migrate::verify(&connection, path, version) {
        Err(OpenError::SchemaDiffers { differences, .. }) => differences,
        other => other.map(|()| Vec::new())?,
    };
    let mut report = match verify(&connection, key, how, &mut progress) {
        Ok(report) => report,
        // There may be no table to read any more.
        Err(_) if !differences.is_empty() => AuditReport::default(),
        Err(Failure(source)) => return Err(OpenError::Unreadable { path: path.to_owned(), source }),
    };
    let changed = differences.into_iter().map(|difference| Finding {
        chain: CHAIN.to_owned(),
        seq: None,
        kind: FindingKind::SchemaChanged { difference },
    });
    report.findings.extend(changed);
    Ok(report)
}

/// The version of the schema that made the chain.
const FIRST_CHAINED: u32 = 2;

/// How many rows lie between two reports of progress.
const REPORT_EVERY: u64 = 1000;

/// Hands every event that `filter` lets through to `sink`, oldest first, until it has enough; where the chains end.
pub(crate) fn export(
    connection: &Connection,
    filter: &AuditFilter,
    sink: &mut AuditSink,
) -> Result<Vec<ChainHead>, Failure> {
    let mut statement = connection.prepare_cached(OLDEST_FIRST)?;
    let after = filter.after.map_or(i64::MIN, Timestamp::as_millis);
    let before = filter.before.map(Timestamp::as_millis);
    let user_id = filter.user_id.as_ref().map(doorward_core::ids::UserId::as_bytes);
    let address = filter.address.map(|address| address.to_string());
    let mut rows = statement.query(params![after, before, user_id, filter.name, address])?;
    while let Some(row) = rows.next()? {
        if sink(read_chained(&mut Columns::of(row))?) == ControlFlow::Break(()) {
            break;
        }
    }
    audit_chain::heads(connection)
}

/// Checks the whole log.
pub(crate) fn verify(
    connection: &Connection,
    key: &AuditChainKey,
    how: AuditVerification,
    progress: &mut AuditProgress,
) -> Result<AuditReport, Failure> {
    let total = one(connection, SPAN, [], only_number)?.unwrap_or(0);
    let mut verifier = AuditVerifier::new(key, audit_chain::stored_chains_if_any(connection), how);
    let mut statement = connection.prepare_cached(OLDEST_FIRST)?;
    let none = None::<String>;
    let mut rows = statement.query(params![i64::MIN, None::<i64>, None::<Vec<u8>>, none, none])?;
    let mut done: u64 = 0;
    while let Some(row) = rows.next()? {
        // What cannot be read was not written by us: a finding, and no reason to stop.
        match read_chained(&mut Columns::of(row)) {
            Ok(row) => verifier.row(&row),
            Err(_) => {
                let seq: i64 = row.get(0)?;
                verifier.unreadable_row(u64::try_from(seq).unwrap_or(0));
            }
        }
        done += 1;
        if done.is_multiple_of(REPORT_EVERY) {
            progress(done, total);
        }
    }
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
