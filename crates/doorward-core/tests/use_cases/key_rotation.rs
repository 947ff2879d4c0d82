//! Signing keys are replaced without one refused request, on any number of nodes whose clocks differ.

use std::{sync::Arc, time::Duration};

use doorward_core::{
    audit::EventName,
    authority::{Authority, Caller},
    refusal::Refusal,
    secret::PlainToken,
    session::{SessionOfUser, Transport},
    signing_key::{KeyState, KeyTerm, ListedKey, PUBLISH_AHEAD, Rotation, SealedSigningKey, Succession},
    signing_keys::SIGNING_KEY_MAX_AGE,
    store::Store,
    time::{MAX_CLOCK_LAG, Timestamp},
};
use doorward_testkit::{
    ManualClock,
    builders::{ACCESS_TTL, START, Scene, write},
};
use futures_executor::block_on;

use crate::home::{Home, on_each_store, refresh, verify};

const MILLISECOND: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

fn rotate(authority: &Authority, rotation: Rotation) -> Result<ListedKey, Refusal> {
    block_on(authority.rotate_signing_key(&Caller::command_line(), rotation))
}

fn states(authority: &Authority) -> Vec<KeyState> {
    block_on(authority.signing_keys()).unwrap().iter().map(|key| key.state).collect()
}

fn header(token: &PlainToken) -> &str {
    token.reveal().split('.').next().unwrap()
}

/// A node, its clock, and by how much that is behind the right time.
struct Node {
    authority: Authority,
    clock: Arc<ManualClock>,
    behind: Duration,
}

impl Node {
    fn beside(home: &Home, behind: Duration) -> Self {
        let clock = Arc::new(ManualClock::at(START.minus(behind)));
        Self { authority: home.node_by(&clock), clock, behind }
    }

    fn now(&self) -> Timestamp {
        self.authority.now().unwrap()
    }

    /// Time goes on to `at`, and the node hears what there is to hear.
    fn live_until(&self, at: Timestamp) {
        let shown = at.minus(self.behind);
        self.clock.advance(shown.since(self.now()));
        self.clock.set_wall(shown);
        block_on(self.authority.follow_feed()).unwrap();
    }

    fn issue(&self, of: &SessionOfUser) -> (PlainToken, Timestamp) {
        self.authority.verifier().issue(of, [7; 16], self.now()).unwrap()
    }

    fn verify(&self, token: &PlainToken) -> Result<(), Refusal> {
        self.authority.verifier().verify(token.reveal(), Transport::Cookie).map(drop)
    }
}

/// Whoever is behind, each node signs by its own clock, and each believes what any of them signed until that expires, at
/// every millisecond that matters. None asks the store for keys when it changes over.
#[test]
fn nodes_five_seconds_apart_believe_each_other_throughout_a_rotation() {
    for behind in [[Duration::ZERO, MAX_CLOCK_LAG], [MAX_CLOCK_LAG, Duration::ZERO]] {
        on_each_store(|home| {
            let of = home.somebody().of;
            let nodes = behind.map(|behind| Node::beside(&home, behind));
            let began = START.plus(10 * SECOND);
            nodes.iter().for_each(|node| node.live_until(began));
            let old = header(&nodes[0].issue(&of).0).to_owned();
            let announced = rotate(&nodes[0].authority, Rotation::Announced).unwrap();
            let change = announced.term.signs_from;
            assert_eq!(change, nodes[0].now().plus(PUBLISH_AHEAD));
            nodes.iter().for_each(|node| node.live_until(began.plus(MILLISECOND)));
            home.store.calls();

            let after = |at: Duration| change.plus(at);
            let matters = [MAX_CLOCK_LAG, 2 * MAX_CLOCK_LAG, ACCESS_TTL, ACCESS_TTL + MAX_CLOCK_LAG];
            let mut times: Vec<_> = [Duration::ZERO, SECOND]
                .into_iter()
                .chain(matters)
                .map(after)
                .chain([change.minus(MAX_CLOCK_LAG)])
                .flat_map(|at| [at.minus(MILLISECOND), at, at.plus(MILLISECOND)])
                .collect();
            times.sort();
            let mut issued = Vec::new();
            for at in times {
                nodes.iter().for_each(|node| node.live_until(at));
                for node in &nodes {
                    let (token, ends) = node.issue(&of);
                    assert_eq!(header(&token) != old, node.now() >= change, "{at:?}");
                    issued.push((token, ends));
                }
                for (number, node) in nodes.iter().enumerate() {
                    for (token, ends) in &issued {
                        let expected = if node.now() < *ends { Ok(()) } else { Err(Refusal::SessionExpired) };
                        assert_eq!(node.verify(token), expected, "node {number} at {at:?}, {ends:?}");
                    }
                }
            }
            assert!(!home.store.calls().contains(&"signing_keys"), "the times come by themselves");
        });
    }
}

#[test]
fn a_key_is_next_then_signs_then_verifies_then_is_gone() {
    use KeyState::{Gone, Next, Signing, Verifying};
    on_each_store(|home| {
        let until = |at: Timestamp| home.live_on(at.since(home.authority.now().unwrap()));
        let rotated = rotate(&home.authority, Rotation::Announced).unwrap();
        assert_eq!(rotated.state, Next);
        let change = rotated.term.signs_from;
        for (at, [new, old]) in [
            (change.minus(MILLISECOND), [Next, Signing]),
            (change, [Signing, Verifying]),
            (change.plus(ACCESS_TTL).minus(MILLISECOND), [Signing, Verifying]),
            (change.plus(ACCESS_TTL), [Signing, Gone]),
        ] {
            until(at);
            assert_eq!(states(&home.authority), [new, old], "{at:?}");
        }
    });
}

/// Other nodes may be behind the one that cleans up.
#[test]
fn clean_up_takes_a_key_a_minute_after_its_last_token_and_not_before() {
    on_each_store(|home| {
        let rotated = rotate(&home.authority, Rotation::Announced).unwrap();
        let end = rotated.term.signs_from.plus(ACCESS_TTL + 60 * SECOND);
        home.live_on(end.minus(MILLISECOND).since(home.authority.now().unwrap()));
        assert_eq!(block_on(home.authority.clean_up()).unwrap().signing_keys, 0);
        home.live_on(MILLISECOND);
        assert_eq!(block_on(home.authority.clean_up()).unwrap().signing_keys, 1);
        assert_eq!(states(&home.authority), [KeyState::Signing]);
    });
}

#[test]
fn the_first_key_signs_at_once() {
    on_each_store(|home| {
        let [key] = block_on(home.authority.signing_keys()).unwrap().try_into().unwrap();
        assert_eq!((key.term, key.state), (KeyTerm::from(key.created_at), KeyState::Signing));
    });
}

#[test]
fn a_second_rotation_is_refused_until_the_first_has_happened() {
    on_each_store(|home| {
        let first = rotate(&home.authority, Rotation::Announced).unwrap();
        let before = block_on(home.authority.signing_keys()).unwrap();
        for wait in [Duration::ZERO, PUBLISH_AHEAD - MILLISECOND] {
            home.live_on(wait);
            assert_eq!(rotate(&home.authority, Rotation::Announced), Err(Refusal::RotationUnderWay));
        }
        assert_eq!(block_on(home.authority.signing_keys()).unwrap().len(), before.len());
        assert_eq!(home.events("key.created").len(), 2);
        home.live_on(MILLISECOND);
        let second = rotate(&home.authority, Rotation::Announced).unwrap();
        assert_eq!(second.term.signs_from, first.term.signs_from.plus(PUBLISH_AHEAD));
    });
}

/// A key that somebody else adds right before ours.
fn overtaken(home: &Home) -> SealedSigningKey {
    let now = home.authority.now().unwrap();
    let [last] = block_on(home.store.signing_keys()).unwrap().try_into().unwrap();
    let other = Home::in_memory();
    let theirs = rotate(&other.authority, Rotation::Announced).unwrap().id;
    let mut theirs =
        block_on(other.store.signing_keys()).unwrap().into_iter().find(|key| key.id == theirs).unwrap();
    theirs.id = Scene::new(9).signing_key(now).id;
    theirs.term = KeyTerm::from(now.plus(PUBLISH_AHEAD));
    let added = theirs.clone();
    home.store.overtake("add_signing_key", |store| async move {
        let created = write(EventName::SigningKeyCreated, now);
        store.add_signing_key(created, added, Some(last.id), Succession::InTurn).await.unwrap();
    });
    theirs
}

#[test]
fn of_two_rotations_at_once_one_wins_and_the_other_learns_of_it() {
    let home = Home::in_memory();
    let theirs = overtaken(&home);
    assert_eq!(rotate(&home.authority, Rotation::Announced), Err(Refusal::RotationUnderWay));
    let keys = block_on(home.store.signing_keys()).unwrap();
    assert_eq!(keys.iter().filter(|key| key.term.retired_at.is_none()).collect::<Vec<_>>(), [&theirs]);
}

#[test]
fn a_leaked_key_is_believed_no_more_and_sessions_live_on() {
    on_each_store(|home| {
        let ann = home.somebody();
        let other = home.start('A', &[]).unwrap();
        // One that waits may have leaked with it.
        rotate(&home.authority, Rotation::Announced).unwrap();
        home.live_on(SECOND);
        let replaced = rotate(&home.authority, Rotation::AtOnce).unwrap();
        assert_eq!(
            (replaced.state, replaced.term.signs_from),
            (KeyState::Signing, home.authority.now().unwrap())
        );
        assert_eq!(states(&home.authority), [KeyState::Signing, KeyState::Gone, KeyState::Gone]);
        assert_eq!(
            home.verify(&ann),
            Err(Refusal::SessionExpired),
            "as after any change that a refresh mends"
        );
        assert_eq!(home.authority.verifier().published_keys().unwrap().len(), 1);
        let refreshed = home.refresh(&ann).unwrap();
        assert_eq!(home.verify(&refreshed), Ok(()));
        // Another node, as soon as it follows the feed.
        assert_eq!(verify(&other, &refreshed), Err(Refusal::TokenInvalid));
        block_on(other.follow_feed()).unwrap();
        assert_eq!(verify(&other, &ann), Err(Refusal::SessionExpired));
        assert_eq!(verify(&other, &refreshed), Ok(()), "the failure was not remembered");
        assert!(refresh(&other, &refreshed).is_ok());
        // What waited does not sign when its time comes.
        home.live_on(PUBLISH_AHEAD);
        assert_eq!(states(&home.authority), [KeyState::Signing, KeyState::Gone, KeyState::Gone]);
        assert_eq!(home.events("key.created")[0].reason.as_deref(), Some("distrusted"));
    });
}

#[test]
fn a_key_is_replaced_at_its_age_and_not_before() {
    on_each_store(|home| {
        let rotates = || block_on(home.authority.rotate_aged_signing_key()).unwrap();
        assert!(!rotates());
        home.live_on(SIGNING_KEY_MAX_AGE - MILLISECOND);
        assert!(!rotates());
        home.live_on(MILLISECOND);
        assert!(rotates());
        assert!(!rotates(), "the new one waits");
        assert_eq!(states(&home.authority), [KeyState::Next, KeyState::Signing]);
        // From when it signs, not from when it was made.
        home.live_on(SIGNING_KEY_MAX_AGE + PUBLISH_AHEAD - MILLISECOND);
        assert!(!rotates());
        home.live_on(MILLISECOND);
        assert!(rotates());
    });
}

/// Each node looks by itself.
#[test]
fn of_nodes_that_find_a_key_too_old_one_replaces_it() {
    let home = Home::in_memory();
    home.live_on(SIGNING_KEY_MAX_AGE);
    overtaken(&home);
    assert!(!block_on(home.authority.rotate_aged_signing_key()).unwrap());
    assert_eq!(block_on(home.store.signing_keys()).unwrap().len(), 2);
}
