//! What happened to an account.

use askama::Template;

use crate::pages::{Frame, Language, device::Device, moment::Moment, phrases::Phrase};

/// `BASE/account/activity`: what happened to the reader's account, further back than the account page tells.
#[derive(Clone, Template)]
#[template(path = "activity_page.html")]
pub struct ActivityPage {
    /// What every page has; of a signed-in user.
    pub frame: Frame,
    /// The events, newest first.
    pub activity: Vec<ActivityEntry>,
    /// Where the list goes on, if it does.
    pub next_page: Option<String>,
}

/// One event.
#[derive(Clone, Debug)]
pub struct ActivityEntry {
    /// What happened.
    pub what: Phrase,
    /// Why.
    pub reason: Option<Phrase>,
    /// Somebody was refused.
    pub refused: bool,
    /// What more there is to tell: what was changed, or how often.
    pub details: Vec<Phrase>,
    /// Who did it, unless it was the owner, or somebody who pretended to be.
    pub by: Option<DoneBy>,
    /// What it was done with.
    pub device: Option<Device>,
    /// From where.
    pub address: Option<String>,
    /// When.
    pub at: Moment,
}

/// Who did something to an account that is not theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DoneBy {
    /// An administrator, whom the owner is not told.
    Administration,
    /// Another user, who had the session of the owner in their browser.
    SameBrowser,
    /// Somebody, for administrators.
    Person(UserLink),
    /// Whoever may run commands on the server.
    CommandLine,
    /// Doorward itself.
    System,
}

/// A user, and where the console tells about them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserLink {
    /// The name.
    pub name: String,
    /// The page.
    pub url: String,
}

impl DoneBy {
    pub(super) fn words(&self, t: &Language) -> Phrase {
        match self {
            Self::Administration => t.activity_by_administration(),
            Self::SameBrowser => t.activity_by_same_browser(),
            Self::Person(UserLink { name, url }) => t.activity_by(name, url),
            Self::CommandLine => t.activity_by_command_line(),
            Self::System => t.activity_by_system(),
        }
    }
}
