//! What happened to accounts.

use doorward::pages::device::Device;
use doorward::pages::moment::Moment;
use doorward::pages::views::{ActivityEntry, ActivityPage, DoneBy, UserLink};
use doorward_core::audit::EventName;

use super::{Gallery, HOUR_MS, NOW_MS};

impl Gallery<'_> {
    fn event(&self, name: EventName, hours_ago: i64, refused: bool) -> ActivityEntry {
        let t = self.words.language;
        ActivityEntry {
            what: t.event(name),
            reason: t.reason("invalid_credentials").filter(|_| refused),
            refused,
            details: Vec::new(),
            by: None,
            device: Some(Device::from_user_agent(self.words.user_agent)),
            address: Some(self.words.address.to_owned()),
            at: Moment::new(NOW_MS - hours_ago * HOUR_MS, NOW_MS),
        }
    }

    pub(super) fn activity(&self) -> Vec<ActivityEntry> {
        let refused = |hours_ago| self.event(EventName::LoginRefused, hours_ago, true);
        let by = |by, name, hours_ago| ActivityEntry {
            by: Some(by),
            device: None,
            address: None,
            ..self.event(name, hours_ago, false)
        };
        vec![
            self.event(EventName::LoginSucceeded, 0, false),
            ActivityEntry {
                device: None,
                details: vec![self.words.language.event(EventName::UserChanged)],
                ..refused(2)
            },
            self.event(EventName::RefreshReused, 3, true),
            by(DoneBy::Administration, EventName::UserChanged, 30),
            by(DoneBy::Person(self.user_link()), EventName::ResetIssued, 31),
            by(DoneBy::SameBrowser, EventName::SessionRevoked, 31),
            by(DoneBy::CommandLine, EventName::FactorsReset, 32),
            by(DoneBy::System, EventName::AccountLocked, 33),
        ]
    }

    pub(super) fn user_link(&self) -> UserLink {
        UserLink {
            name: self.words.username.to_owned(),
            url: format!("/auth/admin/users/{}", self.words.token),
        }
    }

    pub(super) fn activity_page(&mut self) {
        let page = ActivityPage {
            frame: self.signed_in(),
            activity: self.activity(),
            next_page: Some(self.words.target.to_owned()),
        };
        self.show("activity", true, &page);
        let none = ActivityPage { activity: Vec::new(), next_page: None, ..page };
        self.show("activity-none", true, &none);
    }
}
