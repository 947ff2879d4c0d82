//! The forms by which somebody shows a second factor or a passkey; part of several pages.

use crate::pages::Language;
use crate::pages::phrases::Phrase;

/// The forms by which somebody shows a second factor.
#[derive(Clone, Debug)]
pub struct FactorForms {
    /// Where codes are sent, below the base path, as `method` and `code`.
    pub action: &'static str,
    /// They have an authenticator app.
    pub totp: bool,
    /// They have recovery codes left.
    pub recovery_code: bool,
    /// They have a passkey, and there are passkeys here.
    pub passkey: Option<PasskeyPrompt>,
    /// The code that was just refused.
    pub wrong: Option<WrongCode>,
}

/// A code that was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongCode {
    /// Which list it was not on.
    pub kind: CodeKind,
    /// So many more may be tried; none where that is not limited.
    pub tries_left: Option<u32>,
}

/// The codes that can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    /// Of an authenticator app.
    Totp,
    /// A recovery code.
    RecoveryCode,
}

impl FactorForms {
    fn refused(&self, kind: CodeKind) -> Option<WrongCode> {
        self.wrong.filter(|wrong| wrong.kind == kind)
    }

    /// Whether there is nothing to show but a recovery code, or it is the one that was wrong.
    pub(super) fn recovery_code_first(&self) -> bool {
        self.refused(CodeKind::RecoveryCode).is_some() || !self.totp && self.passkey.is_none()
    }
}

impl Language {
    /// What is wrong with a code of an authenticator app.
    pub(super) fn code_error(self, forms: &FactorForms) -> Option<Phrase> {
        Some(match forms.refused(CodeKind::Totp)?.tries_left {
            None => self.code_refused(),
            Some(tries) => self.code_refused_tries(tries),
        })
    }

    /// What is wrong with a recovery code.
    pub(super) fn recovery_code_error(self, forms: &FactorForms) -> Option<Phrase> {
        Some(match forms.refused(CodeKind::RecoveryCode)?.tries_left {
            None => self.recovery_code_refused(),
            Some(tries) => self.recovery_code_refused_tries(tries),
        })
    }

    /// What the button of a prompt says.
    pub(super) fn passkey_label(self, prompt: &PasskeyPrompt) -> Phrase {
        match prompt.purpose {
            PasskeyPurpose::SignIn => self.passkey_sign_in(),
            PasskeyPurpose::SecondFactor | PasskeyPurpose::StepUp => self.passkey_use(),
            PasskeyPurpose::Register => self.passkey_add(),
        }
    }
}

/// A form that a script completes by asking the browser for a passkey: it posts `credential`, the JSON of what the
/// browser answered. Hidden where no script runs.
#[derive(Clone, Debug)]
pub struct PasskeyPrompt {
    /// What for.
    pub purpose: PasskeyPurpose,
    /// The header by which the script shows the form's CSRF token (`csrf.header`).
    pub csrf_header: String,
    /// Where the script leads when the session or the pending login is over, or no longer fresh: a path on this host.
    pub otherwise: Option<String>,
}

/// What a passkey is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasskeyPurpose {
    /// To sign in, without name and password.
    SignIn,
    /// To complete a login.
    SecondFactor,
    /// To confirm, in a session, who somebody is.
    StepUp,
    /// To be made, and added to the account.
    Register,
}

impl PasskeyPurpose {
    /// Where the form posts to, below the base path; codes that serve the same purpose go there too.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::SignIn => "/login/passkey",
            Self::SecondFactor => "/login/mfa",
            Self::StepUp => "/step-up",
            Self::Register => "/account/factors/passkeys",
        }
    }
}

impl PasskeyPrompt {
    /// Where the script learns what to ask the browser, below the base path.
    pub(super) const fn options(&self) -> &'static str {
        match self.purpose {
            PasskeyPurpose::SignIn | PasskeyPurpose::SecondFactor => "/v1/login/passkey/options",
            PasskeyPurpose::StepUp => "/v1/step-up/passkey/options",
            PasskeyPurpose::Register => "/v1/passkeys/options",
        }
    }

    /// As the script knows it.
    pub(super) const fn name(&self) -> &'static str {
        match self.purpose {
            PasskeyPurpose::SignIn => "sign-in",
            PasskeyPurpose::SecondFactor | PasskeyPurpose::StepUp => "confirm",
            PasskeyPurpose::Register => "register",
        }
    }

    /// Whether it is posted to where codes are posted, too.
    pub(super) const fn beside_codes(&self) -> bool {
        matches!(self.purpose, PasskeyPurpose::SecondFactor | PasskeyPurpose::StepUp)
    }
}
