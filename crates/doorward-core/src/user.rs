//! Who somebody is: names, roles, mail addresses.

use std::{fmt, str::FromStr};

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

pub use crate::invalid_value::InvalidValue;
use crate::{ids::UserId, time::Timestamp};

/// A user name: shown as it was typed, compared in normalised form (NFKC, case-folded), so that `Ann` and `ann`
/// are one person and look-alikes by composition or width are too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username {
    typed: String,
    normalised: NormalisedName,
}

/// A user name as it is compared. Two names of one person are equal here.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NormalisedName(String);

impl NormalisedName {
    /// No account's name is longer as somebody may type it: no character takes more than four bytes, and however
    /// many of them normalisation makes into one, less than a quarter of the bytes is never left.
    const MOST_TYPED_BYTES: usize = 4 * Username::MAX_BYTES;

    /// Normalises what somebody typed, whether or not such a name could exist. Of what is too long to be a name only the
    /// beginning is looked at, and that is too long as well: one character may become eighteen, and anybody may send a
    /// body full of them to a login.
    #[must_use]
    pub fn of(typed: &str) -> Self {
        let end = typed.ceil_char_boundary(Self::MOST_TYPED_BYTES + 1);
        let typed = typed.get(..end).unwrap_or(typed);
        // Of ASCII nothing but the case changes, and most names are: each refresh and each login reads one.
        Self(if typed.is_ascii() { typed.to_ascii_lowercase() } else { Self::fold(typed) })
    }

    /// Unicode 3.13, toNFKC_Casefold.
    fn fold(typed: &str) -> String {
        // Folding can undo the normalisation and the other way round: one more round reaches the fixed point.
        typed.nfkc().default_case_fold().nfkc().default_case_fold().nfkc().collect()
    }

    /// The normalised text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for NormalisedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Username {
    /// The longest name, in bytes of UTF-8: a mail address fits.
    pub const MAX_BYTES: usize = 254;

    /// The name as its owner typed it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.typed
    }

    /// The name as it is compared.
    #[must_use]
    pub const fn normalised(&self) -> &NormalisedName {
        &self.normalised
    }
}

impl FromStr for Username {
    type Err = InvalidValue;

    fn from_str(typed: &str) -> Result<Self, InvalidValue> {
        let normalised = NormalisedName::of(typed);
        if typed.is_empty() || normalised.0.is_empty() {
            return Err(InvalidValue::UsernameEmpty);
        }
        if typed.len() > Self::MAX_BYTES || normalised.0.len() > Self::MAX_BYTES {
            return Err(InvalidValue::UsernameTooLong);
        }
        if typed.trim() != typed || normalised.0.trim() != normalised.0 {
            return Err(InvalidValue::UsernameSpaced);
        }
        if typed.chars().any(is_invisible) {
            return Err(InvalidValue::UsernameInvisible);
        }
        Ok(Self { typed: typed.to_owned(), normalised })
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// Characters nobody can see: they would make two different names look the same, or reorder the text around them.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// A mail address, only as well-formed as sending to it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in the form that names are compared in: what a search looks for.
    #[must_use]
    pub fn normalised(&self) -> NormalisedName {
        NormalisedName::of(&self.0)
    }
}

impl FromStr for Email {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let well_formed = text.len() <= 254
            && !text.chars().any(|c| c.is_whitespace() || is_invisible(c))
            && !text.contains([',', '<', '>', '"'])
            && text.rsplit_once('@').is_some_and(|(local, domain)| {
                !local.is_empty() && !local.contains('@') && domain.split('.').all(|label| !label.is_empty())
            });
        if well_formed { Ok(Self(text.to_owned())) } else { Err(InvalidValue::NoEmail) }
    }
}

/// A role: `[a-z0-9._-]{1,64}`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(String);

impl Role {
    /// The role's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Role {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidValue::NoRole)
        }
    }
}

/// The roles of one user: at most 32, each once, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Who holds this role administers Doorward.
    pub const ADMIN: &str = "admin";

    /// Reads role names.
    ///
    /// # Errors
    /// [`InvalidValue`] for a name that is no role, or more than 32 of them.
    pub fn parse<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Result<Self, InvalidValue> {
        let mut roles =
            names.into_iter().take(1000).map(|n| n.as_ref().parse()).collect::<Result<Vec<Role>, _>>()?;
        roles.sort();
        roles.dedup();
        if roles.len() > 32 { Err(InvalidValue::TooManyRoles) } else { Ok(Self(roles)) }
    }

    /// The roles of an administrator and nothing else.
    #[must_use]
    pub fn admin() -> Self {
        Self(vec![Role(Self::ADMIN.to_owned())])
    }

    /// Whether `name` is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|role| role.0 == name)
    }

    /// Whether their holder administers Doorward.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.contains(Self::ADMIN)
    }

    /// What their text takes in memory, allocations included.
    pub(crate) fn bytes(&self) -> usize {
        let texts: usize = self.0.iter().map(|role| role.0.capacity() + 16).sum();
        self.0.capacity() * size_of::<Role>() + texts
    }

    /// The names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Role::as_str)
    }
}

/// Counts the changes after which older tokens no longer tell the truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

impl Epoch {
    /// The epoch after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What somebody can show beside their password.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// An authenticator app.
    pub totp: bool,
    /// So many passkeys.
    pub passkeys: u32,
    /// So many recovery codes that were not used yet. They stand in for a factor, and are none by themselves.
    pub recovery_codes_left: u32,
}

impl Factors {
    /// Whether there is one: the password alone lets nobody in then.
    #[must_use]
    pub const fn any(self) -> bool {
        self.totp || self.passkeys > 0
    }
}

/// The most bytes that name, mail address and roles may take in an access token. Browsers drop a cookie whose name
/// and value are over 4096 bytes (RFC 6265bis, 5.6), silently; base64 makes four of three, and header, signature and
/// the other claims take the rest.
const MAX_CLAIM_BYTES: usize = 2_300;

/// A user as everyone entitled to may see them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Names the user for ever.
    pub id: UserId,
    /// The name they log in with.
    pub username: Username,
    /// Where mail reaches them.
    pub email: Option<Email>,
    /// What they may do.
    pub roles: Roles,
    /// They can do nothing else until they have chosen a new password.
    pub must_change_password: bool,
    /// They cannot log in.
    pub disabled: bool,
    /// When the account was made.
    pub created_at: Timestamp,
    /// Raised by every change of role, mail, password, factors or state.
    pub epoch: Epoch,
    /// Raised when the account's known devices are to be strangers again; a password change does that.
    pub device_epoch: Epoch,
    /// What they can show beside the password.
    pub factors: Factors,
}

impl User {
    /// Whether an access token that tells all about the user still fits into a cookie: somebody whose token does not
    /// could never sign in.
    ///
    /// # Errors
    /// [`InvalidValue`] when name, mail address and roles are too long together, though none is by itself.
    pub fn check_fits_into_a_token(&self) -> Result<(), InvalidValue> {
        let in_json = |text: &str| text.len() + text.matches(['"', '\\']).count();
        let roles: usize = self.roles.iter().map(|role| role.len() + 3).sum();
        let email = self.email.as_ref().map_or(0, |email| in_json(email.as_str()));
        if in_json(self.username.as_str()) + email + roles > MAX_CLAIM_BYTES {
            return Err(InvalidValue::TooLongTogether);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_differ_in_case_width_or_composition_are_one() {
        for (left, right) in
            [("Ann", "aNN"), ("Ａnn", "ann"), ("Jose\u{301}", "JOSÉ"), ("straße", "STRASSE"), ("ﬁn", "FIN")]
        {
            assert_eq!(NormalisedName::of(left), NormalisedName::of(right), "{left} {right}");
        }
        assert_ne!(NormalisedName::of("ann"), NormalisedName::of("anna"));
    }

    #[test]
    fn ascii_is_normalised_as_the_rest_is() {
        for character in '\0'..='\u{7f}' {
            let typed = format!("a{character}{character}B");
            assert_eq!(NormalisedName::of(&typed).as_str(), NormalisedName::fold(&typed), "{character:?}");
        }
    }

    #[test]
    fn what_is_too_long_to_be_a_name_is_not_normalised_to_its_end() {
        let hostile = "\u{fdfa}".repeat(20_000);
        assert!(NormalisedName::of(&hostile).as_str().len() < 64 * Username::MAX_BYTES);
        // Four bytes each, one after normalisation.
        let longest = "\u{1d41a}".repeat(Username::MAX_BYTES);
        assert_eq!(NormalisedName::of(&longest).as_str(), "a".repeat(Username::MAX_BYTES));
        let longer = "\u{1d41a}".repeat(Username::MAX_BYTES + 1);
        assert_eq!(NormalisedName::of(&longer).as_str().len(), Username::MAX_BYTES + 1);
        let much_longer = "\u{1d41a}".repeat(Username::MAX_BYTES + 9);
        assert!(NormalisedName::of(&much_longer).as_str().len() > Username::MAX_BYTES, "it is nobody's");
    }

    #[test]
    fn a_name_keeps_the_form_it_was_typed_in() {
        assert_eq!("Ann Müller".parse::<Username>().unwrap().as_str(), "Ann Müller");
    }

    #[test]
    fn names_nobody_can_read_are_refused() {
        for name in ["", " ann", "ann ", "a\0b", "a\nb", "a\u{202e}b", "a\u{200b}b", &"x".repeat(255)] {
            assert!(name.parse::<Username>().is_err(), "{name:?}");
        }
    }

    #[test]
    fn roles_are_sorted_unique_and_few() {
        let roles = Roles::parse(["b", "a", "b"]).unwrap();
        assert_eq!(roles.iter().collect::<Vec<_>>(), ["a", "b"]);
        assert!(Roles::parse((0..32).map(|n| n.to_string())).is_ok());
        assert!(Roles::parse((0..33).map(|n| n.to_string())).is_err());
        for bad in ["", "Admin", "a b", "a,b", &"x".repeat(65)] {
            assert!(Roles::parse([bad]).is_err(), "{bad}");
        }
    }

    #[test]
    fn mail_addresses_are_checked_no_further_than_sending_needs() {
        for good in ["a@b", "ann.o'hara+x@example.com", "ü@exämple.org"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        for bad in ["", "a", "@b", "a@", "a@b..c", "a b@c", "a@b\r\nBcc: x", "a@b@c", "<a@b>"] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
    }
}
