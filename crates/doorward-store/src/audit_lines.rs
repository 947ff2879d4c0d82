//! Log lines of audit events: one for each event, once it is durable, INFO for changes and WARN for refusals (M-A16).

use doorward_core::audit::{AuditEntry, Outcome};
use tracing::{info, warn};

/// Writes the line of an event.
pub(crate) fn write_line(entry: &AuditEntry) {
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
