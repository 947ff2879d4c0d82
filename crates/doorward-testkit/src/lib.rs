//! What Doorward is tested with: the store contract, an in-memory store, a manual clock, seeded entropy, an
//! authenticator with its browser, a private PostgreSQL and the line that leads to it, the real binary in a place of its
//! own with a browser to talk to it, a database as large as one gets, and the checker of what clients saw of several nodes.
//!
//! Nothing in here is for production: the entropy is predictable, the clock stands still, the store forgets.

pub mod authenticator;
pub mod browser;
pub mod builders;
mod clock;
pub mod contract;
mod entropy;
pub mod factors;
pub mod history;
mod log;
mod memory;
pub mod place;
#[cfg(feature = "population")]
pub mod population;
pub mod postgres;
pub mod proxy;

pub use clock::ManualClock;
pub use entropy::SeededEntropy;
pub use memory::{Fault, MemoryStore};
