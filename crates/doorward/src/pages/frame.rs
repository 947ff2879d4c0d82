//! What every page has: where we are mounted, the CSRF token, who is signed in.

use crate::pages::Language;
use crate::pages::phrases::Phrase;
use crate::pages::static_files::{
    CONSOLE, CONSOLE_SCRIPT, COUNTDOWN, FAVICON, FOLLOW, PASSKEYS, SCRIPT, STYLESHEET,
};

/// The part of a view that all pages share.
///
/// Not `Debug`: it carries a CSRF token, which must not reach a log.
#[derive(Clone, Default)]
pub struct Frame {
    /// `http.base_path` without a trailing slash: `/auth`, or empty for the root.
    pub base_path: String,
    /// What the page speaks: `frame.t.sign_in()` is a phrase of the [catalogue](crate::pages::phrases).
    pub t: Language,
    /// The CSRF token of the session that the page belongs to; `None` where there is no session.
    pub csrf_token: Option<String>,
    /// The name of whoever is signed in, for the header; `None` hides the header's links.
    pub signed_in_as: Option<String>,
    /// They can go nowhere until they have done what is due: there is no link to their account.
    pub confined: bool,
    /// They are an administrator, who finds the console in the header.
    pub administers: bool,
    /// There is a single operator: nobody is asked for a name, and there is no administrator to turn to.
    pub single_operator: bool,
}

impl Frame {
    /// A frame for somebody who is not signed in.
    #[must_use]
    pub fn anonymous(base_path: impl Into<String>, t: Language) -> Self {
        Self { base_path: base_path.into(), t, ..Self::default() }
    }

    /// A frame for a signed-in user.
    #[must_use]
    pub fn signed_in(
        base_path: impl Into<String>,
        t: Language,
        csrf_token: impl Into<String>,
        username: impl Into<String>,
    ) -> Self {
        Self {
            base_path: base_path.into(),
            t,
            csrf_token: Some(csrf_token.into()),
            signed_in_as: Some(username.into()),
            ..Self::default()
        }
    }

    /// An address below the base path, for phrases that lead somewhere: `frame.url("/password")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base_path)
    }

    /// Where the stylesheet is.
    #[must_use]
    pub fn stylesheet_url(&self) -> String {
        STYLESHEET.url(&self.base_path)
    }

    /// Where the console's own stylesheet is, which goes on where the other ends.
    #[must_use]
    pub fn console_stylesheet_url(&self) -> String {
        CONSOLE.url(&self.base_path)
    }

    /// Where the pages' script is.
    #[must_use]
    pub fn script_url(&self) -> String {
        SCRIPT.url(&self.base_path)
    }

    /// Where the script of pages that ask to wait is.
    #[must_use]
    pub fn countdown_url(&self) -> String {
        COUNTDOWN.url(&self.base_path)
    }

    /// Where the script of pages that ask for a passkey is.
    #[must_use]
    pub fn passkeys_url(&self) -> String {
        PASSKEYS.url(&self.base_path)
    }

    /// Where the console's script is.
    #[must_use]
    pub fn console_script_url(&self) -> String {
        CONSOLE_SCRIPT.url(&self.base_path)
    }

    /// Where the script is that shows new events of the audit log.
    #[must_use]
    pub fn follow_script_url(&self) -> String {
        FOLLOW.url(&self.base_path)
    }

    /// Where the icon is.
    #[must_use]
    pub fn favicon_url(&self) -> String {
        FAVICON.url(&self.base_path)
    }
}

/// A text field as the user left it, with what is wrong about it.
#[derive(Clone, Debug, Default)]
pub struct Field {
    /// What was typed; shown again so that nobody types it twice. Never a password.
    pub value: String,
    /// What is wrong, in a sentence for the user.
    pub error: Option<Phrase>,
}

impl Field {
    /// A field with this value and nothing wrong.
    #[must_use]
    pub fn of(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }
}

/// Why a form was refused as a whole; shown above it.
#[derive(Clone, Debug, Default)]
pub struct Failure {
    /// The contract's error code, or a finer one; the template has the words for it.
    pub code: String,
    /// How long to wait, where waiting helps.
    pub retry_after_seconds: Option<u64>,
}

impl Failure {
    /// A failure with this code, for which the template has the words.
    #[must_use]
    pub fn of(code: impl Into<String>) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// How long to wait; zero where there is nothing to wait for.
    #[must_use]
    pub fn wait_seconds(&self) -> u64 {
        self.retry_after_seconds.unwrap_or_default()
    }
}
