//! How hard a password is to guess, by zxcvbn's estimate (Wheeler, USENIX Security 2016), and what to say to
//! somebody whose password is too easy.

use zxcvbn::{
    Entropy,
    feedback::{Suggestion, Warning},
    zxcvbn,
};

use super::{HelpsLittle, PasswordOwner, WeakBecause, Weakness};

/// How many characters are looked at at once. The estimate takes time with the square of the length and more, and a
/// password that is weak in its first 32 characters and in its last 32 is weak.
const WINDOW: usize = 32;

/// More readings of a password's digits and signs as letters than these are not tried: each is a search of its
/// own, and with all signs at once there are hundreds of them.
const MOST_READINGS: usize = 8;

/// Digits and signs that are read as a letter; the first of each is the one that stands for all, where there are too
/// many.
const READ_AS: [(char, &[char]); 12] = [
    ('a', &['4', '@']),
    ('b', &['8']),
    ('c', &['(', '{', '[', '<']),
    ('e', &['3']),
    ('g', &['6', '9']),
    ('i', &['1', '!', '|']),
    ('l', &['1', '|', '7']),
    ('o', &['0']),
    ('s', &['5', '$']),
    ('t', &['7', '+']),
    ('x', &['%']),
    ('z', &['2']),
];

/// What makes it so, where `password` is weaker than `least` (0 to 4).
pub(super) fn too_weak(password: &str, owner: PasswordOwner<'_>, least: u8) -> Option<Weakness> {
    if least == 0 {
        return None;
    }
    let inputs = inputs(owner);
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let mut windows = windows(password).into_iter().map(|window| zxcvbn(&window, &inputs));
    let first = windows.next()?;
    // What is strong in one part is strong as a whole.
    let strong = |estimate: &Entropy| u8::from(estimate.score()) >= least;
    (!strong(&first) && !windows.any(|estimate| strong(&estimate))).then(|| explain(&first))
}

/// The beginning and, of a longer password, the end.
fn windows(password: &str) -> Vec<zeroize::Zeroizing<String>> {
    let characters = password.chars().count();
    let head: String = password.chars().take(WINDOW).collect();
    let mut windows = vec![head];
    if characters > WINDOW {
        windows.push(password.chars().skip(characters - WINDOW).collect());
    }
    windows.into_iter().map(|window| zeroize::Zeroizing::new(with_few_readings(window))).collect()
}

/// The password, unless its signs can be read in too many ways: then with one sign for each letter.
fn with_few_readings(window: String) -> String {
    let readings: usize = READ_AS
        .iter()
        .map(|(_, signs)| signs.iter().filter(|c| window.contains(**c)).count().max(1))
        .product();
    if readings <= MOST_READINGS {
        return window;
    }
    let one_sign = |c: char| {
        READ_AS.iter().find(|(_, signs)| signs.contains(&c)).and_then(|(_, signs)| signs.first().copied())
    };
    window.chars().map(|c| one_sign(c).unwrap_or(c)).collect()
}

/// What the owner is known by.
fn inputs(owner: PasswordOwner<'_>) -> Vec<String> {
    let texts = [Some(owner.username), owner.email].into_iter().flatten();
    let mut inputs = Vec::new();
    for text in texts {
        let text: String = text.chars().take(254).collect();
        inputs.extend(
            text.split(|c: char| !c.is_alphanumeric()).filter(|part| part.len() > 2).map(str::to_owned),
        );
        inputs.push(text);
    }
    inputs
}

fn explain(estimate: &Entropy) -> Weakness {
    let feedback = estimate.feedback();
    Weakness {
        cause: feedback.and_then(zxcvbn::feedback::Feedback::warning).map(cause),
        // The first is always that more words help; a second one fits this password.
        vain: feedback.and_then(|feedback| feedback.suggestions().get(1)).and_then(|one| vain(*one)),
    }
}

const fn cause(warning: Warning) -> WeakBecause {
    match warning {
        Warning::StraightRowsOfKeysAreEasyToGuess => WeakBecause::KeysInARow,
        Warning::ShortKeyboardPatternsAreEasyToGuess => WeakBecause::KeyboardPattern,
        Warning::RepeatsLikeAaaAreEasyToGuess => WeakBecause::OneCharacter,
        Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess => WeakBecause::Repetition,
        Warning::ThisIsATop10Password | Warning::ThisIsATop100Password | Warning::ThisIsACommonPassword => {
            WeakBecause::Common
        }
        Warning::ThisIsSimilarToACommonlyUsedPassword => WeakBecause::NearlyCommon,
        Warning::SequencesLikeAbcAreEasyToGuess => WeakBecause::Sequence,
        Warning::RecentYearsAreEasyToGuess => WeakBecause::Year,
        Warning::AWordByItselfIsEasyToGuess => WeakBecause::OneWord,
        Warning::DatesAreOftenEasyToGuess => WeakBecause::Date,
        Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
        | Warning::CommonNamesAndSurnamesAreEasyToGuess => WeakBecause::Name,
    }
}

const fn vain(suggestion: Suggestion) -> Option<HelpsLittle> {
    match suggestion {
        Suggestion::CapitalizationDoesntHelpVeryMuch
        | Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => Some(HelpsLittle::Capitals),
        Suggestion::ReversedWordsArentMuchHarderToGuess => Some(HelpsLittle::Backwards),
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => Some(HelpsLittle::Substitution),
        Suggestion::AvoidYearsThatAreAssociatedWithYou
        | Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => Some(HelpsLittle::OwnDates),
        Suggestion::UseAFewWordsAvoidCommonPhrases
        | Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters
        | Suggestion::AddAnotherWordOrTwo
        | Suggestion::UseALongerKeyboardPatternWithMoreTurns
        | Suggestion::AvoidRepeatedWordsAndCharacters
        | Suggestion::AvoidSequences
        | Suggestion::AvoidRecentYears => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ANN: PasswordOwner<'_> = PasswordOwner::single_factor("annabel.miller", Some("am@example.com"));

    fn weak(password: &str) -> Option<String> {
        too_weak(password, ANN, 2).map(|weakness| weakness.to_string())
    }

    #[test]
    fn what_a_million_guesses_find_is_refused() {
        for password in [
            "Monkey123",
            "qwertyuiop1",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "abcdefghij",
            "P@ssw0rd1",
            "drowssap1",
            "annabel-1",
        ] {
            assert!(weak(password).is_some(), "{password}");
        }
    }

    #[test]
    fn what_takes_more_is_not() {
        for password in [
            "correct horse battery",
            "kR7#pzQ2",
            "saffron-harbour",
            "äöüßäö-plüsch",
            "three blind mice ran",
            "🦊🐻🌧️🎻🚲🧦🥐🗝️",
        ] {
            assert_eq!(weak(password), None, "{password}");
        }
    }

    #[test]
    fn a_long_password_is_as_strong_as_its_stronger_end() {
        let repeated = "a".repeat(60);
        assert!(weak(&repeated).is_some());
        assert_eq!(weak(&format!("{repeated}saffron harbour pencil")), None);
        assert_eq!(weak(&format!("saffron harbour pencil{repeated}")), None);
    }

    #[test]
    fn no_strength_asked_for_refuses_nothing() {
        assert_eq!(too_weak("password", ANN, 0), None);
        assert!(too_weak("saffron9", ANN, 4).is_some());
    }

    #[test]
    fn people_are_told_why_and_what_to_do_in_plain_words() {
        for (password, words) in [
            ("abcdefghij", "sequences such as abc"),
            ("aaaaaaaaaaaa", "one character many times"),
            ("P@ssw0rd1", "close to one that many people use"),
        ] {
            let told = weak(password).unwrap();
            assert!(told.contains(words) && told.contains("add a word or two"), "{told}");
            assert!(told.starts_with("this password is easy to guess"), "{told}");
            assert!(!told.contains(password), "{told}");
        }
    }

    #[test]
    fn signs_that_can_be_read_in_hundreds_of_ways_are_read_in_few() {
        let every_sign: String = READ_AS.iter().flat_map(|(_, signs)| signs.iter()).collect();
        let left = with_few_readings(every_sign);
        let readings: usize = READ_AS
            .iter()
            .map(|(_, signs)| signs.iter().filter(|c| left.contains(**c)).count().max(1))
            .product();
        assert!(readings <= MOST_READINGS, "{left}");
        assert_eq!(with_few_readings("p@ssw0rd".to_owned()), "p@ssw0rd");
    }

    proptest! {
        #[test]
        fn nothing_typed_breaks_it(password in ".{1,120}", name: String) {
            too_weak(&password, PasswordOwner::single_factor(&name, None), 4);
        }
    }
}
