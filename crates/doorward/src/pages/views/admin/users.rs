//! The list of users, and adding one.

use askama::Template;

use super::Section;
use crate::pages::{
    Failure, Field, Frame, Language,
    moment::Moment,
    phrases::Phrase,
    views::{FactorSummary, UserLink},
};

/// `BASE/admin/users`: users, all or those that a search finds.
#[derive(Clone, Template)]
#[template(path = "admin/users.html")]
pub struct UsersPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// What was searched for; empty lists everybody.
    pub search: String,
    /// The users of this part of the list.
    pub users: Vec<UserRow>,
    /// Where the other parts are.
    pub parts: ListParts,
    /// Who was just deleted.
    pub deleted: Option<String>,
}

/// Where the parts of a list are that is too long to be shown at once.
#[derive(Clone, Debug, Default)]
pub struct ListParts {
    /// The beginning, if it is not shown.
    pub beginning: Option<String>,
    /// The next part, if there is one.
    pub next: Option<String>,
}

impl ListParts {
    pub(super) const fn any(&self) -> bool {
        self.beginning.is_some() || self.next.is_some()
    }
}

/// One user in the list.
#[derive(Clone, Debug)]
pub struct UserRow {
    /// Their name and page.
    pub user: UserLink,
    /// Their address, if any.
    pub email: Option<String>,
    /// Their roles.
    pub roles: Vec<String>,
    /// What state they are in.
    pub state: UserState,
    /// What they can show beside their password.
    pub factors: FactorSummary,
    /// When the account was made.
    pub created: Moment,
}

/// What state a user is in: of several the one that matters most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserState {
    /// They cannot sign in.
    Disabled,
    /// They have not chosen a password yet.
    Invited,
    /// They have to choose another password.
    PasswordDue,
    /// They can sign in.
    Enabled,
}

impl UserState {
    pub(super) fn words(self, t: &Language) -> Phrase {
        match self {
            Self::Disabled => t.state_disabled(),
            Self::Invited => t.state_invited(),
            Self::PasswordDue => t.state_password_due(),
            Self::Enabled => t.state_enabled(),
        }
    }

    /// How its badge looks; the words tell as much.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Disabled => "badge off",
            Self::Invited | Self::PasswordDue => "badge due",
            Self::Enabled => "badge",
        }
    }
}

/// `BASE/admin/users/new`: posts `username`, `email` and `roles` (both may be empty), `how` (`invitation` or `password`)
/// and `password` (empty for an invitation) to itself.
#[derive(Clone, Template)]
#[template(path = "admin/new_user.html")]
pub struct NewUserPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// The name to be.
    pub username: Field,
    /// The address to be.
    pub email: Field,
    /// The roles to be, separated by spaces.
    pub roles: Field,
    /// Whoever adds the user chooses the first password.
    pub by_password: bool,
    /// What is wrong with it.
    pub password_error: Option<Phrase>,
    /// The shortest password that is accepted, in characters.
    pub password_min_length: u32,
    /// Why the form was refused as a whole.
    pub failure: Option<Failure>,
}

impl NewUserPage {
    /// The empty form.
    #[must_use]
    pub fn new(frame: Frame, password_min_length: u32) -> Self {
        Self {
            frame,
            section: Section::Users,
            username: Field::default(),
            email: Field::default(),
            roles: Field::default(),
            by_password: false,
            password_error: None,
            password_min_length,
            failure: None,
        }
    }

    fn failed(&self) -> bool {
        self.failure.is_some() || self.focus() != "username" || self.username.error.is_some()
    }

    /// The first field that is wrong, or the first field.
    fn focus(&self) -> &'static str {
        if self.username.error.is_some() {
            "username"
        } else if self.email.error.is_some() {
            "email"
        } else if self.roles.error.is_some() {
            "roles"
        } else if self.password_error.is_some() {
            "password"
        } else {
            "username"
        }
    }
}

/// The answer to whatever issued a one-time link: the only page that shows it.
#[derive(Clone, Template)]
#[template(path = "admin/link_issued.html")]
pub struct LinkIssuedPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// Whom the link is for.
    pub user: UserLink,
    /// What brought it about.
    pub occasion: LinkOccasion,
    /// The link.
    pub link: String,
    /// When it ends.
    pub expires: Moment,
}

/// What brought a one-time link about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkOccasion {
    /// A user was added, and is invited.
    Added,
    /// Somebody who was invited before is invited anew.
    Invitation,
    /// Somebody is to choose a new password.
    Reset,
}

impl LinkOccasion {
    fn heading(self, t: &Language) -> Phrase {
        match self {
            Self::Added => t.issued_added(),
            Self::Invitation => t.issued_invitation(),
            Self::Reset => t.issued_reset(),
        }
    }
}
