//! What is asked of a new password (NIST SP 800-63B-4, 3.1.1.2): length, and nothing about composition. What it
//! must not be is screened.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

use super::InvalidPassword;
use crate::{
    refusal::{FieldError, Refusal},
    user::User,
};

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
        Some(Self(normalised(typed)))
    }

    /// What is hashed in place of a password that could never have been set.
    pub(crate) fn impossible() -> Self {
        Self(Zeroizing::new(String::new()))
    }

    /// Takes a password whose form is fit to be set; screening comes after.
    pub(super) fn well_formed(
        typed: &str,
        field: &'static str,
        policy: &PasswordPolicy,
        owner: PasswordOwner<'_>,
    ) -> Result<Self, Refusal> {
        policy.check_form(typed, field, owner)?;
        Ok(Self(normalised(typed)))
    }

    /// Whether both are the same password. Both came with one request: there is nothing to learn from the time.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        *self.0 == *other.0
    }

    /// Whether it is shorter than what protects an account alone has to be.
    #[must_use]
    pub fn needs_second_factor(&self, policy: &PasswordPolicy) -> bool {
        self.0.chars().count() < usize::try_from(policy.least_length(false)).unwrap_or(usize::MAX)
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PlainPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlainPassword(…)")
    }
}

fn normalised(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(typed.nfkc().collect())
}

/// Whose password is to be set: what it must not be made of, and what else protects the account.
#[derive(Clone, Copy, Debug)]
pub struct PasswordOwner<'a> {
    /// The name they log in with.
    pub username: &'a str,
    /// Their mail address.
    pub email: Option<&'a str>,
    /// Whether a login takes a second factor besides: such a password may be shorter (NIST SP 800-63B-4, 3.1.1.2).
    pub has_second_factor: bool,
}

impl<'a> PasswordOwner<'a> {
    /// Somebody whose account nothing but the password protects.
    #[must_use]
    pub const fn single_factor(username: &'a str, email: Option<&'a str>) -> Self {
        Self { username, email, has_second_factor: false }
    }
}

impl<'a> From<&'a User> for PasswordOwner<'a> {
    fn from(user: &'a User) -> Self {
        let email = user.email.as_ref().map(crate::user::Email::as_str);
        Self { username: user.username.as_str(), email, has_second_factor: user.factors.any() }
    }
}

/// The rules for new passwords. Those that exist are never looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// The least number of characters, after normalisation.
    pub min_length: u32,
    /// The least number where nothing but the password protects the account; the greater of both counts.
    pub min_length_single_factor: u32,
    /// The least strength by zxcvbn's estimate, from 0 (anything) to 4 (more than 10^10 guesses). 2 refuses what a
    /// million guesses find.
    pub min_strength: u8,
}

impl PasswordPolicy {
    /// The contract's defaults.
    pub const DEFAULT: Self = Self { min_length: 8, min_length_single_factor: 8, min_strength: 2 };

    /// The least number of characters, for an account that a second factor protects besides or for one that none does.
    #[must_use]
    pub const fn least_length(&self, has_second_factor: bool) -> u32 {
        if has_second_factor || self.min_length > self.min_length_single_factor {
            self.min_length
        } else {
            self.min_length_single_factor
        }
    }

    /// Checks the form of a password that is to be set: what costs next to nothing, before anything else is done.
    ///
    /// # Errors
    /// The first rule it breaks: `too_long`, `too_short` or `invalid_character`.
    pub fn check_form(
        &self,
        typed: &str,
        field: &'static str,
        owner: PasswordOwner<'_>,
    ) -> Result<(), FieldError> {
        let broken = |rule| Err(FieldError::new(field, rule));
        if typed.len() > MAX_PASSWORD_BYTES {
            return broken(InvalidPassword::TooLong);
        }
        let least = self.least_length(owner.has_second_factor);
        if typed.nfkc().count() < usize::try_from(least).unwrap_or(usize::MAX).max(1) {
            return broken(InvalidPassword::TooShort { least });
        }
        if typed.contains('\0') {
            return broken(InvalidPassword::HasNul);
        }
        Ok(())
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANN: PasswordOwner<'_> = PasswordOwner::single_factor("ann", None);

    fn code(typed: &str) -> Option<&'static str> {
        PasswordPolicy::DEFAULT.check_form(typed, "password", ANN).err().map(|error| error.rule.code())
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
    fn where_nothing_else_protects_the_account_the_greater_length_counts() {
        let policy = |min_length, min_length_single_factor| PasswordPolicy {
            min_length,
            min_length_single_factor,
            ..PasswordPolicy::DEFAULT
        };
        for (lengths, single_factor, second_factor) in [((8, 15), 15, 8), ((16, 15), 16, 16)] {
            let policy = policy(lengths.0, lengths.1);
            assert_eq!(
                (policy.least_length(false), policy.least_length(true)),
                (single_factor, second_factor)
            );
        }
    }

    #[test]
    fn a_password_that_is_too_short_alone_needs_a_second_factor() {
        let policy = PasswordPolicy { min_length_single_factor: 15, ..PasswordPolicy::DEFAULT };
        for (typed, needs) in [("äöüßäöüßäöüßäö", true), ("äöüßäöüßäöüßäöü", false)]
        {
            let chosen = PlainPassword::presented(typed).unwrap();
            assert_eq!(chosen.needs_second_factor(&policy), needs);
            assert!(!chosen.needs_second_factor(&PasswordPolicy::DEFAULT));
        }
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
