//! Second factors: one-time codes of an authenticator app, and the recovery codes that stand in for a lost factor.
//!
//! Only what can be decided without a store is in here: making secrets, and examining what somebody typed.

mod base32;
pub mod recovery_code;
pub mod totp;
