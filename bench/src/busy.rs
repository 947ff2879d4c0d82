//! A busy process that is not ours: what signed-in requests suffer beside it is the machine's doing, not Doorward's.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use clap::Args;

use crate::child::Child;
use crate::cpu;
use crate::failure::Failure;

/// How busy.
#[derive(Args)]
pub(crate) struct BusyArguments {
    /// Threads that hash without end.
    #[arg(long)]
    threads: usize,
    /// Memory of one hash.
    #[arg(long)]
    memory_kib: u32,
    /// Passes of one hash.
    #[arg(long)]
    iterations: u32,
}

/// Hashes until it is killed: the same arithmetic on as much memory as a login flood, in another process.
pub(crate) fn run(arguments: &BusyArguments) -> Result<(), Failure> {
    let BusyArguments { threads, memory_kib, iterations } = *arguments;
    hash_while(threads, memory_kib, iterations, || true).map(drop)
}

/// Hashes in so many threads, each with memory of its own that it keeps from hash to hash, for as long as `go_on` says.
pub(crate) fn hash_while(
    threads: usize,
    memory_kib: u32,
    iterations: u32,
    go_on: impl Fn() -> bool + Clone + Send + 'static,
) -> Result<Hashed, Failure> {
    let params =
        Params::new(memory_kib, iterations, 1, None).map_err(|error| Failure::io("Argon2id", error))?;
    let threads: Vec<_> = (0..threads)
        .map(|_| {
            let (params, go_on) = (params.clone(), go_on.clone());
            std::thread::spawn(move || hash(&params, go_on))
        })
        .collect();
    let mut all = Hashed::default();
    for thread in threads {
        let Hashed { hashes, cpu } = thread.join().map_err(|_| Failure::new("a busy thread ended"))??;
        all.hashes += hashes;
        all.cpu += cpu;
    }
    Ok(all)
}

/// How many hashes, and what CPU time they took together.
#[derive(Default)]
pub(crate) struct Hashed {
    pub(crate) hashes: u64,
    pub(crate) cpu: Duration,
}

fn hash(params: &Params, go_on: impl Fn() -> bool) -> Result<Hashed, Failure> {
    let before = cpu::time_of_this_thread()?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let (mut output, mut hashes) = ([0; 32], 0);
    while go_on() {
        argon
            .hash_password_into_with_memory(b"busy", b"sixteen bytes ..", &mut output, &mut memory)
            .map_err(|error| Failure::io("Argon2id", error))?;
        hashes += 1;
    }
    Ok(Hashed { hashes, cpu: cpu::time_of_this_thread()?.saturating_sub(before) })
}

/// Starts such a process from `own`, the bench's own binary.
pub(crate) fn start(own: &Path, threads: usize, memory_kib: u32, iterations: u32) -> Result<Child, Failure> {
    let mut command = Command::new(own);
    command.args(["busy", "--threads", &threads.to_string()]);
    command.args(["--memory-kib", &memory_kib.to_string(), "--iterations", &iterations.to_string()]);
    Child::start(command.stdin(Stdio::null()).stdout(Stdio::null()), own)
}
