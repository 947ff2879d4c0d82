//! Lists of users tell what state accounts are in.

use std::collections::HashMap;

use doorward_core::{
    account_state::AccountState, audit::EventName, second_factor::MAX_CODES_RUNNING, store::NewUser,
};

use super::{Bench, bench::after};
use crate::builders::{START, write};

/// Whoever was invited has no password until one is set; codes are counted of each by themselves.
pub async fn states_are_told_of_the_accounts_that_there_are(bench: Bench) {
    let (ann, _) = bench.with_app().await;
    let ben = bench.create(NewUser { password: None, ..bench.scene.user() }).await;
    let gone = bench.user().await;
    bench.store.delete_user(write(EventName::UserDeleted, after(1)), gone.user.id).await.unwrap();
    let ids = [ben.user.id, ann.user.id, gone.user.id, bench.scene.user().user.id, ben.user.id];
    let states = || async { bench.store.account_states(&ids).await.unwrap() };
    let of = |has_password, codes_running| AccountState { has_password, codes_running };
    let before = states().await;
    assert_eq!(before, HashMap::from([(ann.user.id, of(true, 0)), (ben.user.id, of(false, 0))]));
    for running in 1..=MAX_CODES_RUNNING {
        assert!(!states().await[&ann.user.id].app_is_locked(), "{running}");
        bench.claim(&ann, None).await.unwrap();
        assert_eq!(states().await[&ann.user.id].codes_running, running);
    }
    assert!(states().await[&ann.user.id].app_is_locked());
    bench.store.unlock(write(EventName::AccountUnlocked, START), ann.user.id).await.unwrap();
    assert_eq!(states().await, before);
}
