//! The guard as it would be if it never forgot anything: no clean-up, no folding, no expiry, no store.

use std::{collections::BTreeMap, net::IpAddr, time::Duration};

use doorward_core::{
    device::KnownDevice,
    guard::{GuardPolicy, Lockout, Standing, Throttle, network},
    ids::{DeviceId, SessionId},
    refusal::Refusal,
    time::Timestamp,
    user::Epoch,
};

/// Whose failures are counted together. A name is one whether or not it is somebody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Name(&'static str),
    /// From when it became known until it is forgotten: known anew, it begins anew.
    Device(&'static str, DeviceId, Epoch),
    Session(&'static str, SessionId),
    Network(IpAddr),
}

#[derive(Clone, Debug, Default)]
struct Failures {
    /// Every failure that no lock was made of and that was not forgiven, however long ago.
    at: Vec<Timestamp>,
    locked_until: Option<Timestamp>,
}

/// Everything that ever happened, as far as it was not undone.
pub(super) struct Naive {
    policy: GuardPolicy,
    failures: BTreeMap<Key, Failures>,
    /// How often each user's devices were forgotten.
    device_epochs: BTreeMap<&'static str, u64>,
    /// What it has seen, to find that schedules reach what they are to try.
    pub(super) seen: Seen,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen {
    pub(super) locks: u32,
    pub(super) refused_by_locks: u32,
    pub(super) refused_by_delays: u32,
    pub(super) forgiven: u32,
}

impl Seen {
    pub(super) const fn and(self, other: Self) -> Self {
        Self {
            locks: self.locks + other.locks,
            refused_by_locks: self.refused_by_locks + other.refused_by_locks,
            refused_by_delays: self.refused_by_delays + other.refused_by_delays,
            forgiven: self.forgiven + other.forgiven,
        }
    }
}

/// An attempt to log in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login {
    pub(super) name: &'static str,
    /// Whether the name is somebody's and the password theirs.
    pub(super) right: bool,
    pub(super) disabled: bool,
    pub(super) device: Option<(&'static str, KnownDevice)>,
    pub(super) address: IpAddr,
}

impl Naive {
    pub(super) fn new(policy: GuardPolicy) -> Self {
        Self { policy, failures: BTreeMap::new(), device_epochs: BTreeMap::new(), seen: Seen::default() }
    }

    fn lockout(&self, key: Key) -> Option<Lockout> {
        (!matches!(key, Key::Network(_))).then_some(self.policy.lockout)
    }

    fn throttle(&self, key: Key) -> &Throttle {
        if matches!(key, Key::Network(_)) { &self.policy.address } else { &self.policy.account }
    }

    pub(super) fn standing(&self, key: Key, now: Timestamp) -> Standing {
        let Some(of) = self.failures.get(&key) else { return Standing::Clear };
        if let Some(until) = of.locked_until.filter(|until| *until > now) {
            return Standing::Locked { remaining: until.since(now) };
        }
        let Some(last) = of.at.iter().max() else { return Standing::Clear };
        let in_window = of.at.iter().filter(|at| last.since(**at) < self.policy.lockout.window).count();
        let throttle = self.throttle(key);
        let counted = in_window.saturating_sub(throttle.free_failures as usize).min(throttle.delays.len());
        let delay = counted.checked_sub(1).map_or(Duration::ZERO, |step| throttle.delays[step]);
        let remaining = last.plus(delay).since(now);
        if remaining.is_zero() { Standing::Clear } else { Standing::Delayed { remaining } }
    }

    /// Counts a failure; for how long it locks.
    fn fail(&mut self, key: Key, now: Timestamp) -> Option<Duration> {
        let lockout = self.lockout(key);
        let of = self.failures.entry(key).or_default();
        of.at.push(now);
        let lockout = lockout?;
        let in_window = of.at.iter().filter(|at| now.since(**at) < lockout.window).count();
        if in_window < lockout.threshold.get() as usize {
            return None;
        }
        *of = Failures { at: Vec::new(), locked_until: Some(now.plus(lockout.duration)) };
        self.seen.locks += 1;
        Some(lockout.duration)
    }

    fn refused(&mut self, standing: Standing) -> Result<(), Refusal> {
        match standing {
            Standing::Clear => {}
            Standing::Delayed { .. } => self.seen.refused_by_delays += 1,
            Standing::Locked { .. } => self.seen.refused_by_locks += 1,
        }
        standing.check()
    }

    fn failed(&mut self, key: Key, address: IpAddr, now: Timestamp) -> Refusal {
        self.fail(Key::Network(network(address)), now);
        match self.fail(key, now) {
            Some(retry_after) => Refusal::AccountLocked { retry_after },
            None => Refusal::InvalidCredentials,
        }
    }

    fn forgive(&mut self, key: Key) {
        if self.failures.remove(&key).is_some() {
            self.seen.forgiven += 1;
        }
    }

    pub(super) fn knows(&self, name: &'static str, device: (&'static str, KnownDevice)) -> bool {
        device.0 == name && device.1.epoch.0 == self.device_epochs.get(name).copied().unwrap_or(0)
    }

    pub(super) fn log_in(&mut self, login: Login, now: Timestamp) -> Result<(), Refusal> {
        let device = login.device.filter(|device| self.knows(login.name, *device));
        let key =
            device.map_or(Key::Name(login.name), |(name, device)| Key::Device(name, device.id, device.epoch));
        let own = self.standing(key, now);
        let address = match device {
            Some(_) => Standing::Clear,
            None => self.standing(Key::Network(network(login.address)), now),
        };
        // A lock before a delay; of two delays the longer.
        let standing = match (own, address) {
            (Standing::Delayed { remaining: one }, Standing::Delayed { remaining: other }) => {
                Standing::Delayed { remaining: one.max(other) }
            }
            (Standing::Clear, of_address) => of_address,
            (own, _) => own,
        };
        self.refused(standing)?;
        if !login.right {
            return Err(self.failed(key, login.address, now));
        }
        if login.disabled {
            return Err(Refusal::AccountDisabled);
        }
        self.forgive(key);
        Ok(())
    }

    pub(super) fn change_password(
        &mut self,
        (name, session): (&'static str, SessionId),
        right: bool,
        address: IpAddr,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let key = Key::Session(name, session);
        let standing = self.standing(key, now);
        self.refused(standing)?;
        if !right {
            return Err(self.failed(key, address, now));
        }
        self.forgive(key);
        self.forget_devices(name);
        Ok(())
    }

    pub(super) fn forget_devices(&mut self, name: &'static str) {
        *self.device_epochs.entry(name).or_default() += 1;
    }

    pub(super) fn unlock(&mut self, user: &'static str) {
        self.failures.retain(|key, _| match key {
            Key::Name(name) | Key::Device(name, ..) | Key::Session(name, _) => *name != user,
            Key::Network(_) => true,
        });
    }
}
