//! The JSON API: a file per concept, each handler parsing, calling one use case, and rendering.

pub mod audit;
pub mod audit_export;
pub mod audit_stream;
pub mod credential;
mod csv;
pub mod keys;
pub mod lockouts;
pub mod login;
pub mod openapi;
pub mod overview;
pub mod passkey_login;
pub mod passkeys;
pub mod password;
pub mod recovery_codes;
pub mod refresh;
pub mod renewed;
pub mod revocations;
pub mod second_factor;
pub mod session;
pub mod setup;
pub mod signing_keys;
pub mod step_up;
pub mod token;
pub mod totp;
pub mod users;
pub mod wire;

use axum::routing::{delete, get, patch, post};

use crate::router::Routes;

/// The API's routes, below the base path.
pub(crate) fn routes() -> Routes {
    vec![
        ("/v1/setup", get(setup::setup_state).post(setup::complete_setup)),
        ("/v1/login", post(login::login)),
        ("/v1/login/mfa", post(second_factor::complete_login)),
        ("/v1/login/passkey/options", post(passkey_login::passkey_login_options)),
        ("/v1/login/passkey", post(passkey_login::login_by_passkey)),
        ("/v1/token", post(token::token)),
        ("/v1/refresh", post(refresh::refresh)),
        ("/v1/logout", post(session::logout)),
        ("/v1/session", get(session::session)),
        ("/v1/me", get(session::me)),
        ("/v1/sessions", get(session::sessions).delete(session::revoke_others)),
        ("/v1/sessions/{id}", delete(session::revoke_session)),
        ("/v1/password", post(password::change_password)),
        ("/v1/step-up", post(step_up::step_up)),
        ("/v1/step-up/passkey/options", post(step_up::passkey_step_up_options)),
        ("/v1/step-up/passkey", post(step_up::step_up_by_passkey)),
        ("/v1/mfa/totp", post(totp::begin_totp).delete(totp::remove_totp)),
        ("/v1/mfa/totp/confirm", post(totp::confirm_totp)),
        ("/v1/mfa/recovery-codes", post(recovery_codes::replace_recovery_codes)),
        ("/v1/passkeys", get(passkeys::passkeys).post(passkeys::add_passkey)),
        ("/v1/passkeys/options", post(passkeys::passkey_registration_options)),
        ("/v1/passkeys/{id}", delete(passkeys::remove_passkey)),
        ("/v1/admin/users", get(users::users).post(users::create_user)),
        (
            "/v1/admin/users/{id}",
            get(users::user).merge(patch(users::change_user)).delete(users::delete_user),
        ),
        ("/v1/admin/users/{id}/sessions", delete(users::revoke_user_sessions)),
        ("/v1/admin/users/{id}/unlock", post(users::unlock_user)),
        ("/v1/admin/users/{id}/mfa", delete(users::reset_user_factors)),
        ("/v1/admin/users/{id}/devices", delete(users::forget_user_devices)),
        ("/v1/admin/users/{id}/reset-link", post(users::reset_link)),
        ("/v1/admin/audit", get(audit::audit)),
        ("/v1/admin/audit/export", get(audit_export::export)),
        ("/v1/admin/audit/stream", get(audit_stream::stream)),
        ("/v1/admin/overview", get(overview::overview)),
        ("/v1/admin/lockouts", get(lockouts::lockouts)),
        ("/v1/admin/keys", get(signing_keys::signing_keys)),
        ("/v1/admin/keys/rotate", post(signing_keys::rotate_signing_key)),
        ("/v1/revocations", get(revocations::revocations)),
        ("/v1/openapi.json", get(openapi::openapi)),
        ("/.well-known/jwks.json", get(keys::jwks)),
    ]
}
