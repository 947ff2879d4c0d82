//! Checkpoints: what the write-ahead log holds goes into the database's file, beside the writer and not in its way.
//!
//! By itself SQLite does so in the commit that finds the log long, while everybody waits who wants something written. Here
//! another connection does it while the writer goes on, and the writer itself moves only the few pages that came meanwhile:
//! a log begins anew only when nothing is left in it. What is durable, and when, is the same: the log is synced at each
//! commit, and a page that was copied is looked for in the file only once the file is synced.

use std::{ffi::c_int, io, path::Path, sync::Arc, thread::JoinHandle, time::Duration};

use rusqlite::{Connection, hooks::Wal};

use super::connection::open_syncing;

/// How many pages make a log long: 16 MiB.
pub(super) const LONG: c_int = 4096;

/// When the log of a connection is to be moved, and whether it just is.
pub(super) struct Checkpoints {
    path: Arc<Path>,
    busy_timeout: Duration,
    under_way: Option<JoinHandle<()>>,
    /// How long the log was when it was to be moved last: a reader may keep it from beginning anew for as long as they read.
    moved_at: c_int,
}

impl Checkpoints {
    pub(super) const fn of(path: Arc<Path>, busy_timeout: Duration) -> Self {
        Self { path, busy_timeout, under_way: None, moved_at: 0 }
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
        self.moved_at = self.moved_at.min(pages);
        match self.under_way.take() {
            Some(moving) if !moving.is_finished() => self.under_way = Some(moving),
            Some(_moved) => self.move_rest(log, pages),
            None if pages - self.moved_at < LONG => {}
            None => match self.begin() {
                Ok(moving) => self.under_way = Some(moving),
                Err(_no_thread) => self.move_rest(log, pages),
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

    fn move_rest(&mut self, log: &mut Wal, pages: c_int) {
        self.moved_at = pages;
        drop(log.checkpoint());
    }

    #[cfg(test)]
    pub(super) const fn is_under_way(&self) -> bool {
        self.under_way.is_some()
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
