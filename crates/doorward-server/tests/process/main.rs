//! The binary as its operators see it: run as a process, for real.

#[cfg(test)]
mod audit_chain;
#[cfg(test)]
mod authenticator_app;
#[cfg(test)]
mod breached;
#[cfg(test)]
mod command_line;
#[cfg(test)]
mod guard;
#[cfg(test)]
mod kill;
#[cfg(test)]
mod lock_storm;
#[cfg(test)]
mod lockout;
#[cfg(test)]
mod log_secrecy;
#[cfg(test)]
mod migrate;
#[cfg(test)]
mod on_postgres;
#[cfg(test)]
mod second_factors;
#[cfg(test)]
mod serve;
#[cfg(test)]
mod single_operator;
#[cfg(test)]
mod stage;

// The tests of several nodes use them as well.
#[cfg(test)]
use doorward_testkit::{browser, place};
