//! Passkey ceremonies against an authenticator that does as it is told.

#[cfg(test)]
mod authentication;
#[cfg(test)]
mod challenges;
#[cfg(test)]
mod credentials;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod registration;
#[cfg(test)]
mod relying_party;
#[cfg(test)]
mod stage;
