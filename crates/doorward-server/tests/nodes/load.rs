//! People at work at all nodes, as behind a load balancer that sends each request to a node that runs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use doorward_testkit::browser::Answer;

use crate::person::Person;
use crate::stage::{NODES, ROOT, Stage};

/// People who are signed in, and will stay so.
pub(crate) struct Load<'a> {
    people: Vec<Person<'a>>,
    nodes: Vec<usize>,
    bears_outages: bool,
}

impl<'a> Load<'a> {
    /// So many people, at all nodes.
    pub(crate) fn of(stage: &'a Stage, people: usize) -> Self {
        let nodes: Vec<_> = (0..NODES).collect();
        Self::at(stage, &nodes, people)
    }

    /// So many people, at these nodes only.
    pub(crate) fn at(stage: &'a Stage, nodes: &[usize], people: usize) -> Self {
        let signed_in = nodes.iter().cycle().take(people).map(|node| Person::signed_in(stage, ROOT, *node));
        Self { people: signed_in.collect(), nodes: nodes.to_owned(), bears_outages: false }
    }

    /// They are told, now and then, that a node cannot answer, and ask again: 503, and never anything else.
    pub(crate) fn that_bears_outages(self) -> Self {
        Self { bears_outages: true, ..self }
    }

    /// Has them work as long as `play` takes: each refreshes, and then enters at every node, again and again. None of it
    /// is ever refused. `play` is told how often people got what they wanted so far. Gives what it gave.
    pub(crate) fn during<T>(self, play: impl FnOnce(&AtomicUsize) -> T) -> T {
        let (over, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            let _ends = Ends(&over);
            for (first, mut person) in self.people.into_iter().enumerate() {
                let (over, answered, nodes, bears_outages) =
                    (&over, &answered, &self.nodes, self.bears_outages);
                scope.spawn(move || {
                    for round in first.. {
                        if over.load(Ordering::SeqCst) {
                            return;
                        }
                        answered.fetch_add(work(&mut person, nodes, round, bears_outages), Ordering::SeqCst);
                    }
                });
            }
            play(&answered)
        })
    }
}

/// Waits until so many more requests were answered.
#[track_caller]
pub(crate) fn wait_for_answers(stage: &Stage, answered: &AtomicUsize, more: usize) {
    let wanted = answered.load(Ordering::SeqCst) + more;
    stage.eventually("people are at work", || {
        thread::yield_now();
        answered.load(Ordering::SeqCst) >= wanted
    });
}

/// Ends the work, also when the play fails.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// Refreshes at one node and enters at all; how many answers were what was wanted.
fn work(person: &mut Person<'_>, nodes: &[usize], round: usize, bears_outages: bool) -> usize {
    let refreshed = (round..).find_map(|turn| person.try_to_refresh(nodes[turn % nodes.len()]));
    let entered = nodes.iter().filter_map(|node| person.try_to_enter(*node));
    let answers: Vec<Answer> = refreshed.into_iter().chain(entered).collect();
    for answer in &answers {
        assert!(answer.status == 200 || bears_outages && answer.status == 503, "{}", answer.body);
    }
    answers.iter().filter(|answer| answer.status == 200).count()
}
