//! What the disk takes to make one page durable: what no database that waits for it can go below.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use crate::failure::Failure;
use crate::stopwatch;

/// A page of SQLite's.
const PAGE: [u8; 4096] = [0x5a; 4096];

/// Appends a page and waits until it is on the disk, so many times: how long each took.
pub(super) fn syncs(directory: &Path, count: usize) -> Result<Vec<Duration>, Failure> {
    let failed = |error| Failure::io(directory.display(), error);
    let mut file = tempfile::tempfile_in(directory).map_err(failed)?;
    let mut latencies = Vec::with_capacity(count);
    for _ in 0..count {
        let started = stopwatch::now();
        file.write_all(&PAGE).and_then(|()| file.sync_data()).map_err(failed)?;
        latencies.push(started.elapsed());
    }
    Ok(latencies)
}
