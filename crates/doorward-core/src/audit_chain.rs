//! The chain of the audit log: every row carries a MAC over itself and over the MAC of the row before, under a key
//! that the database does not hold. Whoever can write to the database can change, remove or add rows, and cannot
//! make the chain fit again.
//!
//! A store keeps one chain or more (SQLite one for the file, PostgreSQL one a node), and for each chain two sealed
//! positions: the *head*, where the chain ends, and the *anchor*, up to where retention removed it. A row that was cut off
//! at either end is missed, since the position was sealed and the row is not there.
//!
//! What is written here is in databases for years: the encoding is versioned, and tests hold its very bytes.

use std::{fmt, str::FromStr};

use aws_lc_rs::hmac;

use crate::audit::AuditEntry;

/// A MAC of the chain: HMAC-SHA256. Not a secret.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ChainMac([u8; 32]);

impl ChainMac {
    /// What stands for the row before the first, and before one that could not follow any ([`AuditChainKey::restart`]).
    pub const NONE: Self = Self([0; 32]);

    /// From its bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ChainMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ChainMac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChainMac({self})")
    }
}

/// A text that is no MAC, or no head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a head is CHAIN:SEQ:MAC, the MAC in 64 hexadecimal digits")]
pub struct NotAHead;

impl FromStr for ChainMac {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAHead);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(digits).map_err(|_| NotAHead)?;
            *byte = u8::from_str_radix(digits, 16).map_err(|_| NotAHead)?;
        }
        Ok(Self(bytes))
    }
}

/// Names the key that a MAC was made with: a few of its derived bits, which tell nothing about it. So rows under an
/// earlier master secret are told from rows that were changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ChainKeyId(pub u32);

impl fmt::Display for ChainKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// A place in a chain: the row of this number, and its MAC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChainPosition {
    /// The row's number in its chain, from 1 on without gaps.
    pub seq: u64,
    /// The row's MAC.
    pub mac: ChainMac,
}

impl ChainPosition {
    /// Before the first row.
    pub const START: Self = Self { seq: 0, mac: ChainMac::NONE };
}

/// Where a chain ended at some time, for whoever keeps it elsewhere: `CHAIN:SEQ:MAC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    /// The chain.
    pub chain: String,
    /// Where it ended.
    pub position: ChainPosition,
}

impl fmt::Display for ChainHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.chain, self.position.seq, self.position.mac)
    }
}

impl FromStr for ChainHead {
    type Err = NotAHead;

    fn from_str(text: &str) -> Result<Self, NotAHead> {
        // From the right: the name of a node may hold colons.
        let (rest, mac) = text.rsplit_once(':').ok_or(NotAHead)?;
        let (chain, seq) = rest.rsplit_once(':').filter(|(chain, _)| !chain.is_empty()).ok_or(NotAHead)?;
        let position = ChainPosition { seq: seq.parse().map_err(|_| NotAHead)?, mac: mac.parse()? };
        Ok(Self { chain: chain.to_owned(), position })
    }
}

/// How a row hangs in its chain, as it is kept with the row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// The chain.
    pub chain: String,
    /// The row's number in it.
    pub seq: u64,
    /// Which key made the MAC.
    pub key_id: ChainKeyId,
    /// The MAC of the row before.
    pub previous: ChainMac,
    /// The row's own.
    pub mac: ChainMac,
}

impl ChainLink {
    /// The row's place.
    #[must_use]
    pub const fn position(&self) -> ChainPosition {
        ChainPosition { seq: self.seq, mac: self.mac }
    }

    /// The number that tells where the row stands: its number in the log where one chain is the whole log, and its number
    /// in the chain where it shares the log with others, which is given a number only after it is chained.
    #[must_use]
    pub fn place(&self, seq: u64) -> u64 {
        if self.chain.starts_with(SHARES_THE_LOG) { self.seq } else { seq }
    }
}

/// A row of the log with its place in a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainedEntry {
    /// What it tells.
    pub entry: AuditEntry,
    /// Where it hangs.
    pub link: ChainLink,
}

/// Which of a chain's two positions is sealed; one cannot stand in for the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seal {
    /// Where the chain ends.
    Head,
    /// The last row that retention removed.
    Anchor,
}

/// A position with a MAC of its own, so that it cannot be moved by whoever writes to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedPosition {
    /// The position.
    pub position: ChainPosition,
    /// Which key sealed it.
    pub key_id: ChainKeyId,
    /// The MAC over it.
    pub tag: ChainMac,
}

/// What a MAC says about what it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authenticity {
    /// It is as it was written.
    Genuine,
    /// It was made under a master secret that is not at hand: nothing can be said.
    UnknownKey,
    /// It is not what was written.
    Forged,
}

/// The keys of the chain: one that writes, and those of previous master secrets, which only verify.
#[derive(Clone)]
pub struct AuditChainKey {
    current: NamedKey,
    previous: Vec<NamedKey>,
}

#[derive(Clone)]
struct NamedKey {
    id: ChainKeyId,
    key: hmac::Key,
}

impl NamedKey {
    fn new(key: &hmac::Key) -> Self {
        let tag = hmac::sign(key, b"doorward audit key id");
        let id = tag.as_ref().first_chunk().copied().map_or(0, u32::from_be_bytes);
        Self { id: ChainKeyId(id), key: key.clone() }
    }

    fn mac(&self, message: &[u8]) -> ChainMac {
        let tag = hmac::sign(&self.key, message);
        // HMAC-SHA256 is 32 bytes long.
        ChainMac(tag.as_ref().first_chunk().copied().unwrap_or_default())
    }
}

impl fmt::Debug for AuditChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuditChainKey({}, …)", self.current.id)
    }
}

impl AuditChainKey {
    pub(crate) fn new<'a>(current: &hmac::Key, previous: impl Iterator<Item = &'a hmac::Key>) -> Self {
        Self { current: NamedKey::new(current), previous: previous.map(NamedKey::new).collect() }
    }

    /// Which key writes.
    #[must_use]
    pub const fn id(&self) -> ChainKeyId {
        self.current.id
    }

    /// The link of a row that follows `after` in `chain`. Call it in the transaction that inserts the row, with the
    /// position read there, or two rows claim one place.
    #[must_use]
    pub fn link(&self, entry: &AuditEntry, chain: &str, after: ChainPosition) -> ChainLink {
        self.link_at(entry, chain, after.seq.saturating_add(1), after.mac)
    }

    /// The link of a row that follows nothing, because where the chain ended cannot be trusted. Verification reports
    /// such a row for as long as it is kept: a forged head must not become a good one by being written after.
    #[must_use]
    pub fn restart(&self, entry: &AuditEntry, chain: &str, seq: u64) -> ChainLink {
        self.link_at(entry, chain, seq, ChainMac::NONE)
    }

    fn link_at(&self, entry: &AuditEntry, chain: &str, seq: u64, previous: ChainMac) -> ChainLink {
        let key_id = self.current.id;
        let mut link = ChainLink { chain: chain.to_owned(), seq, key_id, previous, mac: ChainMac::NONE };
        link.mac = self.current.mac(&encode_row(entry, link.place(entry.seq), &link));
        link
    }

    /// Whether a row is what was written at this place.
    #[must_use]
    pub fn check(&self, entry: &AuditEntry, link: &ChainLink) -> Authenticity {
        self.check_as_if_at(entry, link, entry.seq)
    }

    /// [`AuditChainKey::check`] for a row that may have been written at another place of the log.
    #[must_use]
    pub fn check_as_if_at(&self, entry: &AuditEntry, link: &ChainLink, seq: u64) -> Authenticity {
        self.verify(link.key_id, &encode_row(entry, link.place(seq), link), link.mac)
    }

    /// Seals where a chain ends or begins.
    #[must_use]
    pub fn seal(&self, seal: Seal, chain: &str, position: ChainPosition) -> SealedPosition {
        let key_id = self.current.id;
        let tag = self.current.mac(&encode_position(seal, chain, position, key_id));
        SealedPosition { position, key_id, tag }
    }

    /// Whether a sealed position is the one that was sealed.
    #[must_use]
    pub fn check_seal(&self, seal: Seal, chain: &str, sealed: &SealedPosition) -> Authenticity {
        let message = encode_position(seal, chain, sealed.position, sealed.key_id);
        self.verify(sealed.key_id, &message, sealed.tag)
    }

    fn verify(&self, key_id: ChainKeyId, message: &[u8], tag: ChainMac) -> Authenticity {
        let mut keys = std::iter::once(&self.current).chain(&self.previous).filter(|key| key.id == key_id);
        match keys.next() {
            None => Authenticity::UnknownKey,
            Some(key) if hmac::verify(&key.key, message, &tag.0).is_ok() => Authenticity::Genuine,
            Some(_) => Authenticity::Forged,
        }
    }
}

/// How the names of chains begin that share the log with others.
pub const SHARES_THE_LOG: &str = "postgres-";

/// Raised when the encoding changes; rows of an earlier version then verify by the earlier one.
const VERSION: u8 = 1;

/// A row in one way only: no two rows that differ have the same bytes, because each value of variable length has
/// its length before it, each optional one a flag, and their number and order are fixed.
fn encode_row(entry: &AuditEntry, seq: u64, link: &ChainLink) -> Vec<u8> {
    let mut out = Encoding::new(b"doorward audit row");
    out.text(&link.chain).number(link.seq).number(seq).bytes(&link.key_id.0.to_be_bytes());
    out.bytes(link.previous.as_bytes());
    out.text(&entry.name).text(&entry.outcome).bytes(&entry.at.as_millis().to_be_bytes()).text(&entry.actor);
    out.optional(entry.user_id.as_ref().map(|id| id.as_bytes().as_slice()));
    out.optional(entry.session_id.as_ref().map(|id| id.as_bytes().as_slice()));
    out.optional(entry.address.map(octets).as_deref());
    out.text(&entry.user_agent);
    out.optional(entry.request_id.as_deref().map(str::as_bytes));
    out.optional(entry.reason.as_deref().map(str::as_bytes));
    out.length(entry.details.len());
    for (name, value) in &entry.details {
        out.text(name).text(value);
    }
    out.0
}

fn encode_position(seal: Seal, chain: &str, position: ChainPosition, key_id: ChainKeyId) -> Vec<u8> {
    let mut out = Encoding::new(match seal {
        Seal::Head => b"doorward audit head",
        Seal::Anchor => b"doorward audit anchor",
    });
    out.text(chain).number(position.seq).bytes(position.mac.as_bytes()).bytes(&key_id.0.to_be_bytes());
    out.0
}

fn octets(address: std::net::IpAddr) -> Vec<u8> {
    match address {
        std::net::IpAddr::V4(address) => address.octets().to_vec(),
        std::net::IpAddr::V6(address) => address.octets().to_vec(),
    }
}

struct Encoding(Vec<u8>);

impl Encoding {
    fn new(what: &[u8]) -> Self {
        let mut out = Self(Vec::with_capacity(512));
        out.sized(what).bytes(&[VERSION]);
        out
    }

    /// Bytes whose number is fixed.
    fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn number(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    fn length(&mut self, length: usize) -> &mut Self {
        self.number(u64::try_from(length).unwrap_or(u64::MAX))
    }

    fn sized(&mut self, bytes: &[u8]) -> &mut Self {
        self.length(bytes.len()).bytes(bytes)
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.sized(text.as_bytes())
    }

    fn optional(&mut self, bytes: Option<&[u8]>) -> &mut Self {
        match bytes {
            None => self.bytes(&[0]),
            Some(bytes) => self.bytes(&[1]).sized(bytes),
        }
    }
}

#[cfg(test)]
#[path = "audit_chain_tests.rs"]
mod tests;
