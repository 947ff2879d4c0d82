//! Users and their names.

use std::collections::HashMap;

use doorward_core::{
    account_state::AccountState,
    ids::UserId,
    link::Link,
    page::{Cursor, Page, PageRequest},
    revocation::{Effect, Revocation},
    store::{Conflict, NewUser, Revoked, StoreError, UserChanges, UserCredentials, Write},
    user::{NormalisedName, User, Username},
    user_search::UserFilter,
};

use super::{
    id_in_use,
    revocation::ids,
    state::{State, page_of},
};

impl State {
    pub(super) fn credentials_by_name(&self, name: &NormalisedName) -> Option<UserCredentials> {
        self.users.get(self.names.get(name)?).cloned()
    }

    pub(super) fn users(&self, filter: &UserFilter, page: PageRequest) -> Page<User> {
        let users = self.users.values().map(|found| &found.user);
        let Some(sought) = filter.sought() else {
            return page_of(users.cloned(), page, false, |user| {
                Cursor::at(user.created_at.as_millis(), *user.id.as_bytes())
            });
        };
        let found = users.filter_map(|user| Some((sought.finds(user)?, user.clone())));
        let Page { items, next } = page_of(found, page, false, |(by, user)| by.cursor(user));
        Page { items: items.into_iter().map(|(_, user)| user).collect(), next }
    }

    pub(super) fn usernames(&self, ids: &[UserId]) -> HashMap<UserId, Username> {
        let known = ids.iter().filter_map(|id| self.users.get(id));
        known.map(|found| (found.user.id, found.user.username.clone())).collect()
    }

    pub(super) fn account_states(&self, ids: &[UserId]) -> HashMap<UserId, AccountState> {
        let known = ids.iter().filter_map(|id| self.users.get(id));
        let state = |found: &UserCredentials| AccountState {
            has_password: found.password.is_some(),
            codes_running: self.factors.codes_running.get(&found.user.id).copied().unwrap_or_default(),
        };
        known.map(|found| (found.user.id, state(found))).collect()
    }

    pub(super) fn insert_user(&mut self, new: &NewUser) -> Result<(), StoreError> {
        let NewUser { user, password } = new.clone();
        if self.names.contains_key(user.username.normalised()) {
            return Err(StoreError::Conflict(Conflict::NameTaken));
        }
        self.names.insert(user.username.normalised().clone(), user.id);
        match self.users.insert(user.id, UserCredentials { user, password }) {
            None => Ok(()),
            Some(_) => Err(id_in_use()),
        }
    }

    pub(super) fn create_user(
        &mut self,
        write: &Write,
        new: &NewUser,
        link: Option<Link>,
    ) -> Result<User, StoreError> {
        self.insert_user(new)?;
        if let Some(link) = link {
            self.insert_link(link)?;
        }
        self.record(&write.audit);
        Ok(new.user.clone())
    }

    pub(super) fn change_user(
        &mut self,
        write: &Write,
        id: UserId,
        changes: UserChanges,
    ) -> Result<(User, Vec<Revocation>), StoreError> {
        let had_admin = self.has_admin();
        let disables = changes.disabled == Some(true);
        let user = &mut self.user_mut(id)?.user;
        if let Some(roles) = changes.roles {
            user.roles = roles;
        }
        if let Some(disabled) = changes.disabled {
            user.disabled = disabled;
        }
        if let Some(must_change_password) = changes.must_change_password {
            user.must_change_password = must_change_password;
        }
        if let Some(email) = changes.email {
            user.email = email;
        }
        self.keeps_admin(had_admin)?;
        self.record(&write.audit);
        let mut effect = Effect::Outdated;
        if disables {
            effect = Effect::Revoked;
            self.factors.end_pending_of(id);
            let ended = self.end(write, |session| session.user_id == id);
            self.record_ended(write, &ended, "user_disabled");
        }
        let revocation = self.outdate(write, id, effect)?;
        Ok((self.user_mut(id)?.user.clone(), vec![revocation]))
    }

    pub(super) fn delete_user(&mut self, write: &Write, id: UserId) -> Result<Revoked, StoreError> {
        let had_admin = self.has_admin();
        let revocation = self.outdate(write, id, Effect::Revoked)?;
        self.users.remove(&id);
        self.factors.forget(id);
        self.needs_factor.remove(&id);
        self.keeps_admin(had_admin)?;
        self.links.retain(|link| link.user_id != Some(id));
        self.record(&write.audit);
        let ended = self.end(write, |session| session.user_id == id);
        self.record_ended(write, &ended, "user_deleted");
        Ok(Revoked { sessions: ids(&ended), revocations: vec![revocation] })
    }

    fn has_admin(&self) -> bool {
        self.users.values().any(|found| found.user.roles.is_admin() && !found.user.disabled)
    }

    fn keeps_admin(&self, had_admin: bool) -> Result<(), StoreError> {
        if had_admin && !self.has_admin() { Err(StoreError::Conflict(Conflict::LastAdmin)) } else { Ok(()) }
    }
}
