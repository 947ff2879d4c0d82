//! Whether a password is little else than its owner's name or mail address: the first thing that somebody who
//! guesses at one account tries (NIST SP 800-63B-4, 3.1.1.2: context-specific words).

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::PasswordOwner;

/// So many characters beside the name are no protection: a year, "123!".
const FEW: usize = 4;

/// A shorter piece of a name occurs in words that have nothing to do with it.
const LEAST_PIECE: usize = 3;

/// What is longer than any name is none, and not worth the time.
const MOST_NAME_CHARACTERS: usize = 254;

/// Whether `password` consists of pieces of its owner's name and mail address, forwards or backwards, in whatever
/// case and with the usual substitutions, and at most [`FEW`] other characters. A passphrase in which the name occurs
/// is none: there is more of it.
pub(super) fn is_like_its_owner(password: &str, owner: PasswordOwner<'_>) -> bool {
    let pieces = pieces(owner);
    // Dots and hyphens are left out of both, or they would be a way around.
    let whole = Zeroizing::new(bare(password));
    let (mut rest, mut others) = (whole.as_slice(), 0);
    while let [_, tail @ ..] = rest {
        match pieces.iter().find(|piece| rest.starts_with(piece)) {
            Some(piece) => rest = rest.get(piece.len()..).unwrap_or_default(),
            None => {
                others += 1;
                rest = tail;
            }
        }
    }
    let found_some = others < whole.len();
    found_some && others <= FEW
}

/// The names, whole and in their parts, forwards and backwards, longest first.
fn pieces(owner: PasswordOwner<'_>) -> Vec<Vec<char>> {
    // Whoever makes a user is told of a password before it is known whether the name could be one.
    let username = shortened(owner.username);
    let email = owner.email.map(shortened);
    let mut names = vec![username];
    names.extend(username.split(|c: char| !c.is_alphanumeric()));
    if let Some((local, domain)) = email.and_then(|email| email.rsplit_once('@')) {
        names.extend(email);
        names.push(local);
        names.extend(local.split(|c: char| !c.is_alphanumeric()));
        names.push(domain);
        // Not its last label: that says where it is registered.
        names.extend(domain.rsplit('.').skip(1));
    }
    let mut pieces: Vec<Vec<char>> =
        names.into_iter().map(bare).filter(|piece| piece.len() >= LEAST_PIECE).collect();
    let backwards: Vec<Vec<char>> =
        pieces.iter().map(|piece| piece.iter().rev().copied().collect()).collect();
    pieces.extend(backwards);
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
    pieces
}

/// As much of a name as can be one.
fn shortened(name: &str) -> &str {
    name.char_indices().nth(MOST_NAME_CHARACTERS).and_then(|(end, _)| name.get(..end)).unwrap_or(name)
}

/// Letters and digits alone, without case, and each that stands for another as that other.
fn bare(text: &str) -> Vec<char> {
    let folded = text.chars().take(MOST_NAME_CHARACTERS * 4).nfkc().default_case_fold().nfkc();
    folded.map(plain).filter(|c| c.is_alphanumeric()).collect()
}

/// The letter that a character is used for. Those that stand for two letters make the two one.
const fn plain(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' | '|' | 'l' => 'i',
        '2' => 'z',
        '3' | '€' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '6' | '9' => 'g',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARGARET: PasswordOwner<'_> =
        PasswordOwner::single_factor("margaret.hamilton", Some("m.hamilton@apollo-project.example.com"));

    #[test]
    fn a_name_and_little_else_is_refused() {
        for password in [
            "margaret.hamilton",
            "MargaretHamilton",
            "margaret1969",
            "Hamilton!",
            "hamilton-2024",
            "m4rg4r3t",
            "M@rgaret!!",
            "notlimah",
            "teragram12",
            "hamilton hamilton",
            "m.hamilton@apollo-project.example.com",
            "m.hamilton1",
            "apollo-project",
            "Apollo-Project1",
            "example.com1",
            "ＭＡＲＧＡＲＥＴ",
            "m-a-r-g-a-r-e-t",
        ] {
            assert!(is_like_its_owner(password, MARGARET), "{password}");
        }
    }

    #[test]
    fn a_passphrase_in_which_a_name_occurs_is_fine() {
        for password in [
            "margaret went to the moon",
            "correct horse battery staple",
            "hamilton-orbits-97",
            "an apollo of my own",
            "xk7#9vQw!m",
        ] {
            assert!(!is_like_its_owner(password, MARGARET), "{password}");
        }
        let ann = PasswordOwner::single_factor("ann", Some("ann@example.com"));
        for password in ["cannot-annoy-banner", "annual planning", "my channel is new", "ann has 2 cats"] {
            assert!(!is_like_its_owner(password, ann), "{password}");
        }
        assert!(is_like_its_owner("annannann", ann));
    }

    #[test]
    fn names_too_short_to_mean_anything_are_passed_over() {
        let owner = PasswordOwner::single_factor("al", Some("a@b.c"));
        for password in ["alalalal", "bcbcbcbc", "a-b-c-a-b"] {
            assert!(!is_like_its_owner(password, owner), "{password}");
        }
    }

    #[test]
    fn what_is_too_long_to_be_a_name_is_not_taken_apart_to_its_end() {
        let hostile = "aaa.".repeat(16_000);
        let mail = format!("{hostile}@{hostile}");
        let pieces = pieces(PasswordOwner::single_factor(&hostile, Some(&mail)));
        assert!(pieces.len() < 1_000, "{}", pieces.len());
    }

    #[test]
    fn names_in_other_scripts_count_too() {
        let owner = PasswordOwner::single_factor("Мария Склодовская", None);
        assert!(is_like_its_owner("склодовская1", owner));
        assert!(is_like_its_owner("мария-1867", owner));
        assert!(!is_like_its_owner("мария открыла радий", owner));
    }

    proptest! {
        #[test]
        fn the_name_with_up_to_four_characters_around_it_is_refused(
            name in "[a-z]{3,20}", before in "[a-z0-9]{0,2}", after in "[a-z0-9!]{0,2}", upper: bool,
        ) {
            let name_typed = if upper { name.to_uppercase() } else { name.clone() };
            let password = format!("{before}{name_typed}{after}");
            prop_assert!(is_like_its_owner(&password, PasswordOwner::single_factor(&name, None)));
        }

        #[test]
        fn nothing_typed_breaks_it(password: String, name: String, mail: String) {
            is_like_its_owner(&password, PasswordOwner::single_factor(&name, Some(&mail)));
        }
    }
}
