//! Passkeys: the two ceremonies of WebAuthn Level 3, registration and authentication, without a store.
//!
//! A ceremony begins with a [`Challenge`], which is a MAC of ours: nothing is kept until it is answered. What the
//! browser answers is parsed ([`RegistrationResponse`], [`AuthenticationResponse`]), its challenge is recognised
//! ([`LiveChallenge::verify`]), and the [`RelyingParty`] finishes the ceremony. A live challenge has to be
//! [spent](LiveChallenge::spent) in the transaction that acts on the answer: that is what makes it good once.
//!
//! Signatures, attested keys and authenticator data are verified by `webauthn-rs-core`. It is told less than a browser
//! sends: no attestation statement (none is asked for, and no certificate is ever parsed), no extension results, no
//! credential but the one in question. What Level 3 demands and that crate does not check is checked here.

mod authentication;
mod challenge;
mod client_data;
mod credential;
mod register;
mod registration;
mod relying_party;
mod response;
mod sign_in;

pub use authentication::{Authenticated, RequestOptions};
pub use challenge::{
    AuthenticationCeremony, Ceremony, Challenge, LiveChallenge, RegistrationCeremony, SpentChallenge,
};
pub use credential::{NotACredential, Passkey, PasskeyId, PasskeyName, StoredCredential};
pub use registration::{CreationOptions, NewPasskey};
pub use relying_party::{InvalidRelyingParty, RelyingParty};
pub use response::{AuthenticationResponse, RegistrationResponse};

/// Why a ceremony came to nothing. Told to the audit log; whoever tried learns only that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasskeyError {
    /// Not what a browser sends, or longer than anything it sends.
    #[error("not the answer of an authenticator")]
    Malformed,
    /// Made on another site, in a frame of one, or for another relying party: phishing looks like this, and so does a
    /// setting that does not match the address people use.
    #[error("made on another site, or for one")]
    WrongOrigin,
    /// The answer to another question: made up, expired, of another purpose, user or session.
    #[error("the answer to another challenge")]
    WrongChallenge,
    /// The authenticator did not verify who holds it, and this ceremony demands it.
    #[error("the user was not verified")]
    UserNotVerified,
    /// Correctly signed, with a counter that is not above the one remembered: there may be a copy of the authenticator
    /// (WebAuthn Level 3, 6.1.1).
    #[error("the signature counter went from {stored} to {presented}")]
    CounterRegressed {
        /// The counter remembered.
        stored: u32,
        /// The counter presented.
        presented: u32,
    },
    /// Well-formed and wrong: another passkey, another user's, a bad signature, an algorithm nobody asked for.
    #[error("the passkey's answer does not verify")]
    Invalid,
}

impl PasskeyError {
    /// What the audit log calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::WrongOrigin => "wrong_origin",
            Self::WrongChallenge => "wrong_challenge",
            Self::UserNotVerified => "user_not_verified",
            Self::CounterRegressed { .. } => "counter_regressed",
            Self::Invalid => "invalid",
        }
    }
}
