//! Password changes.

use doorward_core::{
    revocation::Effect,
    second_factor::SecondProof,
    store::{ChangePassword, PasswordChanged, StoreError, Write},
};

use super::state::State;

impl State {
    pub(super) fn change_password(
        &mut self,
        write: &Write,
        change: &ChangePassword,
    ) -> Result<PasswordChanged, StoreError> {
        let id = change.user;
        let found = self.user_mut(id)?;
        if change.expected.is_some() && change.expected != found.password {
            return Err(StoreError::Stale);
        }
        if change.open.is_some() && found.user.disabled {
            return Err(StoreError::Stale);
        }
        found.password = Some(change.new.clone());
        // Chosen while there was one.
        let lacks_factor = change.needs_second_factor && !found.user.factors.any();
        found.user.must_change_password = change.must_change_password || lacks_factor;
        match change.needs_second_factor {
            true => self.needs_factor.insert(id),
            false => self.needs_factor.remove(&id),
        };
        self.raise_device_epoch(id)?;
        self.record(&write.audit.of_password(lacks_factor));
        self.links.retain(|link| link.user_id != Some(id));
        self.factors.end_pending_of(id);
        self.factors.end_enrolment_of(id);
        let ended = self.end(write, |session| session.user_id == id);
        self.record_ended(write, &ended, "password_changed");
        let mut revocations = vec![self.outdate(write, id, Effect::Revoked)?];
        let mut opened = None;
        if let Some(open) = &change.open {
            revocations.extend(self.make_room_and_insert(write, id, open, &SecondProof::None)?);
            opened = self.session(open.session.id);
        }
        let user = self.user_mut(id)?.user.clone();
        Ok(PasswordChanged { user, opened, revocations })
    }
}
