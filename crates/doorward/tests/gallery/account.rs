//! The account page.

use doorward::pages::Frame;
use doorward::pages::device::Device;
use doorward::pages::moment::Moment;
use doorward::pages::views::{AccountNotice, AccountPage, KeptOut, SessionEntry, SessionOwner, Strangers};

use super::{Gallery, HOUR_MS, NOW_MS, factors};

/// How new browsers are kept out for so many seconds.
pub(super) fn strangers(locked: bool, wait_seconds: u32) -> Strangers {
    Strangers {
        locked,
        wait_seconds: wait_seconds.into(),
        until: Moment::new(NOW_MS + i64::from(wait_seconds) * 1000, NOW_MS),
    }
}

impl Gallery<'_> {
    pub(super) fn session(&self, user_agent: &str, age_ms: i64, current: bool) -> SessionEntry {
        SessionEntry {
            id: self.words.token.to_owned(),
            owner: SessionOwner::Understood,
            device: Device::from_user_agent(user_agent),
            address: self.words.address.to_owned(),
            created: Moment::new(NOW_MS - age_ms * 30, NOW_MS),
            last_seen: Moment::new(NOW_MS - age_ms, NOW_MS),
            current,
        }
    }

    pub(super) fn account(&mut self) {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Safari/604.1";
        let page = AccountPage {
            frame: self.signed_in(),
            username: self.words.username.to_owned(),
            email: Some(self.words.email.to_owned()),
            roles: vec![self.words.role.to_owned(), "billing.read".to_owned()],
            factors: factors::summary(false, 0, 0),
            sessions: vec![
                self.session(self.words.user_agent, 40_000, true),
                self.session(iphone, 3 * HOUR_MS, false),
                SessionEntry {
                    address: "2001:db8:85a3:8d3:1319:8a2e:370:7348".to_owned(),
                    ..self.session("curl/8.5.0", 75 * HOUR_MS, false)
                },
            ],
            kept_out: None,
            next_page: None,
            activity: self.activity(),
            more_activity: None,
            notice: None,
            failure: None,
        };
        self.show("account", true, &page);
        for (name, notice) in [
            ("revoked", AccountNotice::SessionRevoked),
            ("others-revoked", AccountNotice::OthersRevoked(3)),
            ("devices-forgotten", AccountNotice::DevicesForgotten),
            ("password-changed", AccountNotice::PasswordChanged),
        ] {
            self.show(
                &format!("account-{name}"),
                true,
                &AccountPage { notice: Some(notice), ..page.clone() },
            );
        }
        let locked = KeptOut { strangers: strangers(true, 860), knows_this_browser: true };
        for (name, kept_out) in [
            ("locked-out", locked.clone()),
            ("locked-out-too", KeptOut { knows_this_browser: false, ..locked.clone() }),
            ("delayed", KeptOut { strangers: strangers(false, 8), ..locked }),
        ] {
            let page = AccountPage { kept_out: Some(kept_out), ..page.clone() };
            self.show(&format!("account-{name}"), true, &page);
        }
        self.show(
            "account-failed",
            true,
            &AccountPage { failure: self.failure("csrf_failed"), ..page.clone() },
        );
        let alone = AccountPage {
            email: None,
            roles: Vec::new(),
            sessions: vec![self.session(self.words.user_agent, 0, true)],
            ..page.clone()
        };
        self.show("account-alone", true, &alone);
        for (name, summary) in [
            ("with-factors", factors::summary(true, 2, 10)),
            ("with-used-codes", factors::summary(true, 0, 6)),
            ("with-few-codes", factors::summary(false, 1, 2)),
            ("without-codes", factors::summary(true, 0, 0)),
        ] {
            let page = AccountPage { factors: summary, ..page.clone() };
            self.show(&format!("account-{name}"), true, &page);
        }
        let operator = AccountPage {
            frame: Frame { single_operator: true, ..self.signed_in() },
            factors: factors::summary(true, 0, 0),
            ..page.clone()
        };
        self.show("account-single-operator-without-codes", true, &operator);
        self.show(
            "account-paged",
            true,
            &AccountPage {
                next_page: Some(self.words.target.to_owned()),
                more_activity: Some(self.words.target.to_owned()),
                ..page
            },
        );
    }
}
