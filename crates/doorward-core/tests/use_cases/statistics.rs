//! How much there is: told as it is where that is quick to find out, and from memory where it is not.

use std::{sync::Arc, time::Duration};

use futures_executor::block_on;

use crate::home::{Home, on_each_store};

const MILLISECOND: Duration = Duration::from_millis(1);

/// How many users there are, as the console is told, where finding out takes so long.
fn users(home: &Home, takes: Duration) -> u64 {
    let clock = Arc::clone(&home.clock);
    home.store.overtake("gauges_at", |_| async move { clock.advance(takes) });
    block_on(home.authority.overview()).unwrap().users
}

#[test]
fn what_is_quick_to_find_out_is_told_as_it_is() {
    on_each_store(|home| {
        for (before, name) in ["ann", "ben", "cem"].into_iter().enumerate() {
            assert_eq!(users(&home, Duration::ZERO), u64::try_from(before).unwrap());
            home.add_user(name);
        }
    });
}

#[test]
fn what_takes_long_is_found_out_again_after_a_hundred_times_as_long_and_a_minute_at_most() {
    for (takes, believed_for) in [(1, 100), (5, 500), (600, 60_000), (7_000, 60_000)] {
        on_each_store(|home| {
            let (takes, believed_for) = (Duration::from_millis(takes), Duration::from_millis(believed_for));
            assert_eq!(users(&home, takes), 0);
            home.add_user("ann");
            home.live_on(believed_for - MILLISECOND);
            assert_eq!(users(&home, takes), 0, "{takes:?}");
            home.live_on(MILLISECOND);
            assert_eq!(users(&home, takes), 1, "{takes:?}");
        });
    }
}
