//! The pages people see: sign in, sign out, set up, change a password, use a one-time link, manage sessions.
//!
//! A page is a plain view struct ([`views`]) with a template beside it (`templates/`), rendered on the server
//! by [`html`]. Every page works without JavaScript; the one script ([`static_files`]) only adds comfort.
//! Views hold no core types and decide nothing: a handler fills one in and renders it.
//!
//! All wording lives in one catalogue ([`phrases`]), English and German side by side, so that a translation or a
//! rewording touches neither handler nor template.

pub(crate) mod compressed;
pub mod device;
pub mod frame;
pub mod keepalive;
pub mod language;
pub mod moment;
pub mod phrases;
pub mod plot;
pub mod qr;
mod rules;
pub mod static_files;
pub mod views;
pub mod words;

pub use frame::{Failure, Field, Frame};
pub use language::Language;

/// The `Content-Security-Policy` of every page.
///
/// - `default-src 'none'`: whatever is not named below is not loaded, so injected markup has nothing to load.
/// - `script-src`, `style-src`, `img-src 'self'`: our static files only; no inline script or style, hence no nonce.
/// - `connect-src 'self'`: passkeys begin with a question to our own API.
/// - `form-action 'self'`: an injected form cannot post a password elsewhere. Browsers apply it to the redirects
///   that follow a form post too, which is why a login ends in [`views::MovingOnPage`] and not in a 302.
/// - `frame-ancestors 'none'`: nobody frames us (clickjacking).
/// - `base-uri 'none'`: an injected `<base>` cannot re-point our relative addresses.
/// - `require-trusted-types-for 'script'`: our script never writes markup, and this keeps it so.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'";

/// The `Content-Type` of every page.
pub const CONTENT_TYPE: &str = "text/html; charset=utf-8";

/// Renders a page.
///
/// Infallible: our views hold strings and numbers, whose formatting cannot fail. Should that ever change, the reader
/// gets a plain sentence rather than half a form.
#[must_use]
pub fn html(page: &impl askama::Template) -> String {
    page.render().unwrap_or_else(|_| format!("<!doctype html><title>Doorward</title><p>{}", phrases::NO_PAGE))
}
