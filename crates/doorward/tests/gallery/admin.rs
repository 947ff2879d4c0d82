//! The console.

use doorward::pages::moment::Moment;
use doorward::pages::views::admin::{
    ConfirmPage, KeyEntry, KeyState, KeysNotice, KeysPage, Question, Section,
};

mod audit;
mod lockouts;
mod overview;

use super::{Gallery, HOUR_MS, NOW_MS};

impl Gallery<'_> {
    pub(super) fn admin(&mut self) {
        self.overview();
        self.audit();
        self.lockouts();
        self.keys();
        self.questions();
    }

    fn keys(&mut self) {
        let ago = |hours: i64| Moment::new(NOW_MS - hours * HOUR_MS, NOW_MS);
        let key = |id: &str, made, state| KeyEntry { id: id.to_owned(), created: ago(made), state };
        let page = KeysPage {
            frame: self.administrator(),
            section: Section::Keys,
            keys: vec![
                key(
                    "c2lnbmluZyBrZXkgemVyby",
                    0,
                    KeyState::Next { from: Moment::new(NOW_MS + 130_000, NOW_MS) },
                ),
                key("c2lnbmluZyBrZXkgb25lLg", 2, KeyState::Signs),
                key("c2lnbmluZyBrZXkgdHdvLg", 2160, KeyState::Verifies { since: ago(2), until: ago(-1) }),
                key("c2lnbmluZyBrZXkgMy4uLg", 4320, KeyState::Retired { since: ago(2160) }),
            ],
            notice: None,
            failure: None,
        };
        self.show("admin-keys", true, &page);
        let rotated = KeysPage { notice: Some(KeysNotice::Rotated), ..page.clone() };
        self.show("admin-keys-rotated", true, &rotated);
        let waiting = KeysPage { failure: self.failure("rotation_under_way"), ..page.clone() };
        self.show("admin-keys-waiting", true, &waiting);
        let failed = KeysPage { failure: self.failure("store_unavailable"), ..page };
        self.show("admin-keys-failed", true, &failed);
    }

    fn questions(&mut self) {
        let page = ConfirmPage {
            frame: self.administrator(),
            section: Section::Keys,
            question: Question::RotateKey,
            action: "/auth/admin/keys/rotate".to_owned(),
            back: "/auth/admin/keys".to_owned(),
        };
        self.show("admin-confirm-rotate-key", true, &page);
    }
}
