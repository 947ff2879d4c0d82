//! Behind PgBouncer in transaction pooling: every statement may go over another connection than the one before, and
//! nothing that a session of the server keeps is there the next time. LISTEN is such a thing: polling covers it.

use crate::load::{Load, wait_for_answers};
use crate::person::Person;
use crate::stage::{NODES, Stage, race};

#[test]
fn login_refresh_and_revocation_hold_behind_a_pooler_of_transactions() {
    // Fewer connections than the nodes' pools hold, so that they are mixed up and waited for.
    let stage = Stage::behind_pooler(
        4,
        &[("DOORWARD_LOCKOUT__THRESHOLD", "3"), ("DOORWARD_STORE__PREPARED_STATEMENTS", "false")],
    );
    stage.add_user("ann");
    Load::of(&stage, 4).during(|answered| {
        for round in 0..20 {
            let (opens, ends) = (round % NODES, (round + 1) % NODES);
            let mut owner = Person::signed_in(&stage, "ann", opens);
            let tabs = race(NODES, |node| {
                let mut tab = owner.clone();
                assert_eq!(tab.refresh(node).status, 200);
                tab
            });
            assert_eq!(owner.log_out(ends).status, 204);
            for mut tab in tabs {
                for node in 0..NODES {
                    assert_eq!(tab.clone().refresh(node).code(), "session_revoked");
                    stage.eventually("every node knows", || tab.enter(node).code() == "session_revoked");
                }
            }
        }
        wait_for_answers(&stage, answered, 50);
    });
    for (node, told) in ["invalid_credentials", "invalid_credentials", "account_locked"].iter().enumerate() {
        assert_eq!(Person::new(&stage, "ann").guess(node, "guess").code(), *told);
    }
    stage.check_history();
}
