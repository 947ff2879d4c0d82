//! The forms by which a second factor is shown, wherever one is asked for.

use doorward_core::{
    passkey::AuthenticationResponse, refusal::Refusal, second_factor::PresentedCode, user::Factors,
};
use serde::Deserialize;

use crate::{
    app::App,
    page_response::FormFailure,
    pages::{
        Failure,
        views::{CodeKind, FactorForms, PasskeyPrompt, PasskeyPurpose, WrongCode},
    },
    problem::Problem,
};

/// What somebody shows: one of these, as `method` says.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FactorForm {
    method: ShownBy,
    #[serde(default)]
    code: String,
    #[serde(default)]
    credential: String,
    #[serde(default)]
    pub(super) password: String,
    pub(super) rd: Option<String>,
    #[serde(default)]
    pub(super) csrf_token: String,
}

/// How it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ShownBy {
    Password,
    Totp,
    RecoveryCode,
    Passkey,
}

/// What somebody shows.
pub(super) enum Shown<'f> {
    Password(&'f str),
    Code(PresentedCode<'f>),
    Passkey(Box<AuthenticationResponse>),
}

impl FactorForm {
    /// What was shown.
    ///
    /// # Errors
    /// `malformed_request` for what no browser sends.
    pub(super) fn shown(&self) -> Result<Shown<'_>, Problem> {
        Ok(match self.method {
            ShownBy::Password => Shown::Password(&self.password),
            // Whoever types the one into the field of the other means it all the same.
            ShownBy::Totp => Shown::Code(PresentedCode::of_either_kind(&self.code)),
            ShownBy::RecoveryCode => Shown::Code(PresentedCode::Recovery(&self.code)),
            ShownBy::Passkey => Shown::Passkey(Box::new(assertion(&self.credential)?)),
        })
    }

    /// The code that was wrong, if the refusal says so of one.
    pub(super) fn wrong_code(&self, refusal: &Refusal, tries_left: Option<u32>) -> Option<WrongCode> {
        let kind = match self.method {
            ShownBy::Totp => CodeKind::Totp,
            ShownBy::RecoveryCode => CodeKind::RecoveryCode,
            ShownBy::Password | ShownBy::Passkey => return None,
        };
        (*refusal == Refusal::MfaCodeInvalid).then_some(WrongCode { kind, tries_left })
    }

    /// Why the form was refused as a whole; nothing where a code was, which its field tells.
    pub(super) fn failure(&self, refusal: &Refusal, failed: &FormFailure) -> Option<Failure> {
        if *refusal != Refusal::MfaCodeInvalid {
            return failed.failure.clone();
        }
        (self.method == ShownBy::Passkey).then(|| Failure::of("passkey_refused"))
    }
}

/// A passkey's answer as the script sends it.
pub(super) fn assertion(credential: &str) -> Result<AuthenticationResponse, Problem> {
    let not_one = || Problem::malformed("The field credential is not what a browser answers for a passkey.");
    let json = serde_json::from_str(credential).map_err(|_| not_one())?;
    AuthenticationResponse::parse(&json).map_err(|_| not_one())
}

/// The forms for somebody with these factors.
pub(super) fn factor_forms(
    app: &App,
    factors: Factors,
    purpose: PasskeyPurpose,
    otherwise: String,
) -> FactorForms {
    let passkey = passkey_prompt(app, purpose, Some(otherwise)).filter(|_| factors.passkeys > 0);
    FactorForms {
        action: purpose.action(),
        totp: factors.totp,
        recovery_code: factors.recovery_codes_left > 0,
        passkey,
        wrong: None,
    }
}

/// The form for a passkey, where there are any.
pub(super) fn passkey_prompt(
    app: &App,
    purpose: PasskeyPurpose,
    otherwise: Option<String>,
) -> Option<PasskeyPrompt> {
    app.authority().settings().relying_party.as_ref()?;
    Some(PasskeyPrompt { purpose, csrf_header: app.fixed.csrf_header.to_string(), otherwise })
}
