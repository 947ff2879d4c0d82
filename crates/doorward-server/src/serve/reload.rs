//! SIGHUP: the configuration read again.

use tracing::{info, warn};

use crate::config::{self, Complaint, Settings};
use crate::config_source::ConfigSource;

/// Reads everything again, and tells what came of it.
///
/// # Errors
/// A [`Complaint`]: nothing changes then.
pub(super) fn reload(source: &ConfigSource, in_force: &Settings) -> Result<Settings, Complaint> {
    let reloaded = config::reload(in_force, &source.layers()?)?;
    for warning in &reloaded.loaded.warnings {
        warn!(event = "config.weak", "{warning}");
    }
    for key in reloaded.awaiting_restart {
        warn!(
            event = "config.restart_needed",
            key, "{key} has changed: it keeps its old value until a restart"
        );
    }
    info!(event = "config.reloaded", "the configuration was reloaded");
    Ok(reloaded.loaded.settings)
}
