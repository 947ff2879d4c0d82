//! Where somebody goes next: to what is due of them first, and then to where they wanted.

use axum::response::Response;
use doorward_core::{access_token::Principal, sign_in::SignedIn, user::User};
use http::HeaderMap;
use url::form_urlencoded::byte_serialize;

use super::factors::FACTORS;
use crate::{
    app::App,
    context::RequestContext,
    page_response::{Target, moving_on, see_other},
    pages::views::MovingOnReason,
    session_cookies::set_login_cookies,
};

/// What is due of somebody before they may go anywhere.
#[derive(Clone, Copy)]
pub(super) struct Dues {
    password_change: bool,
    second_factor: bool,
    has_factor: bool,
}

/// What a navigation needs beside a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    /// A recent authentication.
    StepUp,
    /// A recent authentication by a second factor.
    SecondFactor,
}

impl Dues {
    pub(super) fn of(app: &App, principal: &Principal) -> Self {
        Self {
            password_change: principal.must_change_password,
            second_factor: app.authority().must_enrol(principal),
            has_factor: principal.has_factor,
        }
    }

    pub(super) fn of_user(app: &App, user: &User) -> Self {
        let required = app.authority().settings().second_factors.required;
        let has_factor = user.factors.any();
        Self {
            password_change: user.must_change_password,
            second_factor: !has_factor && required.applies_to(&user.roles),
            has_factor,
        }
    }

    /// The page for what is due, which leads to `target` afterwards; none if nothing is.
    pub(super) fn page(self, app: &App, target: &Target) -> Option<String> {
        if self.password_change {
            return Some(leading_to(app, "/password", target.url()));
        }
        self.second_factor.then(|| leading_to(app, FACTORS, target.url()))
    }

    /// Where to go for `target`.
    pub(super) fn way_to(self, app: &App, target: &Target, needs: Needs) -> String {
        self.page(app, target).unwrap_or_else(|| match needs {
            Needs::Nothing => target.url().to_owned(),
            Needs::SecondFactor if !self.has_factor => {
                format!("{}&wanted=1", leading_to(app, FACTORS, target.url()))
            }
            Needs::StepUp | Needs::SecondFactor => leading_to(app, "/step-up", target.url()),
        })
    }
}

/// A page below the base path that leads to `url` afterwards.
pub(super) fn leading_to(app: &App, page: &str, url: &str) -> String {
    let rd: String = byte_serialize(url.as_bytes()).collect();
    app.path(&format!("{page}?rd={rd}"))
}

/// A page below the base path, with where to go afterwards if anything was asked for.
pub(super) fn carrying(app: &App, page: &str, target: &Target) -> String {
    match target.carried() {
        Some(url) => leading_to(app, page, &url),
        None => app.path(page),
    }
}

/// To where somebody confirms who they are, and back to `here`, a page of ours.
pub(super) fn to_step_up(app: &App, here: &str) -> Response {
    see_other(&leading_to(app, "/step-up", here))
}

/// The answer to a form that opened a session: its cookies, and a page that moves on to what is due or to the target.
/// `presented` is what the form came with.
pub(super) fn opened(
    context: &RequestContext,
    target: &Target,
    reason: MovingOnReason,
    signed_in: &SignedIn,
    presented: &HeaderMap,
) -> Response {
    let app = context.app();
    let way = Dues::of_user(app, &signed_in.of.user).way_to(app, target, Needs::Nothing);
    let mut response = moving_on(context, way, reason);
    set_login_cookies(app, presented, response.headers_mut(), signed_in);
    response
}
