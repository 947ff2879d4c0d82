//! kill -9 in the middle of a storm of failing logins (M-A05, M-N02).
//!
//! Goal: no failure that was answered is forgotten, no lock is lost, shortened or prolonged, nobody is locked who was
//! not, and the owner's own device is let in all the while.
//! Method: guessers try known and unknown names without pause while the process is killed at seeded instants and
//! started again. Each `Retry-After` says within which second a lock ends; all of them, from all the processes there
//! were, must agree on one end.

use std::ops::ControlFlow;
use std::sync::Mutex;

use doorward::platform::SystemClock;
use doorward_core::time::Clock;
use doorward_testkit::SeededEntropy;
use rusqlite::Connection;

use crate::browser::{Answer, Browser};
use crate::place::{Place, Server};
use crate::stage::{EndsWith, Play, Stage};

const KILLS: u32 = 60;
const SEED: u64 = 20_270_119;
const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
const PASSWORD: &str = "quarrel-lantern-mosaic-71";
const GUESSERS: u64 = 3;
const THRESHOLD: u32 = 5;
const DURATION_MILLIS: i64 = 900_000;

/// Names that are tried at the same time; the first of each round is somebody's, the others are nobody's.
const ROUND: usize = 4;
/// Users there are to be tried.
const USERS: usize = 8;

/// A name that is guessed at, and what its guessers were told.
struct Target {
    name: String,
    /// Attempts that were sent, whether or not an answer came.
    sent: u32,
    /// Attempts that were answered 401.
    refused: u32,
    /// When its lock ends: later than the first, not later than the second.
    lock: Option<(i64, i64)>,
}

impl Target {
    fn new(index: usize) -> Self {
        let round = index / ROUND;
        let known = index.is_multiple_of(ROUND) && round < USERS;
        let name = if known { format!("ann{round}") } else { format!("nobody{index}") };
        Self { name, sent: 0, refused: 0, lock: None }
    }

    /// Takes note of an answer, which must fit all that came before it.
    fn learn(&mut self, answer: &Answer, was_locked: bool, sent_at: i64, answered_at: i64) {
        let Self { name, sent, refused, lock } = self;
        match (answer.status, answer.code()) {
            (401, "invalid_credentials") => {
                assert!(!was_locked, "{name}: the lock {lock:?} is gone");
                *refused += 1;
                assert!(*refused < THRESHOLD, "{name}: {refused} failures were answered, and some forgotten");
            }
            (429, "account_locked") => {
                assert!(*sent >= THRESHOLD, "{name}: locked after {sent} attempts");
                let remaining = answer.body["retry_after"].as_i64().unwrap() * 1000;
                assert!(remaining <= DURATION_MILLIS, "{name}: locked for {remaining} ms");
                // Rounded up to seconds, at some moment between the request and its answer.
                let (after, until) = lock.unwrap_or((i64::MIN, i64::MAX));
                let now = (after.max(sent_at + remaining - 1000), until.min(answered_at + remaining));
                assert!(now.0 < now.1, "{name}: the lock {lock:?} moved: {remaining} ms remain at {sent_at}");
                *lock = Some(now);
            }
            other => panic!("{name}: {other:?}: {}", answer.body),
        }
    }
}

/// What is guessed at.
#[derive(Default)]
struct Siege {
    targets: Mutex<Vec<Target>>,
    clock: SystemClock,
}

impl Siege {
    fn now(&self) -> i64 {
        self.clock.wall().unwrap().as_millis()
    }

    /// Mostly one of the latest names, of which there are more once all are locked; now and then any.
    fn choose(&self, entropy: &SeededEntropy) -> usize {
        let mut targets = self.targets.lock().unwrap();
        let latest = targets.len().saturating_sub(ROUND);
        if targets[latest..].iter().all(|target| target.lock.is_some()) {
            let next = targets.len();
            targets.extend((next..next + ROUND).map(Target::new));
        }
        let first = if entropy.below(4) == 0 { 0 } else { targets.len() - ROUND };
        first + usize::try_from(entropy.below((targets.len() - first) as u64)).unwrap()
    }

    /// One guess, in one of the spellings of the name.
    fn guess(
        &self,
        index: usize,
        entropy: &SeededEntropy,
        ask: impl FnOnce(&str) -> ControlFlow<(), Option<Answer>>,
    ) -> ControlFlow<()> {
        let (name, was_locked) = {
            let mut targets = self.targets.lock().unwrap();
            targets[index].sent += 1;
            (targets[index].name.clone(), targets[index].lock.is_some())
        };
        let spelled = if entropy.below(2) == 0 { name.to_uppercase() } else { name };
        let sent_at = self.now();
        let guess = format!(r#"{{"username":"{spelled}","password":"guess {}"}}"#, entropy.below(1 << 32));
        if let Some(answer) = ask(&guess)? {
            let answered_at = self.now();
            self.targets.lock().unwrap()[index].learn(&answer, was_locked, sent_at, answered_at);
        }
        ControlFlow::Continue(())
    }

    fn guess_without_end(&self, stage: &Stage, seed: u64) {
        let _ends = EndsWith(stage);
        let entropy = SeededEntropy::new(seed);
        let mut browser = Browser::default();
        loop {
            let index = self.choose(&entropy);
            let asked =
                self.guess(index, &entropy, |guess| stage.ask_once(&mut browser, "POST", "/v1/login", guess));
            if asked.is_break() {
                return;
            }
        }
    }

    /// Guesses on until every name is locked. Gives how many are.
    fn lock_the_rest(&self, server: &Server) -> usize {
        let entropy = SeededEntropy::new(SEED);
        let names = self.targets.lock().unwrap().len();
        for index in 0..names {
            loop {
                let asked = self.guess(index, &entropy, |guess| {
                    let answer = Browser::default().send(&server.address, "POST", "/v1/login", guess);
                    ControlFlow::Continue(Some(answer.unwrap()))
                });
                assert!(asked.is_continue());
                if self.targets.lock().unwrap()[index].lock.is_some() {
                    break;
                }
            }
        }
        names
    }
}

fn credentials(name: &str) -> String {
    format!(r#"{{"username":"{name}","password":"{PASSWORD}"}}"#)
}

fn log_in(server: &Server, browser: &mut Browser, name: &str) -> Answer {
    browser.send(&server.address, "POST", "/v1/login", &credentials(name)).unwrap()
}

/// The owner of an account under attack, at a device where they signed in before. Gives how often they did.
fn sign_in_without_end(stage: &Stage, browser: &mut Browser) -> u32 {
    let _ends = EndsWith(stage);
    let mut signed_in = 0;
    while let Some(answer) = stage.ask(browser, "POST", "/v1/login", &credentials("ann0")) {
        assert_eq!(answer.status, 200, "the owner's device, after {signed_in} logins: {}", answer.body);
        signed_in += 1;
    }
    signed_in
}

/// A place with an administrator, the users under attack, and one whom nobody attacks.
fn place() -> Place {
    let place = Place::new()
        .with("DOORWARD_SETUP__TOKEN", SETUP_TOKEN)
        .with("DOORWARD_LOCKOUT__THRESHOLD", &THRESHOLD.to_string())
        .with("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "0s")
        .with("DOORWARD_THROTTLE__ADDRESS_DELAYS", "0s")
        .with("DOORWARD_RATE_LIMIT__LOGIN", "1000000/minute")
        // A line for every event would fill the pipe that nobody reads.
        .with("RUST_LOG", "doorward_server=info");
    let server = place.serve(&[]);
    let setup = format!(r#"{{"setup_token":"{SETUP_TOKEN}",{}"#, &credentials("root")[1..]);
    let answer = Browser::default().send(&server.address, "POST", "/v1/setup", &setup).unwrap();
    assert_eq!(answer.status, 201, "{}", answer.body);
    for name in (0..USERS).map(|user| format!("ann{user}")).chain(["bystander".to_owned()]) {
        place.run_with_input(&["user", "add", &name], &format!("{PASSWORD}\n")).succeeded();
    }
    server.stop();
    place
}

#[test]
fn no_failure_and_no_lock_is_lost_or_made_up_by_sixty_kills() {
    let place = place();
    let mut owner = Browser::default();
    let server = place.serve(&[]);
    assert_eq!(log_in(&server, &mut owner, "ann0").status, 200);
    server.stop();

    let (stage, siege) = (Stage::default(), Siege::default());
    let signed_in = std::thread::scope(|scope| {
        for guesser in 0..GUESSERS {
            let (stage, siege) = (&stage, &siege);
            scope.spawn(move || siege.guess_without_end(stage, SEED + 1 + guesser));
        }
        let owner = scope.spawn(|| sign_in_without_end(&stage, &mut owner));
        Play { kills: KILLS, seed: SEED }.run(&place, &stage);
        owner.join().unwrap()
    });
    let locked = siege.targets.lock().unwrap().iter().filter(|target| target.lock.is_some()).count();
    println!("{locked} names were locked; their owner signed in {signed_in} times");
    assert!(locked > 10 && signed_in > 10, "{locked} names were locked, {signed_in} logins");

    let server = place.serve(&[]);
    let names = siege.lock_the_rest(&server);
    assert_eq!(log_in(&server, &mut Browser::default(), "bystander").status, 200);
    assert_eq!(log_in(&server, &mut owner, "ann0").status, 200);
    let stranger = log_in(&server, &mut Browser::default(), "ann0");
    assert_eq!((stranger.status, stranger.code()), (429, "account_locked"), "{}", stranger.body);
    server.stop();

    let server = place.serve(&[]);
    assert_eq!(siege.lock_the_rest(&server), names, "all are as they were after a plain restart");
    server.stop();
    check_database(&place, i64::try_from(names).unwrap());
}

/// Sound; a row for each locked name; and no user was locked twice or without an event.
fn check_database(place: &Place, names: i64) {
    let database = Connection::open(place.path("doorward-data").join("doorward.db")).unwrap();
    let text = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(text("PRAGMA integrity_check"), "ok");
    assert_eq!(number("SELECT count(*) FROM attempts WHERE locked_until IS NOT NULL"), names);
    let users = number("SELECT count(*) FROM attempts WHERE kind = 'account'");
    assert!(users > 2, "{users} users were attacked");
    assert_eq!(
        number("SELECT count(*) FROM audit WHERE name = 'account.locked' AND user_id IS NOT NULL"),
        users
    );
}
