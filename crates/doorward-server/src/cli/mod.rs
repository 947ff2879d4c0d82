//! The command line: what it takes, what it prints, and one file a command.

pub mod args;
mod commands;
mod output;
mod password_input;
mod progress;
mod refused;
mod views;

pub use commands::run;
