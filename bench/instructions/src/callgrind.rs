//! Instructions, as valgrind's callgrind counts them.

use std::io::ErrorKind;
use std::process::{Command, Stdio};

use crate::Failure;

/// Instructions of running the operation of this name once, over the additional ones of `times`.
pub(crate) fn instructions_of(name: &str, (few, many): (u64, u64)) -> Result<u64, Failure> {
    let additional = many.saturating_sub(few).max(1);
    let instructions = collected(name, many)?.saturating_sub(collected(name, few)?);
    Ok((instructions + additional / 2) / additional)
}

/// The C library copies and compares by the widest registers that there are: here as on any processor. Names of older and
/// of newer versions; what one does not know it passes over.
const PLAIN_C_LIBRARY: &str = "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-AVX512VL,-AVX512VL_Usable,-ERMS,-FSRM";

/// Instructions of a process that repeats the operation so often, preparations included.
fn collected(name: &str, times: u64) -> Result<u64, Failure> {
    let own = std::env::current_exe().map_err(|error| Failure::of("this program's path", error))?;
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own);
    command.args(["repeat", name, &times.to_string()]).stdin(Stdio::null());
    command.env("GLIBC_TUNABLES", PLAIN_C_LIBRARY);
    let output = command.output().map_err(|error| match error.kind() {
        ErrorKind::NotFound => Failure::NoValgrind,
        _ => Failure::of("valgrind", error),
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    let count = said.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    match count {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(Failure::of(format!("valgrind, {name}"), said)),
    }
}
