//! A database in SQLite as it is after years: users, sessions and events that are like real ones in number, spread and
//! length, written past the store, since through it they would take hours.
//!
//! What makes it unlike a real one: all users have one hash and so one salt, and the events hang in no chain.

use std::path::Path;

use doorward_core::time::Timestamp;
use rusqlite::{Connection, Statement, params};

/// Names of five letters, each of another user: so many there are.
const NAMES: u64 = 26_u64.pow(5);
const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;
/// Times lie in the past, none of them further than what clean-up leaves.
const SESSIONS_SINCE: u64 = 30 * DAY;
const EVENTS_SINCE: u64 = 360 * DAY;
const USERS_SINCE: u64 = 400 * DAY;
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

/// Where the numbers begin of what is neither a user nor a session.
const NOBODY: u64 = 1 << 41;

/// How often progress is told: every so many rows.
const TOLD_EVERY: u64 = 10_000;

/// What is in it.
#[derive(Clone, Debug)]
pub struct Population {
    /// The time it is written at. Sessions are of the thirty days before.
    pub now: Timestamp,
    /// How many users there are; at most 11,881,376, which is how many names there are.
    pub users: u64,
    /// How many sessions: a third alive for seven days yet, a third idle for too long, a third revoked.
    pub sessions: u64,
    /// How many events of the year before, most of them refreshes.
    pub events: u64,
    /// How many accounts and names that are nobody's are locked, as a flood of guesses leaves them.
    pub locks: u64,
    /// How many revocations, of nobody there is, whose tokens live for an hour yet.
    pub revocations: u64,
    /// The hash of everybody's password, in PHC form.
    pub password: String,
}

/// The name of the user of this number.
#[must_use]
pub fn name(number: u64) -> String {
    // A factor without a divisor of the number of names: neighbours in time are far from each other by name.
    let mut rest = number * 48_271 % NAMES;
    let letter = |_| {
        let letter = b'a' + u8::try_from(rest % 26).unwrap_or_default();
        rest /= 26;
        char::from(letter)
    };
    (0..5).map(letter).collect()
}

/// The mail address of the user of this number.
#[must_use]
pub fn email(number: u64) -> String {
    let reversed: String = name(number).chars().rev().collect();
    format!("{reversed}.{number}@example.com")
}

/// The id of the user of this number.
#[must_use]
pub const fn user_id(number: u64) -> [u8; 16] {
    // Spread as random ones are, and the same each time.
    (number as u128 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835).to_be_bytes()
}

/// The id of the session of this number. Those that three divides are alive.
#[must_use]
pub const fn session_id(number: u64) -> [u8; 16] {
    user_id(number + (1 << 40))
}

/// The address that the session or event of this number came from.
#[must_use]
pub fn address(number: u64) -> String {
    let number = number * 7919 % 100_000;
    format!("198.{}.{}.{}", 18 + number % 2, number / 256 % 256, number % 256)
}

impl Population {
    /// How many rows [`Population::fill`] tells of.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.users + self.sessions + self.events + self.locks + self.revocations
    }

    /// Adds all of it to the database of a store that nobody has open, in one transaction and without what protects it from
    /// the loss of power. `progress` is told now and then how many rows of [`Population::rows`] there are.
    ///
    /// # Errors
    /// Whatever SQLite says; what the file holds then is of no use.
    pub fn fill(&self, path: &Path, progress: impl FnMut(u64)) -> rusqlite::Result<()> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
             PRAGMA cache_size = -2000000; BEGIN;",
        )?;
        let mut rows = Rows { written: 0, progress };
        self.add_users(&connection, &mut rows)?;
        self.add_sessions(&connection, &mut rows)?;
        self.add_events(&connection, &mut rows)?;
        self.add_locks(&connection, &mut rows)?;
        self.add_revocations(&connection, &mut rows)?;
        connection.execute_batch("COMMIT; PRAGMA journal_mode = WAL;")?;
        (rows.progress)(self.rows());
        Ok(())
    }

    /// When the one of this number happened, of so many spread evenly over the time until now.
    fn moment(&self, since: u64, number: u64, of: u64) -> i64 {
        let before = u128::from(since) - u128::from(number) * u128::from(since) / u128::from(of.max(1));
        self.now.as_millis() - i64::try_from(before).unwrap_or(i64::MAX)
    }

    fn add_users(&self, connection: &Connection, rows: &mut Rows<impl FnMut(u64)>) -> rusqlite::Result<()> {
        let mut names = connection.prepare("INSERT INTO names (name, user_id) VALUES (?1, ?2)")?;
        let mut insert = connection.prepare(
            "INSERT INTO users (id, username, email, roles, is_admin, must_change_password, disabled, created_at, epoch,
                password, name_key, email_key)
             VALUES (?1, ?2, ?3, 'staff', 0, 0, 0, ?4, 0, ?5, ?2, ?3)",
        )?;
        for number in 0..self.users {
            let (id, name) = (user_id(number), name(number));
            let created = self.moment(USERS_SINCE, number, self.users);
            names.execute(params![name, id])?;
            insert.execute(params![id, name, email(number), created, self.password])?;
            rows.count();
        }
        Ok(())
    }

    fn add_sessions(
        &self,
        connection: &Connection,
        rows: &mut Rows<impl FnMut(u64)>,
    ) -> rusqlite::Result<()> {
        let mut insert = connection.prepare(
            "INSERT INTO sessions (id, user_id, transport, created_at, last_seen_at, expires_at, idle_expires_at, aal, amr,
                auth_time, user_agent, address, device, generation, nonce, repeats, repeated_elsewhere, elsewhere_streak,
                epoch, revoked_at)
             VALUES (?1, ?2, 'cookie', ?3, ?3, ?4, ?5, 1, 'pwd', ?3, ?6, ?7, ?8, 9, ?8, 0, 0, 0, 0, ?9)",
        )?;
        let (now, day) = (self.now.as_millis(), signed(DAY));
        for number in 0..self.sessions {
            let id = session_id(number);
            let created = self.moment(SESSIONS_SINCE, number, self.sessions);
            let idle_end = if number % 3 == 1 { now - 1 } else { now + 7 * day };
            let revoked = (number % 3 == 2).then_some(created + day);
            // A week more than there are sessions of: what is alive stays so until it has been idle for too long.
            let expires = created + signed(SESSIONS_SINCE) + 7 * day;
            let owner = user_id(number * 31 % self.users.max(1));
            let from = address(number);
            insert.execute(params![id, owner, created, expires, idle_end, AGENT, from, id, revoked])?;
            rows.count();
        }
        Ok(())
    }

    /// Nothing reads their chain.
    fn add_events(&self, connection: &Connection, rows: &mut Rows<impl FnMut(u64)>) -> rusqlite::Result<()> {
        let before: i64 =
            connection.query_row("SELECT coalesce(max(seq), 0) FROM audit", [], |row| row.get(0))?;
        let mut insert = connection.prepare(
            "INSERT INTO audit (seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
                details, chain, chain_seq, key_id, previous, mac)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, '[]', 'sqlite', ?1, 1, ?11, ?11)",
        )?;
        for number in 0..self.events {
            self.add_event(&mut insert, before + signed(number + 1), number)?;
            rows.count();
        }
        connection.execute_batch(
            "DELETE FROM event_counts;
             INSERT INTO event_counts SELECT at / 3600000, name, coalesce(reason, ''), count(*) FROM audit GROUP BY 1, 2, 3;
             DELETE FROM audit_hours;
             INSERT INTO audit_hours SELECT at / 3600000, min(seq), max(seq) FROM audit GROUP BY 1;",
        )
    }

    fn add_event(&self, insert: &mut Statement<'_>, seq: i64, number: u64) -> rusqlite::Result<()> {
        let (name, outcome, reason) = match number % 100 {
            0..80 => ("session.refreshed", "success", None),
            80..90 => ("login.succeeded", "success", None),
            90..98 => ("login.refused", "refused", Some("invalid_credentials")),
            98 => ("session.logged_out", "success", Some("logout")),
            _ => ("user.changed", "success", None),
        };
        insert.execute(params![
            seq,
            name,
            outcome,
            self.moment(EVENTS_SINCE, number, self.events),
            "AAAAAAAAAAAAAAAAAAAAAA",
            user_id(number * 7 % self.users.max(1)),
            address(number),
            AGENT,
            format!("{number:025x}"),
            reason,
            [7_u8; 32]
        ])?;
        Ok(())
    }

    fn add_locks(&self, connection: &Connection, rows: &mut Rows<impl FnMut(u64)>) -> rusqlite::Result<()> {
        let mut insert = connection.prepare(
            "INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at) VALUES (?1, ?2, ?3, x'', ?4, ?4)",
        )?;
        for number in 0..self.locks {
            let key = user_id(number);
            let (kind, owner) =
                if number % 100 == 0 { ("account", Some(key)) } else { ("unknown_name", None) };
            insert.execute(params![kind, key, owner, self.now.as_millis() + signed(number + 1)])?;
            rows.count();
        }
        Ok(())
    }

    fn add_revocations(
        &self,
        connection: &Connection,
        rows: &mut Rows<impl FnMut(u64)>,
    ) -> rusqlite::Result<()> {
        let before: i64 = connection.query_row("SELECT feed_seq FROM state", [], |row| row.get(0))?;
        let mut insert = connection.prepare(
            "INSERT INTO revocations (seq, subject, subject_id, effect, epoch, expires_at)
             VALUES (?1, ?2, ?3, 'revoked', 1, ?4)",
        )?;
        let expires = self.now.as_millis() + signed(HOUR);
        for number in 0..self.revocations {
            let subject = if number % 2 == 0 { "session" } else { "user" };
            let id = user_id(number + NOBODY);
            insert.execute(params![before + signed(number + 1), subject, id, expires])?;
            rows.count();
        }
        connection.execute("UPDATE state SET feed_seq = ?1", [before + signed(self.revocations)])?;
        Ok(())
    }
}

/// Rows written so far, and who is told of them.
struct Rows<P> {
    written: u64,
    progress: P,
}

impl<P: FnMut(u64)> Rows<P> {
    fn count(&mut self) {
        self.written += 1;
        if self.written.is_multiple_of(TOLD_EVERY) {
            (self.progress)(self.written);
        }
    }
}

/// A number as SQLite keeps it.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
