//! Log lines of audit events: one for each event, once it is durable, INFO for changes and WARN for refusals (M-A16).

use doorward_core::audit::{AuditEntry, Outcome};
use rusqlite::Connection;
use tracing::{Level, enabled, info, warn};

use super::{audit, failure::Failure};

/// Where the last line stopped.
pub(crate) struct AuditLines {
    last_seq: Option<u64>,
}

impl AuditLines {
    /// Lines for what is added from now on; none if the log cannot be read now.
    pub(crate) fn from_here(connection: &Connection) -> Self {
        Self { last_seq: audit::last_seq(connection).ok() }
    }

    /// Writes the lines of what was committed since, by whichever process.
    pub(crate) fn write(&mut self, connection: &Connection) {
        if !enabled!(target: "doorward::audit", Level::WARN) {
            return;
        }
        // What cannot be read now is read after the next commit; the log itself has it in any case.
        if let Err(Failure(error)) = self.try_write(connection) {
            warn!(target: "doorward::audit", %error, "log lines of audit events are late");
        }
    }

    fn try_write(&mut self, connection: &Connection) -> Result<(), Failure> {
        let after = match self.last_seq {
            Some(seq) => seq,
            None => audit::last_seq(connection)?,
        };
        self.last_seq = Some(after);
        for entry in audit::entries_after(connection, after)? {
            self.last_seq = Some(entry.seq);
            write_line(&entry);
        }
        Ok(())
    }
}

fn write_line(entry: &AuditEntry) {
    let AuditEntry { seq, name, actor, request_id, reason, .. } = entry;
    let user_id = entry.user_id.map(tracing::field::display);
    let session_id = entry.session_id.map(tracing::field::display);
    let address = entry.address.map(tracing::field::display);
    let (request_id, reason) = (request_id.as_deref(), reason.as_deref());
    if entry.outcome == Outcome::Refused.as_str() {
        warn!(target: "doorward::audit", seq, event = name, actor, user_id, session_id, address, request_id, reason, "{name}");
    } else {
        info!(target: "doorward::audit", seq, event = name, actor, user_id, session_id, address, request_id, reason, "{name}");
    }
}
