//! A hundred thousand hostile attempts against one account (M-N02).

use std::{
    path::Path,
    sync::{Arc, Barrier},
};

use doorward_core::{refusal::Refusal, sign_in::Origin};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::builders::audit_key;
use futures_executor::block_on;

use crate::{
    attempts::{SECOND, WRONG, on_device, stranger},
    home::{Home, PASSWORD, guarded},
};

const ATTACKERS: u32 = 50;
const ROUNDS: u32 = 2_000;

/// Bytes of the database and of what is not in it yet.
fn size(path: &Path) -> u64 {
    let wal = path.with_extension("db-wal").metadata().map_or(0, |file| file.len());
    path.metadata().unwrap().len() + wal
}

/// Fifty at once, every second, each from an address of its own every time; whenever the lock is over, they lock again.
#[test]
fn under_a_hundred_thousand_attempts_the_owner_logs_in_at_once_and_no_stranger_does() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("doorward.db");
    let store = SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap();
    let home = Home::on(Arc::new(store));
    home.authority.replace_settings(guarded());
    home.add_user("ann");
    let device = on_device(&home.authority, &home.log_in("ann", PASSWORD).unwrap());
    let before = size(&path);
    let barrier = Barrier::new(usize::try_from(ATTACKERS).unwrap());
    std::thread::scope(|scope| {
        for attacker in 0..ATTACKERS {
            let (home, barrier, device) = (&home, &barrier, &device);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let refused = home.attempt("ann", WRONG, &stranger(round * ATTACKERS + attacker));
                    assert!(refused.is_err());
                    // All have failed before time passes, and it has passed before they go on.
                    if barrier.wait().is_leader() {
                        after(round, home, device);
                        home.clock.advance(SECOND);
                    }
                    barrier.wait();
                }
            });
        }
    });
    // Attempts, once hashed, are folded into one row; refusals, of which the first ten thousand are rows, are counted.
    let grown = size(&path) - before;
    assert!(grown < 12 << 20, "{} KiB", grown >> 10);
}

fn after(round: u32, home: &Home, device: &Origin) {
    if round % 100 == 99 {
        assert_eq!(home.attempt("ann", PASSWORD, device), Ok(()), "the owner, after round {round}");
        let refused = home.attempt("ann", PASSWORD, &stranger(u32::MAX >> 8));
        let waits = matches!(refused, Err(Refusal::AccountLocked { .. } | Refusal::TooManyAttempts { .. }));
        assert!(waits, "a stranger, after round {round}: {refused:?}");
        block_on(home.authority.record_counted_refusals()).unwrap();
        block_on(home.authority.clean_up()).unwrap();
    }
}
