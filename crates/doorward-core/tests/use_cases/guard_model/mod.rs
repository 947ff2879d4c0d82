//! The guard through the use cases, compared with one that never forgets anything.
//!
//! Goal: restarts, clean-ups, folding, clocks that are set, unlocks and forgotten devices never change what anybody is
//! answered, nor for how long they are told to wait.
//! Method: random schedules on both stores, beside [`naive::Naive`]. Time moves in coarse steps, and exactly as far as
//! somebody was told to wait, less a millisecond and more; so the bounds of windows, delays and locks are hit often.
//! The wall clock is set without the monotonic one: what counts is the later of it and the store's highest time.

mod naive;
mod schedule;
mod world;

use std::{path::PathBuf, sync::Arc};

use doorward_core::store::Store;
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{MemoryStore, builders::audit_key};
use proptest::{
    prelude::*,
    test_runner::{Config, TestError, TestRunner},
};

use naive::Seen;
use schedule::{Step, policies, steps};
use world::{Reopen, World};

fn in_memory() -> Reopen {
    let store = MemoryStore::new();
    Box::new(move || Arc::new(store.clone()) as Arc<dyn Store>)
}

fn on_disk(path: PathBuf) -> Reopen {
    Box::new(move || Arc::new(SqliteStore::open(&path, SqliteOptions::default(), audit_key()).unwrap()))
}

/// Runs schedules of `length` steps; what they came across in total.
fn run(cases: u32, length: usize, open: impl Fn() -> (Reopen, Option<tempfile::TempDir>)) -> Seen {
    let total = std::cell::Cell::new(Seen::default());
    let config = Config { cases, source_file: Some(file!()), ..Config::default() };
    let schedules = (policies(), steps(length));
    let outcome = TestRunner::new(config).run(&schedules, |(policy, steps)| {
        let (reopen, _directory) = open();
        let mut world = World::new(reopen, policy);
        for (number, step) in steps.iter().enumerate() {
            world.take(step).map_err(|difference| {
                TestCaseError::fail(format!("at step {number}, {step:?}: {difference}"))
            })?;
        }
        total.set(total.get().and(world.naive.seen));
        Ok(())
    });
    if let Err(TestError::Fail(why, (policy, steps))) = outcome {
        panic!("{why}\n{policy:#?}\n{steps:#?}");
    }
    total.get()
}

/// A schedule that never gets anywhere shows nothing.
fn assert_eventful(seen: Seen, least: u32) {
    let Seen { locks, refused_by_locks, refused_by_delays, forgiven } = seen;
    for (what, seen) in [
        ("locks", locks),
        ("attempts refused by locks", refused_by_locks),
        ("attempts refused by delays", refused_by_delays),
        ("successes that forgave", forgiven),
    ] {
        assert!(seen >= least, "{what}: {seen}");
    }
}

#[test]
fn the_guard_answers_as_if_it_never_forgot_anything_in_memory() {
    assert_eventful(run(150, 80, || (in_memory(), None)), 100);
}

#[test]
fn the_guard_answers_as_if_it_never_forgot_anything_on_disk() {
    let seen = run(24, 60, || {
        let directory = tempfile::tempdir().unwrap();
        (on_disk(directory.path().join("doorward.db")), Some(directory))
    });
    // So few schedules differ much: some sixty of each are usual, 13 were seen.
    assert_eventful(seen, 3);
}

/// What the store has not recorded is remembered all the same, as long as the server runs: up to where revocations were
/// forgotten, time does not go back.
#[test]
fn a_clock_set_back_behind_what_was_forgotten_stands_still() {
    let wrong = Step::LogIn { who: 0, right: false, device: None, address: 0 };
    let later = Step::Wait { millis: 901_000 };
    let reads_the_feed = [Step::CleanUp { limit: Some(1) }, Step::Restart];
    for reads in reads_the_feed {
        let mut world = World::new(in_memory(), schedule::policy((3, 2_000, 60_000), &[], (9, &[])));
        for step in [wrong, later, reads, Step::SetBack { millis: 4_000 }, wrong, Step::Restart, wrong] {
            world.take(&step).unwrap_or_else(|difference| panic!("{step:?}: {difference}"));
        }
    }
}

/// The case that random schedules are least likely to meet by themselves, one after the other.
#[test]
fn a_lock_that_outlives_its_failures_survives_clean_ups_restarts_and_clocks() {
    let told = |shift| Step::WaitAsTold { shift };
    let wrong = Step::LogIn { who: 0, right: false, device: None, address: 0 };
    let right = Step::LogIn { who: 0, right: true, device: None, address: 1 };
    let directory = tempfile::tempdir().unwrap();
    for reopen in [in_memory(), on_disk(directory.path().join("doorward.db"))] {
        let mut world = World::new(reopen, schedule::policy((3, 2_000, 60_000), &[], (9, &[])));
        let mut steps = vec![wrong, wrong, wrong];
        for wait in [1_999, 1, 1, 20_000] {
            steps.extend([Step::Wait { millis: wait }, Step::CleanUp { limit: None }, Step::Restart]);
            steps.extend([Step::SetBack { millis: 5_000 }, right, Step::SetBack { millis: 0 }]);
        }
        steps.extend([told(-1), Step::CleanUp { limit: Some(9) }, right, told(0), right]);
        for step in &steps {
            world.take(step).unwrap_or_else(|difference| panic!("{step:?}: {difference}"));
        }
        let Seen { locks, forgiven, .. } = world.naive.seen;
        assert_eq!((locks, forgiven), (1, 1));
    }
}
