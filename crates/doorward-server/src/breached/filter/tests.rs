//! From list to look-up.

use std::fs::{self, OpenOptions};

use proptest::prelude::*;

use super::*;
use crate::breached::{BuildError, Step, build};

/// A hash as good as any, without hashing.
fn hash(n: u64) -> Sha1 {
    let mut hash = [0; 20];
    let mut state = n;
    for chunk in hash.chunks_mut(8) {
        // SplitMix64 (Steele, Lea, Flood 2014).
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        chunk.copy_from_slice(&(z ^ (z >> 31)).to_le_bytes()[..chunk.len()]);
    }
    hash
}

fn line(hash: &Sha1) -> String {
    let (head, tail) = hash.split_first_chunk().unwrap();
    let (middle, tail) = tail.split_first_chunk().unwrap();
    let tail: [u8; 4] = tail.try_into().unwrap();
    let (head, middle, tail) =
        (u64::from_be_bytes(*head), u64::from_be_bytes(*middle), u32::from_be_bytes(tail));
    format!("{head:016X}{middle:016X}{tail:08X}:{}\r\n", tail % 100 + 1)
}

fn list(hashes: impl IntoIterator<Item = Sha1>) -> String {
    hashes.into_iter().map(|hash| line(&hash)).collect()
}

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("breached.filter")
    }

    fn build(&self, list: &str) -> Result<super::super::Built, BuildError> {
        build(list.as_bytes(), &self.file(), |_| {})
    }

    fn open(&self) -> BreachedFilter {
        BreachedFilter::open(&self.file(), Check::Everything).unwrap()
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.0.path()).unwrap();
        names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn every_hash_of_the_list_is_found_and_at_most_one_in_ten_thousand_others() {
    const LISTED: u64 = 200_000;
    const OTHERS: u64 = 300_000;
    let place = Place::new();
    let built = place.build(&list((0..LISTED).map(hash))).unwrap();
    assert_eq!(built.entries, LISTED);
    assert_eq!(built.bytes, fs::metadata(place.file()).unwrap().len());
    assert!(built.bytes * 8 < LISTED * 20, "{} bits an entry", built.bytes * 8 / LISTED);
    let filter = place.open();
    assert_eq!(filter.entries(), LISTED);
    // Each look-up reads a shard, so that a part of the list has to do for the whole.
    for n in (0..LISTED).step_by(97) {
        assert_eq!(filter.contains(&hash(n)), Ok(true), "{n}");
    }
    let mut false_positives = 0;
    // All shards in memory: what is measured is the filter, not the disk.
    let shards: Vec<_> = filter.directory.shards.iter().map(|place| loaded(&filter, place)).collect();
    for n in 0..LISTED {
        assert!(asked(&filter, &shards, n), "{n}");
    }
    for n in LISTED..LISTED + OTHERS {
        false_positives += u64::from(asked(&filter, &shards, n));
    }
    assert!(false_positives * 10_000 <= OTHERS, "{false_positives} of {OTHERS}");
    assert!(shards.len() > 1);
}

fn loaded(filter: &BreachedFilter, place: &ShardPlace) -> BinaryFuse16 {
    let bytes = filter.fingerprints(place).unwrap();
    let fingerprints = bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    BinaryFuse16 { descriptor: place.descriptor.clone(), fingerprints }
}

fn asked(filter: &BreachedFilter, shards: &[BinaryFuse16], n: u64) -> bool {
    let entry = Entry::of(&hash(n));
    shards[entry.shard(filter.directory.shard_bits)].contains(&entry.key)
}

#[test]
fn order_case_and_repeats_make_no_difference() {
    let place = Place::new();
    let forwards = list((0..3000).map(hash));
    place.build(&forwards).unwrap();
    let first = fs::read(place.file()).unwrap();
    let mut lines: Vec<&str> = forwards.lines().collect();
    lines.reverse();
    lines.extend(forwards.lines().take(100));
    let built = place.build(&lines.join("\n").to_lowercase()).unwrap();
    assert_eq!(built.entries, 3000);
    assert!(fs::read(place.file()).unwrap() == first);
}

#[test]
fn a_malformed_line_is_named_and_the_file_of_before_stays() {
    let place = Place::new();
    place.build(&list([hash(1)])).unwrap();
    let before = fs::read(place.file()).unwrap();
    let broken = format!("{}not a hash\n{}", list((0..41).map(hash)), line(&hash(50)));
    let error = place.build(&broken).unwrap_err();
    assert!(matches!(error, BuildError::Malformed { line: 42, .. }), "{error}");
    assert!(matches!(place.build("\n\n"), Err(BuildError::Empty)));
    assert_eq!(fs::read(place.file()).unwrap(), before);
    assert_eq!(place.names(), ["breached.filter"], "nothing is left lying about");
}

#[test]
fn progress_is_told_of_both_halves() {
    let place = Place::new();
    let text = list((0..70_000).map(hash));
    let mut steps = Vec::new();
    build(text.as_bytes(), &place.file(), |step| steps.push(step)).unwrap();
    assert_eq!(
        steps[0],
        Step::Reading { lines: 65_536, bytes: text.lines().take(65_536).map(|l| l.len() as u64 + 2).sum() }
    );
    assert_eq!(steps.last(), Some(&Step::Writing { done: 2, total: 2 }));
}

#[test]
fn a_damaged_byte_anywhere_is_noticed_when_everything_is_checked() {
    let place = Place::new();
    place.build(&list((0..20).map(hash))).unwrap();
    let whole = fs::read(place.file()).unwrap();
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(place.file(), damaged).unwrap();
        assert!(BreachedFilter::open(&place.file(), Check::Everything).is_err(), "byte {at}");
    }
    for length in 0..whole.len() {
        fs::write(place.file(), &whole[..length]).unwrap();
        assert!(BreachedFilter::open(&place.file(), Check::Directory).is_err(), "{length} bytes");
    }
    fs::write(place.file(), [&whole[..], b"x"].concat()).unwrap();
    assert!(matches!(BreachedFilter::open(&place.file(), Check::Directory), Err(OpenError::Damaged)));
}

#[test]
fn a_file_that_is_replaced_while_it_is_open_goes_on_being_read() {
    let place = Place::new();
    place.build(&list([hash(1)])).unwrap();
    let filter = place.open();
    place.build(&list((100..5000).map(hash))).unwrap();
    assert_eq!(filter.contains(&hash(1)), Ok(true));
    assert_eq!(place.open().contains(&hash(1)), Ok(false));
    assert_eq!(place.open().contains(&hash(100)), Ok(true));
}

/// With a memory map this would be the end of the process (SIGBUS).
#[test]
fn a_file_that_is_overwritten_or_cut_short_while_it_is_open_gives_no_answer() {
    let place = Place::new();
    place.build(&list((0..2000).map(hash))).unwrap();
    let whole = fs::read(place.file()).unwrap();
    let filter = place.open();
    OpenOptions::new().write(true).open(place.file()).unwrap().set_len(whole.len() as u64 / 2).unwrap();
    assert_eq!(filter.contains(&hash(1)), Err(LookUpFailed));
    fs::write(place.file(), vec![0; whole.len()]).unwrap();
    assert_eq!(filter.contains(&hash(1)), Err(LookUpFailed));
    fs::write(place.file(), whole).unwrap();
    assert_eq!(filter.contains(&hash(1)), Ok(true));
}

#[test]
fn other_files_are_no_filters() {
    let place = Place::new();
    let opened = || BreachedFilter::open(&place.file(), Check::Directory);
    assert!(matches!(opened(), Err(OpenError::Read(_))));
    fs::create_dir(place.file()).unwrap();
    assert!(matches!(opened(), Err(OpenError::AnotherFormat)));
    fs::remove_dir(place.file()).unwrap();
    for other in ["", "short", &list((0..100).map(hash))] {
        fs::write(place.file(), other).unwrap();
        assert!(matches!(opened(), Err(OpenError::AnotherFormat)));
    }
    place.build(&list([hash(1)])).unwrap();
    let mut later = fs::read(place.file()).unwrap();
    later[8] = 2;
    fs::write(place.file(), later).unwrap();
    assert!(matches!(opened(), Err(OpenError::AnotherVersion(2))));
}

#[test]
fn hashes_that_are_not_spread_are_found_all_the_same() {
    let place = Place::new();
    let alike = |n: u64| {
        let mut hash = hash(n);
        hash[..4].fill(0xff);
        hash
    };
    place.build(&list((0..150_000).map(alike))).unwrap();
    let filter = place.open();
    for n in (0..150_000).step_by(999) {
        assert_eq!(filter.contains(&alike(n)), Ok(true));
    }
    assert_eq!(filter.contains(&[0; 20]), Ok(false));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_listed_is_found(seeds in prop::collection::hash_set(any::<u64>(), 1..300)) {
        let place = Place::new();
        let built = place.build(&list(seeds.iter().map(|seed| hash(*seed)))).unwrap();
        prop_assert_eq!(built.entries, seeds.len() as u64);
        let filter = place.open();
        for seed in seeds {
            prop_assert_eq!(filter.contains(&hash(seed)), Ok(true));
        }
    }
}
