//! Looks at everything that is to be seen, and at what is left in the end.

use std::time::Duration;

use doorward_core::{second_factor::FactorStore as _, store::Store as _, time::Timestamp};
use doorward_testkit::builders::clean_up_to;
use rusqlite::Connection;

use crate::{history::Known, run::Run};

/// What is kept for a while only.
const FOR_A_WHILE: [&str; 4] = ["pending_logins", "totp_enrolments", "trusted_devices", "spent_challenges"];

impl Run {
    /// By the first clock and by the last.
    pub(crate) async fn look_everywhere(&self) {
        for now in [self.schedule.earliest(), self.schedule.latest] {
            self.look_at_logins(now).await;
            self.look_at_users(now).await;
        }
        self.look_at_sessions().await;
    }

    async fn look_at_logins(&self, now: Timestamp) {
        for began in self.history.begun() {
            let found = self.store.pending(&[began.hash], now).await.unwrap().map(|found| found.0);
            let alive = self.history.pending(began.id);
            let expected = alive.filter(|login| now < login.expires_at && login.tries_left > 0);
            assert_eq!(found, expected, "{now:?}");
        }
    }

    async fn look_at_users(&self, now: Timestamp) {
        for user in &self.schedule.users {
            let id = user.user.id;
            let factors = self.store.user(id).await.unwrap().unwrap().factors;
            assert_eq!(factors, self.history.factors(id));
            assert_eq!(self.store.passkeys(id).await.unwrap(), self.history.passkeys(id));
            let begun = self.history.enrolment(id).filter(|begun| now < begun.expires_at);
            for session in self.history.sessions_of(id).chain(begun.iter().map(|begun| begun.session)) {
                let found = self.store.totp_enrolment(id, session, now).await.unwrap();
                assert_eq!(found, begun.clone().filter(|begun| begun.session == session), "{now:?}");
            }
            for device in &self.schedule.devices {
                let trusted = self.store.is_trusted(id, *device, now).await.unwrap();
                assert_eq!(trusted, self.history.is_trusted(id, *device, now), "{now:?}");
            }
        }
    }

    async fn look_at_sessions(&self) {
        for user in &self.schedule.users {
            for id in self.history.sessions_of(user.user.id) {
                let session = self.store.session_alone(id).await.unwrap().unwrap();
                let known = Known {
                    user: session.user_id,
                    auth_time: session.authentication.auth_time,
                    is_alive: session.revoked_at.is_none(),
                };
                assert_eq!(Some(known), self.history.session(id));
            }
        }
    }

    /// Of all that was begun and kept for a while: nobody can fill the store with it.
    pub(crate) async fn in_the_end_nothing_is_left(&self) {
        let what = clean_up_to(self.schedule.latest.plus(Duration::from_hours(1)), 7);
        while self.store.clean_up(what).await.unwrap().factor_rests > 0 {}
        let connection = Connection::open(&self.path).unwrap();
        for table in FOR_A_WHILE {
            let count = format!("SELECT count(*) FROM {table}");
            let left: u32 = connection.query_row(&count, [], |row| row.get(0)).unwrap();
            assert_eq!(left, 0, "{table}");
        }
    }
}
