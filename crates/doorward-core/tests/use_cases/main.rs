//! The use cases on both stores, with time and randomness in the test's hands.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod faults;
mod home;
mod links;
mod logins;
mod sessions;
mod setup;
mod signing_keys;
mod watched_store;
