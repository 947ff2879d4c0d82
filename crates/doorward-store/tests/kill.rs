//! What was acknowledged survives a kill at any instant; what was not has happened wholly or not at all.
//!
//! A child process works on a database with several tasks at once and reports what was acknowledged to it. It is
//! killed (SIGKILL) at a random instant, opening and migrating included, again and again. Each operation writes its
//! parameters into its audit event, so that the log alone tells what should be there: it is replayed on the
//! in-memory store, and the two have to be equal in everything.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test, outside of its functions")]

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use doorward_core::{
    audit::{AuditEntry, AuditFilter, EventName},
    audit_verification::AuditVerification,
    ids::SessionId,
    page::PageRequest,
    session::{Generation, Session},
    store::{NewUser, OpenSession, RevokeWhich, SessionFilter, SessionProof, Store, UserChanges, Write},
    user_search::UserFilter,
};
use doorward_store::{SqliteOptions, SqliteStore};
use doorward_testkit::{
    MemoryStore, SeededEntropy,
    builders::{FIVE, START, Scene, advance, audit_key, opening, write},
};

const DATABASES: u64 = 20;
const KILLS_EACH: u64 = 10;
const WORKERS: u64 = 6;
const ALL: PageRequest = PageRequest { after: None, limit: 1_000_000 };

#[test]
fn two_hundred_kills_lose_nothing_and_leave_nothing_half_done() {
    let directory = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut acknowledged, mut unanswered) = (0, 0);
    for database in 0..DATABASES {
        let path = directory.path().join(format!("{database}.db"));
        let chance = SeededEntropy::new(database);
        let mut model = Model::default();
        for _ in 0..KILLS_EACH {
            let reported = work_until_killed(&path, &chance);
            acknowledged += reported.len();
            unanswered += runtime.block_on(model.check(&path, &reported));
        }
    }
    println!("{acknowledged} acknowledged, {unanswered} done and not reported");
    // Otherwise it was not tried what should be.
    assert!(acknowledged > 1000, "{acknowledged}");
    assert!(unanswered > 50, "{unanswered}");
}

/// Starts the child and kills it after some of its reports and some more time; what was acknowledged to it.
fn work_until_killed(path: &Path, chance: &SeededEntropy) -> BTreeSet<u64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["the_process_that_is_killed", "--exact", "--ignored", "--nocapture"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.as_mut().unwrap(), "{}", path.display()).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut reported = BTreeSet::new();
    // One in seven dies while it opens the database.
    let reports = if chance.below(7) == 0 { 0 } else { 1 + chance.below(12) };
    let started = lines.by_ref().find(|line| line.ends_with("started"));
    assert!(started.is_some(), "the child did not start");
    let acknowledged =
        |line: String| line.split_once("done ").map(|(_, number)| number.parse::<u64>().unwrap());
    let enough = usize::try_from(reports).unwrap();
    reported.extend(lines.by_ref().filter_map(acknowledged).take(enough));
    for _ in 0..chance.below(if reports == 0 { 2_000_000 } else { 300_000 }) {
        std::hint::spin_loop();
    }
    child.kill().unwrap();
    reported.extend(lines.filter_map(acknowledged));
    child.wait().unwrap();
    reported
}

#[test]
#[ignore = "it works until it is killed: the test above starts it, and names the database on its standard input"]
fn the_process_that_is_killed() {
    let mut path = String::new();
    std::io::stdin().read_line(&mut path).unwrap();
    if path.is_empty() {
        return;
    }
    println!("started");
    let store: Arc<dyn Store> = Arc::new(open(Path::new(path.trim_end())));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
    runtime.block_on(async {
        // Beyond every number that a process before this one has used.
        let last = store.audit(&AuditFilter::default(), PageRequest { limit: 100, ..ALL }).await.unwrap();
        let used = last.items.iter().filter_map(Step::written_in).map(|step| step.number).max();
        let next = Arc::new(AtomicU64::new(used.map_or(0, |used| used + 2 * WORKERS)));
        let workers: Vec<_> = (0..WORKERS)
            .map(|worker| tokio::spawn(work(Arc::clone(&store), worker, Arc::clone(&next))))
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
    });
}

fn open(path: &Path) -> SqliteStore {
    SqliteStore::open(path, SqliteOptions::default(), audit_key()).unwrap()
}

/// The user of a worker, the same in every process.
fn user_of(worker: u64) -> NewUser {
    let mut user = Scene::new(1000 + worker).user();
    user.user.username = format!("worker {worker}").parse().unwrap();
    user
}

/// One operation after the other, each reported once it is acknowledged. Ends when nobody reads the reports.
async fn work(store: Arc<dyn Store>, worker: u64, next: Arc<AtomicU64>) {
    loop {
        let step = Step::choose(&*store, worker, next.fetch_add(1, Ordering::SeqCst)).await;
        step.apply(&*store).await;
        if writeln!(std::io::stdout().lock(), "done {}", step.number).is_err() {
            return;
        }
    }
}

/// An operation that can be written into its own event, and done again from there.
struct Step {
    number: u64,
    worker: u64,
    operation: String,
    /// The session it is about.
    session: Option<SessionId>,
    /// The generation it spends.
    generation: u64,
}

impl Step {
    async fn choose(store: &dyn Store, worker: u64, number: u64) -> Self {
        let user = user_of(worker).user.id;
        let live = store.sessions(SessionFilter { user_id: Some(user) }, START, ALL).await.unwrap().items;
        let is_known = store.user(user).await.unwrap().is_some();
        let (operation, session) = match number % 8 {
            _ if !is_known => ("create", None),
            0 => ("open", None),
            _ if live.is_empty() => ("open", None),
            1 => ("change", None),
            2 => ("revoke", live.last()),
            _ => ("refresh", live.first()),
        };
        Self {
            number,
            worker,
            operation: operation.to_owned(),
            session: session.map(|session| session.id),
            generation: session.map_or(0, |session| session.refresh.generation.0),
        }
    }

    fn write(&self) -> Write {
        let mut write = write(EventName::LoginSucceeded, START.plus(Duration::from_millis(self.number)));
        write.audit.request_id = Some(self.number.to_string());
        write.audit.details = vec![
            ("worker".to_owned(), self.worker.to_string()),
            ("operation".to_owned(), self.operation.clone()),
            ("session".to_owned(), self.session.map_or(String::new(), |id| id.to_string())),
            ("generation".to_owned(), self.generation.to_string()),
        ];
        write
    }

    /// None for an event that comes along with another.
    fn written_in(entry: &AuditEntry) -> Option<Self> {
        let details: BTreeMap<_, _> = entry.details.iter().cloned().collect();
        Some(Self {
            number: entry.request_id.as_ref()?.parse().ok()?,
            worker: details.get("worker")?.parse().ok()?,
            operation: details.get("operation")?.clone(),
            session: details["session"].parse().ok(),
            generation: details["generation"].parse().ok()?,
        })
    }

    /// The session it opens, if it does.
    fn opens(&self) -> Session {
        Scene::new(self.number).session(&user_of(self.worker).user)
    }

    async fn apply(&self, store: &dyn Store) {
        let user = user_of(self.worker);
        let write = self.write();
        match self.operation.as_str() {
            "create" => drop(store.create_user(write, user, None).await.unwrap()),
            "open" => {
                let open = OpenSession { limit: FIVE, ..opening(self.opens()) };
                store
                    .open_session(write, SessionProof::password(user.password.unwrap()), open)
                    .await
                    .unwrap();
            }
            "change" => {
                let email = Some(format!("{}@example.com", self.number).parse().unwrap());
                let changes = UserChanges { email: Some(email), ..UserChanges::default() };
                store.change_user(write, user.user.id, changes).await.unwrap();
            }
            "revoke" => {
                let which = RevokeWhich::One { id: self.session.unwrap(), owner: None };
                store.revoke_sessions(write, which, "killed").await.unwrap();
            }
            _ => {
                let mut spent = advance(&self.opens(), write.now);
                spent.id = self.session.unwrap();
                spent.expected = Generation(self.generation);
                store.advance_refresh(write, spent).await.unwrap();
            }
        }
    }
}

/// What should be in the database.
#[derive(Default)]
struct Model {
    store: MemoryStore,
    events: usize,
    numbers: BTreeSet<u64>,
    sessions: BTreeSet<SessionId>,
}

impl Model {
    /// Compares the database with the model, after the model has done what the log says; how many operations were
    /// done and not reported.
    async fn check(&mut self, path: &Path, reported: &BTreeSet<u64>) -> usize {
        let store = open(path);
        let mut log = store.audit(&AuditFilter::default(), ALL).await.unwrap().items;
        log.reverse();
        let report = store.verify_audit(AuditVerification::default(), Box::new(|_, _| {})).await.unwrap();
        assert!(report.is_intact(), "{report:?}");
        let mut unreported = 0;
        for step in log[self.events..].iter().filter_map(Step::written_in) {
            assert!(self.numbers.insert(step.number), "operation {} happened twice", step.number);
            step.apply(&self.store).await;
            self.sessions.insert(step.opens().id);
            unreported += usize::from(!reported.contains(&step.number));
        }
        self.events = log.len();
        for number in reported {
            assert!(self.numbers.contains(number), "operation {number} was acknowledged and is lost");
        }
        assert_eq!(
            log.iter().map(|entry| entry.seq).collect::<Vec<_>>(),
            (1..).take(log.len()).collect::<Vec<_>>()
        );
        assert_eq!(self.seen_in(&store).await, self.seen_in(&self.store).await);
        let feed = store.feed(0, u32::MAX).await.unwrap();
        let numbers: Vec<u64> = feed.entries.iter().map(|told| told.seq).collect();
        assert_eq!(numbers, (1..=feed.last_seq).collect::<Vec<_>>());
        unreported
    }

    async fn seen_in(&self, store: &dyn Store) -> Vec<String> {
        let mut seen = vec![
            format!("{:?}", store.feed(0, u32::MAX).await.unwrap()),
            format!("{:?}", store.users(&UserFilter::default(), ALL).await.unwrap()),
            format!("{:?}", store.audit(&AuditFilter::default(), ALL).await.unwrap()),
        ];
        for id in &self.sessions {
            seen.push(format!("{:?}", store.session_alone(*id).await.unwrap()));
        }
        seen
    }
}
