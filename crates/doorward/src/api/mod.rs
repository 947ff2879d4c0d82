//! The JSON API: a file per concept, each handler parsing, calling one use case, and rendering.

pub mod audit;
pub mod keys;
pub mod login;
pub mod openapi;
pub mod password;
pub mod refresh;
pub mod session;
pub mod setup;
pub mod token;
pub mod users;
pub mod wire;

use axum::{
    Router,
    routing::{delete, get, patch, post},
};

/// The API's routes, below the base path.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/v1/setup", get(setup::setup_state).post(setup::complete_setup))
        .route("/v1/login", post(login::login))
        .route("/v1/token", post(token::token))
        .route("/v1/refresh", post(refresh::refresh))
        .route("/v1/logout", post(session::logout))
        .route("/v1/session", get(session::session))
        .route("/v1/me", get(session::me))
        .route("/v1/sessions", get(session::sessions).delete(session::revoke_others))
        .route("/v1/sessions/{id}", delete(session::revoke_session))
        .route("/v1/password", post(password::change_password))
        .route("/v1/admin/users", get(users::users).post(users::create_user))
        .route(
            "/v1/admin/users/{id}",
            get(users::user).merge(patch(users::change_user)).delete(users::delete_user),
        )
        .route("/v1/admin/users/{id}/sessions", delete(users::revoke_user_sessions))
        .route("/v1/admin/users/{id}/reset-link", post(users::reset_link))
        .route("/v1/admin/audit", get(audit::audit))
        .route("/v1/openapi.json", get(openapi::openapi))
        .route("/.well-known/jwks.json", get(keys::jwks))
}
