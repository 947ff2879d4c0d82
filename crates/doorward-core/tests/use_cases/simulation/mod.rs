//! Nodes in a bad week, in a time of its own (M-N03).
//!
//! Goal: whatever is slow, cut off, paused or killed, and in whatever order, no client sees anything that contradicts what
//! is promised of sessions; and once all is well again, every node serves.
//! Method: several real authorities on one store, each behind a line that is slow and fails on either way; tabs that log
//! in, refresh, use, end and try again; one thread, and one seed that decides about everything, time included. What the
//! clients saw is judged by [`History::check`]. A run is repeated from its seed alone, byte by byte: `DOORWARD_SEED=7` in
//! the environment runs that seed, `DOORWARD_SEEDS=500` so many of them (`make simulate`).
//! Not in here: the database itself, which has a copy of its state for each operation and does what the contract says.

mod browser;
mod executor;
mod node;
mod weather;

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use doorward_core::{settings::MAX_STALENESS, time::Timestamp};
use doorward_testkit::{
    ManualClock, MemoryStore,
    history::{Answer, Asked, History, Outcome, Promises, Recorder, Rule, Violation},
};

use crate::home::Home;
use browser::Browser;
use executor::{Simulator, Task};
use node::Node;
use weather::Weather;

const NODES: u64 = 3;
const PEOPLE: [&str; 3] = ["ann", "bob", "cleo"];
const TABS: usize = 2;
/// So long things go wrong,
const BAD: Duration = Duration::from_secs(20);
/// and so long everything has to be well afterwards.
const ALL: Duration = Duration::from_secs(26);
/// Left alone for longer than any answer takes that was on its way, and several readings.
const RECOVERED: Duration = Duration::from_secs(24);

/// What is wrong with what is run. Each shows that the judge would notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// The feed is confirmed and not read.
    SetIsNotApplied,
    /// However old what a node knows is, it lets in.
    FreshnessIsNotChecked,
    /// What the store has acknowledged is gone.
    CommitsAreLost,
}

/// What came of a run.
struct Ran {
    history: History,
    weather: Vec<String>,
}

fn run(seed: u64, flaw: Flaw) -> Ran {
    let simulator = Simulator::new(seed);
    let store = MemoryStore::new();
    let home = Home::on(Arc::new(store.clone()));
    let people = PEOPLE.map(|name| (name.to_owned(), home.add_user(name).id));
    let clock = Arc::new(ManualClock::at(Timestamp::from_millis(0)));
    simulator.drives(&clock);
    let recorder = Rc::new(Recorder::new(clock));
    let nodes: Vec<_> =
        (1..=NODES).map(|number| Node::new(&simulator, number, Arc::new(store.clone()), flaw)).collect();
    let weather = Rc::new(Weather {
        simulator: Arc::clone(&simulator),
        nodes: nodes.clone(),
        store,
        flaw,
        told: RefCell::default(),
    });
    let mut tasks: Vec<Task> = vec![Box::pin(Rc::clone(&weather).is_bad_until(BAD))];
    for node in &nodes {
        tasks.push(Box::pin(Rc::clone(node).lives_until(ALL + BAD)));
    }
    for person in people {
        let browser = Browser::new(&simulator, &recorder, &nodes, person);
        tasks.extend((0..TABS).map(|_| Box::pin(Rc::clone(&browser).is_used_until(ALL)) as Task));
    }
    simulator.run(tasks);
    Ran { history: recorder.history(), weather: weather.told.take() }
}

impl Ran {
    fn broken(&self) -> Vec<Violation> {
        self.history.check(Promises { bound: MAX_STALENESS, logins_end_others: true })
    }

    fn answers(&self, is_one: impl Fn(&Asked, Answer) -> bool) -> usize {
        let answered = |outcome| match outcome {
            Outcome::Answered { answer, .. } => Some(answer),
            Outcome::Unknown => None,
        };
        let operations = self.history.operations.iter();
        operations
            .filter(|operation| {
                answered(operation.outcome).is_some_and(|answer| is_one(&operation.asked, answer))
            })
            .count()
    }

    /// Nodes that nobody was let in by once all was well again.
    fn still_down(&self) -> Vec<String> {
        let began = Duration::from_secs(1);
        let serves = |name: &String| {
            self.history.operations.iter().any(|operation| {
                operation.node == *name
                    && operation.invoked >= began + RECOVERED
                    && matches!(
                        operation.outcome,
                        Outcome::Answered { answer: Answer::Done | Answer::Tokens(_), .. }
                    )
            })
        };
        (1..=NODES).map(|number| format!("node {number}")).filter(|name| !serves(name)).collect()
    }
}

fn number(variable: &str) -> Option<u64> {
    std::env::var_os(variable).map(|text| text.to_str().unwrap().parse().unwrap())
}

#[test]
fn no_client_sees_a_contradiction_in_any_seed() {
    let seeds = match number("DOORWARD_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("DOORWARD_SEEDS").unwrap_or(12),
    };
    let (mut ended, mut reused, mut unknown) = (0, 0, 0);
    for seed in seeds.clone() {
        let ran = run(seed, Flaw::None);
        let broken: String = ran.broken().iter().map(|violation| format!("{violation}\n")).collect();
        assert!(broken.is_empty(), "DOORWARD_SEED={seed} repeats this:\n{broken}{:#?}", ran.weather);
        assert_eq!(ran.still_down(), [""; 0], "DOORWARD_SEED={seed} repeats this:\n{:#?}", ran.weather);
        ended += ran.answers(|_, answer| answer == Answer::Over);
        reused += ran.answers(|_, answer| answer == Answer::Reused);
        unknown +=
            ran.history.operations.iter().filter(|operation| operation.outcome == Outcome::Unknown).count();
    }
    println!("{seeds:?}: {ended} told of an end, {reused} of a reuse, {unknown} of nothing");
    // A run in which nothing happens contradicts nothing.
    let is_one = seeds.end - seeds.start == 1;
    assert!(is_one || (ended > 0 && reused > 0 && unknown > 0));
}

#[test]
fn a_seed_repeats_its_run_byte_by_byte() {
    let [once, again] = [(); 2].map(|()| run(3, Flaw::None));
    assert_eq!(format!("{:#?}", once.history), format!("{:#?}", again.history));
    assert_eq!(once.weather, again.weather);
    assert_ne!(once.history, run(4, Flaw::None).history);
}

#[track_caller]
fn is_noticed(flaw: Flaw, rules: &[Rule]) {
    let found = |seed| run(seed, flaw).broken().iter().any(|violation| rules.contains(&violation.rule));
    assert!((0..8).any(found), "no seed shows {flaw:?}");
}

#[test]
fn a_set_that_is_not_applied_is_noticed() {
    is_noticed(Flaw::SetIsNotApplied, &[Rule::NobodyInPastTheBound]);
}

#[test]
fn freshness_that_is_not_checked_is_noticed() {
    is_noticed(Flaw::FreshnessIsNotChecked, &[Rule::NobodyInPastTheBound]);
}

#[test]
fn acknowledged_writes_that_are_lost_are_noticed() {
    is_noticed(Flaw::CommitsAreLost, &[Rule::NoRefreshAfterTheEnd, Rule::NothingForgotten]);
}
