//! Rotation of the master secret, as far as authenticator apps are concerned.

use std::sync::Arc;

use doorward_core::authority::Authority;
use tracing::{error, info, warn};

/// Seals what the previous master secret sealed under the current one, beside running requests: both open it meanwhile.
/// With a previous secret the outcome is told in any case, since that is what whoever rotates waits for.
pub(super) async fn run(authority: Arc<Authority>, rotating: bool) {
    match authority.reseal_totp_secrets().await {
        Ok(done) => {
            if rotating {
                info!(
                    event = "mfa.secrets_resealed",
                    secrets = done.resealed,
                    "no authenticator app needs the previous master secret any more; {} did until now",
                    done.resealed
                );
            }
            if done.unreadable > 0 {
                warn!(
                    event = "mfa.secrets_unreadable",
                    secrets = done.unreadable,
                    "{} authenticator apps were set up under a master secret that is gone, and let nobody in: put it back \
                     as the previous one, or run doorward user reset-factors for their owners",
                    done.unreadable
                );
            }
        }
        Err(refusal) => error!(
            event = "mfa.reseal_failed",
            code = refusal.code(),
            "cannot seal the secrets of authenticator apps under the current master secret: keep the previous one, and \
             start again"
        ),
    }
}
