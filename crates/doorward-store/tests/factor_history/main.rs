//! Second factors do what history tells, whatever is asked in whatever order: a naive model, which keeps everything and
//! reads it from the beginning for each question, foretells every answer of SQLite, through restarts and clean-ups, by
//! clocks that go apart.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, outside of its functions")]

mod expected;
mod fact;
mod history;
mod look;
mod rules;
mod run;
mod schedule;

use std::collections::BTreeMap;

use run::Run;

const RUNS: u64 = 10;
const STEPS: usize = 240;
/// What has to have succeeded: a store that refuses everything breaks no rule.
const MUST_HAPPEN: [&str; 18] = [
    "login began to wait",
    "code of a login claimed",
    "last code of a login claimed",
    "code claimed",
    "more codes than are examined",
    "opened by a password",
    "opened by a code",
    "opened by a recovery code",
    "opened by a passkey",
    "opened by a passkey alone",
    "opened on a trusted device",
    "completed a login that waited",
    "stepped up",
    "app confirmed",
    "app removed",
    "passkey added",
    "passkey removed",
    "cleaned up",
];

#[tokio::test]
async fn second_factors_do_what_history_tells() {
    let mut happened = BTreeMap::<_, u32>::new();
    for seed in 0..RUNS {
        let directory = tempfile::tempdir().unwrap();
        let mut run = Run::new(seed, directory.path().join("doorward.db")).await;
        for step in 0..STEPS {
            let (now, action) = run.next();
            // To be read if it fails.
            println!("seed {seed}, step {step}, {now:?}: {action:?}");
            for name in run.do_and_compare(action, now).await {
                *happened.entry(name).or_default() += 1;
            }
            run.look_everywhere().await;
        }
        run.history.keeps_the_rules();
        run.in_the_end_nothing_is_left().await;
    }
    let seldom: Vec<_> =
        MUST_HAPPEN.into_iter().filter(|name| happened.get(name).is_none_or(|times| *times < 3)).collect();
    assert!(seldom.is_empty(), "{seldom:?} of {happened:?}");
}
