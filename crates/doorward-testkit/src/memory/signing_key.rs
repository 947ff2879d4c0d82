//! Signing keys.

use doorward_core::{
    signing_key::{SealedSigningKey, SigningKeyId, Succession},
    store::{StoreError, Write},
};

use super::{id_in_use, state::State};

impl State {
    pub(super) fn signing_keys(&self) -> Vec<SealedSigningKey> {
        let mut keys = self.signing_keys.clone();
        keys.sort_by(|left, right| (right.created_at, &right.id).cmp(&(left.created_at, &left.id)));
        keys
    }

    pub(super) fn add_signing_key(
        &mut self,
        write: &Write,
        key: SealedSigningKey,
        expected_last: Option<&SigningKeyId>,
        succession: Succession,
    ) -> Result<(), StoreError> {
        let keys = self.signing_keys();
        if keys.iter().find(|key| key.term.retired_at.is_none()).map(|key| &key.id) != expected_last {
            return Err(StoreError::Stale);
        }
        if keys.iter().any(|other| other.id == key.id) {
            return Err(id_in_use());
        }
        for other in &mut self.signing_keys {
            let term = &mut other.term;
            let next = key.term.signs_from;
            term.retired_at = Some(term.retired_at.map_or(next, |before| before.min(next)));
            term.distrusted |= succession == Succession::Distrusting;
        }
        self.signing_keys.push(key);
        self.signing_keys_version += 1;
        self.record(&write.audit);
        Ok(())
    }

    pub(super) fn reseal_signing_keys(&mut self, keys: &[SealedSigningKey]) {
        for key in keys {
            for known in self.signing_keys.iter_mut().filter(|known| known.id == key.id) {
                known.sealed_private.clone_from(&key.sealed_private);
            }
        }
    }

    pub(super) fn drop_keys_and_links(&mut self, write: &Write) {
        self.signing_keys.clear();
        self.links.clear();
        self.factors.pending.clear();
        self.factors.trusted.clear();
        self.signing_keys_version += 1;
        self.record(&write.audit);
    }
}
