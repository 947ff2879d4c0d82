//! The most common passwords of public leaks (NIST SP 800-63B-4, 3.1.1.2): a list that is part of the program, folded
//! into a filter (binary fuse, 16 bits an entry), so that more than 100,000 of them take a quarter of a megabyte. What is listed is always found; one password in 65,536 that is not is taken for
//! one that is.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use xorf::{BinaryFuse16, Descriptor, Filter};
use zeroize::Zeroizing;

/// Made of the list beside it by `cargo run -p doorward-core --example common_passwords`.
static FILTER: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/common-passwords.filter"));

/// Read at the first password that is set, and kept.
static COMMON: LazyLock<Option<BinaryFuse16>> = LazyLock::new(|| read(FILTER));

/// Whether `password`, which is normalised (NFKC), is one of them, in upper or lower case.
pub(super) fn is_common(password: &str) -> bool {
    // A filter that cannot be read would have failed the tests of this file; it refuses every password.
    COMMON.as_ref().is_none_or(|filter| filter.contains(&key(password)))
}

/// Folds a list of passwords, each in lower case, into the filter's bytes. The same list gives the same bytes.
///
/// # Errors
/// A sentence where an entry stands there twice.
pub fn common_passwords_filter<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Vec<u8>, String> {
    let mut keys: Vec<u64> = entries.into_iter().map(key).collect();
    let given = keys.len();
    keys.sort_unstable();
    keys.dedup();
    if keys.len() != given {
        return Err(format!("{} entries stand there twice", given - keys.len()));
    }
    let filter = BinaryFuse16::try_from(&keys).map_err(str::to_owned)?;
    let Descriptor { seed, segment_length, segment_length_mask, segment_count_length } = filter.descriptor;
    let mut bytes = seed.to_le_bytes().to_vec();
    for part in [segment_length, segment_length_mask, segment_count_length] {
        bytes.extend(part.to_le_bytes());
    }
    bytes.extend(filter.fingerprints.iter().flat_map(|fingerprint| fingerprint.to_le_bytes()));
    Ok(bytes)
}

fn read(bytes: &[u8]) -> Option<BinaryFuse16> {
    let (seed, rest) = bytes.split_first_chunk()?;
    let (segment_length, rest) = rest.split_first_chunk()?;
    let (segment_length_mask, rest) = rest.split_first_chunk()?;
    let (segment_count_length, fingerprints) = rest.split_first_chunk()?;
    let (fingerprints, _) = fingerprints.as_chunks();
    Some(BinaryFuse16 {
        descriptor: Descriptor {
            seed: u64::from_le_bytes(*seed),
            segment_length: u32::from_le_bytes(*segment_length),
            segment_length_mask: u32::from_le_bytes(*segment_length_mask),
            segment_count_length: u32::from_le_bytes(*segment_count_length),
        },
        fingerprints: fingerprints.iter().map(|bytes| u16::from_le_bytes(*bytes)).collect(),
    })
}

/// What the filter knows a password by: upper and lower case are one.
fn key(password: &str) -> u64 {
    // Folding can undo the normalisation (Unicode 3.13, toNFKC_Casefold).
    let folded: Zeroizing<String> = Zeroizing::new(password.nfkc().default_case_fold().nfkc().collect());
    let hash = digest(&SHA256, folded.as_bytes());
    hash.as_ref().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/common-passwords.txt"));

    fn entries() -> impl Iterator<Item = &'static str> {
        LIST.lines()
    }

    #[test]
    fn the_committed_filter_is_fresh() {
        assert!(
            common_passwords_filter(entries()).unwrap() == FILTER,
            "run: cargo run -p doorward-core --example common_passwords"
        );
    }

    #[test]
    fn every_entry_of_the_list_is_found_and_they_are_a_hundred_thousand() {
        let mut found = 0;
        for entry in entries() {
            assert!(is_common(entry), "{entry}");
            found += 1;
        }
        assert!(found >= 100_000, "{found}");
    }

    #[test]
    fn upper_and_lower_case_and_width_make_no_difference() {
        for typed in ["Password1", "PASSWORD1", "pASSword1", "ｐａｓｓｗｏｒｄ１", "Baseball", "QWERTYUIOP"]
        {
            let normalised: String = typed.nfkc().collect();
            assert!(is_common(&normalised), "{typed}");
        }
    }

    #[test]
    fn other_passwords_are_not_taken_for_common_ones() {
        let taken = (0..200_000).filter(|n| is_common(&format!("not in the list {n}"))).count();
        assert!(taken <= 20, "{taken} of 200,000: more than 1 in 10,000");
    }

    #[test]
    fn a_file_cut_short_is_no_filter() {
        assert!(read(&FILTER[..19]).is_none());
    }
}
