//! Entries sorted roughly, on disk: as many as come, in memory that does not grow with them but for four bytes of
//! every twelve thousand.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::format::{Entry, leading};

/// As many parts as these leading bits tell apart.
pub(super) const PART_BITS: u32 = 10;
pub(super) const PARTS: usize = 1 << PART_BITS;

const BLOCK_ENTRIES: usize = 1024;
const BLOCK_BYTES: usize = BLOCK_ENTRIES * Entry::BYTES;

/// Entries by their leading bits, in one file without a name: it is gone when this process is, however that ends.
pub(super) struct Spill {
    file: File,
    parts: Vec<Part>,
    blocks: u32,
    entries: u64,
}

#[derive(Default)]
struct Part {
    /// Where its full blocks lie, in block lengths.
    blocks: Vec<u32>,
    /// The block that is not full yet.
    rest: Vec<u8>,
}

impl Spill {
    /// An empty one, in a file in `directory`.
    pub(super) fn in_directory(directory: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(directory)?;
        Ok(Self { file, parts: (0..PARTS).map(|_| Part::default()).collect(), blocks: 0, entries: 0 })
    }

    /// How many entries it holds.
    pub(super) const fn entries(&self) -> u64 {
        self.entries
    }

    /// Takes one more.
    pub(super) fn push(&mut self, entry: Entry) -> io::Result<()> {
        let number = leading(entry.lead, PART_BITS);
        let Some(part) = self.parts.get_mut(number) else { return Ok(()) };
        if part.rest.capacity() == 0 {
            part.rest.reserve_exact(BLOCK_BYTES);
        }
        part.rest.extend(entry.to_bytes());
        self.entries += 1;
        if part.rest.len() == BLOCK_BYTES {
            self.file.write_all_at(&part.rest, position(self.blocks))?;
            part.blocks.push(self.blocks);
            part.rest.clear();
            self.blocks =
                self.blocks.checked_add(1).ok_or_else(|| io::Error::other("the list is too long"))?;
        }
        Ok(())
    }

    /// How many entries of a part there are.
    pub(super) fn entries_of(&self, part: usize) -> usize {
        self.parts
            .get(part)
            .map_or(0, |part| part.blocks.len() * BLOCK_ENTRIES + part.rest.len() / Entry::BYTES)
    }

    /// Appends a part's entries, in no particular order.
    pub(super) fn read(&self, part: usize, into: &mut Vec<Entry>) -> io::Result<()> {
        let Some(part) = self.parts.get(part) else { return Ok(()) };
        let mut take = |bytes: &[u8]| {
            let (entries, _) = bytes.as_chunks();
            into.extend(entries.iter().map(|bytes| Entry::from_bytes(*bytes)));
        };
        let mut block = vec![0; BLOCK_BYTES];
        for number in &part.blocks {
            self.file.read_exact_at(&mut block, position(*number))?;
            take(&block);
        }
        take(&part.rest);
        Ok(())
    }
}

fn position(block: u32) -> u64 {
    u64::from(block) * u64::try_from(BLOCK_BYTES).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out_by_its_leading_bits() {
        let mut spill = Spill::in_directory(tempfile::tempdir().unwrap().path()).unwrap();
        // Enough for full blocks and rests in two parts, in turns.
        let entry = |n: u64| Entry { lead: if n.is_multiple_of(3) { 0 } else { u32::MAX }, key: n };
        for n in 0..5000 {
            spill.push(entry(n)).unwrap();
        }
        assert_eq!((spill.entries(), spill.entries_of(0), spill.entries_of(PARTS - 1)), (5000, 1667, 3333));
        let mut all = Vec::new();
        for part in 0..PARTS {
            let before = all.len();
            spill.read(part, &mut all).unwrap();
            assert_eq!(all.len() - before, spill.entries_of(part));
            assert!(all[before..].iter().all(|entry| leading(entry.lead, PART_BITS) == part));
        }
        all.sort_unstable_by_key(|entry| entry.key);
        assert_eq!(all, (0..5000).map(entry).collect::<Vec<_>>());
    }
}
