//! One thread, a time of its own, and a seed that decides who goes next.

use std::{
    collections::BTreeMap,
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
    time::Duration,
};

use doorward_testkit::{ManualClock, SeededEntropy};

/// Whatever waits for something that no timer tells of looks again after this.
const LOOKS_AGAIN: Duration = Duration::from_millis(10);

/// The time, and the seed. Shared by everything in a run.
pub(super) struct Simulator {
    state: Mutex<State>,
    choices: SeededEntropy,
}

#[derive(Default)]
struct State {
    now: Duration,
    timers: BTreeMap<(Duration, u64), Waker>,
    timers_set: u64,
    clocks: Vec<Arc<ManualClock>>,
    /// Whoever was polled last waits for time to pass. If not, they wait for a thread that hashes, which takes none.
    waits_for_time: bool,
}

impl Simulator {
    pub(super) fn new(seed: u64) -> Arc<Self> {
        Arc::new(Self { state: Mutex::default(), choices: SeededEntropy::new(seed) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn now(&self) -> Duration {
        self.state().now
    }

    /// A clock that goes with the time of the run.
    pub(super) fn drives(&self, clock: &Arc<ManualClock>) {
        self.state().clocks.push(Arc::clone(clock));
    }

    /// A number below this.
    pub(super) fn below(&self, bound: u64) -> u64 {
        self.choices.below(bound)
    }

    pub(super) fn millis(&self, below: u64) -> Duration {
        Duration::from_millis(self.below(below))
    }

    pub(super) fn pick<'a, T>(&self, among: &'a [T]) -> Option<&'a T> {
        among.get(usize::try_from(self.below(among.len().try_into().unwrap())).unwrap())
    }

    pub(super) fn wakes_later(&self, context: &Context<'_>, at: Duration) {
        let mut state = self.state();
        state.timers_set += 1;
        let key = (at, state.timers_set);
        state.timers.insert(key, context.waker().clone());
        state.waits_for_time = true;
    }

    pub(super) fn looks_again(&self, context: &Context<'_>) {
        let at = self.now() + LOOKS_AGAIN;
        self.wakes_later(context, at);
    }

    pub(super) fn sleep(self: &Arc<Self>, by: Duration) -> Sleep {
        Sleep { simulator: Arc::clone(self), until: self.now() + by }
    }

    /// Until this is no longer so.
    pub(super) async fn wait_while(self: &Arc<Self>, condition: impl Fn() -> bool) {
        while condition() {
            self.sleep(LOOKS_AGAIN).await;
        }
    }

    /// Time passes until somebody waits no longer; false if nobody waits.
    fn pass_time(&self) -> bool {
        let mut state = self.state();
        let Some(((at, _), waker)) = state.timers.pop_first() else { return false };
        let by = at.saturating_sub(state.now);
        state.now += by;
        for clock in &state.clocks {
            clock.advance(by);
        }
        waker.wake();
        while let Some(entry) = state.timers.first_entry().filter(|entry| entry.key().0 <= at) {
            entry.remove().wake();
        }
        true
    }

    /// Runs all of them to their end.
    pub(super) fn run(&self, tasks: Vec<Task>) {
        let mut tasks: Vec<_> = tasks.into_iter().map(|task| (Arc::new(Ready::now()), Some(task))).collect();
        loop {
            let is_ready =
                |(_, (ready, task)): &(usize, &(Arc<Ready>, Option<Task>))| task.is_some() && ready.is_set();
            let ready: Vec<_> = tasks.iter().enumerate().filter(is_ready).map(|(index, _)| index).collect();
            match self.pick(&ready) {
                Some(&index) => {
                    let (ready, task) = &mut tasks[index];
                    if task.as_mut().is_some_and(|task| self.poll(task, ready)) {
                        *task = None;
                    }
                }
                None if tasks.iter().all(|(_, task)| task.is_none()) => return,
                None => assert!(self.pass_time(), "somebody waits for what never comes"),
            }
        }
    }

    /// As far as it comes before it has to wait for time to pass. Whether that was its end.
    fn poll(&self, task: &mut Task, ready: &Arc<Ready>) -> bool {
        let waker = Waker::from(Arc::clone(ready));
        loop {
            ready.is_set.store(false, Ordering::SeqCst);
            self.state().waits_for_time = false;
            if task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                return true;
            }
            if self.state().waits_for_time {
                return false;
            }
            while !ready.is_set() {
                std::thread::park();
            }
        }
    }
}

/// Something that goes on beside others.
pub(super) type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Whether a task can go on.
struct Ready {
    is_set: AtomicBool,
    runs_it: Thread,
}

impl Ready {
    fn now() -> Self {
        Self { is_set: AtomicBool::new(true), runs_it: std::thread::current() }
    }

    fn is_set(&self) -> bool {
        self.is_set.load(Ordering::SeqCst)
    }
}

impl Wake for Ready {
    fn wake(self: Arc<Self>) {
        self.is_set.store(true, Ordering::SeqCst);
        self.runs_it.unpark();
    }
}

/// Time passes.
pub(super) struct Sleep {
    simulator: Arc<Simulator>,
    until: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.simulator.now() >= self.until {
            return Poll::Ready(());
        }
        self.simulator.wakes_later(context, self.until);
        Poll::Pending
    }
}
