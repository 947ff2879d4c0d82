//! The use cases on both stores, with time and randomness in the test's hands.

#[cfg(test)]
mod attempts;
#[cfg(test)]
mod audit;
#[cfg(test)]
mod devices;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod feed;
#[cfg(test)]
mod flood;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod guard_model;
#[cfg(test)]
mod guarded_tokens;
#[cfg(test)]
mod home;
#[cfg(test)]
mod key_rotation;
#[cfg(test)]
mod links;
#[cfg(test)]
mod logins;
#[cfg(test)]
mod password_change;
#[cfg(test)]
mod second_factors;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod setup;
#[cfg(test)]
mod signing_keys;
#[cfg(test)]
mod simulation;
#[cfg(test)]
mod statistics;
#[cfg(test)]
mod timing;
#[cfg(test)]
mod watched_store;
