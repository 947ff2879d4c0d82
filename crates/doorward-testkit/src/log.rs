//! What a server says on its standard error.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread,
    time::Duration,
};

/// How long a server may take for anything, on however slow and busy a machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The log of a server, read as it is written.
#[derive(Debug)]
pub(crate) struct Log {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    lines: Vec<String>,
    ended: bool,
}

impl Shared {
    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }
}

impl Log {
    /// Reads on in a thread until every process that writes is gone.
    pub(crate) fn read(from: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let written = Arc::clone(&shared);
        thread::spawn(move || {
            for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                written.change(|state| state.lines.push(line));
            }
            written.change(|state| state.ended = true);
        });
        Self { shared }
    }

    /// The first line, not counting so many, that is sought; and how many lines there are up to and with it. None: the
    /// log ended without it, or patience did.
    pub(crate) fn wait_for(&self, skipping: usize, sought: impl Fn(&str) -> bool) -> Option<(usize, String)> {
        let found = |state: &State| {
            let mut lines = state.lines.iter().enumerate().skip(skipping);
            lines.find(|(_, line)| sought(line)).map(|(index, line)| (index + 1, line.clone()))
        };
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, PATIENCE, |state| found(state).is_none() && !state.ended);
        found(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// What was said so far.
    pub(crate) fn text(&self) -> String {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }

    /// Waits until every process that writes is gone; gives all that was said.
    pub(crate) fn ended(&self) -> String {
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.shared.changed.wait_while(state, |state| !state.ended);
        state.unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }
}
