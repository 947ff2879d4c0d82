//! What is asked before something is done to a user that cannot be taken back.

use crate::pages::{Language, phrases::Phrase};

/// What is asked: the last part of its address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserQuestion {
    /// They cannot sign in any more.
    Disable,
    /// Their factors are removed.
    ResetFactors,
    /// Their known browsers count as new.
    ForgetDevices,
    /// Their sessions end.
    SignOut,
    /// They are no more.
    Delete,
}

impl UserQuestion {
    /// Every question.
    pub const ALL: [Self; 5] =
        [Self::Disable, Self::ResetFactors, Self::ForgetDevices, Self::SignOut, Self::Delete];

    /// The last part of its address.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::ResetFactors => "reset-factors",
            Self::ForgetDevices => "forget-devices",
            Self::SignOut => "sign-out",
            Self::Delete => "delete",
        }
    }

    /// Whether somebody who does it to themself is signed out by it.
    #[must_use]
    pub const fn ends_sessions(self) -> bool {
        match self {
            Self::Disable | Self::SignOut | Self::Delete => true,
            Self::ResetFactors | Self::ForgetDevices => false,
        }
    }

    pub(super) fn title(self, t: &Language) -> Phrase {
        match self {
            Self::Disable => t.ask_disable(),
            Self::ResetFactors => t.ask_factors(),
            Self::ForgetDevices => t.ask_devices(),
            Self::SignOut => t.ask_sign_out(),
            Self::Delete => t.ask_delete(),
        }
    }

    pub(super) fn heading(self, t: &Language, name: &str) -> Phrase {
        match self {
            Self::Disable => t.ask_disable_of(name),
            Self::ResetFactors => t.ask_factors_of(name),
            Self::ForgetDevices => t.ask_devices_of(name),
            Self::SignOut => t.ask_sign_out_of(name),
            Self::Delete => t.ask_delete_of(name),
        }
    }

    pub(super) fn consequences(self, t: &Language, name: &str) -> Vec<Phrase> {
        match self {
            Self::Disable => vec![t.ask_disable_follows(name)],
            Self::ResetFactors => vec![t.ask_factors_follows(name), t.ask_factors_beware()],
            Self::ForgetDevices => vec![t.ask_devices_follows(name)],
            Self::SignOut => vec![t.ask_sign_out_follows(name)],
            Self::Delete => vec![t.ask_delete_follows(name), t.ask_delete_stays()],
        }
    }

    /// What somebody is told who is about to do it to themself.
    pub(super) fn about_oneself(self, t: &Language) -> Phrase {
        match self {
            Self::Disable => t.ask_own_disable(),
            Self::SignOut => t.ask_own_sign_out(),
            Self::Delete => t.ask_own_delete(),
            Self::ResetFactors | Self::ForgetDevices => t.ask_own(),
        }
    }

    pub(super) fn button(self, t: &Language) -> Phrase {
        match self {
            Self::Disable => t.ask_disable_do(),
            Self::ResetFactors => t.ask_factors_do(),
            Self::ForgetDevices => t.ask_devices_do(),
            Self::SignOut => t.ask_sign_out_do(),
            Self::Delete => t.ask_delete_do(),
        }
    }

    /// What leads to it.
    pub(super) fn link(self, t: &Language) -> Phrase {
        match self {
            Self::Disable => t.user_disable(),
            Self::ResetFactors => t.user_reset_factors(),
            Self::ForgetDevices => t.user_forget_devices(),
            Self::SignOut => t.user_sign_out(),
            Self::Delete => t.user_delete(),
        }
    }
}
