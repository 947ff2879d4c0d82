//! The catalogue: every phrase of the pages, English and German side by side.
//!
//! A phrase is a method of [`Language`]; one that lacks a language, or leaves out what it is to tell of, does not compile,
//! and one that no page uses is a warning. Phrases are HTML: markup inside a sentence stands where the language wants it.
//! What is put into them is escaped. None without markup holds a double quote, so that each of those can stand in an
//! attribute.
//!
//! ```text
//! phrases! {
//!     /// What the button says.
//!     sign_in: "Sign in", "Anmelden";
//!     /// Whose session it is.
//!     signed_in_as(name): "You are <b>{name}</b>.", "Sie sind <b>{name}</b>.";
//!     /// How many there are: the first of each pair where there is one.
//!     devices[count]: "One device" | "{count} devices", "Ein Gerät" | "{count} Geräte";
//! }
//! ```

mod account;
mod activity;
mod admin;
mod admin_audit;
mod admin_lockouts;
mod admin_overview;
mod admin_questions;
mod admin_sessions;
mod admin_user;
mod admin_users;
mod common;
mod device;
mod enrolment;
mod errors;
mod events;
mod factors;
mod failure;
mod fields;
mod login;
mod logout;
mod passkeys;
mod password;
mod reasons;
mod rules;
mod second_factor;
mod setup;
mod time;

pub(super) use common::NO_PAGE;

use std::borrow::Cow;
use std::fmt;

use askama::filters::{Html, HtmlSafe, escape};

use super::Language;

/// A phrase: HTML, in which what was put into it is escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase(Cow<'static, str>);

impl Phrase {
    /// The phrase as HTML.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The phrase as plain text, for what is not a page; good for phrases without markup of their own.
    #[must_use]
    pub fn text(&self) -> String {
        let escapes = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&#38;", "&")];
        escapes.iter().fold(self.0.to_string(), |text, (escape, letter)| text.replace(escape, letter))
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for Phrase {
    fn write_into(&self, to: &mut dyn fmt::Write, _values: &dyn askama::Values) -> askama::Result<()> {
        Ok(to.write_str(&self.0)?)
    }
}

impl HtmlSafe for Phrase {}

/// What is put into a phrase, escaped.
fn escaped(given: impl fmt::Display) -> String {
    match escape(given, Html) {
        Ok(safe) => safe.to_string(),
        Err(never) => match never {},
    }
}

/// Gives [`Language`] its phrases: see the [module](self).
macro_rules! phrases {
    ($($(#[$doc:meta])* $name:ident $kind:tt $($rest:tt)*)?) => {
        $($crate::pages::phrases::phrases!(@one [$(#[$doc])*] $name $kind $($rest)*);)?
    };
    (@one [$($doc:tt)*] $name:ident : $english:literal, $german:literal; $($rest:tt)*) => {
        impl $crate::pages::Language {
            $($doc)*
            #[must_use]
            pub(crate) fn $name(self) -> $crate::pages::phrases::Phrase {
                $crate::pages::phrases::fixed(match self {
                    Self::English => $english,
                    Self::German => $german,
                })
            }
        }
        $crate::pages::phrases::phrases!($($rest)*);
    };
    (@one [$($doc:tt)*] $name:ident ($($given:ident),+) : $english:literal, $german:literal; $($rest:tt)*) => {
        impl $crate::pages::Language {
            $($doc)*
            #[must_use]
            pub(crate) fn $name(self, $($given: impl std::fmt::Display),+) -> $crate::pages::phrases::Phrase {
                $(let $given = $crate::pages::phrases::escaped($given);)+
                $crate::pages::phrases::composed(match self {
                    Self::English => format!($english, $($given = $given),+),
                    Self::German => format!($german, $($given = $given),+),
                })
            }
        }
        $crate::pages::phrases::phrases!($($rest)*);
    };
    (@one [$($doc:tt)*] $name:ident [$count:ident] :
        $english_one:literal | $english:literal, $german_one:literal | $german:literal; $($rest:tt)*) => {
        impl $crate::pages::Language {
            $($doc)*
            #[must_use]
            pub(crate) fn $name(self, $count: impl $crate::pages::phrases::Count) -> $crate::pages::phrases::Phrase {
                let $count = $crate::pages::phrases::Count::count($count);
                let one = $count == 1;
                let $count = self.number($count);
                match self {
                    Self::English if one => $crate::pages::phrases::fixed($english_one),
                    Self::English => $crate::pages::phrases::composed(format!($english, $count = $count)),
                    Self::German if one => $crate::pages::phrases::fixed($german_one),
                    Self::German => $crate::pages::phrases::composed(format!($german, $count = $count)),
                }
            }
        }
        $crate::pages::phrases::phrases!($($rest)*);
    };
}
use phrases;

/// A number of things, as templates have it: by value or by reference.
pub(crate) trait Count {
    /// How many.
    fn count(self) -> u64;
}

impl Count for u64 {
    fn count(self) -> u64 {
        self
    }
}

impl Count for u32 {
    fn count(self) -> u64 {
        self.into()
    }
}

impl<T: Count + Copy> Count for &T {
    fn count(self) -> u64 {
        (*self).count()
    }
}

fn fixed(html: &'static str) -> Phrase {
    Phrase(Cow::Borrowed(html))
}

fn composed(html: String) -> Phrase {
    Phrase(Cow::Owned(html))
}

impl Language {
    /// A number as its readers group digits: `1,000,000`, `1.000.000`.
    #[must_use]
    pub fn number(self, number: u64) -> String {
        let separator = match self {
            Self::English => ',',
            Self::German => '.',
        };
        let digits = number.to_string();
        let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(separator);
            }
            grouped.push(digit);
        }
        grouped
    }
}

#[cfg(test)]
mod tests {
    use super::Language::{English, German};

    super::phrases! {
        /// Whom to greet.
        greeted(name): "Hello <b>{name}</b>", "Hallo <b>{name}</b>";
        /// How many doors.
        doors[count]: "One door" | "{count} doors", "Eine Tür" | "{count} Türen";
    }

    #[test]
    fn what_is_put_into_a_phrase_is_escaped_and_its_own_markup_is_not() {
        assert_eq!(English.greeted("<i>\"").as_str(), "Hello <b>&#60;i&#62;&#34;</b>");
        assert_eq!(German.greeted("Ann").as_str(), "Hallo <b>Ann</b>");
    }

    #[test]
    fn one_is_told_from_many_and_digits_are_grouped() {
        for (count, english, german) in [
            (0_u32, "0 doors", "0 Türen"),
            (1, "One door", "Eine Tür"),
            (999, "999 doors", "999 Türen"),
            (1_000, "1,000 doors", "1.000 Türen"),
            (1_234_567, "1,234,567 doors", "1.234.567 Türen"),
        ] {
            assert_eq!((English.doors(count).as_str(), German.doors(count).as_str()), (english, german));
        }
    }
}
