//! Setup.

use doorward_core::{
    link::LinkPurpose,
    second_factor::SecondProof,
    store::{Conflict, NewUser, OpenSession, Opened, SetupProof, StoreError, Write},
};

use super::state::State;

impl State {
    pub(super) fn check_setup_proof(&self, proof: &SetupProof) -> Result<(), StoreError> {
        if self.setup_complete {
            return Err(StoreError::Conflict(Conflict::SetupComplete));
        }
        let good = match proof {
            SetupProof::Configured => true,
            SetupProof::Link(hashes) => self
                .links
                .iter()
                .any(|link| link.purpose == LinkPurpose::Setup && hashes.contains(&link.hash)),
        };
        if good { Ok(()) } else { Err(StoreError::NotFound) }
    }

    pub(super) fn complete_setup(
        &mut self,
        write: &Write,
        proof: &SetupProof,
        user: &NewUser,
        open: &OpenSession,
    ) -> Result<Opened, StoreError> {
        self.check_setup_proof(proof)?;
        self.setup_complete = true;
        self.links.retain(|link| link.purpose != LinkPurpose::Setup);
        self.insert_user(user)?;
        self.record(&write.audit);
        let revocations = self.make_room_and_insert(write, user.user.id, open, &SecondProof::None)?;
        let opened = self.session(open.session.id).ok_or(StoreError::NotFound)?;
        Ok(Opened { opened, revocations })
    }
}
