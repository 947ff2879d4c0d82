//! A play in which the server is killed without warning, again and again, while its clients go on.

use std::ops::ControlFlow;
use std::sync::{Condvar, Mutex};

use doorward_testkit::SeededEntropy;

use crate::browser::{Answer, Browser};
use crate::place::Place;

/// Where the server is, and how much it has answered: what the browsers and the killer wait for.
#[derive(Default)]
pub(crate) struct Stage {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// None while there is no server.
    address: Option<String>,
    answers: u64,
    over: bool,
}

impl Stage {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap());
        self.changed.notify_all();
    }

    /// The server's address, once there is one; none when all is over.
    fn address(&self) -> Option<String> {
        let state = self.state.lock().unwrap();
        let state = self.changed.wait_while(state, |state| state.address.is_none() && !state.over).unwrap();
        if state.over { None } else { state.address.clone() }
    }

    fn wait_for_answers(&self, more: u64) {
        let state = self.state.lock().unwrap();
        let wanted = state.answers + more;
        drop(self.changed.wait_while(state, |state| state.answers < wanted && !state.over).unwrap());
    }

    /// Asks once. Nothing comes when the server dies before, during or after doing what was asked; a break when all is
    /// over.
    pub(crate) fn ask_once(
        &self,
        browser: &mut Browser,
        method: &str,
        path: &str,
        body: &str,
    ) -> ControlFlow<(), Option<Answer>> {
        let Some(address) = self.address() else { return ControlFlow::Break(()) };
        let answer = browser.send(&address, method, path, body);
        self.change(|state| match answer {
            Some(_) => state.answers += 1,
            // Dead, or dying: this address will not answer any more.
            None if state.address.as_ref() == Some(&address) => state.address = None,
            None => {}
        });
        ControlFlow::Continue(answer)
    }

    /// Asks until an answer comes, from whichever server is alive; none when all is over.
    pub(crate) fn ask(&self, browser: &mut Browser, method: &str, path: &str, body: &str) -> Option<Answer> {
        loop {
            match self.ask_once(browser, method, path, body) {
                ControlFlow::Continue(None) => {}
                ControlFlow::Continue(answer) => return answer,
                ControlFlow::Break(()) => return None,
            }
        }
    }
}

/// Ends the play when a browser fails, so that nobody waits for it for ever.
pub(crate) struct EndsWith<'a>(pub(crate) &'a Stage);

impl Drop for EndsWith<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.change(|state| state.over = true);
        }
    }
}

/// An instant between two of the processor's: what is underway on the other side is anywhere.
fn linger(entropy: &SeededEntropy) {
    for _ in 0..entropy.below(1 << 16) {
        std::hint::spin_loop();
    }
}

/// How often the process is killed, and at which instants.
pub(crate) struct Play {
    pub(crate) kills: u32,
    pub(crate) seed: u64,
}

impl Play {
    /// Starts and kills the server until all is over.
    pub(crate) fn run(&self, place: &Place, stage: &Stage) {
        let _ends = EndsWith(stage);
        let entropy = SeededEntropy::new(self.seed);
        for _ in 0..self.kills {
            if entropy.below(8) == 0 {
                // In the middle of the start.
                let starting = place.starting(&[]);
                linger(&entropy);
                drop(starting);
                continue;
            }
            let server = place.serve(&[]);
            stage.change(|state| state.address = Some(server.address.clone()));
            stage.wait_for_answers(entropy.below(16));
            linger(&entropy);
            drop(server);
            stage.change(|state| state.address = None);
        }
        stage.change(|state| state.over = true);
    }
}
