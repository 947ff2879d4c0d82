//! `completions`

use clap::CommandFactory;
use clap_complete::Shell;

use crate::Failure;
use crate::cli::args::CommandLine;
use crate::cli::output;

pub(super) fn print(shell: Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut CommandLine::command(), "doorward", &mut script);
    let script =
        String::from_utf8(script).map_err(|error| Failure::failed("cannot print the script", error))?;
    output::write(&script).map(|_| ())
}
