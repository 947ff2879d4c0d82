//! What a server says.

use std::{
    io::{BufRead, BufReader, Read},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long a server may take for anything, on however slow and busy a machine.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// The log of a server, read as it is written.
#[derive(Debug)]
pub(super) struct Log {
    shared: Arc<Shared>,
    reader: JoinHandle<()>,
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
    pub(super) fn read(from: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let written = Arc::clone(&shared);
        let reader = thread::spawn(move || {
            for line in BufReader::new(from).split(b'\n').map_while(Result::ok) {
                let line = String::from_utf8_lossy(&line).into_owned();
                written.change(|state| state.lines.push(line));
            }
            written.change(|state| state.ended = true);
        });
        Self { shared, reader }
    }

    /// Whether a line with `part` came; otherwise the log ended, or patience did.
    pub(super) fn wait_for(&self, part: &str) -> bool {
        let has = |state: &State| state.lines.iter().any(|line| line.contains(part));
        let state = self.shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited =
            self.shared.changed.wait_timeout_while(state, PATIENCE, |state| !has(state) && !state.ended);
        has(&waited.unwrap_or_else(PoisonError::into_inner).0)
    }

    /// What was said so far.
    pub(super) fn text(&self) -> String {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }

    /// Waits until every process that writes is gone; gives all that was said.
    pub(super) fn end(self) -> String {
        let ended = self.reader.join();
        drop(ended);
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner).lines.join("\n")
    }
}
