//! What Doorward decides and does: types, pure decisions, use cases, the verifier, and the ports.
//!
//! No HTTP, no SQL, no async runtime, no ambient time or randomness in here. A concept has the same name in every
//! room: this crate's `refresh` decides, the store's `refresh` remembers, the router's `refresh` speaks.

pub mod access_token;
pub mod account_state;
pub mod audit;
pub mod audit_budget;
pub mod audit_chain;
pub mod audit_report;
pub mod audit_verification;
mod audit_walk;
pub mod authority;
mod broken_rule;
mod clean_up;
pub mod client;
pub mod console_store;
pub mod csrf;
pub mod device;
pub mod entropy;
mod feed;
pub mod feed_reading;
pub mod guard;
pub mod ids;
mod invalid_value;
pub mod key_ring;
pub mod link;
pub mod login;
pub mod master;
pub mod mode;
pub mod one_time_link;
pub mod page;
pub mod passkey;
pub mod password;
mod password_change;
pub mod rate_limit;
pub mod refresh;
pub mod refusal;
pub mod revocation;
pub mod revocation_set;
pub mod second_factor;
pub mod secret;
pub mod session;
mod session_writes;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod signing_key;
pub mod signing_keys;
pub mod statistics;
pub mod store;
pub mod time;
mod upkeep;
pub mod user;
pub mod user_search;
pub mod users;
pub mod verifier;
