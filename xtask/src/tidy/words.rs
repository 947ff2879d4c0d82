//! What no tracked file says: what was left for later, and names of machines that are not the reader's.

use super::Finding;
use super::tree::Tree;

/// A text that may not appear, and why. Written in two halves, so that this file keeps its own rule.
struct Banned {
    text: &'static str,
    whole_word: bool,
    why: &'static str,
}

const LATER: &str = "do it now, or write an issue";
const REGISTRY: &str = "lock files and scripts use whatever registry their user has configured";
const MACHINE: &str = "a path of one machine; use a path from the repository's root";

const BANNED: [Banned; 10] = [
    Banned { text: concat!("TO", "DO"), whole_word: true, why: LATER },
    Banned { text: concat!("FIX", "ME"), whole_word: true, why: LATER },
    Banned { text: concat!("XX", "X"), whole_word: true, why: LATER },
    Banned { text: concat!("registry.", "npmjs.org"), whole_word: false, why: REGISTRY },
    Banned { text: concat!("registry.", "yarnpkg.com"), whole_word: false, why: REGISTRY },
    Banned { text: concat!("files.", "pythonhosted.org"), whole_word: false, why: REGISTRY },
    Banned { text: concat!("//", "pypi.org"), whole_word: false, why: REGISTRY },
    Banned { text: concat!("index.", "crates.io"), whole_word: false, why: REGISTRY },
    Banned { text: concat!("/wo", "rk/"), whole_word: true, why: MACHINE },
    Banned { text: concat!("/ro", "ot/"), whole_word: true, why: MACHINE },
];

/// Names each line with a banned text.
pub(crate) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (path, text) in tree.files() {
        for banned in BANNED.iter().filter(|banned| text.contains(banned.text)) {
            for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| banned.is_in(line)) {
                let said = line.trim().chars().take(60).collect::<String>();
                findings
                    .push(Finding::new(format!("{path}:{number}: {}: {} ({said})", banned.text, banned.why)));
            }
        }
    }
    findings
}

impl Banned {
    fn is_in(&self, line: &str) -> bool {
        let part_of_a_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        // A path that ends in a slash goes on with a name; only what stands before it can make it part of another.
        let open_ended = self.text.ends_with('/');
        let before_path = |c: Option<char>| part_of_a_word(c) || c.is_some_and(|c| ".-~}".contains(c));
        line.match_indices(self.text).any(|(start, found)| {
            let before = line.get(..start).and_then(|text| text.chars().next_back());
            let after = line.get(start + found.len()..).and_then(|text| text.chars().next());
            match (self.whole_word, open_ended) {
                (false, _) => true,
                (true, true) => !before_path(before),
                (true, false) => !part_of_a_word(before) && !part_of_a_word(after),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BANNED, Tree, check};

    #[test]
    fn every_banned_text_is_found_and_its_line_named() {
        for banned in &BANNED {
            let findings =
                check(&Tree::from([("docs/a.md", format!("fine\nsee {} there", banned.text).as_str())]));
            assert_eq!(findings.len(), 1, "{}", banned.text);
            assert!(findings[0].0.starts_with("docs/a.md:2: "), "{findings:?}");
        }
    }

    #[test]
    fn a_longer_word_or_path_is_another_word_or_path() {
        let text = format!("AU{}S frame{}a ./x{}b", BANNED[0].text, BANNED[8].text, BANNED[8].text);
        assert_eq!(check(&Tree::from([("a.md", text.as_str())])), vec![]);
    }

    #[test]
    fn a_file_without_them_is_clean() {
        assert!(check(&Tree::from([("a.rs", "//! Nothing is left for later.\n")])).is_empty());
    }
}
