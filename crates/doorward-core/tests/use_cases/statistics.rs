//! How much there is: told as it is where that is quick to find out, and from memory where it is not.

use std::{future::poll_fn, pin::Pin, sync::Arc, task::Poll, time::Duration};

use doorward_core::{refusal::Refusal, statistics::Gauges};
use futures_executor::block_on;

use crate::{
    home::{Home, on_each_store},
    watched_store::Failing,
};

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

type Asking<'a> = Pin<Box<dyn Future<Output = Result<Gauges, Refusal>> + 'a>>;

fn asking(home: &Home, times: usize) -> Vec<Asking<'_>> {
    (0..times).map(|_| Box::pin(home.authority.overview()) as Asking<'_>).collect()
}

/// What all are told, asked for at once.
fn told(asking: &mut Vec<Asking<'_>>) -> Vec<Result<Gauges, Refusal>> {
    let mut told = Vec::new();
    block_on(poll_fn(|context| {
        asking.retain_mut(|one| match one.as_mut().poll(context) {
            Poll::Ready(answer) => {
                told.push(answer);
                false
            }
            Poll::Pending => true,
        });
        if asking.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }));
    told
}

fn reads(home: &Home) -> usize {
    home.store.calls().into_iter().filter(|call| *call == "gauges_at").count()
}

#[test]
fn however_many_ask_at_once_one_of_them_reads() {
    on_each_store(|home| {
        let clock = Arc::clone(&home.clock);
        home.store.overtake("gauges_at", |_| async move { clock.advance(100 * MILLISECOND) });
        let all = told(&mut asking(&home, 20));
        assert!(all.iter().all(|one| *one == all[0] && one.is_ok()), "{all:?}");
        assert_eq!(reads(&home), 1);
    });
}

#[test]
fn where_one_gives_up_another_reads() {
    on_each_store(|home| {
        let mut asking = asking(&home, 2);
        let poll =
            |one: &mut Asking<'_>| block_on(poll_fn(|context| Poll::Ready(one.as_mut().poll(context))));
        // The memory store answers at once, and nobody waits.
        if poll(&mut asking[0]).is_pending() {
            assert!(poll(&mut asking[1]).is_pending());
            assert_eq!(reads(&home), 1);
            drop(asking.remove(0));
            assert!(told(&mut asking)[0].is_ok());
            assert_eq!(reads(&home), 1);
        }
    });
}

#[test]
fn where_the_store_fails_all_are_told_and_the_next_one_reads() {
    on_each_store(|home| {
        home.store.fail_after(0, Failing::Undone);
        let all = told(&mut asking(&home, 20));
        assert!(all.contains(&Err(Refusal::StoreUnavailable)), "{all:?}");
        assert!(block_on(home.authority.overview()).is_ok());
    });
}
