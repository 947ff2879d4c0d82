//! What the `doorward` binary is made of: configuration, command line, wiring, listeners, background tasks.
//!
//! A library as well as a binary, so that tests and fuzzers reach it.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

pub mod breached;
pub mod cli;
pub mod config;
mod config_source;
pub mod data_directory;
mod failure;
mod installation;
pub mod logging;
mod open_store;
mod serve;
mod wiring;

pub use config_source::ConfigSource;
pub use failure::Failure;

/// Runs the command that `arguments` spell, in `environment`. Errors go to standard error, one message each.
///
/// Exit codes: 0 done, 1 failed at run time, 2 unusable arguments or configuration.
pub fn run(
    arguments: impl IntoIterator<Item = OsString>,
    environment: Vec<(OsString, OsString)>,
) -> ExitCode {
    let line = match cli::args::CommandLine::try_parse_from(arguments) {
        Ok(line) => line,
        Err(usage) => {
            // Nothing is left to tell it to, should even that fail.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    match cli::run(line, environment) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            failure.exit_code()
        }
    }
}
