//! What travels in bodies: the HTTP contract's Session and User.

use std::time::Duration;

use doorward_core::{
    ids::SessionId,
    page::{Cursor, Page, PageRequest},
    refusal::Refusal,
    session::Session as CoreSession,
    sign_in::SignedIn,
    time::Timestamp,
    user::{Factors, User as CoreUser},
};
use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

/// One login on one device.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Names the session.
    pub id: String,
    /// When it was opened.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it was last refreshed, or opened.
    #[schema(format = DateTime)]
    pub last_seen_at: String,
    /// It ends here, whatever happens.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// It ends here unless it is refreshed before.
    #[schema(format = DateTime)]
    pub idle_expires_at: String,
    /// Authentication assurance level (NIST SP 800-63B).
    pub aal: u8,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// When its owner last proved who they are.
    #[schema(format = DateTime)]
    pub auth_time: String,
    /// What it is bound to.
    pub binding: &'static str,
    /// The browser or program that used it last.
    pub user_agent: String,
    /// The address that used it last.
    pub address: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Names the user for ever.
    pub id: String,
    /// The name they log in with.
    pub username: String,
    /// Where mail reaches them.
    pub email: Option<String>,
    /// What they may do.
    pub roles: Vec<String>,
    /// Their second factors.
    pub mfa: SecondFactors,
    /// They can do nothing else until they have chosen a new password.
    pub must_change_password: bool,
    /// They cannot log in.
    pub disabled: bool,
    /// When the account was made.
    #[schema(format = DateTime)]
    pub created_at: String,
}

/// The second factors of a user.
#[derive(Debug, Serialize, ToSchema)]
pub struct SecondFactors {
    /// Whether an authenticator app is enrolled.
    pub totp: bool,
    /// How many passkeys are.
    pub passkeys: u32,
    /// How many recovery codes are left.
    pub recovery_codes_left: u32,
}

/// Who is signed in, with which session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignedInBody {
    /// Who.
    pub user: User,
    /// With which session.
    pub session: Session,
}

/// A part of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T: ToSchema> {
    /// The items.
    pub items: Vec<T>,
    /// Ask with this as `cursor` for the next part; null at the end.
    pub next_cursor: Option<String>,
}

/// Which part of a list is wanted.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageParameters {
    /// `next_cursor` of the part before.
    #[param(pattern = "^([A-Za-z0-9_-]{4}){8,}$")]
    pub cursor: Option<String>,
    /// At most so many items.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<String>,
}

const DEFAULT_LIMIT: u32 = 50;
const MAX_LIMIT: u32 = 200;

impl PageParameters {
    /// What it asks the store for.
    ///
    /// # Errors
    /// `malformed_request` for a cursor that is none of ours or a limit that is no number, `validation_failed` for
    /// one out of range.
    pub fn request(&self) -> Result<PageRequest, Problem> {
        let malformed = |what| Problem::malformed(format!("The parameter {what} cannot be read."));
        let limit = match &self.limit {
            None => DEFAULT_LIMIT,
            Some(text) => text.parse().map_err(|_| malformed("limit"))?,
        };
        if !(1..=MAX_LIMIT).contains(&limit) {
            return Err(
                Refusal::invalid("limit", "out_of_range", format!("limit is 1 to {MAX_LIMIT}")).into()
            );
        }
        let after: Option<Cursor> =
            self.cursor.as_deref().map(str::parse).transpose().map_err(|_| malformed("cursor"))?;
        Ok(PageRequest { after, limit })
    }
}

impl<T: ToSchema> List<T> {
    /// A page of the store, each item as it travels.
    pub fn of<C>(page: Page<C>, each: impl FnMut(C) -> T) -> Self {
        Self {
            items: page.items.into_iter().map(each).collect(),
            next_cursor: page.next.map(|cursor| cursor.to_string()),
        }
    }
}

impl Session {
    /// A session as one of its user's sessions sees it.
    #[must_use]
    pub fn of(session: &CoreSession, current: Option<SessionId>) -> Self {
        let authentication = &session.authentication;
        Self {
            id: session.id.to_string(),
            created_at: rfc3339(session.created_at),
            last_seen_at: rfc3339(session.last_seen_at),
            expires_at: rfc3339(session.expires_at),
            idle_expires_at: rfc3339(session.idle_expires_at),
            aal: authentication.aal,
            amr: authentication.amr.iter().map(|method| method.as_str().to_owned()).collect(),
            auth_time: rfc3339(authentication.auth_time),
            binding: "off",
            user_agent: session.user_agent.as_str().to_owned(),
            address: session.address.map(|address| address.to_string()),
            current: current == Some(session.id),
        }
    }
}

impl From<Factors> for SecondFactors {
    fn from(factors: Factors) -> Self {
        let Factors { totp, passkeys, recovery_codes_left } = factors;
        Self { totp, passkeys, recovery_codes_left }
    }
}

impl From<&CoreUser> for User {
    fn from(user: &CoreUser) -> Self {
        Self {
            id: user.id.to_string(),
            username: user.username.as_str().to_owned(),
            email: user.email.as_ref().map(|email| email.as_str().to_owned()),
            roles: user.roles.iter().map(str::to_owned).collect(),
            mfa: SecondFactors::from(user.factors),
            must_change_password: user.must_change_password,
            disabled: user.disabled,
            created_at: rfc3339(user.created_at),
        }
    }
}

impl From<&SignedIn> for SignedInBody {
    fn from(signed_in: &SignedIn) -> Self {
        let of = &signed_in.of;
        Self { user: User::from(&of.user), session: Session::of(&of.session, Some(of.session.id)) }
    }
}

/// A time as RFC 3339 writes it, in UTC.
#[must_use]
pub fn rfc3339(at: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.as_millis()) * 1_000_000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        // Beyond the year 9999 nothing can be written; no setting reaches so far.
        .unwrap_or_else(|| "9999-12-31T23:59:59Z".to_owned())
}

/// Reads the time that a parameter of this name gives, if it is given.
///
/// # Errors
/// `malformed_request` for what is no time.
pub fn parse_time(name: &str, text: Option<&str>) -> Result<Option<Timestamp>, Problem> {
    let malformed = || Problem::malformed(format!("The parameter {name} is no RFC 3339 time."));
    text.map(|text| parse_rfc3339(text).ok_or_else(malformed)).transpose()
}

/// Reads a time as RFC 3339 writes it.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos() / 1_000_000).ok().map(Timestamp::from_millis)
}

/// Milliseconds, as answers tell durations that seconds are too coarse for.
pub(crate) fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
