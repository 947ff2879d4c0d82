//! The audit log of a file that is not opened as a store.

use std::path::Path;

use doorward_core::{
    audit_chain::AuditChainKey,
    audit_report::{AuditReport, Finding, FindingKind},
    audit_verification::AuditVerification,
    store::AuditProgress,
};

use super::{
    OpenError, SqliteOptions,
    chain::CHAIN,
    connection::open_reader,
    migrate::{self, version_of},
    transaction::{SqliteTransaction, at_once},
};
use crate::audit_reading::verify;

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
    let snapshot = SqliteTransaction::on(connection);
    let mut report = match at_once(verify(&snapshot, key, how, &mut progress)) {
        Ok(report) => report,
        // There may be no table to read any more.
        Err(_) if !differences.is_empty() => AuditReport::default(),
        Err(error) => {
            return Err(OpenError::Unreadable { path: path.to_owned(), source: error.into_error() });
        }
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
