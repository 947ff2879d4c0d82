//! The use cases on both stores, with time and randomness in the test's hands.

#[cfg(test)]
mod faults;
#[cfg(test)]
mod home;
#[cfg(test)]
mod links;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod signing_keys;
#[cfg(test)]
mod watched_store;
