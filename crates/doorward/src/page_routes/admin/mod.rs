//! The console: what administrators see and do. A file per section.

mod audit;
mod keys;
mod lockouts;
mod new_user;
mod overview;
mod parts;
mod sessions;
mod user;
mod user_activity;
mod user_steps;
mod users;
mod visit;

use axum::routing::{get, post};

use crate::router::Routes;

/// The console's routes, below the base path.
pub(super) fn routes() -> Routes {
    vec![
        ("/admin", get(overview::show)),
        ("/admin/users", get(users::show)),
        ("/admin/users/new", get(new_user::show).post(new_user::submit)),
        ("/admin/users/{id}", get(user::show).post(user::save)),
        ("/admin/users/{id}/sessions/revoke", post(user_steps::revoke_session)),
        ("/admin/users/{id}/{step}", get(user_steps::confirm).post(user_steps::take)),
        ("/admin/sessions", get(sessions::show)),
        ("/admin/sessions/revoke", post(sessions::revoke)),
        ("/admin/audit", get(audit::show)),
        ("/admin/audit/stream", get(audit::stream)),
        ("/admin/lockouts", get(lockouts::show).post(lockouts::unlock)),
        ("/admin/keys", get(keys::show)),
        ("/admin/keys/rotate", get(keys::confirm_rotation).post(keys::rotate)),
    ]
}
