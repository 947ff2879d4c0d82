//! Authentication and sessions for a Rust web app: layers, extractors, the router.

pub mod authority;
pub mod body;
pub mod client_address;
pub mod cookies;
pub mod forwarded_header;
pub mod forwarded_request;
pub mod host;
pub mod media_type;
pub mod origin;
pub mod origins;
pub mod pages;
pub mod percent;
pub mod platform;
pub mod redirect_target;
pub mod single_header;
pub mod trusted_proxies;
