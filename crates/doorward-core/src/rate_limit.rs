//! How many attempts somebody may make: the generic cell rate algorithm (ITU-T I.371), kept in memory, bounded.

use std::{
    collections::HashMap,
    net::IpAddr,
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use crate::{
    guard::network,
    ids::{DeviceId, SessionId, UserId},
    refusal::Refusal,
    time::Timestamp,
};

/// Sources remembered at most. Past it the ones nearest to being forgotten anyway are.
const MAX_SOURCES: usize = 100_000;

/// So many attempts in so long a time; all of them may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub attempts: NonZeroU32,
    /// In how long.
    pub per: Duration,
}

impl Rate {
    fn interval_millis(self) -> i64 {
        let per = i64::try_from(self.per.as_millis()).unwrap_or(i64::MAX);
        (per / i64::from(self.attempts.get())).max(1)
    }

    fn window_millis(self) -> i64 {
        self.interval_millis().saturating_mul(i64::from(self.attempts.get()))
    }
}

/// Decides one attempt: the theoretical arrival time to keep when it is let in, or how long to wait.
///
/// `arrival` is what was kept of earlier attempts.
///
/// # Errors
/// How long to wait until the next attempt is let in.
pub fn decide(arrival: Option<Timestamp>, now: Timestamp, rate: Rate) -> Result<Timestamp, Duration> {
    let now = now.as_millis();
    // A time kept from before the clock was set back must not hold anybody longer than a whole window.
    let arrival =
        arrival.map_or(now, Timestamp::as_millis).clamp(now, now.saturating_add(rate.window_millis()));
    let next = arrival.saturating_add(rate.interval_millis());
    let excess = next.saturating_sub(now).saturating_sub(rate.window_millis());
    match u64::try_from(excess) {
        Ok(0) | Err(_) => Ok(Timestamp::from_millis(next)),
        Ok(wait) => Err(Duration::from_millis(wait)),
    }
}

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// An address; of IPv6 the whole /64.
    Address(IpAddr),
    /// A device that is known to the account it tries: others at its address cannot use up what it may do.
    Device(DeviceId),
    /// The known devices and the sessions of an account, however many there are.
    DevicesOf(UserId),
    /// A session whose bearer shows the password again.
    Session(SessionId),
}

/// Counts attempts by [`Source`].
#[derive(Default)]
pub struct AttemptLimiter {
    arrivals: Mutex<HashMap<Source, Timestamp>>,
}

impl AttemptLimiter {
    /// Counts an attempt from `source`; none (the command line) is not limited.
    ///
    /// # Errors
    /// [`Refusal::RateLimited`]; the attempt then does not count.
    pub fn admit(&self, source: Option<Source>, now: Timestamp, rate: Rate) -> Result<(), Refusal> {
        let source = match source {
            None => return Ok(()),
            Some(Source::Address(address)) => Source::Address(network(address)),
            Some(other @ (Source::Device(_) | Source::DevicesOf(_) | Source::Session(_))) => other,
        };
        let mut arrivals = self.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        if arrivals.len() >= MAX_SOURCES && !arrivals.contains_key(&source) {
            make_room(&mut arrivals, now);
        }
        match decide(arrivals.get(&source).copied(), now, rate) {
            Ok(arrival) => {
                arrivals.insert(source, arrival);
                Ok(())
            }
            Err(retry_after) => Err(Refusal::RateLimited { retry_after }),
        }
    }
}

fn make_room(arrivals: &mut HashMap<Source, Timestamp>, now: Timestamp) {
    arrivals.retain(|_, arrival| *arrival > now);
    if arrivals.len() >= MAX_SOURCES {
        // Every source is in debt: a flood from everywhere. Half of the smallest debts are forgiven, so that the
        // next hundred thousand attempts need not look again.
        let mut debts: Vec<Timestamp> = arrivals.values().copied().collect();
        let middle = debts.len() / 2;
        let (_, median, _) = debts.select_nth_unstable(middle);
        let median = *median;
        arrivals.retain(|_, arrival| *arrival > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { attempts: NonZeroU32::new(5).unwrap(), per: Duration::from_secs(60) };

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn admitted(limiter: &AttemptLimiter, address: &str, now: Timestamp) -> Result<(), Refusal> {
        limiter.admit(Some(Source::Address(address.parse().unwrap())), now, RATE)
    }

    #[test]
    fn five_a_minute_are_let_in_and_the_sixth_waits_exactly_until_it_may() {
        let limiter = AttemptLimiter::default();
        for _ in 0..5 {
            assert_eq!(admitted(&limiter, "192.0.2.1", at(100)), Ok(()));
        }
        let retry_after = Duration::from_secs(12);
        assert_eq!(admitted(&limiter, "192.0.2.1", at(100)), Err(Refusal::RateLimited { retry_after }));
        let one = Refusal::RateLimited { retry_after: Duration::from_secs(1) };
        assert_eq!(admitted(&limiter, "192.0.2.1", at(111)), Err(one));
        assert_eq!(admitted(&limiter, "192.0.2.1", at(112)), Ok(()));
        assert_eq!(admitted(&limiter, "192.0.2.2", at(100)), Ok(()));
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_and_a_mapped_address_as_its_ipv4_one() {
        let limiter = AttemptLimiter::default();
        for host in 1..=5 {
            assert_eq!(admitted(&limiter, &format!("2001:db8::{host}"), at(0)), Ok(()));
        }
        assert!(admitted(&limiter, "2001:db8::6", at(0)).is_err());
        assert_eq!(admitted(&limiter, "2001:db8:0:1::6", at(0)), Ok(()));
        for _ in 0..5 {
            assert_eq!(admitted(&limiter, "::ffff:192.0.2.1", at(0)), Ok(()));
        }
        assert!(admitted(&limiter, "192.0.2.1", at(0)).is_err());
    }

    #[test]
    fn a_clock_set_back_holds_nobody_longer_than_a_window() {
        let limiter = AttemptLimiter::default();
        for _ in 0..5 {
            assert_eq!(admitted(&limiter, "192.0.2.1", at(1_000_000)), Ok(()));
        }
        let retry_after = Duration::from_secs(12);
        assert_eq!(admitted(&limiter, "192.0.2.1", at(0)), Err(Refusal::RateLimited { retry_after }));
    }

    #[test]
    fn memory_is_bounded_whoever_asks() {
        let limiter = AttemptLimiter::default();
        for n in 0..u32::try_from(MAX_SOURCES).unwrap() + 10 {
            limiter.admit(Some(Source::Address(n.to_be_bytes().into())), at(0), RATE).unwrap();
        }
        assert!(limiter.arrivals.lock().unwrap().len() <= MAX_SOURCES);
    }
}
