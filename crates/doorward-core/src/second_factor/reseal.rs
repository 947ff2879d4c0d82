//! Rotation of the master secret: what was sealed under the previous one is sealed under the current one before that is
//! thrown away.

use super::code::sealing_context;
use crate::{
    authority::Authority,
    master::{CannotOpen, SealedUnder},
    refusal::Refusal,
};

/// So many are read at once.
const BATCH: u32 = 500;

/// What became of the secrets of authenticator apps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// So many were sealed under a previous master secret, and are under the current one now.
    pub resealed: u64,
    /// So many open under none: their master secret is gone, and nobody gets in by them until they are reset.
    pub unreadable: u64,
}

impl Authority {
    /// Seals the secrets of authenticator apps anew that a previous master secret sealed. For the start, and after the
    /// store was put back to an earlier state. Beside a running server nobody notices, but for a code that is
    /// being examined in that very moment: it is refused as one that was used.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]: some are sealed as before; the next start goes on.
    pub async fn reseal_totp_secrets(&self) -> Result<Resealed, Refusal> {
        let (mut after, mut done) = (None, Resealed::default());
        loop {
            let batch = self.store.sealed_totp(after, BATCH).await?;
            let Some(&(last, _)) = batch.last() else { return Ok(done) };
            for (user, sealed) in batch {
                let context = sealing_context(user);
                match self.keys.open(&context, &sealed) {
                    Ok((_, SealedUnder::Current)) => {}
                    Ok((plain, SealedUnder::Previous)) => {
                        let anew = self.keys.seal(self.entropy.as_ref(), &context, &plain)?;
                        self.store.reseal_totp(user, &sealed, anew).await?;
                        done.resealed += 1;
                    }
                    // It is left as it is: with the secret that it was sealed under it may yet open.
                    Err(CannotOpen) => done.unreadable += 1,
                }
            }
            after = Some(last);
        }
    }
}
