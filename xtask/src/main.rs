//! Checks of the house: `cargo xtask tidy`.
//!
//! A rule that nothing checks rots. What clippy cannot know (which crate may know which, what may be written into a file, that a
//! test named in a document exists) is checked here.

mod tidy;

use std::process::ExitCode;

fn main() -> ExitCode {
    let task = std::env::args().nth(1);
    match task.as_deref() {
        Some("tidy") => tidy::run(),
        _ => {
            eprintln!("cargo xtask tidy    checks the rules of the house");
            ExitCode::from(2)
        }
    }
}
