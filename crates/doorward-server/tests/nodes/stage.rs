//! Three nodes that share a database and a master secret, and nothing else.

use std::net::SocketAddr;
use std::sync::{Arc, Barrier, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use doorward::platform::SystemClock;
use doorward_core::time::Clock;
use doorward_testkit::history::{Promises, Recorder};
use doorward_testkit::place::{Place, Server, get};
use doorward_testkit::postgres::{Bouncer, Cluster, Database};
use doorward_testkit::proxy::Link;
use rustix::process::Signal;

use crate::person::{PASSWORD, Person};

/// How many nodes there are.
pub(crate) const NODES: usize = 3;
/// How long anything may take that is waited for, on however slow a machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long somebody may be let in after their session was ended, where a test does not say otherwise. Longer than what
/// operators get, so that no node falls behind because the machine that runs the tests is busy.
pub(crate) const BOUND: Duration = Duration::from_secs(5);

/// The first administrator.
pub(crate) const ROOT: &str = "root";
pub(crate) const SETUP_TOKEN: &str = "0123456789abcdef0123456789abcdef-given";
/// 32 bytes, base64url.
const MASTER_SECRET: &str = "bm9kZXMgdGhhdCBzaGFyZSBvbmUgbWFzdGVyIGtleSE";

/// What is set unless a test sets something else: nobody waits, nothing is limited.
const SETTINGS: [(&str, &str); 9] = [
    ("DOORWARD_HTTP__TRUSTED_PROXIES", "127.0.0.1/32"),
    ("DOORWARD_SETUP__TOKEN", SETUP_TOKEN),
    ("DOORWARD_SESSION__MAX_PER_USER", "0"),
    ("DOORWARD_THROTTLE__ACCOUNT_DELAYS", "0s"),
    ("DOORWARD_THROTTLE__ADDRESS_DELAYS", "0s"),
    ("DOORWARD_RATE_LIMIT__LOGIN", "1000000/minute"),
    ("DOORWARD_REVOCATION__MAX_STALENESS", "5s"),
    ("DOORWARD_REFRESH__REUSE_GRACE", "10m"),
    ("DOORWARD_STORE__TIMEOUT", "30s"),
];

/// The nodes, each with a line of its own to the database, and all that clients are answered.
pub(crate) struct Stage {
    // In the order in which they go: who is connected goes before what it is connected to.
    nodes: Vec<Node>,
    _pooler: Option<Bouncer>,
    pub(crate) database: Database<'static>,
    pub(crate) recorder: Recorder,
    clock: Arc<SystemClock>,
}

struct Node {
    /// None while it is restarted.
    server: RwLock<Option<Server>>,
    place: Place,
    /// Between it and the database.
    link: Link,
}

impl Node {
    fn new(database: &Database<'_>, link: Link, settings: &[(&str, &str)]) -> Self {
        let place = Place::new().with("DOORWARD_STORE__URL", &database.url_by(link.address()));
        place.write("master.key", MASTER_SECRET);
        let secret = place.path("master.key");
        let place = place.with("DOORWARD_MASTER_KEY_FILE", &secret.to_string_lossy());
        let place =
            SETTINGS.iter().chain(settings).fold(place, |place, (name, value)| place.with(name, value));
        Self { server: RwLock::new(None), place, link }
    }
}

impl Stage {
    /// Nodes that were set up: [`ROOT`] is the administrator.
    pub(crate) fn new(settings: &[(&str, &str)]) -> Self {
        Self::before_setup(settings).set_up()
    }

    /// As [`Stage::new`], with a pooler between the nodes and the database that holds no more than so many connections.
    pub(crate) fn behind_pooler(pool_size: u32, settings: &[(&str, &str)]) -> Self {
        let pooler = Bouncer::before(Cluster::of_this_process(), pool_size);
        let way = pooler.address();
        Self::started(Cluster::of_this_process(), way, Some(pooler), settings).set_up()
    }

    /// As [`Stage::new`], on a cluster that no other test uses, so that it may be harmed.
    pub(crate) fn on(cluster: &'static Cluster, settings: &[(&str, &str)]) -> Self {
        Self::started(cluster, cluster.address(), None, settings).set_up()
    }

    fn set_up(self) -> Self {
        let stage = self;
        let answer = Person::new(&stage, ROOT).set_up(0);
        assert_eq!(answer.status, 201, "{}", answer.body);
        for node in 1..NODES {
            stage.eventually("the node knows that setup is done", || {
                Person::new(&stage, "anybody").ask(node, "GET", "/v1/setup", "").body["complete"] == true
            });
        }
        stage
    }

    /// Nodes that nobody has set up, started all at once.
    pub(crate) fn before_setup(settings: &[(&str, &str)]) -> Self {
        let cluster = Cluster::of_this_process();
        Self::started(cluster, cluster.address(), None, settings)
    }

    /// Nodes whose lines lead to the database by `way`.
    fn started(
        cluster: &'static Cluster,
        way: SocketAddr,
        pooler: Option<Bouncer>,
        settings: &[(&str, &str)],
    ) -> Self {
        let database = cluster.fresh_database();
        let clock = Arc::new(SystemClock::new());
        let nodes = (0..NODES).map(|_| Node::new(&database, Link::to(way), settings)).collect();
        let stage = Self { nodes, _pooler: pooler, database, recorder: Recorder::new(clock.clone()), clock };
        let starting: Vec<_> = stage.nodes.iter().map(|node| node.place.starting(&[])).collect();
        for (node, server) in starting.into_iter().enumerate() {
            stage.greet(node, server);
        }
        stage
    }

    /// Waits until a node that was started may be given requests.
    fn greet(&self, node: usize, mut server: Server) {
        server.listens();
        self.eventually("the node is ready", || readiness(&server.address) == "200");
        *self.nodes[node].server.write().unwrap() = Some(server);
    }

    /// Stops a node as an operator does, and starts it again. It listens elsewhere then.
    pub(crate) fn restart(&self, node: usize) {
        let stopping = self.nodes[node].server.write().unwrap().take();
        stopping.unwrap().stop();
        self.start(node);
    }

    /// Ends a node without warning: `kill -9`.
    pub(crate) fn kill(&self, node: usize) {
        drop(self.nodes[node].server.write().unwrap().take());
    }

    /// Starts a node that does not run. It listens elsewhere than before.
    pub(crate) fn start(&self, node: usize) {
        self.greet(node, self.nodes[node].place.starting(&[]));
    }

    /// Where a node listens; none while it is being restarted.
    pub(crate) fn address(&self, node: usize) -> Option<String> {
        let server = self.nodes[node].server.read().unwrap_or_else(PoisonError::into_inner);
        server.as_ref().map(|server| server.address.clone())
    }

    /// The machine of a node, where commands are run.
    pub(crate) fn place(&self, node: usize) -> &Place {
        &self.nodes[node].place
    }

    /// The line between a node and the database.
    pub(crate) fn link(&self, node: usize) -> &Link {
        &self.nodes[node].link
    }

    /// What a node says of itself to a load balancer: a status.
    pub(crate) fn ready(&self, node: usize) -> String {
        readiness(&self.address(node).unwrap())
    }

    /// Sends a node a signal.
    pub(crate) fn signal(&self, node: usize, signal: Signal) {
        let server = self.nodes[node].server.read().unwrap_or_else(PoisonError::into_inner);
        server.as_ref().unwrap().signal(signal);
    }

    /// The time by the clock that orders what clients do.
    pub(crate) fn now(&self) -> Duration {
        self.clock.monotonic()
    }

    /// Tries something until it holds.
    #[track_caller]
    pub(crate) fn eventually(&self, what: &str, mut holds: impl FnMut() -> bool) {
        let end = self.now() + PATIENCE;
        while !holds() {
            assert!(self.now() < end, "in vain: {what}");
        }
    }

    /// Everything that clients were answered keeps what is promised.
    #[track_caller]
    pub(crate) fn check_history(&self) {
        self.check_history_for(Promises { bound: BOUND, logins_end_others: false });
    }

    /// [`Stage::check_history`], with other promises.
    #[track_caller]
    pub(crate) fn check_history_for(&self, promises: Promises) {
        let violations = self.recorder.history().check(promises);
        assert!(violations.is_empty(), "{violations:#?}");
    }

    /// Makes a user with everybody's password.
    #[track_caller]
    pub(crate) fn add_user(&self, name: &str) {
        self.place(0).run_with_input(&["user", "add", name], &format!("{PASSWORD}\n")).succeeded();
    }

    /// How many events of this name the audit log holds.
    #[track_caller]
    pub(crate) fn events(&self, name: &str) -> usize {
        let listed = self.place(0).json(&["audit", "tail", "--lines", "1000", "--event", name]);
        listed["items"].as_array().unwrap().len()
    }
}

fn readiness(address: &str) -> String {
    get(address, "/readyz").split(' ').nth(1).unwrap_or_default().to_owned()
}

/// Has so many threads do something at the same moment; gives what they gave, in their order.
pub(crate) fn race<T: Send>(racers: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(racers);
    thread::scope(|scope| {
        let running: Vec<_> = (0..racers)
            .map(|racer| {
                let (start, run) = (&start, &run);
                scope.spawn(move || {
                    start.wait();
                    run(racer)
                })
            })
            .collect();
        running.into_iter().map(|racer| racer.join().unwrap()).collect()
    })
}
