//! One file a command: parse, one use case, print.

mod completions;
mod config;

use std::ffi::OsString;

use super::args::{Command, CommandLine};
use super::output::Output;
use crate::Failure;
use crate::config_source::ConfigSource;

/// Runs one command.
///
/// # Errors
/// [`Failure`], with the exit code that fits.
pub fn run(line: CommandLine, environment: Vec<(OsString, OsString)>) -> Result<(), Failure> {
    let output = Output { json: line.global.json };
    let serve = if let Command::Serve(serve) = &line.command { Some(serve) } else { None };
    let source = ConfigSource::new(&line.global, serve, environment);
    match line.command {
        Command::Config(_) => output.print(config::show(&source)?),
        Command::Completions { shell } => completions::print(shell),
        _ => Err(Failure::Failed("not wired yet".to_owned())),
    }
}
