//! What is decided, without a store: every rule at its bounds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot be set up fails")]

mod access_token;
mod lifetimes;
mod login;
mod refresh;
mod verifier;
