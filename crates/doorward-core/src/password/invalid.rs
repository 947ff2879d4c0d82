//! Why a password cannot be set.

use std::fmt;

use super::MAX_PASSWORD_BYTES;

/// Why a password cannot be set; its `Display` says so in an English sentence, without saying the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPassword {
    /// Longer than [`MAX_PASSWORD_BYTES`].
    #[error("a password has at most {MAX_PASSWORD_BYTES} bytes")]
    TooLong,
    /// Too short.
    #[error("a password has at least {least} characters")]
    TooShort {
        /// The least number of characters.
        least: u32,
    },
    /// It contains NUL.
    #[error("a password cannot contain the character NUL")]
    HasNul,
    /// Little else than its owner's name or mail address.
    #[error(
        "this password is too close to the user name or the mail address: choose one that has nothing to do with them"
    )]
    TooSimilar,
    /// One of the most common.
    #[error(
        "this is among the most used passwords and words, which are the first to be tried: choose a few words that \
         have nothing to do with each other"
    )]
    TooCommon,
    /// Known from a breach.
    #[error(
        "this password is among those stolen from other sites, which attackers try: choose another one, and change it \
         wherever else it is used"
    )]
    Breached,
    /// Quickly guessed.
    #[error("{0}")]
    TooWeak(Weakness),
    /// It is the one that is to be replaced.
    #[error("choose another password than the current one")]
    Unchanged,
}

impl InvalidPassword {
    /// Which rule, as a stable word.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooShort { .. } => "too_short",
            Self::HasNul => "invalid_character",
            Self::TooSimilar => "too_similar",
            Self::TooCommon => "too_common",
            Self::Breached => "breached",
            Self::TooWeak(_) => "too_weak",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What makes a password easy to guess, as far as it can be told in general words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weakness {
    /// What is found first.
    pub cause: Option<WeakBecause>,
    /// What does not help it.
    pub vain: Option<HelpsLittle>,
}

/// What of a password is guessed first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WeakBecause {
    /// `qwertz`
    #[error("keys in a row are among the first things tried")]
    KeysInARow,
    /// `qaywsx`
    #[error("patterns on the keyboard are among the first things tried")]
    KeyboardPattern,
    /// `aaaa`
    #[error("one character many times is as good as once")]
    OneCharacter,
    /// `abcabc`
    #[error("the same again adds little")]
    Repetition,
    /// `monkey`
    #[error("many people use it")]
    Common,
    /// `m0nkey1`
    #[error("it is close to one that many people use")]
    NearlyCommon,
    /// `abcdef`
    #[error("sequences such as abc or 6543 are among the first things tried")]
    Sequence,
    /// `1987`
    #[error("years are among the first things tried")]
    Year,
    /// `harbour`
    #[error("a single word is quickly found")]
    OneWord,
    /// `1.4.87`
    #[error("dates are quickly found")]
    Date,
    /// `miller`
    #[error("names are quickly found")]
    Name,
}

/// What people do to a weak password without making it stronger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HelpsLittle {
    /// `Monkey`
    #[error("capital letters help little")]
    Capitals,
    /// `yeknom`
    #[error("writing it backwards helps little")]
    Backwards,
    /// `monk3y`
    #[error("writing @ for a helps little")]
    Substitution,
    /// One's birthday.
    #[error("and leave out dates of your own")]
    OwnDates,
}

impl fmt::Display for Weakness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this password is easy to guess")?;
        if let Some(cause) = self.cause {
            write!(f, ": {cause}")?;
        }
        f.write_str("; add a word or two that have nothing to do with it")?;
        if let Some(vain) = self.vain {
            write!(f, ", {vain}")?;
        }
        Ok(())
    }
}
