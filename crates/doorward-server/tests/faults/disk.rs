//! The database's disk is full.

use crate::scene::{ALL, cluster, endures_on};

#[test]
fn a_database_whose_disk_is_full() {
    let cluster = cluster();
    let disk = match cluster.on_a_small_disk(64) {
        Ok(disk) => disk,
        Err(reason) => return eprintln!("skipped: there is no small disk to be had: {reason}"),
    };
    endures_on(cluster, |stage, cluster, traffic| {
        disk.fill();
        // What has room in its pages goes on until there is none.
        traffic.stops(stage, &ALL);
        stage.eventually("the disk is full", || cluster.log().contains("No space left on device"));
        disk.clear();
    });
}
