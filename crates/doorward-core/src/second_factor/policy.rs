//! Who needs a second factor, and when it may be skipped, as the operator chose it.

use std::time::Duration;

use crate::{access_token::Principal, user::Roles};

/// Who needs a second factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MfaRequired {
    /// Whoever wants one.
    #[default]
    Never,
    /// Administrators.
    Admins,
    /// Everyone.
    Everyone,
}

impl MfaRequired {
    /// Whether somebody with these roles needs one.
    #[must_use]
    pub fn applies_to(self, roles: &Roles) -> bool {
        match self {
            Self::Never => false,
            Self::Admins => roles.is_admin(),
            Self::Everyone => true,
        }
    }
}

/// What the operator chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecondFactorPolicy {
    /// Who needs one. They can do nothing but set one up until they have.
    pub required: MfaRequired,
    /// For how long somebody may skip theirs on a device that they trust; none is never.
    pub trust_device: Option<Duration>,
}

impl Principal {
    /// Whether they can do nothing else until they have set up a second factor.
    #[must_use]
    pub fn must_enrol(&self, required: MfaRequired) -> bool {
        !self.has_factor && required.applies_to(&self.roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_means_those_people() {
        let (admin, other) = (Roles::admin(), Roles::default());
        for (required, admins, others) in [
            (MfaRequired::Never, false, false),
            (MfaRequired::Admins, true, false),
            (MfaRequired::Everyone, true, true),
        ] {
            assert_eq!((required.applies_to(&admin), required.applies_to(&other)), (admins, others));
        }
    }
}
