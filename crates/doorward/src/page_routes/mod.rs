//! The pages' handlers: a file per concept. The views are in [`pages`](crate::pages).

mod account;
mod files;
mod link;
mod login;
mod logout;
mod password;
mod resume;
mod setup;

use axum::{
    Router,
    routing::{get, post},
};

/// The pages' routes, below the base path.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/setup", get(setup::show).post(setup::submit))
        .route("/login", get(login::show).post(login::submit))
        .route("/logout", get(logout::show).post(logout::submit))
        .route("/password", get(password::show).post(password::submit))
        .route("/account", get(account::show))
        .route("/account/sessions/revoke", post(account::revoke))
        .route("/account/sessions/revoke-others", post(account::revoke_others))
        .route("/invite/{token}", get(link::show_invitation).post(link::submit_invitation))
        .route("/reset/{token}", get(link::show_reset).post(link::submit_reset))
        .route("/continue", get(resume::resume))
        .route("/static/{name}", get(files::static_file))
        .route("/problems/{code}", get(files::problem))
        .route("/keepalive.js", get(files::keepalive_script))
}
