//! Refreshes: as the store does them, and as a browser asks for them.

mod disk;
mod http;
mod pieces;
mod store;

pub(super) use http::run as over_http;
pub(super) use store::run as in_the_store;

/// Callers at once, each of whom goes on as soon as the answer is there.
const CALLERS: usize = 64;
