//! The guard against guessing: who failed how often, and what that means for the next attempt.
//!
//! Failures are counted by [`Subject`]: strangers by the account they try, known devices each by itself, everybody by
//! address as well. So whoever guesses at an account slows and locks strangers, and never the owner's own devices
//! (M-N02). What is remembered of a subject is one small [`AttemptRecord`], however often it fails.

mod attempt;
mod locks;
mod record;
mod rules;
mod standing;
mod subject;
mod turned_away;
mod unlock;

pub use attempt::{FailedAttempt, FailureRecorded};
pub use locks::{Lock, LockPart, LockedSubject};
pub use record::{AfterFailure, AttemptRecord, Standing};
pub use rules::{GuardPolicy, Lockout, SubjectRules, Throttle};
pub use standing::AccountStanding;
pub(crate) use standing::Attempt;
pub use subject::{Subject, SubjectKey, SubjectKind, network};
pub(crate) use turned_away::TurnedAway;
