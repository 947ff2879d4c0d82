//! Checks of the house: `cargo xtask tidy`; and a database as large as one gets: `cargo xtask populate`.
//!
//! A rule that nothing checks rots. What clippy cannot know (which crate may know which, what may be written into a file, that a
//! test named in a document exists) is checked here.

mod populate;
mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    match task.as_deref() {
        Some("tidy") => tidy::run(),
        Some("populate") => populate::run(std::env::args_os().skip(2)),
        _ => {
            eprintln!("cargo xtask tidy        checks the rules of the house");
            eprintln!(
                "cargo xtask populate    makes a database with 1,000,000 users and 5,000,000 sessions (--help tells more)"
            );
            ExitCode::from(2)
        }
    }
}
