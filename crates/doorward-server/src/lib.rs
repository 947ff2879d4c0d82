//! What the `doorward` binary is made of: configuration, command line, wiring, listeners, background tasks.
//!
//! A library as well as a binary, so that tests and fuzzers reach it.

pub mod config;
pub mod data_directory;
mod failure;
pub mod logging;

pub use failure::Failure;
