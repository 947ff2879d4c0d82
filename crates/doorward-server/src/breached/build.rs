//! From a list of any length to a filter file, in bounded memory: the list is sorted roughly on disk, and a filter is
//! made of each shard.

use std::fs::{File, Permissions};
use std::io::{self, BufRead, BufWriter, Seek, SeekFrom, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use xorf::BinaryFuse16;

use super::format::{Directory, Entry, MOST_SHARD_BITS, ShardPlace};
use super::lines::{Line, Lines};
use super::spill::{PART_BITS, PARTS, Spill};

/// About so many entries make a shard: a look-up reads all of it, some 150 kB.
const SHARD_ENTRIES: u64 = 1 << 16;

/// More than these are not held in memory at once. Hashes are spread evenly, so a list of eight thousand million fits.
const MOST_AT_ONCE: usize = 8 << 20;

/// How often progress is reported: every so many lines.
const REPORT_EVERY: u64 = 1 << 16;

/// How far a build is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The list is read.
    Reading {
        /// So many lines so far.
        lines: u64,
        /// So many bytes so far.
        bytes: u64,
    },
    /// The filters are made.
    Writing {
        /// So many shards so far.
        done: u64,
        /// Of so many.
        total: u64,
    },
}

/// What was built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Built {
    /// How many different hashes are in the filter.
    pub entries: u64,
    /// How many bytes the file has.
    pub bytes: u64,
}

/// Why nothing was built. What stood at the output's place before still does.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// A line of the list is none of its lines.
    #[error("line {line}: {mend}")]
    Malformed {
        /// Its number, counted from 1.
        line: u64,
        /// What to do.
        mend: &'static str,
    },
    /// The list is empty.
    #[error("it holds no hashes")]
    Empty,
    /// Hashes are spread evenly, and these are not.
    #[error("far too many of its hashes begin alike: this is no list of SHA-1 hashes of passwords")]
    Uneven,
    /// The list cannot be read.
    #[error("cannot read it: {0}")]
    Read(#[source] io::Error),
    /// The filter, or a temporary file beside it, cannot be written.
    #[error("cannot write {path}: {source}", path = path.display())]
    Write {
        /// The filter's path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Makes the filter file `output` of a list, and puts it in place at once when it is complete and on the disk. The
/// same hashes give the same bytes, in whatever order they come.
///
/// Takes, in `output`'s directory and for as long as it runs, twelve bytes an entry.
///
/// # Errors
/// [`BuildError`]
pub fn build(list: impl BufRead, output: &Path, mut report: impl FnMut(Step)) -> Result<Built, BuildError> {
    let writing = |source| BuildError::Write { path: output.to_owned(), source };
    let directory = output.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A device would be gone with its name: `/dev/null`, where somebody builds as root to see whether it works.
    if output.metadata().is_ok_and(|found| !found.is_file()) {
        return Err(writing(io::Error::new(
            io::ErrorKind::AlreadyExists,
            "what is there is no regular file",
        )));
    }
    let mut spill = Spill::in_directory(directory).map_err(writing)?;
    read(list, &mut spill, &mut report, writing)?;
    if spill.entries() == 0 {
        return Err(BuildError::Empty);
    }
    let at_once = parts_at_once(shard_bits(spill.entries()));
    let held = |first: usize| (first..first + at_once).map(|part| spill.entries_of(part)).sum::<usize>();
    if (0..PARTS).step_by(at_once).any(|first| held(first) > MOST_AT_ONCE) {
        return Err(BuildError::Uneven);
    }
    // What it holds is public, and the server's user has to read it, whoever builds it.
    let draft = tempfile::Builder::new()
        .prefix(".breached-")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(directory)
        .map_err(writing)?;
    let built = write(&spill, &draft, &mut report).map_err(writing)?;
    put_in_place(draft, output, directory).map_err(writing)?;
    Ok(built)
}

fn read(
    list: impl BufRead,
    spill: &mut Spill,
    report: &mut impl FnMut(Step),
    writing: impl Fn(io::Error) -> BuildError,
) -> Result<(), BuildError> {
    let mut lines = Lines::new(list);
    while let Some(line) = lines.next().map_err(BuildError::Read)? {
        match line {
            Line::Hash(hash) => spill.push(Entry::of(&hash)).map_err(&writing)?,
            Line::Nothing => {}
            Line::Malformed(mend) => return Err(BuildError::Malformed { line: lines.number, mend }),
        }
        if lines.number.is_multiple_of(REPORT_EVERY) {
            report(Step::Reading { lines: lines.number, bytes: lines.bytes });
        }
    }
    Ok(())
}

/// So many leading bits that a shard has about [`SHARD_ENTRIES`].
fn shard_bits(entries: u64) -> u32 {
    entries.div_ceil(SHARD_ENTRIES).next_power_of_two().trailing_zeros().min(MOST_SHARD_BITS)
}

/// Either several parts make a shard, or a part makes several shards.
const fn parts_at_once(shard_bits: u32) -> usize {
    1 << PART_BITS.saturating_sub(shard_bits)
}

fn write(spill: &Spill, draft: &NamedTempFile, report: &mut impl FnMut(Step)) -> io::Result<Built> {
    let shard_bits = shard_bits(spill.entries());
    let mut directory = Directory { shard_bits, entries: 0, shards: Vec::new() };
    let mut out = BufWriter::with_capacity(1 << 20, draft.as_file());
    let mut offset = u64::try_from(Directory::bytes(shard_bits)).map_err(io::Error::other)?;
    out.seek(SeekFrom::Start(offset))?;
    let total = 1_u64 << shard_bits;
    let at_once = parts_at_once(shard_bits);
    let mut entries = Vec::new();
    for first_part in (0..PARTS).step_by(at_once) {
        entries.clear();
        for part in first_part..first_part + at_once {
            spill.read(part, &mut entries)?;
        }
        entries.sort_unstable();
        entries.dedup();
        directory.entries += u64::try_from(entries.len()).map_err(io::Error::other)?;
        let mut rest = entries.as_slice();
        for _ in 0..1_u64 << shard_bits.saturating_sub(PART_BITS) {
            let shard = directory.shards.len();
            let (this, others) =
                rest.split_at(rest.partition_point(|entry| entry.shard(shard_bits) <= shard));
            rest = others;
            let place = write_shard(this, offset, &mut out)?;
            offset += place.bytes();
            directory.shards.push(place);
            report(Step::Writing { done: u64::try_from(shard + 1).unwrap_or(total), total });
        }
    }
    out.seek(SeekFrom::Start(0))?;
    out.write_all(&directory.encode())?;
    out.flush()?;
    Ok(Built { entries: directory.entries, bytes: offset })
}

fn write_shard(entries: &[Entry], offset: u64, out: &mut impl Write) -> io::Result<ShardPlace> {
    if entries.is_empty() {
        return Ok(ShardPlace::EMPTY);
    }
    let mut keys: Vec<u64> = entries.iter().map(|entry| entry.key).collect();
    keys.sort_unstable();
    keys.dedup();
    let filter = BinaryFuse16::try_from(&keys).map_err(io::Error::other)?;
    let bytes: Vec<u8> = filter.fingerprints.iter().flat_map(|print| print.to_le_bytes()).collect();
    out.write_all(&bytes)?;
    Ok(ShardPlace {
        offset,
        fingerprints: u32::try_from(filter.fingerprints.len()).map_err(io::Error::other)?,
        checksum: crc32fast::hash(&bytes),
        descriptor: filter.descriptor,
    })
}

/// First the content, then the name, each on the disk: after a crash there is the file of before or the whole new one.
fn put_in_place(draft: NamedTempFile, output: &Path, directory: &Path) -> io::Result<()> {
    draft.as_file().sync_all()?;
    draft.persist(output).map_err(|error| error.error)?;
    File::open(directory)?.sync_all()
}
