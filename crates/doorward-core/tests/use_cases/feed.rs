//! Following the feed over what happens to databases: they are put back, and forget what has expired.

use std::{sync::Arc, time::Duration};

use doorward_core::{feed::FeedPart, refusal::Refusal, settings::MAX_STALENESS, store::Store};
use doorward_testkit::{MemoryStore, builders::ACCESS_TTL};
use futures_executor::block_on;

use crate::home::{Home, PASSWORD, on_each_store, verify};

const MINUTE: Duration = Duration::from_secs(60);

/// A database that was put back gives out numbers that were given out before.
#[test]
fn a_database_that_was_put_back_is_read_from_its_beginning() {
    let store = MemoryStore::new();
    let home = Home::on(Arc::new(store.clone()));
    home.add_user("ann");
    let [first, second, third, fourth] = [(); 4].map(|()| home.log_in("ann", PASSWORD).unwrap());
    home.log_out(&first).unwrap();
    let backup = store.copy();
    home.log_out(&second).unwrap();
    home.log_out(&third).unwrap();
    let other = home.start('A', &[]).unwrap();
    assert_eq!(other.feed_state().seq, 3);

    store.put_back(&backup);
    home.log_out(&fourth).unwrap();
    block_on(other.follow_feed()).unwrap();
    assert_eq!(
        verify(&other, &fourth),
        Err(Refusal::SessionRevoked),
        "its number was another session's before"
    );
    assert_eq!(other.feed_state().seq, 2);
    assert_eq!(verify(&other, &first), Err(Refusal::SessionRevoked));
    assert_eq!(verify(&other, &second), Err(Refusal::SessionRevoked), "what was heard once stays in force");
}

/// By the time a node reads again, the numbers may have come as far as it had read, or further.
#[test]
fn a_database_that_was_put_back_and_overtook_a_node_is_read_from_its_beginning() {
    for new_ends in 2..=3 {
        let store = MemoryStore::new();
        let home = Home::on(Arc::new(store.clone()));
        let [ann, bob] = ["ann", "bob"].map(|name| {
            home.add_user(name);
            [(); 3].map(|()| home.log_in(name, PASSWORD).unwrap())
        });
        home.log_out(&ann[0]).unwrap();
        let backup = store.copy();
        home.log_out(&ann[1]).unwrap();
        home.log_out(&ann[2]).unwrap();
        let other = home.start('A', &[]).unwrap();
        assert_eq!(other.feed_state().seq, 3);

        store.put_back(&backup);
        let ended = &bob[..new_ends];
        for session in ended {
            home.log_out(session).unwrap();
        }
        block_on(other.follow_feed()).unwrap();
        for session in ended {
            assert_eq!(verify(&other, session), Err(Refusal::SessionRevoked));
        }
    }
}

/// M-N03: what is gone from the feed concerns no token that is alive, so that nothing is missed by it.
#[test]
fn a_node_that_was_away_longer_than_entries_are_kept_goes_on_where_the_feed_is() {
    on_each_store(|home| {
        let ann = home.somebody();
        let other = home.start('A', &[]).unwrap();
        home.log_out(&ann).unwrap();
        // For the lifetime of a token, the margin, and once more the lifetime that entries are kept on top.
        home.live_on(ACCESS_TTL * 2 + MINUTE);
        while block_on(home.authority.clean_up()).unwrap().revocations > 0 {}
        assert!(block_on(home.store.feed(0, 9)).unwrap().entries.is_empty());
        let ben = home.log_in("ann", PASSWORD).unwrap();
        assert_eq!(
            verify(&other, &ann),
            Err(Refusal::RevocationStateStale),
            "it knows that it knows nothing"
        );
        block_on(other.follow_feed()).unwrap();
        assert_eq!(other.feed_state().seq, 1);
        assert_eq!(verify(&other, &ann), Err(Refusal::SessionExpired));
        assert_eq!(verify(&other, &ben), Ok(()));
        home.log_out(&ben).unwrap();
        block_on(other.follow_feed()).unwrap();
        assert_eq!(verify(&other, &ben), Err(Refusal::SessionRevoked));
    });
}

/// Whoever verifies elsewhere takes what is answered for all there is.
#[test]
fn a_node_that_is_stale_gives_out_no_part_of_the_feed() {
    on_each_store(|home| {
        let read = || block_on(home.authority.revocations(0, 9));
        let end = Ok(FeedPart::Next { entries: Vec::new(), seq: 0, is_end: true });
        home.clock.advance(MAX_STALENESS);
        assert_eq!(read(), end);
        home.clock.advance(Duration::from_millis(1));
        assert_eq!(read(), Err(Refusal::RevocationStateStale));
        home.live_on(Duration::ZERO);
        assert_eq!(read(), end);
    });
}
