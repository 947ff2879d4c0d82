//! `recovery_code`: ten random codes, and one normal form for whatever way they are typed.

use std::collections::BTreeSet;

use doorward_core::second_factor::recovery_code::{RecoveryCode, generate_ten, normalise};
use doorward_testkit::SeededEntropy;
use proptest::prelude::*;

fn ten(seed: u64) -> [RecoveryCode; 10] {
    generate_ten(&SeededEntropy::new(seed)).unwrap()
}

fn normal(typed: &str) -> Option<String> {
    normalise(typed).map(|normal| normal.to_string())
}

#[test]
fn ten_codes_are_made_and_all_differ() {
    let codes: BTreeSet<_> = ten(1).iter().map(|code| code.normal_form().to_owned()).collect();
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| !ten(2).iter().any(|other| other.normal_form() == code)));
}

#[test]
fn a_code_is_shown_in_four_groups_of_four() {
    for code in ten(1) {
        let shown = code.shown();
        let groups: Vec<_> = shown.reveal().split('-').collect();
        assert_eq!(groups.len(), 4);
        for group in &groups {
            assert_eq!(group.len(), 4);
            assert!(group.bytes().all(|byte| b"0123456789ABCDEFGHJKMNPQRSTVWXYZ".contains(&byte)), "{group}");
        }
        assert_eq!(groups.concat(), code.normal_form());
    }
}

/// All 32 characters turn up at all 16 places, hence all 80 bits are random.
#[test]
fn every_character_of_a_code_is_random() {
    let mut seen = vec![BTreeSet::new(); 16];
    for seed in 0..60 {
        for code in ten(seed) {
            for (place, character) in code.normal_form().chars().enumerate() {
                seen[place].insert(character);
            }
        }
    }
    assert!(seen.iter().all(|characters| characters.len() == 32), "{seen:?}");
}

#[test]
fn without_randomness_there_are_no_codes() {
    let entropy = SeededEntropy::new(1);
    entropy.fail(true);
    assert!(generate_ten(&entropy).is_err());
}

#[test]
fn debug_shows_no_code() {
    for code in ten(1) {
        assert_eq!(format!("{code:?}"), "RecoveryCode(…)");
        assert!(!format!("{:?}", code.shown()).contains(code.shown().reveal()));
    }
}

#[test]
fn letters_that_look_like_digits_are_read_as_such() {
    let expected = Some("0011ABCDEFGH1110".to_owned());
    for typed in
        ["0011-ABCD-EFGH-1110", "OoIl-abcd-efgh-iLiO", "oOLi abcd EFGH LIlo", "  0o1l–ABCD—EFGH−1i1o\r\n"]
    {
        assert_eq!(normal(typed), expected, "{typed:?}");
    }
}

#[test]
fn what_cannot_be_a_code_is_none() {
    for typed in [
        "",
        "-",
        "287082",
        "0011-ABCD-EFGH-111",
        "0011-ABCD-EFGH-11100",
        "0011-ABCD-EFGH-111U",
        "0011-ABCD-EFGH-111_",
        "0011.ABCD.EFGH.1110",
        "0011-ABCD-EFGH-111\u{ff10}",
        "0011-ABCD-EFGH-111é",
        "0011-ABCD-EFGH-1110\u{0}",
    ] {
        assert_eq!(normal(typed), None, "{typed:?}");
    }
}

/// How somebody may write one character of a code.
fn spelling(character: char, choice: u8) -> char {
    let spellings = match character {
        '0' => vec!['0', 'O', 'o'],
        '1' => vec!['1', 'I', 'i', 'L', 'l'],
        other => vec![other, other.to_ascii_lowercase()],
    };
    spellings[usize::from(choice) % spellings.len()]
}

proptest! {
    #[test]
    fn whatever_way_a_code_is_spelled_its_normal_form_is_the_same(
        seed in any::<u64>(),
        choices in prop::collection::vec((any::<u8>(), "[-– \t\u{a0}]{0,3}"), 16),
    ) {
        for code in ten(seed) {
            let mut typed = String::new();
            for (character, (choice, separator)) in code.normal_form().chars().zip(&choices) {
                typed.push(spelling(character, *choice));
                typed.push_str(separator);
            }
            let expected = Some(code.normal_form().to_owned());
            prop_assert_eq!(&normal(&typed), &expected, "{}", typed);
            prop_assert_eq!(&normal(code.shown().reveal()), &expected);
        }
    }

    #[test]
    fn one_character_more_or_less_or_another_is_another_code_or_none(
        seed in any::<u64>(), place in 0_usize..16, other in "[0-9A-HJKMNP-TV-Z]",
    ) {
        let [code, ..] = ten(seed);
        let mut changed = code.normal_form().to_owned();
        changed.replace_range(place..=place, &other);
        prop_assert_eq!(normal(&changed).as_deref() == Some(code.normal_form()), changed == code.normal_form());
        changed.push_str(&other);
        prop_assert_eq!(normal(&changed), None);
        changed.truncate(15);
        prop_assert_eq!(normal(&changed), None);
    }

    #[test]
    fn a_normal_form_is_its_own_and_no_text_panics(typed in any::<String>()) {
        if let Some(once) = normal(&typed) {
            prop_assert_eq!(normal(&once), Some(once.clone()));
        }
    }
}
