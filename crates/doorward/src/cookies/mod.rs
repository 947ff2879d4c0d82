//! Cookies: reading them from a request, and naming, setting and clearing ours.

mod expire;
mod names;
mod parse;
mod set;

pub use expire::{MAX_EXPIRING_HEADERS, expire_everywhere};
pub use names::{CookieKind, CookiePlan, CookieSettings, CookieSettingsError, SameSite, SecureCookies};
pub use parse::{MAX_CANDIDATES, Presented, values};
pub use set::{MAX_AGE_LIMIT, MAX_COOKIE_BYTES, OurCookie, SetCookieError};
