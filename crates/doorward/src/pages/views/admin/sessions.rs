//! Everybody's sessions.

use askama::Template;

use super::{ListParts, Section};
use crate::pages::{
    Failure, Field, Frame,
    device::DeviceKind,
    phrases::Phrase,
    views::{SessionEntry, SessionOwner, UserLink},
};

/// `BASE/admin/sessions`: live sessions, of everybody or of one user. Its forms post `session_id` and, where only one
/// user's are shown, `user` to `BASE/admin/sessions/revoke`.
#[derive(Clone, Template)]
#[template(path = "admin/sessions.html")]
pub struct SessionsPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// Whose are asked for: a name or an id; empty for everybody's.
    pub asked: Field,
    /// Whose are shown, if only one user's.
    pub of: Option<UserLink>,
    /// The sessions of this part of the list.
    pub sessions: Vec<SessionEntry>,
    /// Where the other parts are.
    pub parts: ListParts,
    /// One was just ended.
    pub ended: bool,
    /// Why one was not.
    pub failure: Option<Failure>,
}

impl SessionsPage {
    /// What the button says that ends a session: to those who hear the page, whose and which.
    fn end_words(&self, session: &SessionEntry) -> Phrase {
        let t = self.frame.t;
        let removed = t.sessions_removed();
        let owner = match (&session.owner, &self.of) {
            (SessionOwner::Person(user), _) | (SessionOwner::Understood, Some(user)) => user.name.as_str(),
            (SessionOwner::Understood, None) | (SessionOwner::Removed, _) => removed.as_str(),
        };
        t.sessions_end(owner, t.device(&session.device), &session.address, t.relative(&session.last_seen))
    }
}
