//! The `doorward` binary: the one place that reads the ambient arguments and environment.

use std::process::ExitCode;

fn main() -> ExitCode {
    doorward_server::run(std::env::args_os(), std::env::vars_os().collect())
}
