//! What each page shows: one struct a page, rendered by [`html`](crate::pages::html).
//!
//! Every text a user or a client chose is escaped by the template engine. Structs that carry a one-time secret or a
//! CSRF token are deliberately not `Debug`, so that they cannot end up in a log.

mod account;
mod activity;
pub mod admin;
mod error;
mod factor_forms;
mod factors;
mod login;
mod logout;
mod moving_on;
mod one_time_link;
mod password;
mod second_factor;
mod setup;
mod step_up;

pub use account::{AccountNotice, AccountPage, KeptOut, SessionEntry, SessionOwner, Strangers};
pub use activity::{ActivityEntry, ActivityPage, DoneBy, UserLink};
pub use error::ErrorPage;
pub use factor_forms::{CodeKind, FactorForms, PasskeyPrompt, PasskeyPurpose, WrongCode};
pub use factors::{
    FactorNotice, FactorSummary, FactorsPage, PasskeyEntry, RecoveryCodesPage, RecoveryCodesReason, TotpPage,
};
pub use login::{LoginNotice, LoginPage};
pub use logout::{LogoutPage, SignedOutPage};
pub use moving_on::{MovingOnPage, MovingOnReason};
pub use one_time_link::{DeadLinkPage, LinkKind, LinkPage};
pub use password::PasswordPage;
pub use second_factor::SecondFactorPage;
pub use setup::SetupPage;
pub use step_up::StepUpPage;
