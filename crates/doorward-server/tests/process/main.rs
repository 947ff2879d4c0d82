//! The binary as its operators see it: run as a process, for real.

mod command_line;
mod place;
mod serve;
