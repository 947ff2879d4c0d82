//! Every page in every variant: for the tests that hold for all of them, and for `examples/pages_preview.rs`.

use doorward::pages::moment::Moment;
use doorward::pages::phrases::Phrase;
use doorward::pages::views::{
    DeadLinkPage, ErrorPage, LinkKind, LinkPage, LoginNotice, LoginPage, LogoutPage, MovingOnPage,
    MovingOnReason, PasskeyPrompt, PasskeyPurpose, PasswordPage, SetupPage, SignedOutPage,
};
use doorward::pages::{Failure, Field, Frame, Language, html};
use doorward_core::password::InvalidPassword;
use doorward_core::refusal::BrokenRule;
use doorward_core::user::InvalidValue;

mod account;
mod activity;
mod admin;
mod admin_people;
mod factors;

/// A rendered page.
pub(crate) struct Exhibit {
    /// A name for it, good as a file name.
    pub(crate) name: String,
    /// The page.
    pub(crate) html: String,
    /// It belongs to a session, or a pending login, so its forms need the CSRF token of that.
    pub(crate) signed_in: bool,
}

/// What users and clients chose. Each goes into every field of its kind.
pub(crate) struct Words<'a> {
    pub(crate) language: Language,
    pub(crate) username: &'a str,
    pub(crate) email: &'a str,
    pub(crate) role: &'a str,
    pub(crate) user_agent: &'a str,
    pub(crate) address: &'a str,
    pub(crate) token: &'a str,
    pub(crate) target: &'a str,
    pub(crate) host: &'a str,
}

/// The words of an ordinary day.
pub(crate) const ORDINARY: Words<'_> = Words {
    language: Language::English,
    username: "alex.morgan",
    email: "alex@example.com",
    role: "admin",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    address: "203.0.113.7",
    token: "dws_c2FtcGxl",
    target: "https://app.example.com/reports?year=2025",
    host: "app.example.com",
};

/// Friday, 21 November 2025, about noon.
const NOW_MS: i64 = 1_763_726_400_000;
const HOUR_MS: i64 = 3_600_000;

struct Gallery<'a> {
    words: &'a Words<'a>,
    exhibits: Vec<Exhibit>,
}

/// All pages, made of these words.
pub(crate) fn pages(words: &Words<'_>) -> Vec<Exhibit> {
    let mut gallery = Gallery { words, exhibits: Vec::new() };
    gallery.setup();
    gallery.login();
    gallery.second_factor();
    gallery.step_up();
    gallery.logout();
    gallery.password();
    gallery.one_time_links();
    gallery.account();
    gallery.activity_page();
    gallery.factors();
    gallery.totp();
    gallery.recovery_codes();
    gallery.admin();
    gallery.people();
    gallery.moving_on();
    gallery.errors();
    gallery.exhibits
}

impl Gallery<'_> {
    fn show(&mut self, name: &str, signed_in: bool, page: &impl askama::Template) {
        self.exhibits.push(Exhibit { name: name.to_owned(), html: html(page), signed_in });
    }

    fn anonymous(&self) -> Frame {
        Frame::anonymous("/auth", self.words.language)
    }

    pub(super) fn signed_in(&self) -> Frame {
        Frame::signed_in("/auth", self.words.language, self.words.token, self.words.username)
    }

    fn administrator(&self) -> Frame {
        Frame { administers: true, ..self.signed_in() }
    }

    fn passkey(&self, purpose: PasskeyPurpose) -> PasskeyPrompt {
        PasskeyPrompt {
            purpose,
            csrf_header: "x-csrf-token".to_owned(),
            otherwise: (purpose != PasskeyPurpose::SignIn).then(|| self.words.target.to_owned()),
        }
    }

    fn wrong(&self, value: &str) -> Field {
        Field { value: value.to_owned(), error: self.broken(InvalidValue::UsernameSpaced) }
    }

    fn broken(&self, rule: impl Into<BrokenRule>) -> Option<Phrase> {
        Some(self.words.language.broken_rule(&rule.into()))
    }

    fn failure(&self, code: &str) -> Option<Failure> {
        Some(Failure {
            code: code.to_owned(),
            retry_after_seconds: match code {
                "account_locked" => Some(860),
                "too_many_attempts" | "rate_limited" | "overloaded" | "store_unavailable" => Some(42),
                _ => None,
            },
        })
    }

    fn setup(&mut self) {
        let token = Some(self.words.token.to_owned());
        let page = SetupPage::new(self.anonymous(), token, 8);
        self.show("setup", false, &page);
        let wrong = SetupPage {
            username: self.wrong(self.words.username),
            email: self.wrong(self.words.email),
            password_error: self.broken(InvalidPassword::TooShort { least: 8 }),
            failure: self.failure("validation_failed"),
            ..page.clone()
        };
        self.show("setup-wrong", false, &wrong);
        let limited = SetupPage { failure: self.failure("too_many_attempts"), ..page.clone() };
        self.show("setup-too-many", false, &limited);
        self.show("setup-refused", false, &SetupPage { failure: self.failure("forbidden"), ..page.clone() });
        let frame = Frame { single_operator: true, ..self.anonymous() };
        self.show("setup-single-operator", false, &SetupPage { frame, ..page.clone() });
        self.show("setup-without-token", false, &SetupPage { setup_token: None, ..page });
    }

    fn login(&mut self) {
        let plain = LoginPage::new(self.anonymous(), Some(self.words.target.to_owned()));
        self.show("login-without-passkeys", false, &plain);
        let page = LoginPage {
            trust_device_seconds: Some(30 * 86_400),
            passkey: Some(self.passkey(PasskeyPurpose::SignIn)),
            ..plain
        };
        self.show("login", false, &page);
        let frame = Frame { single_operator: true, ..self.anonymous() };
        let operator = LoginPage { frame, ..page.clone() };
        self.show("login-single-operator", false, &operator);
        for code in ["invalid_credentials", "account_locked"] {
            let failed = LoginPage { failure: self.failure(code), ..operator.clone() };
            self.show(&format!("login-single-operator-{code}"), false, &failed);
        }
        let known = LoginPage {
            continue_to: Some(self.words.host.to_owned()),
            username: Field::of(self.words.username),
            ..page.clone()
        };
        for code in [
            "invalid_credentials",
            "passkey_refused",
            "account_disabled",
            "session_limit_reached",
            "account_locked",
            "too_many_attempts",
            "rate_limited",
            "overloaded",
            "cross_site_refused",
            "store_unavailable",
            "some_other_code",
        ] {
            let failed = LoginPage { failure: self.failure(code), ..known.clone() };
            self.show(&format!("login-{code}"), false, &failed);
        }
        let empty = LoginPage {
            username: self.wrong(""),
            password_error: self.broken(InvalidPassword::TooShort { least: 8 }),
            failure: self.failure("validation_failed"),
            ..page
        };
        self.show("login-empty", false, &empty);
        for (name, notice) in [
            ("expired", LoginNotice::SessionExpired),
            ("revoked", LoginNotice::SessionRevoked),
            ("confirm", LoginNotice::ConfirmIdentity),
            ("password-set", LoginNotice::PasswordSet),
            ("start-again", LoginNotice::StartAgain),
        ] {
            self.show(&format!("login-{name}"), false, &LoginPage { notice: Some(notice), ..known.clone() });
        }
    }

    fn logout(&mut self) {
        self.show("logout", true, &LogoutPage { frame: self.signed_in() });
        self.show("logout-anonymous", false, &LogoutPage { frame: self.anonymous() });
        self.show("signed-out", false, &SignedOutPage { frame: self.anonymous() });
    }

    fn password(&mut self) {
        let page = PasswordPage::new(self.signed_in(), false, 8);
        self.show("password", true, &page);
        let due = PasswordPage { due: true, rd: Some(self.words.target.to_owned()), ..page.clone() };
        self.show("password-due", true, &due);
        let refused = PasswordPage { failure: self.failure("invalid_credentials"), ..page.clone() };
        self.show("password-refused", true, &refused);
        for code in ["account_locked", "too_many_attempts", "rate_limited"] {
            let failed = PasswordPage { failure: self.failure(code), ..page.clone() };
            self.show(&format!("password-{code}"), true, &failed);
        }
        let weak = PasswordPage {
            new_password_error: self.broken(InvalidPassword::TooShort { least: 8 }),
            ..page.clone()
        };
        self.show("password-weak", true, &weak);
        let wrong = PasswordPage {
            current_password_error: self.broken(InvalidPassword::TooShort { least: 8 }),
            failure: self.failure("some_other_code"),
            ..page
        };
        self.show("password-wrong", true, &wrong);
    }

    fn one_time_links(&mut self) {
        for (name, kind) in [("invite", LinkKind::Invitation), ("reset", LinkKind::Reset)] {
            let page = LinkPage {
                frame: self.anonymous(),
                kind,
                action: format!("/auth/{name}/{}", self.words.token),
                username: self.words.username.to_owned(),
                expires: Some(Moment::new(NOW_MS + 47 * HOUR_MS, NOW_MS)),
                password_error: None,
                password_min_length: 8,
                failure: None,
            };
            self.show(name, false, &page);
            let wrong = LinkPage {
                expires: None,
                password_error: self.broken(InvalidPassword::TooShort { least: 8 }),
                failure: self.failure("validation_failed"),
                ..page
            };
            let limited =
                LinkPage { password_error: None, failure: self.failure("rate_limited"), ..wrong.clone() };
            self.show(&format!("{name}-limited"), false, &limited);
            self.show(&format!("{name}-wrong"), false, &wrong);
            self.show(&format!("{name}-dead"), false, &DeadLinkPage { frame: self.anonymous(), kind });
        }
    }

    fn moving_on(&mut self) {
        for (name, reason) in [
            ("signed-in", MovingOnReason::SignedIn),
            ("set-up", MovingOnReason::SetUp),
            ("password-changed", MovingOnReason::PasswordChanged),
            ("confirmed", MovingOnReason::Confirmed),
            ("passkey-added", MovingOnReason::PasskeyAdded),
            ("resumed", MovingOnReason::Resumed),
        ] {
            let page = MovingOnPage { frame: self.anonymous(), target: self.words.target.to_owned(), reason };
            self.show(&format!("moving-on-{name}"), false, &page);
        }
    }

    fn errors(&mut self) {
        for (status, code) in [
            (503, "setup_required"),
            (409, "setup_complete"),
            (401, "session_expired"),
            (401, "refresh_token_reused"),
            (403, "csrf_failed"),
            (403, "password_change_required"),
            (403, "forbidden"),
            (403, "proxy_not_trusted"),
            (404, "not_found"),
            (400, "cookie_ambiguous"),
            (421, "misdirected_request"),
            (429, "account_locked"),
            (429, "too_many_attempts"),
            (429, "rate_limited"),
            (503, "overloaded"),
            (503, "store_unavailable"),
            (400, "malformed_request"),
            (422, "validation_failed"),
            (401, "invalid_credentials"),
            (401, "mfa_code_invalid"),
            (403, "step_up_required"),
            (409, "conflict"),
            (409, "last_admin"),
            (429, "session_limit_reached"),
            (500, "internal_error"),
            (401, "not_authenticated"),
            (401, "session_revoked"),
            (403, "cross_site_refused"),
            (403, "account_disabled"),
            (405, "method_not_allowed"),
            (400, "some_other_code"),
        ] {
            let page = ErrorPage {
                frame: self.anonymous(),
                status,
                code: code.to_owned(),
                request_id: Some(self.words.token.to_owned()),
                retry_after_seconds: matches!(status, 429 | 503).then_some(42),
            };
            self.show(&format!("error-{code}"), false, &page);
        }
    }
}
