//! What a process used, from /proc: CPU time is what a figure should be taken in wherever it can, because it hardly
//! changes with who else uses the machine.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

use crate::failure::Failure;

/// CPU time that the calling thread has had.
pub(crate) fn this_thread() -> Duration {
    // Never negative: it counts from the thread's start.
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

/// A process to watch.
#[derive(Clone)]
pub(crate) struct Watched {
    proc: PathBuf,
}

/// CPU time of the thread that asks, which ends before it could be watched from outside.
pub(crate) fn time_of_this_thread() -> Result<Duration, Failure> {
    let path = "/proc/thread-self/schedstat";
    on_cpu(&fs::read_to_string(path).map_err(|error| Failure::io(path, error))?)
}

fn on_cpu(schedstat: &str) -> Result<Duration, Failure> {
    let nanos = schedstat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    nanos
        .map(Duration::from_nanos)
        .ok_or_else(|| Failure::new("this kernel counts no CPU time a thread: schedstat cannot be read"))
}

/// Resident memory, in MiB.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resident {
    pub(crate) now_mib: f64,
    /// The most since the process was started.
    pub(crate) peak_mib: f64,
}

impl Watched {
    pub(crate) fn process(id: u32) -> Self {
        Self { proc: PathBuf::from(format!("/proc/{id}")) }
    }

    /// The bench itself.
    pub(crate) fn this_process() -> Self {
        Self::process(std::process::id())
    }

    /// CPU time of all its living threads, to the nanosecond (schedstat, unlike stat, does not count in ticks).
    pub(crate) fn cpu_time(&self) -> Result<Duration, Failure> {
        self.cpu_time_of(|_| true)
    }

    /// The same without the threads that hash passwords: what else was done, of which hashing would hide any difference.
    pub(crate) fn cpu_time_beside_hashing(&self) -> Result<Duration, Failure> {
        self.cpu_time_of(|name| !name.starts_with("hashing-"))
    }

    /// That of the threads whose names begin so.
    pub(crate) fn cpu_time_of_threads(&self, beginning: &str) -> Result<Duration, Failure> {
        self.cpu_time_of(|name| name.starts_with(beginning))
    }

    fn cpu_time_of(&self, counts: impl Fn(&str) -> bool) -> Result<Duration, Failure> {
        let tasks = self.proc.join("task");
        let listed = fs::read_dir(&tasks).map_err(|error| Failure::io(tasks.display(), error))?;
        let mut total = Duration::ZERO;
        for task in listed.flatten() {
            // A thread that ended between the listing and here has nothing to say.
            let Ok(name) = fs::read_to_string(task.path().join("comm")) else { continue };
            if !counts(&name) {
                continue;
            }
            let Ok(text) = fs::read_to_string(task.path().join("schedstat")) else { continue };
            total += on_cpu(&text)?;
        }
        Ok(total)
    }

    /// How much of it is in memory, code and shared pages included.
    pub(crate) fn resident(&self) -> Result<Resident, Failure> {
        let path = self.proc.join("status");
        let status = fs::read_to_string(&path).map_err(|error| Failure::io(path.display(), error))?;
        let mib = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key));
            let kib = line.and_then(|rest| rest.split_whitespace().next()?.parse::<u32>().ok());
            kib.map(|kib| f64::from(kib) / 1024.0)
                .ok_or_else(|| Failure::new(format!("{}: no {key}", path.display())))
        };
        Ok(Resident { now_mib: mib("VmRSS:")?, peak_mib: mib("VmHWM:")? })
    }
}
