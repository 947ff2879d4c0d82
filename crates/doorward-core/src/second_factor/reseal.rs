//! Rotation of the master secret: what was sealed under the previous one is sealed under the current one before that is
//! thrown away.

use super::code::sealing_context;
use crate::{authority::Authority, master::SealedUnder, refusal::Refusal};

/// So many are read at once.
const BATCH: u32 = 500;

impl Authority {
    /// Seals the secrets of authenticator apps anew that a previous master secret sealed; tells how many. For the start,
    /// where previous master secrets are given.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: some are sealed as before; the next start goes on.
    pub async fn reseal_totp_secrets(&self) -> Result<u64, Refusal> {
        let (mut after, mut resealed) = (None, 0);
        loop {
            let batch = self.store.sealed_totp(after, BATCH).await?;
            let Some(&(last, _)) = batch.last() else { return Ok(resealed) };
            for (user, sealed) in batch {
                let context = sealing_context(user);
                // What does not open at all is left as it is: with the secret that it was sealed under it may yet.
                if let Ok((plain, SealedUnder::Previous)) = self.keys.open(&context, &sealed) {
                    let anew = self.keys.seal(self.entropy.as_ref(), &context, &plain)?;
                    self.store.reseal_totp(user, &sealed, anew).await?;
                    resealed += 1;
                }
            }
            after = Some(last);
        }
    }
}
