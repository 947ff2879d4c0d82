//! The revocation protocol, explored state by state (M-N03): how the end of a session comes to be known by every node.
//!
//! Goal: nobody is let in past an acknowledged end and the bound, in *every* order of events, not only in those that a
//! test happens to produce; and a node that was cut off, paused or started again needs nothing but to be left alone.
//! Method: what a node decides is the code that runs: [`FeedPosition::step`], [`is_fresh`], [`RevocationSet`]. The database
//! is modelled by what it promises: a row that is locked until its transaction ends, readings that see what is committed.
//! Between asking, reading, answering and applying everybody else may act; anything may be lost. Designs that are not
//! ours, each of which looks right, are explored as well, and the checker has to find what is wrong with them.
//! Not in here: what is revoked on the node that answers for it, which knows at once; users' epochs, of which
//! `revocation_set.rs` has properties; clocks that differ, for which entries outlive tokens by a margin.
//!
//! [`FeedPosition::step`]: doorward_core::feed_reading::FeedPosition::step
//! [`is_fresh`]: doorward_core::feed_reading::is_fresh
//! [`RevocationSet`]: doorward_core::revocation_set::RevocationSet

#![expect(clippy::indexing_slicing, reason = "writers and nodes are numbers in their own world")]

mod database;
mod node;
mod world;

use stateright::{Checker, HasDiscoveries, Model};
use world::{Flaw, IN_TIME, NOT_AFTER_RECEIPT, NOTHING_SKIPPED, RECOVERS, World};

/// Transactions begin, take a number, commit late, abort; readings are delayed and lost, and notifications with them.
const QUIET: World = World {
    flaw: Flaw::None,
    writers: 2,
    nodes: 1,
    ttl: 3,
    ends: 3,
    losses: true,
    restarts: 0,
    pauses: 0,
    restores: 0,
    cleans_up: false,
    requests: false,
};
const TWO_NODES: World = World { nodes: 2, writers: 1, ..QUIET };
const RESTARTS: World = World { restarts: 1, ..QUIET };
const PAUSES: World = World { pauses: 1, ..QUIET };
const REQUESTS: World = World { writers: 1, pauses: 1, requests: true, ends: 4, ..QUIET };
/// A node that does not read for long is away, whatever keeps it.
const CLEANED_UP: World = World { cleans_up: true, writers: 1, ttl: 2, ends: 8, ..QUIET };
const PUT_BACK: World = World { restores: 1, losses: false, ends: 2, ..QUIET };

fn explore(world: World, until: HasDiscoveries) -> impl Checker<World> {
    world.checker().threads(2).finish_when(until).spawn_bfs().join()
}

/// Every property holds in every state, and every state that is to be reached is.
#[track_caller]
fn holds(world: World) {
    let explored = explore(world, HasDiscoveries::AnyFailures);
    println!("{} states", explored.unique_state_count());
    explored.assert_properties();
}

/// In a world in which otherwise every property [holds], this one does not.
#[track_caller]
fn is_noticed(flaw: Flaw, property: &'static str, world: World) {
    let found = explore(World { flaw, ..world }, HasDiscoveries::AnyOf([property].into()));
    println!("{} states", found.unique_state_count());
    assert!(found.discovery(property).is_some(), "nothing was found against: {property}");
}

#[test]
fn transactions_that_commit_late_abort_or_stay_open_hide_nothing() {
    holds(QUIET);
}

#[test]
fn two_nodes_keep_the_bound_each() {
    holds(TWO_NODES);
}

#[test]
fn restarts_let_nobody_in() {
    holds(RESTARTS);
}

#[test]
fn pauses_let_nobody_in() {
    holds(PAUSES);
}

#[test]
fn a_request_that_is_being_decided_while_its_node_is_paused_keeps_the_bound() {
    holds(REQUESTS);
}

#[test]
fn a_node_that_was_away_longer_than_entries_are_kept_goes_on_truthfully() {
    holds(CLEANED_UP);
}

#[test]
fn a_database_that_was_put_back_hides_nothing_that_is_ended_from_then_on() {
    holds(PUT_BACK);
}

#[test]
fn numbers_of_a_sequence_are_noticed() {
    is_noticed(Flaw::Sequence, NOTHING_SKIPPED, QUIET);
}

#[test]
fn reading_below_the_oldest_transaction_is_noticed_to_stall() {
    is_noticed(Flaw::BelowTheOldestTransaction, RECOVERS, QUIET);
}

#[test]
fn confirming_as_of_the_answer_is_noticed() {
    is_noticed(Flaw::ConfirmsAsOfTheAnswer, IN_TIME, QUIET);
}

#[test]
fn a_position_that_outlives_its_set_is_noticed() {
    is_noticed(Flaw::PositionSurvivesRestart, IN_TIME, RESTARTS);
}

#[test]
fn a_position_that_is_only_a_number_is_noticed() {
    is_noticed(Flaw::PositionIsANumber, IN_TIME, PUT_BACK);
}

#[test]
fn a_clock_that_stands_still_with_its_node_is_noticed() {
    is_noticed(Flaw::ClockStopsInPauses, IN_TIME, PAUSES);
}

#[test]
fn asking_for_freshness_after_the_set_is_noticed() {
    is_noticed(Flaw::FreshnessIsAskedLast, NOT_AFTER_RECEIPT, REQUESTS);
}

#[test]
fn cleaning_up_early_is_noticed() {
    is_noticed(Flaw::CleansUpEarly, IN_TIME, World { ttl: 3, ..CLEANED_UP });
}

#[test]
fn transactions_without_a_deadline_are_noticed() {
    is_noticed(Flaw::TransactionsWithoutEnd, IN_TIME, World { ttl: 3, ends: 12, ..CLEANED_UP });
}
