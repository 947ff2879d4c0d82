//! A busy process that is not ours: what signed-in requests suffer beside it is the machine's doing, not Doorward's.

use std::path::Path;
use std::process::{Command, Stdio};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use clap::Args;

use crate::child::Child;
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
    let params = Params::new(arguments.memory_kib, arguments.iterations, 1, None)
        .map_err(|error| Failure::io("Argon2id", error))?;
    let threads: Vec<_> = (0..arguments.threads)
        .map(|_| {
            let params = params.clone();
            std::thread::spawn(move || hash_without_end(&params))
        })
        .collect();
    for thread in threads {
        thread.join().map_err(|_| Failure::new("a busy thread ended"))??;
    }
    Ok(())
}

fn hash_without_end(params: &Params) -> Result<(), Failure> {
    let mut memory = vec![Block::default(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut output = [0; 32];
    loop {
        argon
            .hash_password_into_with_memory(b"busy", b"sixteen bytes ..", &mut output, &mut memory)
            .map_err(|error| Failure::io("Argon2id", error))?;
    }
}

/// Starts such a process from `own`, the bench's own binary.
pub(crate) fn start(own: &Path, threads: usize, memory_kib: u32, iterations: u32) -> Result<Child, Failure> {
    let mut command = Command::new(own);
    command.args(["busy", "--threads", &threads.to_string()]);
    command.args(["--memory-kib", &memory_kib.to_string(), "--iterations", &iterations.to_string()]);
    Child::start(command.stdin(Stdio::null()).stdout(Stdio::null()), own)
}
