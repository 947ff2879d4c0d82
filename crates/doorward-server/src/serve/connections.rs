//! How many connections there may be, so that a flood of them leaves files for the store.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files kept for the database, its readers, the log and the listeners.
const RESERVED_FILES: u64 = 128;

/// More would cost memory without serving anybody sooner.
const MOST_CONNECTIONS: u64 = 10_000;

/// Even a tiny limit serves somebody.
const LEAST_CONNECTIONS: u64 = 16;

/// Bounds of one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) connections: usize,
}

impl Limits {
    /// What the process's limit on open files allows, after raising it as far as it may.
    pub(super) fn of_this_process() -> Self {
        let before = getrlimit(Resource::Nofile);
        if let Some(soft) = before.current {
            let wanted = MOST_CONNECTIONS + RESERVED_FILES;
            let possible = before.maximum.map_or(wanted, |hard| hard.min(wanted));
            let raised = Rlimit { current: Some(soft.max(possible)), maximum: before.maximum };
            // A refusal leaves the limit as it was, which is then read again.
            let _ = setrlimit(Resource::Nofile, raised);
        }
        Self::within(getrlimit(Resource::Nofile).current)
    }

    fn within(open_files: Option<u64>) -> Self {
        let room = open_files.unwrap_or(u64::MAX).saturating_sub(RESERVED_FILES);
        let connections = room.clamp(LEAST_CONNECTIONS, MOST_CONNECTIONS);
        Self { connections: usize::try_from(connections).unwrap_or(usize::MAX) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_keeps_its_files_whatever_the_limit_is() {
        for (open_files, connections) in
            [(Some(1_024), 896), (Some(100), 16), (Some(1_000_000), 10_000), (None, 10_000)]
        {
            assert_eq!(Limits::within(open_files).connections, connections, "{open_files:?}");
        }
    }
}
