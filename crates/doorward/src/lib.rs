//! Authentication and sessions for a Rust web app: layers, extractors, the router.

pub mod pages;
pub mod platform;
