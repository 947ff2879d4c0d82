//! The pages about second factors.

use doorward::pages::device::Device;
use doorward::pages::moment::Moment;
use doorward::pages::views::{
    CodeKind, FactorForms, FactorNotice, FactorSummary, FactorsPage, PasskeyEntry, PasskeyPurpose,
    RecoveryCodesPage, RecoveryCodesReason, SecondFactorPage, StepUpPage, TotpPage, WrongCode,
};
use doorward::pages::{Field, Frame, qr};

use super::{Gallery, HOUR_MS, NOW_MS};

/// What somebody has.
pub(super) const fn summary(totp: bool, passkeys: u32, recovery_codes_left: u32) -> FactorSummary {
    FactorSummary { totp, passkeys, recovery_codes_left, recovery_codes_made: 10 }
}

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

    fn entry(&self, name: &str, synced: bool, used: bool) -> PasskeyEntry {
        PasskeyEntry {
            id: self.words.token.to_owned(),
            name: name.to_owned(),
            synced,
            created: Moment::new(NOW_MS - 2000 * HOUR_MS, NOW_MS),
            last_used: used.then(|| Moment::new(NOW_MS - 30 * HOUR_MS, NOW_MS)),
        }
    }

    pub(super) fn factors(&mut self) {
        let page = FactorsPage {
            frame: self.signed_in(),
            rd: None,
            continue_to: None,
            factors: summary(false, 0, 0),
            passkeys: Vec::new(),
            passkey: Some(self.passkey(PasskeyPurpose::Register)),
            passkey_name: Field::of(
                self.words.language.device(&Device::from_user_agent(self.words.user_agent)),
            ),
            confirm_url: None,
            required: false,
            wanted: false,
            notice: None,
            failure: None,
        };
        self.show("factors-none", true, &page);
        self.show("factors-without-passkeys", true, &FactorsPage { passkey: None, ..page.clone() });
        let frame = Frame { confined: true, ..self.signed_in() };
        let due =
            FactorsPage { frame, required: true, rd: Some(self.words.target.to_owned()), ..page.clone() };
        self.show("factors-due", true, &due);
        let host = Some(self.words.host.to_owned());
        let target = Some(self.words.target.to_owned());
        let wanted = FactorsPage { wanted: true, continue_to: host, rd: target, ..page.clone() };
        self.show("factors-wanted", true, &wanted);
        self.show("factors-wanted-by-own", true, &FactorsPage { continue_to: None, ..wanted.clone() });
        self.show("factors-continue", true, &FactorsPage { factors: summary(true, 0, 10), ..wanted });
        let wrong_name = FactorsPage { passkey_name: self.wrong(self.words.username), ..page.clone() };
        self.show("factors-wrong-name", true, &wrong_name);

        let some = FactorsPage {
            factors: summary(true, 2, 7),
            passkeys: vec![
                self.entry("Fairphone", true, true),
                self.entry(self.words.username, false, false),
            ],
            ..page.clone()
        };
        self.show("factors", true, &some);
        let locked = FactorsPage { confirm_url: Some(self.words.target.to_owned()), ..some.clone() };
        self.show("factors-to-confirm", true, &locked);
        let last = FactorsPage { factors: summary(true, 0, 10), ..page.clone() };
        self.show("factors-last", true, &last);
        self.show("factors-last-stays", true, &FactorsPage { required: true, ..last });
        let passkey = vec![self.entry("Fairphone", true, true)];
        let last = FactorsPage { factors: summary(false, 1, 2), passkeys: passkey, ..page };
        self.show("factors-last-passkey", true, &last);
        self.show("factors-last-passkey-stays", true, &FactorsPage { required: true, ..last.clone() });
        for (name, notice, left) in [
            ("totp-removed", FactorNotice::TotpRemoved, summary(false, 0, 0)),
            ("passkey-added", FactorNotice::PasskeyAdded, some.factors),
            ("passkey-removed", FactorNotice::PasskeyRemoved, summary(true, 0, 7)),
            ("passkey-removed-last", FactorNotice::PasskeyRemoved, summary(false, 0, 0)),
        ] {
            let mut page = FactorsPage { notice: Some(notice), factors: left, ..locked.clone() };
            page.passkeys.truncate(left.passkeys as usize);
            self.show(&format!("factors-{name}"), true, &page);
        }
        for code in [
            "factor_required",
            "too_many_passkeys",
            "passkey_taken",
            "name_taken",
            "single_operator",
            "last_admin",
            "gone",
            "passkey_not_added",
            "enrolment_over",
        ] {
            let failed = FactorsPage { failure: self.failure(code), ..some.clone() };
            self.show(&format!("factors-{code}"), true, &failed);
        }
    }

    pub(super) fn totp(&mut self) {
        let uri = "otpauth://totp/app.example.com:alex.morgan?secret=ORSXG5BAONSWG4TFOQQHIZLTOQQHGZLD\
                   &issuer=app.example.com&algorithm=SHA1&digits=6&period=30";
        let page = TotpPage {
            frame: self.signed_in(),
            rd: Some(self.words.target.to_owned()),
            qr_code: qr::svg(uri, self.words.language).ok(),
            uri: uri.to_owned(),
            secret: "ORSXG5BAONSWG4TFOQQHIZLTOQQHGZLD".to_owned(),
            replaces: false,
            code_refused: false,
            cancel: "/auth/account/factors".to_owned(),
        };
        self.show("totp", true, &page);
        self.show("totp-wrong", true, &TotpPage { code_refused: true, ..page.clone() });
        let without = TotpPage { qr_code: None, uri: self.words.target.to_owned(), ..page.clone() };
        self.show("totp-without-qr-code", true, &without);
        self.show("totp-replaces", true, &TotpPage { replaces: true, rd: None, ..page });
    }

    pub(super) fn recovery_codes(&mut self) {
        let codes = (0..10).map(|number| format!("7K3M-XQ{number}T-0VZA-9RHE")).collect();
        let page = RecoveryCodesPage {
            frame: self.signed_in(),
            codes,
            issuer: self.words.host.to_owned(),
            username: self.words.username.to_owned(),
            reason: RecoveryCodesReason::TotpEnabled,
            target: self.words.target.to_owned(),
        };
        self.show("recovery-codes", true, &page);
        for (name, reason) in
            [("passkey", RecoveryCodesReason::PasskeyAdded), ("anew", RecoveryCodesReason::MadeAnew)]
        {
            let page = RecoveryCodesPage { reason, ..page.clone() };
            self.show(&format!("recovery-codes-{name}"), true, &page);
        }
    }
}
