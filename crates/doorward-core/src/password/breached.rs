//! Passwords known from breaches: the port through which a list of their hashes is asked.

use std::fmt;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use super::PlainPassword;

/// A SHA-1 hash, which is what the public lists of breached passwords are made of. It protects nothing here: what
/// it is compared with is public.
pub type Sha1 = [u8; 20];

/// A list of breached passwords.
///
/// Asked in a thread where waiting for a disk holds nobody up but the one who is setting a password.
pub trait BreachedPasswords: fmt::Debug + Send + Sync {
    /// Whether the list holds the password with this hash of its UTF-8. It may take another password for one that it
    /// holds, at most 1 in 10,000 times; never the other way round.
    ///
    /// # Errors
    /// [`LookUpFailed`]: the password is not set then.
    fn contains(&self, hash: &Sha1) -> Result<bool, LookUpFailed>;
}

/// The list cannot be read. Whoever implements it has logged why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the list of breached passwords cannot be read")]
pub struct LookUpFailed;

/// Whether `list` holds the password, as it was typed or as we keep it: lists are made of what was typed elsewhere.
pub(super) fn is_breached(
    list: &dyn BreachedPasswords,
    typed: &str,
    password: &PlainPassword,
) -> Result<bool, LookUpFailed> {
    let known = |text: &str| match digest(&SHA1_FOR_LEGACY_USE_ONLY, text.as_bytes()).as_ref().try_into() {
        Ok(hash) => list.contains(&hash),
        Err(_) => Err(LookUpFailed),
    };
    Ok(known(typed)? || (typed != password.as_str() && known(password.as_str())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Only(Sha1);
    impl BreachedPasswords for Only {
        fn contains(&self, hash: &Sha1) -> Result<bool, LookUpFailed> {
            Ok(*hash == self.0)
        }
    }

    #[derive(Debug)]
    struct Broken;
    impl BreachedPasswords for Broken {
        fn contains(&self, _: &Sha1) -> Result<bool, LookUpFailed> {
            Err(LookUpFailed)
        }
    }

    fn asked(list: &dyn BreachedPasswords, typed: &str) -> Result<bool, LookUpFailed> {
        is_breached(list, typed, &PlainPassword::presented(typed).unwrap())
    }

    #[test]
    fn the_hash_is_that_of_the_public_lists() {
        // FIPS 180-2, appendix A.1.
        let abc = Only([
            0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06, 0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c,
            0x9c, 0xd0, 0xd8, 0x9d,
        ]);
        assert_eq!(asked(&abc, "abc"), Ok(true));
        assert_eq!(asked(&abc, "ABC"), Ok(false));
        // In full width it is the same password here, though never typed so where it was breached.
        assert_eq!(asked(&abc, "ａｂｃ"), Ok(true));
    }

    #[test]
    fn a_password_breached_in_another_composition_is_found_as_it_was_typed() {
        let typed = "cafe\u{301} cafe\u{301}";
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, typed.as_bytes());
        let list = Only(hash.as_ref().try_into().unwrap());
        assert_eq!(asked(&list, typed), Ok(true));
    }

    #[test]
    fn a_list_that_cannot_be_read_is_no_answer() {
        assert_eq!(asked(&Broken, "abc"), Err(LookUpFailed));
    }
}
