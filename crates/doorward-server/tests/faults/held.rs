//! Transactions that somebody holds open.
//!
//! A feed that went by what is visible to old transactions, or by numbers from a sequence, would stand still behind the
//! oldest of them, or pass over those that commit late. Ours is counted by a row that each commit moves last.

use std::thread;

use crate::person::Person;
use crate::scene::{ALL, cluster, endures, endures_on, sign_out, signed_in};
use crate::stage::{NODES, Stage};

/// Sessions are opened and ended at every node, and every node hears of each.
#[track_caller]
fn revocations_arrive(stage: &Stage) {
    for round in 0..2 * NODES {
        let mut person = signed_in(stage, round % NODES);
        sign_out(stage, &person, (round + 1) % NODES);
        heard_of_everywhere(stage, &mut person);
    }
}

#[track_caller]
fn heard_of_everywhere(stage: &Stage, ended: &mut Person<'_>) {
    for node in ALL {
        stage.eventually("the node hears of it", || ended.enter(node).code() == "session_revoked");
    }
}

#[test]
fn revocations_arrive_while_transactions_are_held_open_and_when_they_end() {
    let cluster = cluster();
    endures_on(cluster, |stage, cluster, _| {
        stage.add_user("bystander");
        let elsewhere = cluster.fresh_database();
        let mut held = [stage.database.session(), stage.database.session(), elsewhere.session()];
        // Of our tables, with a number and a snapshot of its own; of none of them; of another database.
        let begun = [
            "BEGIN ISOLATION LEVEL REPEATABLE READ;
             UPDATE users SET username = username WHERE username = 'bystander';
             SELECT count(*) FROM revocations",
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT txid_current() > 0",
            "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TABLE t (n int); INSERT INTO t VALUES (1)",
        ];
        for (session, statements) in held.iter_mut().zip(begun) {
            session.run(statements);
        }
        revocations_arrive(stage);
        for session in &mut held {
            session.run("COMMIT");
            revocations_arrive(stage);
        }
    });
}

/// Whether transactions of two nodes or more wait for a row or each other.
const WAITING: &str = "SELECT count(*) > 1 FROM pg_stat_activity
    WHERE wait_event_type = 'Lock' AND datname = current_database()";

#[test]
fn revocations_that_had_to_wait_for_each_other_arrive_all() {
    endures(|stage, _, _| {
        let people: Vec<_> = (0..2 * NODES).map(|who| signed_in(stage, who % NODES)).collect();
        let mut holder = stage.database.session();
        holder.run("BEGIN; SELECT feed_seq FROM state FOR UPDATE");
        thread::scope(|scope| {
            for (who, person) in people.iter().enumerate() {
                scope.spawn(move || sign_out(stage, person, who % NODES));
            }
            stage.eventually("they wait", || stage.database.sql(WAITING) == "t");
            holder.run("COMMIT");
        });
        for mut person in people {
            heard_of_everywhere(stage, &mut person);
        }
    });
}
