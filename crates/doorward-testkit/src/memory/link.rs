//! One-time links.

use doorward_core::{
    link::{Link, LinkPurpose},
    secret::TokenHash,
    store::{ChangePassword, Conflict, PasswordChanged, StoreError, Write},
    time::Timestamp,
    user::User,
};

use super::{id_in_use, state::State};

impl State {
    pub(super) fn add_link(&mut self, write: &Write, link: Link) -> Result<(), StoreError> {
        match link.user_id {
            Some(id) if !self.users.contains_key(&id) => return Err(StoreError::NotFound),
            Some(id) => self.links.retain(|other| other.user_id != Some(id)),
            None if self.setup_complete => return Err(StoreError::Conflict(Conflict::SetupComplete)),
            None => {}
        }
        self.insert_link(link)?;
        self.record(&write.audit);
        Ok(())
    }

    pub(super) fn insert_link(&mut self, link: Link) -> Result<(), StoreError> {
        if self.links.iter().any(|other| other.hash == link.hash) {
            return Err(id_in_use());
        }
        self.links.push(link);
        Ok(())
    }

    pub(super) fn link(
        &self,
        hashes: &[TokenHash],
        purpose: LinkPurpose,
        now: Timestamp,
    ) -> Option<(Link, User)> {
        let link = self.links.iter().find(|link| {
            hashes.contains(&link.hash)
                && link.purpose == purpose
                && link.expires_at.is_some_and(|expires_at| now < expires_at)
        })?;
        Some((link.clone(), self.users.get(&link.user_id?)?.user.clone()))
    }

    pub(super) fn redeem_link(
        &mut self,
        write: &Write,
        hash: TokenHash,
        purpose: LinkPurpose,
        change: &ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        match self.link(&[hash], purpose, write.now) {
            Some((_, user)) if user.id == change.user => self.change_password(write, change),
            _ => Err(StoreError::AlreadySpent),
        }
    }
}
