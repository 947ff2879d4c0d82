//! What is asked of a new password (NIST SP 800-63B-4, 3.1.1.2): length, and nothing about composition.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use crate::refusal::{FieldError, Refusal};

/// The longest password, in bytes of UTF-8. Longer ones are refused before anything is computed of them.
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// A password as somebody typed it, normalised (NFKC), so that the same characters typed on another keyboard are
/// the same password.
#[derive(Clone)]
pub struct PlainPassword(Zeroizing<String>);

impl PlainPassword {
    /// Takes a password that is presented to be verified: one that could never have been set is none.
    #[must_use]
    pub fn presented(typed: &str) -> Option<Self> {
        if typed.is_empty() || typed.len() > MAX_PASSWORD_BYTES {
            return None;
        }
        Some(Self(Zeroizing::new(typed.nfkc().collect())))
    }

    /// Takes a password that is to be set, named `field` in the request.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] when it breaks the policy.
    pub fn chosen(typed: &str, field: &'static str, policy: &PasswordPolicy) -> Result<Self, Refusal> {
        policy.check(typed, field).map_err(|error| Refusal::Invalid(vec![error]))?;
        Ok(Self(Zeroizing::new(typed.nfkc().collect())))
    }

    /// Whether both are the same password. Both came with one request: there is nothing to learn from the time.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl std::fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

/// The rules for new passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least number of characters, after normalisation.
    pub min_length: u32,
}

impl PasswordPolicy {
    /// Checks a password that is to be set.
    ///
    /// # Errors
    /// The first rule it breaks.
    pub fn check(&self, typed: &str, field: &'static str) -> Result<(), FieldError> {
        let broken = |code, detail: String| Err(FieldError { field, code, detail });
        if typed.len() > MAX_PASSWORD_BYTES {
            return broken("too_long", format!("a password has at most {MAX_PASSWORD_BYTES} bytes"));
        }
        let characters = typed.nfkc().count();
        if characters < usize::try_from(self.min_length).unwrap_or(usize::MAX).max(1) {
            return broken("too_short", format!("a password has at least {} characters", self.min_length));
        }
        if typed.contains('\0') {
            return broken("invalid_character", "a password cannot contain the character NUL".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(typed: &str) -> Option<&'static str> {
        PasswordPolicy { min_length: 8 }.check(typed, "password").err().map(|error| error.code)
    }

    #[test]
    fn length_is_counted_in_characters_and_bounded_in_bytes() {
        assert_eq!(code("1234567"), Some("too_short"));
        assert_eq!(code("12345678"), None);
        assert_eq!(code("äöüßäöü"), Some("too_short"));
        assert_eq!(code("äöüßäöüß"), None);
        assert_eq!(code(&"x".repeat(1024)), None);
        assert_eq!(code(&"x".repeat(1025)), Some("too_long"));
        assert_eq!(code("1234\x005678"), Some("invalid_character"));
    }

    #[test]
    fn one_password_typed_on_two_keyboards_is_one() {
        let composed = PlainPassword::presented("café-café").unwrap();
        let decomposed = PlainPassword::presented("cafe\u{301}-cafe\u{301}").unwrap();
        assert_eq!(composed.as_bytes(), decomposed.as_bytes());
    }

    #[test]
    fn what_could_never_have_been_set_is_no_password() {
        assert!(PlainPassword::presented("").is_none());
        assert!(PlainPassword::presented(&"x".repeat(60_000)).is_none());
    }
}
