//! Second factors: what is kept of them, how they are used up, and the logins that wait for them.

pub(crate) mod change;
pub(crate) mod passkey;
pub(crate) mod pending;
pub(crate) mod proof;
pub(crate) mod recovery_code;
pub(crate) mod totp;
pub(crate) mod trust;
