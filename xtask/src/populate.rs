//! `cargo xtask populate`: a database with a million users and five million sessions, to look at and to measure with.
//!
//! The bench makes it, as its scenario `growth` does; here it is only built and called, so that checking the rules of the house
//! builds no database.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// What is built before: the server sets the database up, with the schema that it has by then.
const PACKAGES: [&str; 2] = ["doorward-server", "doorward-bench"];

/// Hands `arguments` on to the bench.
pub(crate) fn run(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    for package in PACKAGES {
        // One by one, as `make bench` does: the server is built with no feature that only the bench asks for.
        if !succeeds(Command::new(&cargo).args(["build", "--quiet", "--release", "--package", package])) {
            return ExitCode::FAILURE;
        }
    }
    let bench = ["run", "--quiet", "--release", "--package", "doorward-bench", "--", "populate"];
    if succeeds(Command::new(&cargo).args(bench).args(arguments)) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether it ran and succeeded; why not it says itself, and why it could not run is said here.
fn succeeds(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            eprintln!("{}: {error}", command.get_program().to_string_lossy());
            false
        }
    }
}
