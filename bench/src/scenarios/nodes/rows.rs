//! What a user, a session, an event and a revocation take on the disk, indices included.

use super::{ABOUT_THE_CLUSTER, address, cluster, node};
use crate::callers::runtime;
use crate::failure::Failure;
use crate::report::Report;
use crate::scenarios::Surroundings;

/// Rows of each kind: so many that pages that are half full do not count.
const ROWS: u32 = 300_000;

/// What is filled in, row by row, and what it is called. Made up in the database: the program would take hours.
const FILLED: [(&str, &str, &str); 6] = [
    (
        "users",
        "a user",
        "INSERT INTO users (id, username, email, roles, is_admin, must_change_password, disabled, created_at, epoch, password,
             name_key, email_key)
         SELECT ID(1, n), 'user-' || n, 'user-' || n || '@example.com', 'editor', 0, 0, 0, NOW + n, 1,
             '$argon2id$v=19$m=19456,t=2,p=1$' || left(md5('s' || n), 22) || '$' || left(md5('a' || n) || md5('b' || n), 43),
             'user-' || n, 'user-' || n || '@example.com' FROM N",
    ),
    ("names", "the name of a user", "INSERT INTO names (name, user_id) SELECT 'user-' || n, ID(1, n) FROM N"),
    (
        "sessions",
        "a session",
        "INSERT INTO sessions (id, user_id, transport, created_at, last_seen_at, expires_at, idle_expires_at, aal, amr,
             auth_time, user_agent, address, device, generation, nonce, spent_at, repeats, repeated_elsewhere,
             elsewhere_streak, epoch, revoked_at)
         SELECT ID(2, n), ID(1, n), 'cookie', NOW + n, NOW + n, NOW + n, NOW + n, 1, 'pwd', NOW + n, AGENT, ADDRESS, ID(3, n),
             7, ID(4, n), NOW + n, 0, 0, 0, 1, NULL FROM N",
    ),
    (
        "audit",
        "an event",
        "INSERT INTO audit (name, outcome, at, actor, user_id, session_id, address, user_agent, request_id, details, chain,
             chain_seq, key_id, previous, mac)
         SELECT 'session.refreshed', 'success', NOW + n, 'user', ID(1, n), ID(2, n), ADDRESS, AGENT,
             left(md5('r' || n), 22), '[]', 'bench', n, 1, decode(md5('p' || n) || md5('q' || n), 'hex'),
             decode(md5('m' || n) || md5('n' || n), 'hex') FROM N",
    ),
    (
        "revocations",
        "a revocation",
        "INSERT INTO revocations (seq, subject, subject_id, effect, epoch, expires_at)
         SELECT n, 'session', ID(2, n), 'revoked', 2, NOW + n FROM N",
    ),
    (
        "attempts",
        "a subject whose attempts failed",
        "INSERT INTO attempts (kind, key, owner, failures, locked_until, expires_at)
         SELECT 'account', ID(5, n), ID(1, n), decode(left(md5('f' || n), 24), 'hex'), NULL, NOW + n FROM N",
    ),
];

pub(in crate::scenarios) fn run(_: &Surroundings) -> Result<Report, Failure> {
    let (cluster, runtime) = (cluster(), runtime()?);
    let database = cluster.fresh_database();
    // Makes the tables.
    drop(runtime.block_on(node(address(&database, cluster.address())?, 1))?);
    let mut report = Report::default();
    for (table, row, insert) in FILLED {
        let size = format!("SELECT pg_total_relation_size('{table}')");
        let before = bytes(&database.sql(&size))?;
        database.sql(&written_out(insert));
        database.sql(&format!("VACUUM ANALYZE {table}"));
        let grown = bytes(&database.sql(&size))? - before;
        let table_alone = bytes(&database.sql(&format!("SELECT pg_table_size('{table}')")))?;
        report.figure(format!("{row}, indices included"), grown / f64::from(ROWS), "bytes");
        report.figure(format!("{row}, the row alone"), table_alone / f64::from(ROWS), "bytes");
    }
    report.note(ABOUT_THE_CLUSTER);
    report.note(format!(
        "{ROWS} rows of each, as long as real ones; identifiers and times as random as real ones"
    ));
    Ok(report)
}

/// The abbreviations above.
fn written_out(insert: &str) -> String {
    let mut text = insert.replace("FROM N", &format!("FROM generate_series(1, {ROWS}) AS n"));
    for (kind, short) in (1..=5).map(|kind| (kind, format!("ID({kind}, n)"))) {
        text = text.replace(&short, &format!("decode(md5('{kind}-' || n), 'hex')"));
    }
    text.replace("NOW", "1800000000000::bigint")
        .replace("ADDRESS", "'203.0.' || (n / 250 % 250) || '.' || (n % 250)")
        .replace(
            "AGENT",
            "'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0'",
        )
}

fn bytes(answer: &str) -> Result<f64, Failure> {
    answer.trim().parse().map_err(|error| Failure::io("a size", error))
}
