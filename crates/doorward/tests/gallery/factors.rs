//! The pages about second factors.

use doorward::pages::Frame;
use doorward::pages::views::{
    CodeKind, FactorForms, PasskeyPurpose, SecondFactorPage, StepUpPage, WrongCode,
};

use super::Gallery;

impl Gallery<'_> {
    fn forms(&self, purpose: PasskeyPurpose) -> FactorForms {
        FactorForms {
            action: purpose.action(),
            totp: true,
            recovery_code: true,
            passkey: Some(self.passkey(purpose)),
            wrong: None,
        }
    }

    pub(super) fn second_factor(&mut self) {
        let page = SecondFactorPage {
            frame: Frame { csrf_token: Some(self.words.token.to_owned()), ..self.anonymous() },
            rd: Some(self.words.target.to_owned()),
            continue_to: Some(self.words.host.to_owned()),
            username: self.words.username.to_owned(),
            factors: self.forms(PasskeyPurpose::SecondFactor),
            failure: None,
            start_over: self.words.target.to_owned(),
        };
        self.show("second-factor", true, &page);
        for (name, totp, passkey, recovery_code) in [
            ("totp", true, false, true),
            ("passkey", false, true, true),
            ("passkey-only", false, true, false),
            ("recovery-code-only", false, false, true),
        ] {
            let passkey = page.factors.passkey.clone().filter(|_| passkey);
            let factors = FactorForms { totp, passkey, recovery_code, ..page.factors.clone() };
            let page = SecondFactorPage { factors, continue_to: None, rd: None, ..page.clone() };
            self.show(&format!("second-factor-{name}"), true, &page);
        }
        for (name, kind, tries_left) in [
            ("wrong", CodeKind::Totp, Some(3)),
            ("wrong-once-more", CodeKind::Totp, Some(1)),
            ("wrong-recovery-code", CodeKind::RecoveryCode, Some(4)),
        ] {
            let wrong = Some(WrongCode { kind, tries_left });
            let factors = FactorForms { wrong, ..page.factors.clone() };
            let page = SecondFactorPage { factors, ..page.clone() };
            self.show(&format!("second-factor-{name}"), true, &page);
        }
        for code in ["factor_locked", "passkey_refused", "too_many_attempts", "session_limit_reached"] {
            let failed = SecondFactorPage { failure: self.failure(code), ..page.clone() };
            self.show(&format!("second-factor-{code}"), true, &failed);
        }
        let frame = Frame { single_operator: true, ..page.frame.clone() };
        self.show("second-factor-single-operator", true, &SecondFactorPage { frame, ..page });
    }

    pub(super) fn step_up(&mut self) {
        let page = StepUpPage {
            frame: self.signed_in(),
            rd: Some(self.words.target.to_owned()),
            continue_to: Some(self.words.host.to_owned()),
            factors: None,
            failure: None,
        };
        self.show("step-up", true, &page);
        for code in ["invalid_credentials", "account_locked", "too_many_attempts"] {
            let failed = StepUpPage { failure: self.failure(code), ..page.clone() };
            self.show(&format!("step-up-{code}"), true, &failed);
        }
        let forms = self.forms(PasskeyPurpose::StepUp);
        let page = StepUpPage { continue_to: None, factors: Some(forms.clone()), ..page };
        self.show("step-up-factor", true, &page);
        let wrong = Some(WrongCode { kind: CodeKind::Totp, tries_left: None });
        let factors = Some(FactorForms { wrong, ..forms });
        self.show("step-up-factor-wrong", true, &StepUpPage { factors, ..page.clone() });
        self.show(
            "step-up-factor-locked",
            true,
            &StepUpPage { failure: self.failure("factor_locked"), ..page },
        );
    }
}
