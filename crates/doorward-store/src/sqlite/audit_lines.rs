//! Log lines of what is added to the audit log, by whichever process.

use doorward_core::audit::AuditEntry;
use rusqlite::Connection;
use tracing::{Level, enabled, warn};

use super::transaction::many;
use crate::{
    audit,
    audit_lines::write_line,
    failure::{Failure, Trouble},
    sql::{only_number, params},
};

/// Where the last line stopped.
pub(crate) struct AuditLines {
    last_seq: Option<u64>,
}

impl AuditLines {
    /// Lines for what is added from now on; none if the log cannot be read now.
    pub(crate) fn from_here(connection: &Connection) -> Self {
        Self { last_seq: last_seq(connection).ok() }
    }

    /// Writes the lines of what was committed since, by whichever process.
    pub(crate) fn write(&mut self, connection: &Connection) {
        if !enabled!(target: "doorward::audit", Level::WARN) {
            return;
        }
        // What cannot be read now is read after the next commit; the log itself has it in any case.
        if let Err(error) = self.try_write(connection) {
            let error = error.into_error();
            warn!(target: "doorward::audit", %error, "log lines of audit events are late");
        }
    }

    fn try_write(&mut self, connection: &Connection) -> Result<(), Failure> {
        let after = match self.last_seq {
            Some(seq) => seq,
            None => last_seq(connection)?,
        };
        self.last_seq = Some(after);
        for entry in entries_after(connection, after)? {
            self.last_seq = Some(entry.seq);
            write_line(&entry);
        }
        Ok(())
    }
}

/// The place of the newest event; 0 in an empty log.
pub(super) fn last_seq(connection: &Connection) -> Result<u64, Failure> {
    let last = many(connection, "SELECT coalesce(max(seq), 0) FROM audit", &[], only_number)?;
    Ok(last.into_iter().next().ok_or(Trouble::Unreadable("sequence number"))?)
}

fn entries_after(connection: &Connection, seq: u64) -> Result<Vec<AuditEntry>, Failure> {
    let seq = i64::try_from(seq).map_err(|_| Trouble::Unreadable("sequence number"))?;
    many(connection, AFTER, params![seq], audit::read_entry)
}

const AFTER: &str =
    "SELECT seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
        details
     FROM audit WHERE seq > ?1 ORDER BY seq LIMIT 4096";
