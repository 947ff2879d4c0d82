//! One user: all there is to know, and what can be done.

use askama::Template;

use super::{Section, UserQuestion, UserState};
use crate::pages::{
    Failure, Field, Frame,
    device::DeviceKind,
    moment::Moment,
    phrases::Phrase,
    views::{ActivityEntry, FactorSummary, SessionEntry, SessionOwner, Strangers},
};

/// `BASE/admin/users/{id}`. Its forms post `email`, `roles`, what these were (`email_before`, `roles_before`) and, of
/// one's own account, `give_up` to itself; `session_id` to `sessions/revoke` below it; and nothing but the CSRF token to
/// the [`UserStep`]s below it. Leads to the [`UserQuestion`](super::UserQuestion)s below it.
#[derive(Clone, Template)]
#[template(path = "admin/user.html")]
pub struct UserPage {
    /// What every page has.
    pub frame: Frame,
    /// Where in the console it is.
    pub section: Section,
    /// Its own address.
    pub url: String,
    /// What names the user for ever.
    pub id: String,
    /// Their name.
    pub username: String,
    /// It is the reader's own account.
    pub own: bool,
    /// What state they are in.
    pub state: UserState,
    /// They cannot sign in.
    pub disabled: bool,
    /// They have not chosen a password yet.
    pub invited: bool,
    /// They have to choose another password.
    pub password_due: bool,
    /// What they can show beside their password.
    pub factors: FactorSummary,
    /// When the account was made.
    pub created: Moment,
    /// How new browsers are kept out, if they are.
    pub strangers: Option<Strangers>,
    /// Codes of the authenticator app are not heeded any more.
    pub app_locked: bool,
    /// Their address as it is, or as it was typed.
    pub email: Field,
    /// Their address as it is.
    pub email_now: String,
    /// Their roles as they are, or as they were typed; separated by spaces.
    pub roles: Field,
    /// Their roles as they are.
    pub roles_now: Vec<String>,
    /// Their latest sessions.
    pub sessions: Vec<SessionEntry>,
    /// Where the rest of them are, if there are more.
    pub all_sessions: Option<String>,
    /// What happened to the account lately.
    pub activity: Vec<ActivityEntry>,
    /// Where the audit log tells of the rest.
    pub all_events: String,
    /// What was just done.
    pub notice: Option<UserNotice>,
    /// Why what was just asked for was not done.
    pub failure: Option<Failure>,
}

impl UserPage {
    fn administers_itself(&self) -> bool {
        self.own && self.roles_now.iter().any(|role| role == "admin")
    }

    /// What can be done at once.
    fn steps(&self) -> impl Iterator<Item = UserStep> {
        UserStep::ALL.into_iter().filter(|step| match step {
            UserStep::Enable => self.disabled,
            UserStep::RequirePassword => !self.password_due && !self.invited,
            UserStep::WaivePassword => self.password_due,
            // A link is dead as long as the account is disabled.
            UserStep::Link => !self.disabled,
            UserStep::Unlock => true,
        })
    }

    fn step_words(&self, step: &UserStep) -> Phrase {
        let t = self.frame.t;
        match step {
            UserStep::Enable => t.user_enable(),
            UserStep::RequirePassword => t.user_require_password(),
            UserStep::WaivePassword => t.user_waive_password(),
            UserStep::Link if self.invited => t.user_invite_again(),
            UserStep::Link => t.user_reset_link(),
            UserStep::Unlock => t.user_unlock(),
        }
    }

    /// What can be done after a question.
    fn questions(&self) -> impl Iterator<Item = UserQuestion> {
        UserQuestion::ALL.into_iter().filter(|question| match question {
            UserQuestion::Disable => !self.disabled,
            UserQuestion::ResetFactors => self.factors.any(),
            UserQuestion::ForgetDevices | UserQuestion::Delete => true,
            UserQuestion::SignOut => !self.sessions.is_empty(),
        })
    }

    fn failed(&self) -> bool {
        self.failure.is_some() || self.email.error.is_some() || self.roles.error.is_some()
    }
}

/// What is done to a user at once, as it can be taken back: the last part of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserStep {
    /// They can sign in again.
    Enable,
    /// They have to choose another password.
    RequirePassword,
    /// They need not.
    WaivePassword,
    /// A link by which they choose a password.
    Link,
    /// Failed attempts are forgotten.
    Unlock,
}

impl UserStep {
    /// Every step.
    pub const ALL: [Self; 5] =
        [Self::Enable, Self::RequirePassword, Self::WaivePassword, Self::Link, Self::Unlock];

    /// The last part of its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::RequirePassword => "require-password",
            Self::WaivePassword => "waive-password",
            Self::Link => "link",
            Self::Unlock => "unlock",
        }
    }
}

/// What was just done to a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserNotice {
    /// They were added, with a password.
    Added,
    /// E-mail or roles were changed.
    Saved,
    /// They were to be saved, and were as they are.
    Unchanged,
    /// The account was enabled.
    Enabled,
    /// The account was disabled.
    Disabled,
    /// They have to choose another password.
    PasswordRequired,
    /// They need not.
    PasswordWaived,
    /// Failed attempts are forgotten.
    Unlocked,
    /// Their factors were removed.
    FactorsReset,
    /// Their browsers were forgotten.
    DevicesForgotten,
    /// So many of their sessions were ended.
    SignedOut(u64),
}
