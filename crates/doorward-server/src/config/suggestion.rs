//! "Did you mean …?"

/// The candidate nearest to `given`, if any is near enough to be a likely typo.
pub(super) fn nearest<'a>(given: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    candidates
        .map(|candidate| {
            // A right name in the wrong section (`listen` for `http.listen`) is a near miss too.
            let whole = distance(given, candidate);
            let misplaced = if last(given) == last(candidate) { 3 } else { usize::MAX };
            (whole.min(misplaced), candidate)
        })
        .min()
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).clamp(1, 4))
        .map(|(_, candidate)| candidate)
}

/// Edit distance of the restricted Damerau kind: insertions, deletions, substitutions and swapped neighbours.
fn distance(left: &str, right: &str) -> usize {
    // Bounded, because a hostile file may hold a key of megabytes.
    let left: Vec<char> = left.chars().take(128).collect();
    let right: Vec<char> = right.chars().take(128).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut previous: Vec<usize> = (0..=right.len()).collect();
    let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
    for (i, a) in left.iter().enumerate() {
        let mut current = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = at(&previous, j) + usize::from(a != b);
            let mut best = replaced.min(at(&previous, j + 1) + 1).min(at(&current, j) + 1);
            let swapped = i > 0 && j > 0 && left.get(i - 1) == Some(b) && right.get(j - 1) == Some(a);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut previous, current);
    }
    at(&previous, right.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["http.listen", "http.admin_listen", "data_dir", "session.access_ttl"];

    #[test]
    fn a_typo_finds_its_key() {
        for (given, meant) in [
            ("http.listn", "http.listen"),
            ("http.lisetn", "http.listen"),
            ("datadir", "data_dir"),
            ("listen", "http.listen"),
            ("sessions.access_ttl", "session.access_ttl"),
        ] {
            assert_eq!(nearest(given, KEYS.into_iter()), Some(meant), "{given}");
        }
    }

    #[test]
    fn something_else_entirely_finds_nothing() {
        assert_eq!(nearest("lockout.threshold", KEYS.into_iter()), None);
        assert_eq!(nearest("", KEYS.into_iter()), None);
    }
}
