//! Users, sessions and events that are like real ones in number, spread and length, written past the store.

use std::path::Path;

use doorward_testkit::builders::START;
use rusqlite::{Connection, Statement, params};

use super::Sizes;

/// Names of five letters, each of another user: so many there are.
const NAMES: i64 = 26_i64.pow(5);
const DAY: i64 = 24 * 3_600_000;
const AGENT: &str =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

pub(super) fn name(number: i64) -> String {
    // A factor without a divisor of the number of names: neighbours in time are far from each other by name.
    let mut rest = number * 48_271 % NAMES;
    let letter = |_| {
        let letter = b'a' + u8::try_from(rest % 26).unwrap_or_default();
        rest /= 26;
        char::from(letter)
    };
    (0..5).map(letter).collect()
}

pub(super) fn email(number: i64) -> String {
    let reversed: String = name(number).chars().rev().collect();
    format!("{reversed}.{number}@example.com")
}

pub(super) fn user_id(number: i64) -> [u8; 16] {
    // Spread as random ones are, and the same each time.
    (i128::from(number) + 1)
        .cast_unsigned()
        .wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
        .to_be_bytes()
}

pub(super) fn address(number: i64) -> String {
    let number = number * 7919 % 100_000;
    format!("198.{}.{}.{}", 18 + number % 2, number / 256 % 256, number % 256)
}

const fn now() -> i64 {
    START.as_millis()
}

/// Rows in a file that nobody else has open, without what protects it from the loss of power.
pub(super) fn fill(path: &Path, sizes: Sizes) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2000000;
         BEGIN;",
    )?;
    users(&connection, sizes.users)?;
    println!("users are there");
    sessions(&connection, sizes)?;
    println!("sessions are there");
    events(&connection, sizes)?;
    println!("events are there");
    locks(&connection)?;
    connection.execute_batch("COMMIT; PRAGMA journal_mode = WAL;")
}

fn users(connection: &Connection, users: i64) -> rusqlite::Result<()> {
    let mut names = connection.prepare("INSERT INTO names (name, user_id) VALUES (?1, ?2)")?;
    let mut insert = connection.prepare(
        "INSERT INTO users (id, username, email, roles, is_admin, must_change_password, disabled, created_at, epoch,
            password, name_key, email_key)
         VALUES (?1, ?2, ?3, 'staff', 0, 0, 0, ?4, 0, ?5, ?2, ?3)",
    )?;
    let password = format!("$argon2id$v=19$m=19456,t=2,p=1${}", "x".repeat(66));
    for number in 0..users {
        let (id, name) = (user_id(number), name(number));
        names.execute(params![name, id])?;
        insert.execute(params![id, name, email(number), now() - 400 * DAY + number * 30, password])?;
    }
    Ok(())
}

/// A third alive, a third idle for too long, a third revoked; opened in the last thirty days.
fn sessions(connection: &Connection, sizes: Sizes) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO sessions (id, user_id, transport, created_at, last_seen_at, expires_at, idle_expires_at, aal, amr,
            auth_time, user_agent, address, device, generation, nonce, repeats, repeated_elsewhere, elsewhere_streak,
            epoch, revoked_at)
         VALUES (?1, ?2, 'cookie', ?3, ?3, ?4, ?5, 1, 'pwd', ?3, ?6, ?7, ?8, 9, ?8, 0, 0, 0, 0, ?9)",
    )?;
    for number in 0..sizes.sessions {
        let created = now() - 30 * DAY + number * 30 * DAY / sizes.sessions;
        let idle_end = if number % 3 == 1 { now() - 1 } else { now() + 7 * DAY };
        let revoked = (number % 3 == 2).then_some(created + DAY);
        let owner = user_id(number * 31 % sizes.users);
        let id = user_id(number + (1 << 40));
        let expires = created + 30 * DAY + 1;
        insert.execute(params![
            id,
            owner,
            created,
            expires,
            idle_end,
            AGENT,
            address(number),
            id,
            revoked
        ])?;
    }
    Ok(())
}

/// Of a year, most of them refreshes. Nothing reads the chain here.
fn events(connection: &Connection, sizes: Sizes) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO audit (seq, name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, reason,
            details, chain, chain_seq, key_id, previous, mac)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10, '[]', 'sqlite', ?1, 1, ?11, ?11)",
    )?;
    for number in 0..sizes.events {
        event(&mut insert, number, sizes)?;
    }
    connection.execute_batch(
        "INSERT INTO event_counts SELECT at / 3600000, name, coalesce(reason, ''), count(*) FROM audit GROUP BY 1, 2, 3;
         INSERT INTO audit_hours SELECT at / 3600000, min(seq), max(seq) FROM audit GROUP BY 1;",
    )
}

fn event(insert: &mut Statement<'_>, number: i64, sizes: Sizes) -> rusqlite::Result<()> {
    let (name, outcome, reason) = match number % 100 {
        0..80 => ("session.refreshed", "success", None),
        80..90 => ("login.succeeded", "success", None),
        90..98 => ("login.refused", "refused", Some("invalid_credentials")),
        98 => ("session.logged_out", "success", Some("logout")),
        _ => ("user.changed", "success", None),
    };
    let at = now() - 365 * DAY + number * 365 * (DAY / 1000) / (sizes.events / 1000).max(1);
    let owner = user_id(number * 7 % sizes.users);
    let request = format!("{number:025x}");
    insert.execute(params![
        number + 1,
        name,
        outcome,
        at,
        "AAAAAAAAAAAAAAAAAAAAAA",
        owner,
        address(number),
        AGENT,
        request,
        reason,
        [7_u8; 32]
    ])?;
    Ok(())
}

/// Accounts and names that are nobody's, as a flood of guesses leaves them.
fn locks(connection: &Connection) -> rusqlite::Result<()> {
    let mut insert = connection.prepare(
        "INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at) VALUES (?1, ?2, ?3, x'', ?4, ?4)",
    )?;
    for number in 0..200_000 {
        let key = user_id(number);
        let (kind, owner) = if number % 100 == 0 { ("account", Some(key)) } else { ("unknown_name", None) };
        insert.execute(params![kind, key, owner, now() + 1 + number])?;
    }
    Ok(())
}
