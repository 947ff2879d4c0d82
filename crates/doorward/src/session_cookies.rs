//! The cookies of a session: set together, cleared together.

use std::time::Duration;

use doorward_core::{second_factor::PendingIssued, secret::PlainToken, sign_in::SignedIn};
use http::{HeaderMap, HeaderName, HeaderValue, header::SET_COOKIE};

use crate::{app::App, cookies::CookieKind, pending_login::presents_pending_cookie};

/// A known device is remembered for so long after its last login.
const DEVICE_TTL: Duration = Duration::from_secs(180 * 24 * 3600);

/// For how many whole seconds the access token in the cookie is good yet. No script can read the cookie, and the clock of a browser may
/// be wrong: by this a client knows when to refresh.
pub(crate) const EXPIRES_IN: HeaderName = HeaderName::from_static("x-session-expires-in");

/// Adds [`EXPIRES_IN`].
pub(crate) fn tell_expiry(headers: &mut HeaderMap, left: Duration) {
    headers.insert(EXPIRES_IN, HeaderValue::from(left.as_secs()));
}

/// Adds the cookies of a session that was opened or moved on, and for how long the access token is good. With `device`, the known-device cookie too: logins
/// renew it, refreshes leave it alone.
pub(crate) fn set_session_cookies(app: &App, headers: &mut HeaderMap, signed_in: &SignedIn, device: bool) {
    let session = &signed_in.of.session;
    let refresh_ttl = session.ends_at().since(signed_in.now);
    let device_token = signed_in.device_token.as_ref().filter(|_| device);
    let wanted = [
        Some((CookieKind::Session, &signed_in.access_token, signed_in.access_lifetime)),
        Some((CookieKind::Csrf, &signed_in.csrf_token, refresh_ttl)),
        Some((CookieKind::Refresh, &signed_in.refresh_token, refresh_ttl)),
        device_token.map(|token| (CookieKind::Device, token, DEVICE_TTL)),
    ];
    for (kind, token, max_age) in wanted.into_iter().flatten() {
        set(app, headers, kind, token, max_age);
    }
    tell_expiry(headers, signed_in.access_expires_at.since(signed_in.now));
}

/// Adds the cookies of a session that somebody logged in to, and clears the one of a login that waited for it, if the
/// request (`presented`) brought one.
pub(crate) fn set_login_cookies(
    app: &App,
    presented: &HeaderMap,
    headers: &mut HeaderMap,
    signed_in: &SignedIn,
) {
    set_session_cookies(app, headers, signed_in, true);
    if presents_pending_cookie(app, presented) {
        clear_pending_cookie(app, headers);
    }
}

/// Adds the cookies of a login that waits for its second factor, and clears those of the session that it ended.
pub(crate) fn set_pending_cookies(app: &App, headers: &mut HeaderMap, pending: &PendingIssued) {
    for kind in [CookieKind::Session, CookieKind::Refresh] {
        headers.append(SET_COOKIE, app.fixed.cookies.cookie(kind).clear());
    }
    set(app, headers, CookieKind::Pending, &pending.token, pending.lifetime);
    set(app, headers, CookieKind::Csrf, &pending.csrf_token, pending.lifetime);
}

/// Sets the CSRF cookie alone, for `max_age`, until its session ends.
pub(crate) fn set_csrf_cookie(app: &App, headers: &mut HeaderMap, token: &PlainToken, max_age: Duration) {
    set(app, headers, CookieKind::Csrf, token, max_age);
}

/// Clears the cookie of a login that waits no more.
pub(crate) fn clear_pending_cookie(app: &App, headers: &mut HeaderMap) {
    headers.append(SET_COOKIE, app.fixed.cookies.cookie(CookieKind::Pending).clear());
}

/// Adds the known-device cookie alone, for a browser that stays known when all others are forgotten.
pub(crate) fn set_device_cookie(app: &App, headers: &mut HeaderMap, token: &PlainToken) {
    set(app, headers, CookieKind::Device, token, DEVICE_TTL);
}

fn set(app: &App, headers: &mut HeaderMap, kind: CookieKind, token: &PlainToken, max_age: Duration) {
    let cookie = app.fixed.cookies.cookie(kind);
    match cookie.set(token.reveal(), max_age) {
        Ok(value) => {
            headers.append(SET_COOKIE, value);
        }
        // A browser would drop it silently: a user with very many or very long roles.
        Err(error) => tracing::error!(%error, cookie = cookie.name(), "a cookie cannot be set"),
    }
}

/// Adds headers that clear every cookie of a session, and of a login that waits, with the attributes it was set with. The
/// device stays known.
pub(crate) fn clear_session_cookies(app: &App, headers: &mut HeaderMap) {
    for kind in [CookieKind::Session, CookieKind::Csrf, CookieKind::Refresh, CookieKind::Pending] {
        headers.append(SET_COOKIE, app.fixed.cookies.cookie(kind).clear());
    }
    let clear_site_data: Option<HeaderValue> = app.live().clear_site_data.clone();
    if let Some(value) = clear_site_data {
        headers.insert("clear-site-data", value);
    }
}
