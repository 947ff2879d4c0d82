//! What is locked.

use doorward::pages::{
    moment::Moment,
    views::admin::{LockEntry, LockOwner, LockedThing, LockoutsPage, Section},
};

use super::{Gallery, HOUR_MS, NOW_MS};

impl Gallery<'_> {
    pub(super) fn lockouts(&mut self) {
        let owner = LockOwner { id: self.words.token.to_owned(), name: self.words.username.to_owned() };
        let until = Some(Moment::new(NOW_MS + HOUR_MS / 5, NOW_MS));
        let lock = |what, until| LockEntry { what, owner: Some(owner.clone()), until };
        let page = LockoutsPage {
            frame: self.administrator(),
            section: Section::Lockouts,
            locks: vec![
                lock(LockedThing::AuthenticatorApp, None),
                lock(LockedThing::Account, until),
                lock(LockedThing::Device, until),
                lock(LockedThing::Session, until),
                LockEntry { what: LockedThing::UnknownName, owner: None, until },
            ],
            more: Some("/auth/admin/lockouts?cursor=more".to_owned()),
            unlocked: None,
            failure: None,
        };
        self.show("admin-lockouts", true, &page);
        let unlocked = LockoutsPage {
            unlocked: Some(self.words.username.to_owned()),
            locks: Vec::new(),
            more: None,
            ..page.clone()
        };
        self.show("admin-lockouts-unlocked", true, &unlocked);
        let failed = LockoutsPage { failure: self.failure("not_found"), ..page };
        self.show("admin-lockouts-failed", true, &failed);
    }
}
