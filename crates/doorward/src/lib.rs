//! Authentication and sessions for a Rust web app: layers, extractors, the router.
//!
//! Doorward answers one question on every request: who is this, and may this credential still be trusted? A program
//! that embeds it gets login, account and administration under `/auth`, and protects its own routes by extractors:
//!
//! ```no_run
//! use std::{net::SocketAddr, path::Path, sync::Arc};
//!
//! use axum::{Router, routing::{get, post}};
//! use doorward::{Authenticated, Config, Doorward, SameOrigin, core::master::ServerKeys, master_secret_file};
//! use doorward_store::{SqliteOptions, SqliteStore};
//!
//! async fn private(caller: Authenticated) -> String {
//!     format!("Hello {}", caller.principal().username)
//! }
//!
//! async fn change(caller: Authenticated, _not_forged: SameOrigin) -> &'static str {
//!     "changed"
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let database = Path::new("doorward.db");
//!     let secret = master_secret_file::load_or_generate(Path::new("master.key"), Some(database))?;
//!     let audit_key = ServerKeys::derive(&secret, &[])?.audit_chain_key();
//!     let store = Arc::new(SqliteStore::open(database, SqliteOptions::default(), audit_key)?);
//!     let doorward = Doorward::open(Config::new("http://localhost:3000")?, store, &secret, &[]).await?;
//!     if let Some(url) = doorward.issue_setup_url().await? {
//!         println!("Make the first administrator: {url}");
//!     }
//!     let app = Router::new()
//!         .route("/private", get(private).post(change))
//!         .layer(doorward.layer())
//!         .merge(doorward.routes());
//!     tokio::spawn(async move { doorward.run_background().await });
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     Ok(axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await?)
//! }
//! ```
//!
//! - [`Doorward::layer`] goes around the program's own routes. The extractors do not work without it: they answer 500
//!   and log why.
//! - [`Authenticated`] is for programs, [`AuthenticatedPage`] for pages that people look at, [`SameOrigin`] for
//!   requests whose CSRF token is in the header, [`SameOriginForm`] and [`CsrfToken`] for forms.
//! - [`Doorward::run_background`] runs beside the server. Without it nobody is let in once the bound on revocation is past: a process that
//!   cannot hear of revocations must not vouch for anybody.
//! - The peer's address has to reach the layer, by `into_make_service_with_connect_info`. Without it logins
//!   are not limited by address, no address is recorded, and no proxy can be trusted.
//!
//! `examples/axum-app` in the repository is a whole program.
//!
//! # Known quirks
//! - The session cookie belongs to the host, so every port of `localhost` shares it: two programs on one machine sign
//!   each other's users out. Give each cookie names of its own.
//! - [`Admin`] asks for the refresh cookie, which browsers send only below the base path. A program's own pages ask
//!   [`Authenticated::require_role`].
//! - [`Config::base_path`](config::Config::base_path) may be empty; then Doorward answers whatever the program has no
//!   route for.

mod account_name;
mod allowed;
pub mod api;
pub mod app;
pub mod audit_listener;
mod authority;
mod background;
pub mod body;
pub mod client_address;
pub mod config;
pub mod context;
pub mod cookies;
pub mod credentials;
mod event_stream;
pub mod extract;
pub mod forward_auth;
mod forward_auth_front;
pub mod forwarded_header;
pub mod forwarded_request;
pub mod host;
mod long_answer;
pub mod master_secret_file;
pub mod media_type;
pub mod origin;
pub mod origins;
mod own_pages;
mod page_response;
mod page_routes;
pub mod pages;
mod pending_login;
pub mod percent;
pub mod platform;
mod private_file;
pub mod problem;
pub mod redirect_target;
#[cfg(feature = "remote")]
pub mod remote;
pub mod request_body;
mod revocation_stream;
mod router;
mod session_cookies;
pub mod single_header;
pub mod trusted_proxies;

pub use app::{Doorward, OpenError};
pub use config::{Config, ConfigError};
pub use extract::{Admin, Authenticated, Identified, SameOrigin};
pub use own_pages::{AuthenticatedPage, CsrfToken, SameOriginForm};
pub use problem::Problem;

/// The types that decisions are made of, and the ports: clock, entropy, store.
pub use doorward_core as core;
