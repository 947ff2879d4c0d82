//! Devices on which a user may skip the second factor.

use std::cmp::Reverse;

use doorward_core::{
    ids::{DeviceId, UserId},
    second_factor::MAX_TRUSTED_DEVICES,
    time::Timestamp,
};

use super::factors::FactorState;

impl FactorState {
    pub(super) fn is_trusted(&self, user: UserId, device: DeviceId, now: Timestamp) -> bool {
        self.trusted.iter().any(|trusted| trusted.0 == user && trusted.1 == device && now < trusted.2)
    }

    pub(super) fn trust(&mut self, user: UserId, device: DeviceId, until: Timestamp) {
        self.trusted.retain(|trusted| trusted.0 != user || trusted.1 != device);
        let (mut others, of_strangers): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.trusted).into_iter().partition(|trusted| trusted.0 == user);
        others.sort_by_key(|trusted| Reverse((trusted.2, trusted.1)));
        others.truncate(MAX_TRUSTED_DEVICES.saturating_sub(1).try_into().unwrap_or(usize::MAX));
        self.trusted = [of_strangers, others, vec![(user, device, until)]].concat();
    }

    pub(super) fn trust_none_of(&mut self, user: UserId) {
        self.trusted.retain(|trusted| trusted.0 != user);
    }
}
