//! People who come and go at all nodes, and try another node when one cannot answer.
//!
//! Nobody's password is wrong and nobody is barred; so there is one thing that a node may say instead of doing what it is
//! asked: that it cannot, now. Whatever else it says fails the test.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use doorward_testkit::browser::Answer;

use crate::person::Person;
use crate::stage::{NODES, Stage};

/// What people do.
#[derive(Clone, Copy, Debug)]
enum Deed {
    LogIn,
    Enter,
    Refresh,
    LogOut,
}

const DEEDS: [Deed; 4] = [Deed::LogIn, Deed::Enter, Deed::Refresh, Deed::LogOut];

/// What has been done so far.
#[derive(Default)]
pub(crate) struct Traffic {
    over: AtomicBool,
    done: [[AtomicUsize; DEEDS.len()]; NODES],
    /// How often somebody was told that a node cannot, now.
    refused: [AtomicUsize; NODES],
}

/// Whether a node knows better than to let somebody in, or to turn them away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// They are welcome.
    Welcome,
    /// Their session was ended, or may have been.
    Ended,
}

impl Traffic {
    /// Has people come and go, one more than there are nodes, as long as `play` takes; gives what it gave.
    pub(crate) fn during<T>(stage: &Stage, play: impl FnOnce(&Self) -> T) -> T {
        let traffic = Self::default();
        let names: Vec<_> = (0..=NODES).map(|who| format!("ann{who}")).collect();
        for name in &names {
            stage.add_user(name);
        }
        thread::scope(|scope| {
            let _ends = Ends(&traffic.over);
            for (first, name) in names.iter().enumerate() {
                let traffic = &traffic;
                scope.spawn(move || {
                    // Also when this one fails: the others need not go on.
                    let _ends = Ends(&traffic.over);
                    let mut rounds = first..;
                    while rounds.next().and_then(|round| traffic.visit(stage, name, round)).is_some() {}
                });
            }
            play(&traffic)
        })
    }

    /// Somebody comes, stays a while, and goes; none when the play is over before that.
    fn visit(&self, stage: &Stage, name: &str, round: usize) -> Option<()> {
        let mut person = Person::new(stage, name);
        self.until_done(Deed::LogIn, round, Due::Welcome, |node| person.try_to_log_in(node))?;
        for turn in 1..=NODES {
            self.enter_everywhere(&mut person, Due::Welcome);
            let refresh = |node| person.try_to_refresh(node);
            self.until_done(Deed::Refresh, round + turn, Due::Welcome, refresh)?;
        }
        let mut left_behind = person.clone();
        self.until_done(Deed::LogOut, round + 1, Due::Ended, |node| person.try_to_log_out(node))?;
        self.enter_everywhere(&mut left_behind, Due::Ended);
        let refresh = |node| left_behind.try_to_refresh(node);
        let refreshed = self.until_done(Deed::Refresh, round + 2, Due::Ended, refresh)?;
        assert_eq!(refreshed.code(), "session_revoked", "{}", refreshed.body);
        Some(())
    }

    /// Once at each node, whatever it says. Who is let in too late is seen in the history.
    fn enter_everywhere(&self, person: &mut Person<'_>, due: Due) {
        for node in 0..NODES {
            if let Some(answer) = person.try_to_enter(node) {
                self.judge(Deed::Enter, node, due, &answer);
            }
        }
    }

    /// Asks one node after the other until one does it, or says that the session is over; none when the play is over first.
    fn until_done(
        &self,
        deed: Deed,
        first: usize,
        due: Due,
        mut ask: impl FnMut(usize) -> Option<Answer>,
    ) -> Option<Answer> {
        for turn in first.. {
            if self.over.load(Ordering::SeqCst) {
                return None;
            }
            let node = turn % NODES;
            if let Some(answer) = ask(node).filter(|answer| self.judge(deed, node, due, answer)) {
                return Some(answer);
            }
            thread::yield_now();
        }
        None
    }

    /// Whether it is an answer; counts it. A node that cannot answer says so and nothing else.
    fn judge(&self, deed: Deed, node: usize, due: Due, answer: &Answer) -> bool {
        let counter = match (answer.status, answer.code(), due) {
            (200 | 204, ..) | (401, "session_revoked", Due::Ended) => &self.done[node][deed as usize],
            (503, "revocation_state_stale" | "store_unavailable", _) => &self.refused[node],
            _ => panic!("{deed:?} at node {node}, {due:?}: {} {}", answer.status, answer.body),
        };
        counter.fetch_add(1, Ordering::SeqCst);
        answer.status != 503
    }

    /// Lets it go on; it ends before its time when somebody was answered wrongly.
    #[track_caller]
    fn goes_on(&self) {
        assert!(!self.over.load(Ordering::SeqCst), "somebody was answered wrongly: see above");
        thread::yield_now();
    }

    /// Waits until each of these nodes has done everything once more.
    #[track_caller]
    pub(crate) fn flows(&self, stage: &Stage, nodes: &[usize]) {
        let done = |node: usize, deed: Deed| self.done[node][deed as usize].load(Ordering::SeqCst);
        for node in nodes.iter().copied() {
            let before = DEEDS.map(|deed| done(node, deed));
            stage.eventually(&format!("people come and go at node {node}"), || {
                self.goes_on();
                DEEDS.iter().zip(before).all(|(deed, before)| done(node, *deed) > before)
            });
        }
    }

    /// Waits until each of these nodes has told somebody once more that it cannot, now.
    #[track_caller]
    pub(crate) fn stops(&self, stage: &Stage, nodes: &[usize]) {
        for node in nodes.iter().copied() {
            let refused = || self.refused[node].load(Ordering::SeqCst);
            let before = refused();
            stage.eventually(&format!("node {node} says that it cannot"), || {
                self.goes_on();
                refused() > before
            });
        }
    }
}

/// Ends the traffic, also when the play fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
