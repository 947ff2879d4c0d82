//! Authentication and sessions for a Rust web app: layers, extractors, the router.

pub mod authority;
pub mod cookies;
pub mod origin;
pub mod origins;
pub mod pages;
pub mod platform;
pub mod single_header;
