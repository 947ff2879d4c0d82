//! Whom failures are counted of.

use std::net::{IpAddr, Ipv6Addr};

use aws_lc_rs::hmac;

use crate::{
    device::KnownDevice,
    ids::{SessionId, UserId},
    master::{KeyUse, ServerKeys},
    user::NormalisedName,
};

/// What kind of subject failures are counted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubjectKind {
    /// An account, tried by strangers.
    Account,
    /// A name that is nobody's: counted exactly as an account, so that nothing tells the two apart.
    UnknownName,
    /// A known device, trying the account it is known to.
    Device,
    /// A session, whose bearer has to show the password again.
    Session,
    /// An address; IPv6 by /64.
    Address,
}

impl SubjectKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Account, Self::UnknownName, Self::Device, Self::Session, Self::Address];

    /// As stores keep it, and as audit events tell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::UnknownName => "unknown_name",
            Self::Device => "device",
            Self::Session => "session",
            Self::Address => "address",
        }
    }

    /// How many subjects of this kind are remembered at once, where anybody can make up more of them. Those that
    /// would be forgotten first anyway give way. Hashing bounds how fast names can be tried; a server that hashes more
    /// than about 220 a second for a whole window of 15 minutes may forget a name that is nobody's before its time.
    #[must_use]
    pub const fn most_remembered(self) -> Option<u32> {
        match self {
            // As many as there are accounts and sessions, which nobody can make up.
            Self::Account | Self::Device | Self::Session => None,
            Self::UnknownName | Self::Address => Some(200_000),
        }
    }
}

/// What tells subjects of one kind apart.
pub type SubjectKey = [u8; 16];

/// Somebody or something that failures are counted of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// Which kind.
    pub kind: SubjectKind,
    /// Which one.
    pub key: SubjectKey,
    /// The account it belongs to: unlocking that account forgets it.
    pub owner: Option<UserId>,
}

impl Subject {
    /// An account as strangers see it.
    #[must_use]
    pub const fn account(user: UserId) -> Self {
        Self { kind: SubjectKind::Account, key: *user.as_bytes(), owner: Some(user) }
    }

    /// A name that is nobody's. Not kept as it was typed: people type passwords into the wrong field.
    #[must_use]
    pub fn unknown_name(keys: &ServerKeys, name: &NormalisedName) -> Self {
        let tag = hmac::sign(keys.signing(KeyUse::Guard), name.as_str().as_bytes());
        let mut key = [0; 16];
        // The first half of the HMAC: names have to be told apart, nothing is proved by it.
        key.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        Self { kind: SubjectKind::UnknownName, key, owner: None }
    }

    /// A known device, from when it became known until it is forgotten. One that became known anew is another subject:
    /// what a thief did with its stolen cookie must not keep the owner out once all devices have been forgotten.
    #[must_use]
    pub fn device(device: KnownDevice) -> Self {
        // Device ids are random: no other one is met by counting up in one of them.
        let key = u128::from_be_bytes(*device.id.as_bytes()) ^ u128::from(device.epoch.0);
        Self { kind: SubjectKind::Device, key: key.to_be_bytes(), owner: Some(device.user_id) }
    }

    /// A session of a user.
    #[must_use]
    pub const fn session(session: SessionId, user: UserId) -> Self {
        Self { kind: SubjectKind::Session, key: *session.as_bytes(), owner: Some(user) }
    }

    /// An address, or the network of one customer.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        let key = match network(address) {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        };
        Self { kind: SubjectKind::Address, key, owner: None }
    }
}

/// What counts as one address: one of IPv4, also where it is written as IPv6; of IPv6 the /64, because that is what
/// one customer holds.
#[must_use]
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::master::MasterSecret;

    #[test]
    fn an_ipv6_network_is_one_subject_and_a_mapped_address_is_its_ipv4_one() {
        let subject = |text: &str| Subject::address(text.parse().unwrap());
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:1"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_eq!(subject("::ffff:192.0.2.1"), subject("192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }

    #[test]
    fn an_unknown_name_is_counted_in_every_spelling_and_not_kept() {
        let keys = ServerKeys::derive(&MasterSecret::parse(&"A".repeat(43)).unwrap(), &[]).unwrap();
        let subject = |typed: &str| Subject::unknown_name(&keys, &NormalisedName::of(typed));
        assert_eq!(subject("Nobody"), subject("nobody"));
        assert_ne!(subject("nobody"), subject("nobody2"));
        assert_ne!(subject("nobody").key, *b"nobody\0\0\0\0\0\0\0\0\0\0");
    }
}
