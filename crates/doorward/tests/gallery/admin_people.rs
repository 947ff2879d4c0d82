//! The console's pages about people.

use doorward::pages::moment::Moment;
use doorward::pages::views::admin::{
    ConfirmPage, LinkIssuedPage, LinkOccasion, ListParts, NewUserPage, Question, Section, SessionsPage,
    UserNotice, UserPage, UserQuestion, UserRow, UserState, UsersPage,
};
use doorward::pages::views::{SessionEntry, SessionOwner};
use doorward::pages::{Failure, Field, Frame};

use doorward_core::user::InvalidValue;

use super::{Gallery, HOUR_MS, NOW_MS, account::strangers, factors};

impl Gallery<'_> {
    pub(super) fn people(&mut self) {
        self.users();
        self.new_user();
        self.links_issued();
        self.user();
        self.user_questions();
        self.sessions();
    }

    fn parts(&self) -> ListParts {
        let url = Some(self.words.target.to_owned());
        ListParts { beginning: url.clone(), next: url }
    }

    fn users(&mut self) {
        let row = |state, hours: i64, factors| UserRow {
            user: self.user_link(),
            email: Some(self.words.email.to_owned()),
            roles: vec![self.words.role.to_owned(), "billing.read".to_owned()],
            state,
            factors,
            created: Moment::new(NOW_MS - hours * HOUR_MS, NOW_MS),
        };
        let nothing = || factors::summary(false, 0, 0);
        let page = UsersPage {
            frame: self.administrator(),
            section: Section::Users,
            search: String::new(),
            users: vec![
                row(UserState::Enabled, 9000, factors::summary(true, 2, 8)),
                row(UserState::PasswordDue, 400, factors::summary(false, 1, 0)),
                UserRow { email: None, roles: Vec::new(), ..row(UserState::Invited, 20, nothing()) },
                row(UserState::Disabled, 1, nothing()),
            ],
            parts: self.parts(),
            deleted: None,
        };
        self.show("admin-users", true, &page);
        let search = self.words.username.to_owned();
        self.show("admin-users-found", true, &UsersPage { search: search.clone(), ..page.clone() });
        let deleted = Some(self.words.username.to_owned());
        let operator = Frame { single_operator: true, ..self.administrator() };
        self.show("admin-users-deleted", true, &UsersPage { deleted, frame: operator, ..page.clone() });
        let none = UsersPage { users: Vec::new(), parts: ListParts::default(), ..page };
        self.show("admin-users-none-found", true, &UsersPage { search, ..none.clone() });
        self.show("admin-users-none", true, &none);
    }

    fn new_user(&mut self) {
        let page = NewUserPage::new(self.administrator(), 8);
        self.show("admin-new-user", true, &page);
        let refused = NewUserPage { failure: Some(Failure::of("single_operator")), ..page.clone() };
        self.show("admin-new-user-operator", true, &refused);
        let wrong = NewUserPage {
            username: self.wrong(self.words.username),
            email: self.wrong(self.words.email),
            roles: self.wrong(self.words.role),
            by_password: true,
            password_error: self.broken(InvalidValue::UsernameSpaced),
            ..page
        };
        self.show("admin-new-user-wrong", true, &wrong);
    }

    fn links_issued(&mut self) {
        for (name, occasion) in [
            ("added", LinkOccasion::Added),
            ("invitation", LinkOccasion::Invitation),
            ("reset", LinkOccasion::Reset),
        ] {
            let page = LinkIssuedPage {
                frame: self.administrator(),
                section: Section::Users,
                user: self.user_link(),
                occasion,
                link: format!("https://login.example.com/auth/invite/{}", self.words.token),
                expires: Moment::new(NOW_MS + 47 * HOUR_MS, NOW_MS),
            };
            self.show(&format!("admin-link-{name}"), true, &page);
        }
    }

    fn user_page(&self) -> UserPage {
        UserPage {
            frame: self.administrator(),
            section: Section::Users,
            url: "/auth/admin/users/id".to_owned(),
            id: self.words.token.to_owned(),
            username: self.words.username.to_owned(),
            own: false,
            state: UserState::Enabled,
            disabled: false,
            invited: false,
            password_due: false,
            factors: factors::summary(true, 1, 8),
            created: Moment::new(NOW_MS - 900 * HOUR_MS, NOW_MS),
            strangers: None,
            app_locked: false,
            email: Field::of(self.words.email),
            email_now: self.words.email.to_owned(),
            roles: Field::of(self.words.role),
            roles_now: vec![self.words.role.to_owned()],
            sessions: vec![
                self.session(self.words.user_agent, 40_000, false),
                self.session("curl/8.5.0", 75 * HOUR_MS, false),
            ],
            all_sessions: Some("/auth/admin/sessions?user=id".to_owned()),
            activity: self.activity(),
            all_events: "/auth/admin/audit?user=id".to_owned(),
            notice: None,
            failure: None,
        }
    }

    fn user(&mut self) {
        let page = self.user_page();
        self.show("admin-user", true, &page);
        let own = UserPage {
            own: true,
            roles_now: vec!["admin".to_owned()],
            sessions: vec![self.session(self.words.user_agent, 0, true)],
            all_sessions: None,
            ..page.clone()
        };
        self.show("admin-user-own", true, &own);
        let bare = UserPage {
            state: UserState::Invited,
            invited: true,
            factors: factors::summary(false, 0, 0),
            email: Field::default(),
            email_now: String::new(),
            roles: Field::default(),
            roles_now: Vec::new(),
            sessions: Vec::new(),
            all_sessions: None,
            activity: Vec::new(),
            ..page.clone()
        };
        self.show("admin-user-invited", true, &bare);
        let disabled =
            UserPage { state: UserState::Disabled, disabled: true, password_due: true, ..page.clone() };
        self.show("admin-user-disabled", true, &disabled);
        for (name, strangers) in [("locked", strangers(true, 860)), ("delayed", strangers(false, 8))] {
            let locked = UserPage { strangers: Some(strangers), app_locked: true, ..page.clone() };
            self.show(&format!("admin-user-{name}"), true, &locked);
        }
        let wrong = UserPage {
            email: self.wrong(self.words.email),
            roles: self.wrong(self.words.role),
            ..page.clone()
        };
        self.show("admin-user-wrong", true, &wrong);
        for (name, notice) in [
            ("added", UserNotice::Added),
            ("saved", UserNotice::Saved),
            ("unchanged", UserNotice::Unchanged),
            ("enabled", UserNotice::Enabled),
            ("was-disabled", UserNotice::Disabled),
            ("password-required", UserNotice::PasswordRequired),
            ("password-waived", UserNotice::PasswordWaived),
            ("unlocked", UserNotice::Unlocked),
            ("factors-reset", UserNotice::FactorsReset),
            ("devices-forgotten", UserNotice::DevicesForgotten),
            ("signed-out", UserNotice::SignedOut(3)),
            ("was-signed-out", UserNotice::SignedOut(0)),
        ] {
            let page = UserPage { notice: Some(notice), ..page.clone() };
            self.show(&format!("admin-user-{name}"), true, &page);
        }
        for code in ["last_admin", "gone", "store_unavailable"] {
            let page = UserPage { failure: self.failure(code), ..page.clone() };
            self.show(&format!("admin-user-{code}"), true, &page);
        }
    }

    fn user_questions(&mut self) {
        for what in UserQuestion::ALL {
            for own in [false, true] {
                let page = ConfirmPage {
                    frame: self.administrator(),
                    section: Section::Users,
                    question: Question::OfUser { what, name: self.words.username.to_owned(), own },
                    action: format!("/auth/admin/users/id/{}", what.path()),
                    back: "/auth/admin/users/id".to_owned(),
                };
                let whose = if own { "-own" } else { "" };
                self.show(&format!("admin-confirm-{}{whose}", what.path()), true, &page);
            }
        }
    }

    fn sessions(&mut self) {
        let session = self.session(self.words.user_agent, 3 * HOUR_MS, false);
        let of = |owner| SessionEntry { owner, ..session.clone() };
        let page = SessionsPage {
            frame: self.administrator(),
            section: Section::Sessions,
            asked: Field::default(),
            of: None,
            sessions: vec![
                SessionEntry { current: true, ..of(SessionOwner::Person(self.user_link())) },
                of(SessionOwner::Person(self.user_link())),
                of(SessionOwner::Removed),
            ],
            parts: self.parts(),
            ended: false,
            failure: None,
        };
        self.show("admin-sessions", true, &page);
        self.show("admin-sessions-ended", true, &SessionsPage { ended: true, ..page.clone() });
        let gone = SessionsPage { failure: self.failure("gone"), ..page.clone() };
        self.show("admin-sessions-gone", true, &gone);
        let ones = SessionsPage {
            asked: Field::of(self.words.username),
            of: Some(self.user_link()),
            sessions: vec![of(SessionOwner::Understood)],
            ..page.clone()
        };
        self.show("admin-sessions-of-one", true, &ones);
        let none = SessionsPage { sessions: Vec::new(), parts: ListParts::default(), ..page };
        let nobody = SessionsPage { asked: self.wrong(self.words.username), ..none.clone() };
        self.show("admin-sessions-of-nobody", true, &nobody);
        self.show("admin-sessions-none", true, &none);
    }
}
