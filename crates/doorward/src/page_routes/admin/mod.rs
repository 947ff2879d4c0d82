//! The console: what administrators see and do. A file per section.

mod audit;
mod keys;
mod lockouts;
mod visit;

use axum::routing::get;

use crate::router::Routes;

/// The console's routes, below the base path.
pub(super) fn routes() -> Routes {
    vec![
        ("/admin/audit", get(audit::show)),
        ("/admin/lockouts", get(lockouts::show).post(lockouts::unlock)),
        ("/admin/keys", get(keys::show)),
        ("/admin/keys/rotate", get(keys::confirm_rotation).post(keys::rotate)),
    ]
}
