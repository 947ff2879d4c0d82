//! Authentication and sessions for a Rust web app: layers, extractors, the router.

pub mod api;
pub mod app;
pub mod authority;
mod background;
pub mod body;
pub mod client_address;
pub mod config;
pub mod context;
pub mod cookies;
pub mod credentials;
pub mod extract;
pub mod forward_auth;
pub mod forwarded_header;
pub mod forwarded_request;
pub mod host;
pub mod media_type;
pub mod origin;
pub mod origins;
mod page_response;
mod page_routes;
pub mod pages;
pub mod percent;
pub mod platform;
pub mod problem;
pub mod redirect_target;
pub mod request_body;
mod router;
mod session_cookies;
pub mod single_header;
pub mod trusted_proxies;

pub use app::{Doorward, OpenError};
pub use config::{Config, ConfigError};
pub use extract::{Admin, Authenticated, Identified, SameOrigin};
pub use problem::Problem;
