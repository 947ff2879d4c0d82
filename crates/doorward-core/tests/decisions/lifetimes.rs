//! `SessionLifetimes::check`.

use std::time::Duration;

use doorward_core::{session::SessionLifetimes, settings::LifetimeContradiction};

#[test]
fn lifetimes_fit_together_or_the_contradiction_is_named() {
    let check = |access, idle, absolute| {
        let [access_ttl, idle_ttl, absolute_ttl] = [access, idle, absolute].map(Duration::from_millis);
        SessionLifetimes { access_ttl, idle_ttl, absolute_ttl }.check()
    };
    for (access, idle, absolute, expected) in [
        (1000, 1001, 1001, Ok(())),
        (1000, 1001, 5000, Ok(())),
        (999, 1001, 1001, Err(LifetimeContradiction::NoAccessLifetime)),
        (0, 0, 0, Err(LifetimeContradiction::NoAccessLifetime)),
        (1000, 1000, 5000, Err(LifetimeContradiction::IdleNotLongerThanAccess)),
        (1000, 999, 5000, Err(LifetimeContradiction::IdleNotLongerThanAccess)),
        (1000, 1002, 1001, Err(LifetimeContradiction::IdleLongerThanAbsolute)),
    ] {
        assert_eq!(check(access, idle, absolute), expected, "{access} {idle} {absolute}");
    }
}
