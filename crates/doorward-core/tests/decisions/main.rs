//! What is decided, without a store: every rule at its bounds.

#[cfg(test)]
mod access_token;
#[cfg(test)]
mod audit_verification;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod key_ring;
#[cfg(test)]
mod lifetimes;
#[cfg(test)]
mod login;
#[cfg(test)]
mod oathtool;
#[cfg(test)]
mod recovery_code;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod totp;
#[cfg(test)]
mod verifier;
