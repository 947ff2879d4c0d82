//! Checkpoints: what the write-ahead log holds goes into the database's file, beside the writer and not in its way.
//!
//! By itself SQLite does so in the commit that finds the log long, while everybody waits who wants something written. Here
//! another connection does it while the writer goes on, and the writer itself moves only the few pages that came meanwhile:
//! a log begins anew only when nothing is left in it. What is durable, and when, is the same: the log is synced at each
//! commit, and begins anew only once the file is synced, so that a loss of power finds each page in one of both.
//!
//! Whoever reads just then holds back the pages that are newer than what they see, and reads are many under load. So the
//! writer tries again soon where little was held back, or each reader that comes in between would cost another long log.

use std::{ffi::c_int, io, path::Path, sync::Arc, thread::JoinHandle, time::Duration};

use rusqlite::{Connection, hooks::Wal, wal::CheckpointMode};

use super::connection::open_syncing;

/// How many pages make a log long: 16 MiB.
pub(super) const LONG: c_int = 4096;

/// How many pages the writer may be made to move, so that nobody waits for long: 4 MiB.
const FEW: c_int = LONG / 4;

/// How many pages later the writer tries again to move a few that a reader held back: 1 MiB.
pub(super) const SOON: c_int = LONG / 16;

/// When the log of a connection is to be moved, and whether it just is.
pub(super) struct Checkpoints {
    path: Arc<Path>,
    busy_timeout: Duration,
    under_way: Option<JoinHandle<()>>,
    /// How long the log was after the last commit. It has begun anew where it is shorter now.
    pages: c_int,
    /// How long it is when it is to be moved next.
    due_at: c_int,
    /// Whether all but a few pages were moved already.
    few_are_left: bool,
}

impl Checkpoints {
    pub(super) const fn of(path: Arc<Path>, busy_timeout: Duration) -> Self {
        Self { path, busy_timeout, under_way: None, pages: 0, due_at: LONG, few_are_left: false }
    }

    /// Has them made for what this connection commits.
    pub(super) fn watch(mut self, connection: &mut Connection) -> rusqlite::Result<()> {
        connection.wal_hook(Some(move |log: &mut Wal, pages| {
            self.after_commit(log, pages);
            Ok(())
        }))
    }

    /// Looks after the log, which holds so many pages. What fails is tried again when the log has grown further.
    pub(super) fn after_commit(&mut self, log: &mut Wal, pages: c_int) {
        if pages < self.pages {
            (self.due_at, self.few_are_left) = (LONG, false);
        }
        self.pages = pages;
        match self.under_way.take() {
            Some(moving) if !moving.is_finished() => self.under_way = Some(moving),
            Some(_moved) => self.move_rest(log),
            None if pages < self.due_at => {}
            None if self.few_are_left => self.move_rest(log),
            None => match self.begin() {
                Ok(moving) => self.under_way = Some(moving),
                Err(_no_thread) => self.move_rest(log),
            },
        }
    }

    fn begin(&self) -> io::Result<JoinHandle<()>> {
        let (path, busy_timeout) = (Arc::clone(&self.path), self.busy_timeout);
        let checkpoint = move || {
            open_syncing(&path, busy_timeout)?.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        };
        std::thread::Builder::new()
            .name("doorward-checkpoint".to_owned())
            .spawn(move || drop::<rusqlite::Result<()>>(checkpoint()))
    }

    fn move_rest(&mut self, log: &mut Wal) {
        let left = log.checkpoint_v2(CheckpointMode::PASSIVE).map_or(self.pages, |(all, moved)| all - moved);
        self.few_are_left = left < FEW;
        self.due_at = self.pages.saturating_add(if self.few_are_left { SOON } else { LONG });
    }

    #[cfg(test)]
    pub(super) const fn under_way(&self) -> Option<&JoinHandle<()>> {
        self.under_way.as_ref()
    }
}

impl Drop for Checkpoints {
    /// Whoever closes a database may move its file next.
    fn drop(&mut self) {
        if let Some(moving) = self.under_way.take() {
            drop(moving.join());
        }
    }
}
