//! A node: a real authority, which can be killed, paused and cut off.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use doorward_core::{
    authority::Authority,
    master::ServerKeys,
    settings::Settings,
    store::{Store, StoreError},
};
use doorward_testkit::{ManualClock, SeededEntropy, builders::START};

use super::{Flaw, executor::Simulator};
use crate::{
    home::{master, parts, settings},
    watched_store::{Line, WatchedStore},
};

/// How often the feed is read.
const POLLS: Duration = Duration::from_millis(100);
/// How long a spent token may be repeated: short, so that a run sees its end.
const GRACE: Duration = Duration::from_secs(2);

/// The way to the database.
pub(super) struct Wire {
    simulator: Arc<Simulator>,
    is_cut: AtomicBool,
    slowest_millis: AtomicU64,
}

impl Wire {
    /// One way takes less than this, from now on.
    pub(super) fn takes(&self, slowest_millis: u64) {
        self.slowest_millis.store(slowest_millis, Ordering::SeqCst);
    }

    pub(super) fn cut(&self, is_cut: bool) {
        self.is_cut.store(is_cut, Ordering::SeqCst);
    }

    fn is_cut(&self) -> bool {
        self.is_cut.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Line for Wire {
    async fn pass(&self) -> Result<(), StoreError> {
        self.simulator.sleep(self.simulator.millis(self.slowest_millis.load(Ordering::SeqCst))).await;
        if !self.is_cut() {
            return Ok(());
        }
        // Refused at once, or nothing comes back for as long as it lasts.
        if self.simulator.below(2) == 0 {
            self.simulator.wait_while(|| self.is_cut()).await;
        }
        Err(StoreError::Unavailable("the line is cut".into()))
    }
}

pub(super) struct Node {
    pub(super) name: String,
    pub(super) wire: Arc<Wire>,
    simulator: Arc<Simulator>,
    store: Arc<WatchedStore>,
    clock: Arc<ManualClock>,
    entropy: Arc<SeededEntropy>,
    flaw: Flaw,
    authority: RefCell<Option<Rc<Authority>>>,
    lives: Cell<u32>,
    is_paused: Cell<bool>,
}

impl Node {
    pub(super) fn new(
        simulator: &Arc<Simulator>,
        number: u64,
        store: Arc<dyn Store>,
        flaw: Flaw,
    ) -> Rc<Self> {
        let wire = Arc::new(Wire {
            simulator: Arc::clone(simulator),
            is_cut: AtomicBool::new(false),
            slowest_millis: AtomicU64::new(4),
        });
        // Clocks of nodes differ a little.
        let clock = Arc::new(ManualClock::at(START.plus(simulator.millis(2000))));
        simulator.drives(&clock);
        Rc::new(Self {
            name: format!("node {number}"),
            store: Arc::new(WatchedStore::behind(Arc::clone(&wire) as _, store)),
            wire,
            simulator: Arc::clone(simulator),
            clock,
            entropy: Arc::new(SeededEntropy::new(simulator.below(u64::MAX))),
            flaw,
            authority: RefCell::default(),
            lives: Cell::new(0),
            is_paused: Cell::new(false),
        })
    }

    pub(super) fn authority(&self) -> Option<Rc<Authority>> {
        self.authority.borrow().clone()
    }

    /// Whatever it was doing is never heard of again.
    pub(super) fn kill(&self) {
        self.lives.set(self.lives.get() + 1);
        self.authority.replace(None);
    }

    pub(super) fn pause(&self, is_paused: bool) {
        self.is_paused.set(is_paused);
    }

    /// Does something as a part of this process: not while it is paused, and no more once it is killed.
    pub(super) fn does<F: Future>(self: &Rc<Self>, work: F) -> Doing<F> {
        Doing { node: Rc::clone(self), life: self.lives.get(), work: Box::pin(work) }
    }

    /// Starts, and follows the feed, again and again.
    pub(super) async fn lives_until(self: Rc<Self>, end: Duration) {
        while self.simulator.now() < end {
            if self.authority().is_none() {
                let started = self.does(Authority::start(self.parts())).await;
                self.authority.replace(started.and_then(Result::ok).map(Rc::new));
            }
            if let Some(authority) = self.authority() {
                match self.flaw {
                    Flaw::SetIsNotApplied => {
                        let now = authority.now().unwrap();
                        authority.verifier().confirm(self.simulator.now() + Duration::from_secs(1), now);
                    }
                    // What fails is tried again.
                    _ => drop(self.does(authority.follow_feed()).await),
                }
            }
            self.simulator.sleep(POLLS).await;
        }
    }

    fn parts(&self) -> doorward_core::authority::Parts {
        let keys = ServerKeys::derive(&master('A'), &[]).unwrap();
        let settings = Settings { reuse_grace: GRACE, ..settings() };
        let settings = match self.flaw {
            Flaw::FreshnessIsNotChecked => Settings { max_staleness: Duration::from_secs(3600), ..settings },
            _ => settings,
        };
        parts(&self.store, &self.clock, &self.entropy, keys, settings)
    }
}

/// See [`Node::does`]. None if the process was killed before it was done.
pub(super) struct Doing<F> {
    node: Rc<Node>,
    life: u32,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Doing<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.node.lives.get() != self.life {
            return Poll::Ready(None);
        }
        if self.node.is_paused.get() {
            self.node.simulator.looks_again(context);
            return Poll::Pending;
        }
        self.work.as_mut().poll(context).map(Some)
    }
}
