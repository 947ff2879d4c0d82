//! Three nodes, one PostgreSQL: the real binary as operators run several of it, and what races between them may not do.

#[cfg(test)]
mod administration;
#[cfg(test)]
mod cut_off;
#[cfg(test)]
mod database_faults;
#[cfg(test)]
mod guessing;
#[cfg(test)]
mod key_rotation;
#[cfg(test)]
mod load;
#[cfg(test)]
mod person;
#[cfg(test)]
mod pooled;
#[cfg(test)]
mod refresh;
#[cfg(test)]
mod revocation;
#[cfg(test)]
mod rolling_restart;
#[cfg(test)]
mod session_limit;
#[cfg(test)]
mod setup;
#[cfg(test)]
#[expect(dead_code, reason = "the tests of faults use the rest")]
mod stage;
