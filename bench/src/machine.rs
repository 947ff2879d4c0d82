//! What the figures were taken on.

use std::fmt;
use std::fs;

use serde::Serialize;

use crate::failure::Failure;

/// The machine, as a reader of figures needs to know it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Machine {
    /// Cores this process may use; the server hashes on as many.
    pub(crate) cores: usize,
    pub(crate) processor: String,
    pub(crate) kernel: String,
    /// Processes that wanted a core in the last minute, before anything was measured: a quiet machine has far below one.
    pub(crate) load_before: String,
}

impl Machine {
    pub(crate) fn look() -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism().map_err(|error| Failure::io("cores", error))?.get();
        let processors = read("/proc/cpuinfo")?;
        let processor = processors
            .lines()
            .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
            .map_or("unknown", |(_, name)| name);
        let load = read("/proc/loadavg")?;
        Ok(Self {
            cores,
            processor: processor.to_owned(),
            kernel: read("/proc/sys/kernel/osrelease")?.trim().to_owned(),
            load_before: load.split(' ').next().unwrap_or("unknown").to_owned(),
        })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cores, processor, kernel, load_before } = self;
        write!(out, "{cores} cores ({processor}), Linux {kernel}, load before {load_before}")
    }
}

fn read(path: &str) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|error| Failure::io(path, error))
}
