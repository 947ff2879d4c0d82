//! Second factors: what somebody shows beside the password, who needs it, and the state in between.

mod base32;
pub(crate) mod code;
mod complete;
mod enrolment;
mod freshness;
pub mod pending;
mod policy;
pub mod recovery_code;
mod remembered;
mod reseal;
mod reset;
mod step_up;
pub mod totp;

pub use code::{FactorMethod, PresentedCode};
pub(crate) use complete::factor_refused;
pub use enrolment::{BegunTotp, FactorsAfter};
pub use freshness::FRESH_FOR;
pub use pending::{BeginPending, PendingFound, PendingId, PendingIssued, PendingLogin};
pub use policy::{MfaRequired, SecondFactorPolicy};
pub use remembered::{
    AskedBy, ClaimCode, CodeFacts, FactorChange, FactorStore, FactorUse, FactorsChanged, LastFactor,
    MAX_CODES_RUNNING, MAX_TRUSTED_DEVICES, SealedTotp, SecondProof, TotpEnrolment,
};
pub use reseal::Resealed;
pub use step_up::StepUpProof;
