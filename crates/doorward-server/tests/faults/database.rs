//! The database is stopped, killed, restarted, or stands still, or others have all of its connections.

use doorward_testkit::postgres::Settings;

use crate::scene::{ALL, all_stop, endures, endures_on};

#[test]
fn a_database_that_is_stopped_past_the_bound() {
    endures(|stage, cluster, traffic| {
        cluster.stop();
        all_stop(stage, traffic);
        cluster.start_again();
    });
}

#[test]
fn a_database_that_is_killed_again_and_again() {
    endures(|stage, cluster, traffic| {
        for _ in 0..3 {
            cluster.kill();
            traffic.stops(stage, &ALL);
            cluster.start_again();
            traffic.flows(stage, &ALL);
        }
    });
}

#[test]
fn a_database_that_is_restarted() {
    endures(|stage, cluster, traffic| {
        for _ in 0..2 {
            cluster.restart();
            traffic.flows(stage, &ALL);
        }
    });
}

#[test]
fn a_database_that_stands_still_past_the_bound() {
    endures(|stage, cluster, traffic| {
        cluster.pause();
        all_stop(stage, traffic);
        cluster.resume();
    });
}

#[test]
fn a_database_whose_connections_others_have() {
    // As many as the nodes have, and their commands, and a few.
    const CONNECTIONS: usize = 24;
    const TAKE_ALL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE backend_type = 'client backend' AND application_name <> 'psql'";
    let cluster = Settings::new().with("max_connections", &CONNECTIONS.to_string()).start();
    endures_on(Box::leak(Box::new(cluster)), |stage, _, traffic| {
        let mut others = Vec::new();
        stage.eventually("others have all connections", || {
            match stage.database.try_session() {
                Ok(session) => others.push(session),
                // What the nodes have, they lose; whoever comes first has it next.
                Err(full) => {
                    assert!(full.contains("too many clients"), "{full}");
                    if let Some(other) = others.first_mut() {
                        other.run(TAKE_ALL);
                    }
                }
            }
            others.len() == CONNECTIONS
        });
        all_stop(stage, traffic);
    });
}
