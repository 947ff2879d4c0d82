//! Recovery codes: ten, shown once, each good for one login in place of a lost factor.
//!
//! A code has 80 random bits (NIST SP 800-63B-4, 3.1.2.2 asks for 64 where a look-up secret is stored as a plain hash),
//! in Crockford's base32, which is meant to be copied by hand: it has no letters that look like digits, and is read
//! with them all the same.

use std::fmt;

use zeroize::Zeroizing;

use super::base32;
use crate::{
    entropy::{Entropy, EntropyFailed},
    secret::PlainToken,
};

/// How many codes a user has at a time.
pub const RECOVERY_CODES: usize = 10;

/// Groups of five random bytes in a code.
const RANDOM_GROUPS: usize = 2;
/// Characters in a code, dashes aside.
const CHARACTERS: usize = RANDOM_GROUPS * 8;
/// Characters between two dashes.
const CHARACTERS_BETWEEN_DASHES: usize = 4;

/// A recovery code in plain text, on its way to its owner. Never stored, never shown by `Debug`.
pub struct RecoveryCode(Zeroizing<String>);

impl RecoveryCode {
    fn from_random(groups: &[[u8; 5]; RANDOM_GROUPS]) -> Self {
        Self(base32::encode(base32::CROCKFORD, groups))
    }

    /// The one spelling of it that is hashed: sixteen characters, as [`normalise`] gives them.
    #[must_use]
    pub fn normal_form(&self) -> &str {
        &self.0
    }

    /// As its owner gets to see it: `XXXX-XXXX-XXXX-XXXX`.
    #[must_use]
    pub fn shown(&self) -> PlainToken {
        let mut shown = String::with_capacity(CHARACTERS + CHARACTERS / CHARACTERS_BETWEEN_DASHES);
        for (at, character) in self.0.chars().enumerate() {
            if at > 0 && at % CHARACTERS_BETWEEN_DASHES == 0 {
                shown.push('-');
            }
            shown.push(character);
        }
        PlainToken::new(shown)
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

/// A new set of codes.
///
/// # Errors
/// [`EntropyFailed`] when there is no randomness.
pub fn generate_ten(entropy: &dyn Entropy) -> Result<[RecoveryCode; RECOVERY_CODES], EntropyFailed> {
    let mut random = Zeroizing::new([[[0; 5]; RANDOM_GROUPS]; RECOVERY_CODES]);
    entropy.fill(random.as_flattened_mut().as_flattened_mut())?;
    Ok(random.each_ref().map(RecoveryCode::from_random))
}

/// What somebody typed, in the one spelling that is hashed; none where it cannot be a recovery code.
///
/// Case, blanks and dashes do not matter; O is read as 0, I and L as 1 (Crockford).
#[must_use]
pub fn normalise(typed: &str) -> Option<Zeroizing<String>> {
    let mut normal = Zeroizing::new(String::with_capacity(CHARACTERS));
    for character in typed.chars().filter(|character| !separates(*character)) {
        let character = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let is_known = u8::try_from(character).is_ok_and(|byte| base32::CROCKFORD.contains(&byte));
        // One too many ends it too: what grows leaves a copy behind.
        if !is_known || normal.len() == CHARACTERS {
            return None;
        }
        normal.push(character);
    }
    (normal.len() == CHARACTERS).then_some(normal)
}

/// Blanks, and dashes of any width: text editors like to turn one into another.
fn separates(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
