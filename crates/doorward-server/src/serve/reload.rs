//! SIGHUP: the configuration read again.

use doorward::Doorward;
use tracing::{info, warn};

use crate::config::{self, Settings};
use crate::config_source::ConfigSource;
use crate::{Failure, breached, wiring};

/// Reads everything again, and tells what came of it.
///
/// # Errors
/// A [`Failure`]: nothing changes then.
pub(super) fn reload(
    source: &ConfigSource,
    in_force: &Settings,
    doorward: &Doorward,
) -> Result<Settings, Failure> {
    let reloaded = config::reload(in_force, &source.layers()?)?;
    breached::check_configured(&reloaded.loaded.settings)?;
    let library = wiring::library_config(&reloaded.loaded.settings)?;
    doorward.reload(library).map_err(|error| Failure::Unusable(error.to_string()))?;
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
