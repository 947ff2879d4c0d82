//! `make instructions`: counts the instructions of what every request passes through, and compares them with those that
//! were recorded.
//!
//! A guard that is no stopwatch: the same program takes the same instructions on a busy machine as on a quiet one. Each
//! operation is run by valgrind twice, more often the second time; the difference is that of the additional times alone,
//! whatever it took to prepare. What a library does by the means of the very processor is counted by itself, with the same
//! input, and taken off: the guard is about our code.
//!
//! The figures are those of one compiler on one architecture. By another they are shown, and nothing fails.

mod callgrind;
mod figures;
mod operations;
mod prepared;

// The file and not the crate, which would take minutes to optimise.
#[expect(unreachable_pub, reason = "it is public where it belongs")]
#[path = "../../../crates/doorward/src/cookies/parse.rs"]
mod cookies;

use std::path::Path;
use std::process::ExitCode;

use figures::{Comparison, Figures};

/// What went wrong, for whoever ran this.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("doorward-instructions check FILE | record FILE | count")]
    Usage,
    #[error("valgrind is not installed: instructions are not counted")]
    NoValgrind,
    #[error("{0}: {1}")]
    Of(String, String),
}

impl Failure {
    fn of(what: impl ToString, error: impl ToString) -> Self {
        Self::Of(what.to_string(), error.to_string())
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(code) => code,
        // Nothing can be said, and whoever runs the tests elsewhere must not be kept from it.
        Err(failure @ Failure::NoValgrind) => {
            println!("{failure}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("doorward-instructions: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<ExitCode, Failure> {
    match arguments {
        ["check", path] => check(Path::new(path)),
        ["record", path] => {
            count()?.write(Path::new(path))?;
            println!("recorded in {path}");
            Ok(ExitCode::SUCCESS)
        }
        ["count"] => {
            println!("{}", count()?.to_json()?);
            Ok(ExitCode::SUCCESS)
        }
        // What valgrind is given to run.
        ["repeat", name, times] => {
            let times = times.parse().map_err(|error| Failure::of(times, error))?;
            operations::repeat(name, times)?;
            Ok(ExitCode::SUCCESS)
        }
        _ => Err(Failure::Usage),
    }
}

fn count() -> Result<Figures, Failure> {
    let mut figures = Figures::none_yet();
    for operation in &operations::COUNTED {
        let mut instructions = callgrind::instructions_of(operation.name, operation.times)?;
        if let Some(bare) = operation.less {
            instructions = instructions.saturating_sub(callgrind::instructions_of(bare, operation.times)?);
        }
        figures.add(operation.name, instructions);
    }
    Ok(figures)
}

fn check(path: &Path) -> Result<ExitCode, Failure> {
    let recorded = Figures::read(path)?;
    let counted = count()?;
    let comparable = recorded.comparable_with(&counted);
    if !comparable {
        println!(
            "recorded by {}, counted by {}: shown, and not judged",
            recorded.taken_by(),
            counted.taken_by()
        );
    }
    let mut code = ExitCode::SUCCESS;
    for operation in &operations::COUNTED {
        let (name, about) = (operation.name, operation.about);
        let comparison = Comparison::of(recorded.of(name), counted.of(name).unwrap_or_default());
        println!("{name:22} {comparison}  ({about})");
        if comparable && comparison.fails() {
            code = ExitCode::FAILURE;
        }
    }
    if code == ExitCode::FAILURE {
        println!(
            "Some of it takes more than it did. Where that is worth it, say why and record it: make instructions RECORD=1"
        );
    }
    Ok(code)
}
