//! Known devices: after a successful login the browser holds a token that names the device and the account, with a
//! MAC. It proves nothing about any other account and is worthless without the password. The guard counts attempts of a
//! known device apart from those of strangers, and the refresh grace needs it to tell an honest retry from a thief.

use aws_lc_rs::hmac;

use crate::{
    ids::{DeviceId, UserId},
    master::{KeyUse, ServerKeys},
    secret::{PlainToken, TokenPrefix},
    user::{Epoch, User},
};

/// A device that has logged in to an account, as a verified token tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownDevice {
    /// The device.
    pub id: DeviceId,
    /// The account it is known to.
    pub user_id: UserId,
    /// The account's [`User::device_epoch`] when it became known.
    pub epoch: Epoch,
}

impl KnownDevice {
    /// Whether it is still known to `user`: another account's device is a stranger, and so is a forgotten one.
    #[must_use]
    pub fn is_known_to(&self, user: &User) -> bool {
        self.user_id == user.id && self.epoch == user.device_epoch
    }
}

impl ServerKeys {
    /// The token of a device: always the same one for the same device and account.
    #[must_use]
    pub fn device_token(&self, device: KnownDevice) -> PlainToken {
        let named = named(device);
        let tag = hmac::sign(self.signing(KeyUse::Device), &named);
        PlainToken::encode(TokenPrefix::Device, &[named.as_slice(), tag.as_ref()].concat())
    }

    /// The device that `unverified` names, if the token is ours.
    #[must_use]
    pub fn verify_device_token(&self, unverified: &str) -> Option<KnownDevice> {
        let bytes: [u8; 72] = TokenPrefix::Device.decode(unverified)?;
        let (user_id, rest) = bytes.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (epoch, tag) = rest.split_first_chunk()?;
        let device = KnownDevice {
            id: DeviceId::from_bytes(*id),
            user_id: UserId::from_bytes(*user_id),
            epoch: Epoch(u64::from_be_bytes(*epoch)),
        };
        self.verify(KeyUse::Device, &named(device), tag).then_some(device)
    }
}

fn named(device: KnownDevice) -> [u8; 40] {
    let mut named = [0; 40];
    let (user, rest) = named.split_at_mut(16);
    let (id, epoch) = rest.split_at_mut(16);
    user.copy_from_slice(device.user_id.as_bytes());
    id.copy_from_slice(device.id.as_bytes());
    epoch.copy_from_slice(&device.epoch.0.to_be_bytes());
    named
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::MasterSecret;

    #[test]
    fn a_device_is_known_by_its_own_token_only() {
        let keys = ServerKeys::derive(&MasterSecret::parse(&"A".repeat(43)).unwrap(), &[]).unwrap();
        let device = KnownDevice {
            id: DeviceId::from_bytes([1; 16]),
            user_id: UserId::from_bytes([2; 16]),
            epoch: Epoch(3),
        };
        let token = keys.device_token(device);
        assert_eq!(keys.verify_device_token(token.reveal()), Some(device));
        let forged = PlainToken::encode(TokenPrefix::Device, &[[2u8; 24], [1; 24], [0; 24]].concat());
        assert_eq!(keys.verify_device_token(forged.reveal()), None);
    }
}
