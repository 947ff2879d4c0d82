//! The filter file.
//!
//! | bytes | what |
//! | --- | --- |
//! | 8 | `DWBREACH` |
//! | 4 | version: 1 |
//! | 4 | shard bits: a shard holds the hashes with the same so many leading bits |
//! | 8 | entries |
//! | 36 a shard | where it begins (8), how many fingerprints it has (4), their CRC-32 (4), and the filter's seed (8), segment length (4), mask (4) and segment count length (4) |
//! | 4 | CRC-32 of everything above |
//! | 2 a fingerprint | the shards' fingerprints, shard by shard |
//!
//! Numbers are little-endian. A shard that has no hashes has no fingerprints.

use doorward_core::password::Sha1;
use xorf::Descriptor;

const MAGIC: [u8; 8] = *b"DWBREACH";
const VERSION: u32 = 1;
const HEADER_BYTES: usize = 24;
const PLACE_BYTES: usize = 36;
const CHECKSUM_BYTES: usize = 4;

/// So many leading bits still leave a directory that is small.
pub(super) const MOST_SHARD_BITS: u32 = 16;

/// A hash as the filter knows it: where it belongs, and what is looked for there. The other 64 bits are left out;
/// that two different hashes agree in these 96 is less likely than a false positive by ten orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) lead: u32,
    pub(super) key: u64,
}

impl Entry {
    pub(super) const BYTES: usize = 12;

    pub(super) fn of(hash: &Sha1) -> Self {
        let [a, b, c, d, key @ .., _, _, _, _, _, _, _, _] = *hash;
        Self { lead: u32::from_be_bytes([a, b, c, d]), key: u64::from_be_bytes(key) }
    }

    pub(super) fn to_bytes(self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        let (lead, key) = bytes.split_at_mut(4);
        lead.copy_from_slice(&self.lead.to_le_bytes());
        key.copy_from_slice(&self.key.to_le_bytes());
        bytes
    }

    pub(super) fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let [a, b, c, d, key @ ..] = bytes;
        Self { lead: u32::from_le_bytes([a, b, c, d]), key: u64::from_le_bytes(key) }
    }

    /// The number of the shard it belongs to.
    pub(super) fn shard(self, shard_bits: u32) -> usize {
        leading(self.lead, shard_bits)
    }
}

/// The first `bits` bits of a number.
pub(super) fn leading(number: u32, bits: u32) -> usize {
    // Shifting by all 32 bits is no shift at all: no bits is shard 0.
    number.checked_shr(u32::BITS - bits).and_then(|shard| usize::try_from(shard).ok()).unwrap_or(0)
}

/// Where a shard lies, and what it is read with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShardPlace {
    pub(super) offset: u64,
    pub(super) fingerprints: u32,
    pub(super) checksum: u32,
    pub(super) descriptor: Descriptor,
}

impl ShardPlace {
    /// One without hashes.
    pub(super) const EMPTY: Self = Self {
        offset: 0,
        fingerprints: 0,
        checksum: 0,
        descriptor: Descriptor {
            seed: 0,
            segment_length: 0,
            segment_length_mask: 0,
            segment_count_length: 0,
        },
    };

    /// How many bytes its fingerprints take.
    pub(super) fn bytes(&self) -> u64 {
        u64::from(self.fingerprints) * 2
    }

    /// Whether a look-up stays within the fingerprints, whatever is looked for, and they within the file. A
    /// checksum tells damage, not a file that somebody made up.
    fn is_sound(&self, begin: u64, file_bytes: u64) -> bool {
        let Descriptor { segment_length, segment_length_mask, segment_count_length, .. } = self.descriptor;
        let within = self.offset >= begin
            && self.offset.checked_add(self.bytes()).is_some_and(|end| end <= file_bytes);
        let needed = u64::from(segment_count_length) + 2 * u64::from(segment_length);
        *self == Self::EMPTY
            || within
                && segment_length.is_power_of_two()
                && segment_length_mask == segment_length - 1
                && segment_count_length > 0
                && segment_count_length % segment_length == 0
                && u64::from(self.fingerprints) >= needed
    }
}

/// What stands before the fingerprints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    pub(super) shard_bits: u32,
    pub(super) entries: u64,
    pub(super) shards: Vec<ShardPlace>,
}

/// Why bytes are no directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoDirectory {
    /// They are something else.
    AnotherFormat,
    /// They are of a version that is not known here.
    AnotherVersion(u32),
    /// They were one, once.
    Damaged,
}

impl Directory {
    /// How many bytes the smallest one takes.
    pub(super) const LEAST_BYTES: usize = HEADER_BYTES;

    /// How many bytes one of so many shards takes.
    pub(super) fn bytes(shard_bits: u32) -> usize {
        HEADER_BYTES + (PLACE_BYTES << shard_bits) + CHECKSUM_BYTES
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::bytes(self.shard_bits));
        bytes.extend(MAGIC);
        bytes.extend(VERSION.to_le_bytes());
        bytes.extend(self.shard_bits.to_le_bytes());
        bytes.extend(self.entries.to_le_bytes());
        for place in &self.shards {
            bytes.extend(place.offset.to_le_bytes());
            bytes.extend(place.fingerprints.to_le_bytes());
            bytes.extend(place.checksum.to_le_bytes());
            bytes.extend(place.descriptor.seed.to_le_bytes());
            bytes.extend(place.descriptor.segment_length.to_le_bytes());
            bytes.extend(place.descriptor.segment_length_mask.to_le_bytes());
            bytes.extend(place.descriptor.segment_count_length.to_le_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_le_bytes());
        bytes
    }

    /// How many bytes of the file are the directory, by its first [`Self::LEAST_BYTES`].
    pub(super) fn extent(head: &[u8]) -> Result<usize, NoDirectory> {
        let mut fields = Fields(head);
        if fields.take::<8>()? != MAGIC {
            return Err(NoDirectory::AnotherFormat);
        }
        match fields.u32()? {
            VERSION => {}
            other => return Err(NoDirectory::AnotherVersion(other)),
        }
        let shard_bits = fields.u32()?;
        if shard_bits > MOST_SHARD_BITS { Err(NoDirectory::Damaged) } else { Ok(Self::bytes(shard_bits)) }
    }

    /// Reads one that is the beginning of a file of `file_bytes`.
    pub(super) fn decode(bytes: &[u8], file_bytes: u64) -> Result<Self, NoDirectory> {
        let extent = Self::extent(bytes)?;
        let (covered, checksum) = bytes
            .get(..extent)
            .and_then(|bytes| bytes.split_last_chunk::<CHECKSUM_BYTES>())
            .ok_or(NoDirectory::Damaged)?;
        if crc32fast::hash(covered) != u32::from_le_bytes(*checksum) {
            return Err(NoDirectory::Damaged);
        }
        let mut fields = Fields(covered);
        fields.take::<12>()?;
        let shard_bits = fields.u32()?;
        let entries = fields.u64()?;
        let shards = (0..1_u32 << shard_bits).map(|_| fields.place()).collect::<Result<Vec<_>, _>>()?;
        let begin = u64::try_from(extent).map_err(|_| NoDirectory::Damaged)?;
        let sound = shards.iter().all(|place| place.is_sound(begin, file_bytes));
        let complete =
            shards.iter().map(ShardPlace::bytes).sum::<u64>().checked_add(begin) == Some(file_bytes);
        if sound && complete { Ok(Self { shard_bits, entries, shards }) } else { Err(NoDirectory::Damaged) }
    }
}

/// What is left of some bytes.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], NoDirectory> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(NoDirectory::Damaged)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn u32(&mut self) -> Result<u32, NoDirectory> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Result<u64, NoDirectory> {
        self.take().map(u64::from_le_bytes)
    }

    fn place(&mut self) -> Result<ShardPlace, NoDirectory> {
        Ok(ShardPlace {
            offset: self.u64()?,
            fingerprints: self.u32()?,
            checksum: self.u32()?,
            descriptor: Descriptor {
                seed: self.u64()?,
                segment_length: self.u32()?,
                segment_length_mask: self.u32()?,
                segment_count_length: self.u32()?,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_shard() -> Directory {
        let descriptor =
            Descriptor { seed: 9, segment_length: 4, segment_length_mask: 3, segment_count_length: 4 };
        let offset = Directory::bytes(1) as u64;
        let place = ShardPlace { offset, fingerprints: 12, checksum: 7, descriptor };
        Directory { shard_bits: 1, entries: 3, shards: vec![place, ShardPlace::EMPTY] }
    }

    fn decoded(directory: &Directory) -> Result<Directory, NoDirectory> {
        let bytes = directory.encode();
        Directory::decode(&bytes, bytes.len() as u64 + 24)
    }

    #[test]
    fn a_directory_reads_back_as_itself() {
        assert_eq!(decoded(&one_shard()), Ok(one_shard()));
    }

    #[test]
    fn a_hash_is_split_without_overlap() {
        let hash: Sha1 = std::array::from_fn(|at| u8::try_from(at).unwrap());
        let entry = Entry::of(&hash);
        assert_eq!((entry.lead, entry.key), (0x0001_0203, 0x0405_0607_0809_0a0b));
        assert_eq!(Entry::from_bytes(entry.to_bytes()), entry);
        let entry = Entry { lead: 0xabcd_ef01, key: 0 };
        assert_eq!([0, 4, 8, 16].map(|bits| entry.shard(bits)), [0, 0xa, 0xab, 0xabcd]);
    }

    #[test]
    fn each_flipped_bit_is_noticed() {
        let bytes = one_shard().encode();
        for at in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            assert!(Directory::decode(&flipped, bytes.len() as u64 + 24).is_err(), "bit {at}");
        }
        for length in 0..bytes.len() {
            assert!(Directory::decode(&bytes[..length], length as u64).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn a_directory_that_leads_out_of_its_file_is_none() {
        let broken: [fn(&mut ShardPlace); 7] = [
            |place| place.offset = 3,
            |place| place.offset += 2,
            |place| place.offset = u64::MAX,
            |place| place.fingerprints = 11,
            |place| place.descriptor.segment_length = 3,
            |place| place.descriptor.segment_length_mask = 7,
            |place| place.descriptor.segment_count_length = 8,
        ];
        for change in broken {
            let mut directory = one_shard();
            change(&mut directory.shards[0]);
            assert_eq!(decoded(&directory), Err(NoDirectory::Damaged), "{directory:?}");
        }
    }
}
