//! Who am I, and where am I signed in?

use askama::Template;

use super::{ActivityEntry, FactorSummary, UserLink};
use crate::pages::device::{Device, DeviceKind};
use crate::pages::moment::Moment;
use crate::pages::{Failure, Frame};

/// `BASE/account`. Its forms post `session_id` to `BASE/account/sessions/revoke`, and nothing but the CSRF token to
/// `BASE/account/sessions/revoke-others` and `BASE/account/devices/forget`.
#[derive(Clone, Template)]
#[template(path = "account.html")]
pub struct AccountPage {
    /// What every page has; of a signed-in user, with their CSRF token.
    pub frame: Frame,
    /// The user's name.
    pub username: String,
    /// Their address, if any.
    pub email: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// What they can show beside their password.
    pub factors: FactorSummary,
    /// Their live sessions, in the order to show them: the current one first, then the latest seen.
    pub sessions: Vec<SessionEntry>,
    /// Why new browsers cannot sign in to the account right now, if so.
    pub kept_out: Option<KeptOut>,
    /// Where the list goes on, if it is longer than a page.
    pub next_page: Option<String>,
    /// What happened to the account lately.
    pub activity: Vec<ActivityEntry>,
    /// Where that goes on, if it does.
    pub more_activity: Option<String>,
    /// What was just done.
    pub notice: Option<AccountNotice>,
    /// Why what was just asked for was not done.
    pub failure: Option<Failure>,
}

impl AccountPage {
    fn has_others(&self) -> bool {
        self.next_page.is_some() || self.sessions.iter().any(|session| !session.current)
    }
}

/// Browsers that never signed in to the account have to wait, because of wrong passwords that somebody entered.
#[derive(Clone, Debug)]
pub struct KeptOut {
    /// How.
    pub strangers: Strangers,
    /// This browser is none of them.
    pub knows_this_browser: bool,
}

/// How browsers that never signed in to an account are kept out.
#[derive(Clone, Debug)]
pub struct Strangers {
    /// The account is locked for them; otherwise the next attempt is only delayed.
    pub locked: bool,
    /// For how long.
    pub wait_seconds: u64,
    /// Until when.
    pub until: Moment,
}

/// One session in the list.
#[derive(Clone, Debug)]
pub struct SessionEntry {
    /// Its id, which the form posts.
    pub id: String,
    /// Whose it is.
    pub owner: SessionOwner,
    /// What it runs on.
    pub device: Device,
    /// The address it was last seen from.
    pub address: String,
    /// When it began.
    pub created: Moment,
    /// When it was last seen.
    pub last_seen: Moment,
    /// It is the one that shows this page.
    pub current: bool,
}

/// Whose a session is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionOwner {
    /// Whoever the page is about.
    Understood,
    /// This user.
    Person(UserLink),
    /// A user who was removed meanwhile.
    Removed,
}

/// What was just done on the account page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    /// One session was signed out.
    SessionRevoked,
    /// All sessions but this one were signed out: so many.
    OthersRevoked(u64),
    /// Every known browser but this one was forgotten.
    DevicesForgotten,
    /// The password was changed, and with it every other session ended.
    PasswordChanged,
}
