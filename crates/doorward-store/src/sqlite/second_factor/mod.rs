//! Second factors: what is kept of them, how they are used up, and the logins that wait for them.

pub(super) mod change;
pub(super) mod passkey;
pub(super) mod pending;
pub(super) mod proof;
pub(super) mod recovery_code;
pub(super) mod totp;
pub(super) mod trust;
