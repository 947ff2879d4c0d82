//! One node after the other is stopped and started again, as for a new version, while people work.

use crate::load::{Load, wait_for_answers};
use crate::stage::{NODES, Stage};

#[test]
fn nobody_is_refused_while_each_node_is_restarted_in_turn() {
    let stage = Stage::new(&[]);
    Load::of(&stage, 6).during(|answered| {
        for node in (0..NODES).chain(0..NODES) {
            wait_for_answers(&stage, answered, 50);
            stage.restart(node);
        }
        wait_for_answers(&stage, answered, 50);
    });
    stage.check_history();
}
