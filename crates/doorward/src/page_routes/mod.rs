//! The pages' handlers: a file per concept. The views are in [`pages`](crate::pages).

mod account;
mod activity;
mod admin;
mod factor_form;
mod factor_visit;
mod factors;
mod files;
mod link;
mod login;
mod logout;
mod not_now;
mod nothing_form;
mod onward;
mod passkeys;
mod password;
mod resume;
mod second_factor;
mod setup;
mod step_up;
mod totp;

use axum::routing::{get, post};

pub(crate) use resume::to_sign_in;

use crate::router::Routes;

/// The pages' routes, below the base path.
pub(crate) fn routes() -> Routes {
    let mut routes = vec![
        ("/setup", get(setup::show).post(setup::submit)),
        ("/login", get(login::show).post(login::submit)),
        ("/login/mfa", get(second_factor::show).post(second_factor::submit)),
        ("/login/passkey", post(second_factor::submit_passkey)),
        ("/logout", get(logout::show).post(logout::submit)),
        ("/step-up", get(step_up::show).post(step_up::submit)),
        ("/password", get(password::show).post(password::submit)),
        ("/account", get(account::show)),
        ("/account/sessions/revoke", post(account::revoke)),
        ("/account/sessions/revoke-others", post(account::revoke_others)),
        ("/account/devices/forget", post(account::forget_devices)),
        ("/account/activity", get(activity::show)),
        ("/account/factors", get(factors::show)),
        ("/account/factors/totp", get(totp::show).post(totp::begin)),
        ("/account/factors/totp/confirm", post(totp::confirm)),
        ("/account/factors/totp/remove", post(totp::remove)),
        ("/account/factors/passkeys", post(passkeys::add)),
        ("/account/factors/passkeys/remove", post(passkeys::remove)),
        ("/account/factors/recovery-codes", post(factors::replace_recovery_codes)),
        ("/invite/{token}", get(link::show_invitation).post(link::submit_invitation)),
        ("/reset/{token}", get(link::show_reset).post(link::submit_reset)),
        ("/continue", get(resume::resume)),
        ("/static/{name}", get(files::static_file)),
        ("/problems/{code}", get(files::problem)),
        ("/keepalive.js", get(files::keepalive_script)),
    ];
    routes.extend(admin::routes());
    routes
}
