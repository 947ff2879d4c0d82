//! What Doorward decides and does: types, pure decisions, use cases, the verifier, and the ports.
//!
//! No HTTP, no SQL, no async runtime, no ambient time or randomness in here. A concept has the same name in every
//! room: this crate's `refresh` decides, the store's `refresh` remembers, the router's `refresh` speaks.

pub mod audit;
pub mod client;
pub mod entropy;
pub mod ids;
pub mod link;
pub mod page;
pub mod password;
pub mod revocation;
pub mod secret;
pub mod session;
pub mod signing_key;
pub mod store;
pub mod time;
pub mod user;
