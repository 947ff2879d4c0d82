//! What the set says, whatever it has grown to.

use proptest::prelude::*;

use std::{collections::HashMap, thread};

use super::*;

const SESSION: SessionId = SessionId::from_bytes([1; 16]);
const USER: UserId = UserId::from_bytes([2; 16]);

fn entry(subject: Subject, effect: Effect, epoch: u64) -> Revocation {
    Revocation { subject, effect, epoch: Epoch(epoch), expires_at: Timestamp::from_millis(1000) }
}

fn effect(set: &RevocationSet, session_epoch: u64, user_epoch: u64) -> Option<Effect> {
    set.effect_on((SESSION, Epoch(session_epoch)), (USER, Epoch(user_epoch)))
}

#[test]
fn a_token_below_the_least_epoch_is_dead_and_one_at_it_is_not() {
    let set = RevocationSet::default();
    assert_eq!(effect(&set, 0, 0), None);
    set.apply(&entry(Subject::Session(SESSION), Effect::Revoked, 3));
    assert_eq!(effect(&set, 2, 0), Some(Effect::Revoked));
    assert_eq!(effect(&set, 3, 0), None);
}

#[test]
fn a_later_change_of_role_does_not_soften_an_earlier_revocation() {
    let set = RevocationSet::default();
    set.apply(&entry(Subject::User(USER), Effect::Revoked, 3));
    set.apply(&entry(Subject::User(USER), Effect::Outdated, 5));
    assert_eq!(effect(&set, 0, 2), Some(Effect::Revoked));
    assert_eq!(effect(&set, 0, 4), Some(Effect::Outdated));
    assert_eq!(effect(&set, 0, 5), None);
}

#[test]
fn entries_are_kept_until_their_last_token_has_expired() {
    let set = RevocationSet::default();
    set.apply(&entry(Subject::Session(SESSION), Effect::Revoked, 1));
    set.forget_expired(Timestamp::from_millis(999));
    assert_eq!(effect(&set, 0, 0), Some(Effect::Revoked));
    set.forget_expired(Timestamp::from_millis(1000));
    assert!(set.is_empty());
}

proptest! {
    #[test]
    fn order_and_repetition_of_entries_do_not_matter(
        entries in prop::collection::vec((any::<bool>(), any::<bool>(), 0u64..6), 1..8),
        seed in any::<u64>(),
    ) {
        let entries: Vec<_> = entries.into_iter().map(|(session, revoked, epoch)| {
            let subject = if session { Subject::Session(SESSION) } else { Subject::User(USER) };
            entry(subject, if revoked { Effect::Revoked } else { Effect::Outdated }, epoch)
        }).collect();
        let (forward, shuffled) = (RevocationSet::default(), RevocationSet::default());
        entries.iter().for_each(|e| forward.apply(e));
        let start = usize::try_from(seed % entries.len() as u64).unwrap();
        for e in entries.iter().rev().chain(entries.iter().cycle().skip(start).take(entries.len())) {
            shuffled.apply(e);
        }
        for session in 0..7 {
            for user in 0..7 {
                prop_assert_eq!(effect(&forward, session, user), effect(&shuffled, session, user));
            }
        }
    }
}

const SOON: Timestamp = Timestamp::from_millis(1000);
const LATER: Timestamp = Timestamp::from_millis(2000);

/// An identifier of 128 random bits, the same each time for the same number.
fn id(number: u64) -> [u8; 16] {
    let mixed = |seed: u64| {
        let mixed = (number ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9).rotate_left(31).to_be_bytes()
    };
    let mut id = [0; 16];
    id[..8].copy_from_slice(&mixed(1 << 62));
    id[8..].copy_from_slice(&mixed(1 << 61));
    id
}

fn of(number: u64) -> Subject {
    let session = number.is_multiple_of(2);
    if session {
        Subject::Session(SessionId::from_bytes(id(number)))
    } else {
        Subject::User(UserId::from_bytes(id(number)))
    }
}

fn revoked(number: u64, expires_at: Timestamp) -> Revocation {
    Revocation { subject: of(number), effect: Effect::Revoked, epoch: Epoch(1), expires_at }
}

/// Whether a token of epoch 0 of this session or user is refused.
fn refuses(set: &RevocationSet, subject: Subject) -> bool {
    let (session, user) = match subject {
        Subject::Session(id) => (id, USER),
        Subject::User(id) => (SESSION, id),
    };
    set.effect_on((session, Epoch(0)), (user, Epoch(0))).is_some()
}

#[test]
fn however_many_there_are_each_is_found_and_nobody_else() {
    let set = RevocationSet::default();
    for number in 0..20_000 {
        set.apply(&revoked(number, SOON));
        assert!(refuses(&set, of(number)), "{number}");
    }
    assert_eq!(set.len(), 20_000);
    assert!((0..20_000).all(|number| refuses(&set, of(number))));
    assert!(!(20_000..60_000).any(|number| refuses(&set, of(number))));
}

#[test]
fn a_session_and_a_user_of_the_same_identifier_are_two() {
    let set = RevocationSet::default();
    set.apply(&entry(Subject::Session(SessionId::from_bytes(id(1))), Effect::Revoked, 1));
    assert!(!refuses(&set, Subject::User(UserId::from_bytes(id(1)))));
    set.apply(&entry(Subject::User(UserId::from_bytes(id(1))), Effect::Outdated, 1));
    assert!(refuses(&set, Subject::User(UserId::from_bytes(id(1)))));
    assert_eq!(set.len(), 2);
}

#[test]
fn a_large_set_forgets_by_and_by_and_nothing_that_is_needed() {
    let set = RevocationSet::default();
    (0..20_000).for_each(|number| set.apply(&revoked(number, if number < 10_000 { SOON } else { LATER })));
    set.forget_expired(SOON);
    assert!(set.len() > 10_000, "one look is not at all of a large set");
    for _ in 1..PARTS {
        set.forget_expired(SOON);
    }
    assert_eq!(set.len(), 10_000);
    assert!(!(0..10_000).any(|number| refuses(&set, of(number))));
    assert!((10_000..20_000).all(|number| refuses(&set, of(number))));
    // It grows again after it has shrunk.
    (0..10_000).for_each(|number| set.apply(&revoked(number, LATER)));
    assert!((0..20_000).all(|number| refuses(&set, of(number))));
    for _ in 0..PARTS {
        set.forget_expired(LATER);
    }
    assert!(set.is_empty());
}

#[test]
fn a_filter_is_as_small_as_what_it_holds() {
    let set = RevocationSet::default();
    let words = |set: &RevocationSet| set.filters.load().iter().map(Filter::room).sum::<usize>();
    (0..50_000).for_each(|number| set.apply(&revoked(number, SOON)));
    assert!((50_000..200_000).contains(&words(&set)), "{}", words(&set));
    (0..PARTS).for_each(|_| set.forget_expired(SOON));
    assert_eq!(words(&set), 0);
}

/// Two nodes' worth of writers, and one that forgets all the time: what a writer was told is in force is in force.
#[test]
fn writers_do_not_lose_what_another_one_wrote() {
    let set = RevocationSet::default();
    thread::scope(|scope| {
        for writer in 0..3 {
            let set = &set;
            scope.spawn(move || {
                for number in (writer * 10_000)..(writer + 1) * 10_000 {
                    set.apply(&revoked(number, if number.is_multiple_of(3) { SOON } else { LATER }));
                    assert!(number.is_multiple_of(3) || refuses(set, of(number)), "{number}");
                    if number.is_multiple_of(50) {
                        set.forget_expired(SOON);
                    }
                }
            });
        }
    });
    assert!((0..30_000_u64).all(|number| number.is_multiple_of(3) || refuses(&set, of(number))));
}

/// Subjects that share parts, shards and words of the filter.
fn crowded(number: u8) -> Subject {
    let mut bytes = id(u64::from(number));
    (bytes[0], bytes[1]) = (bytes[0] & 4, bytes[1] & 4);
    if number.is_multiple_of(2) {
        Subject::Session(SessionId::from_bytes(bytes))
    } else {
        Subject::User(UserId::from_bytes(bytes))
    }
}

#[derive(Clone, Debug)]
enum Step {
    Apply(Revocation),
    Forget(Timestamp),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let revocation = (any::<u8>(), any::<bool>(), 0u64..4, 0i64..100).prop_map(|(who, dead, epoch, end)| {
        Step::Apply(Revocation {
            subject: crowded(who),
            effect: if dead { Effect::Revoked } else { Effect::Outdated },
            epoch: Epoch(epoch),
            expires_at: Timestamp::from_millis(end),
        })
    });
    let forget = (0i64..100).prop_map(|end| Step::Forget(Timestamp::from_millis(end)));
    prop::collection::vec(prop_oneof![12 => revocation, 1 => forget], 1..600)
}

proptest! {
    /// A hash map, changed and read by one at a time, is right beyond doubt.
    #[test]
    fn the_set_says_what_a_plain_table_says(steps in steps()) {
        let (set, mut table) = (RevocationSet::default(), HashMap::<Subject, Least>::new());
        for step in steps {
            match step {
                Step::Apply(revocation) => {
                    set.apply(&revocation);
                    let least = Least::of(&revocation);
                    table.entry(revocation.subject).and_modify(|known| *known = known.with(least)).or_insert(least);
                }
                // Fewer than are looked at once: all of it is.
                Step::Forget(now) => {
                    set.forget_expired(now);
                    table.retain(|_, least| least.expires_at > now);
                }
            }
        }
        prop_assert_eq!(set.len(), table.len());
        for subject in (0..=255).map(crowded) {
            for epoch in (0..4).map(Epoch) {
                let expected = table.get(&subject).and_then(|least| least.effect_on(epoch));
                let (nobody, nothing) = (UserId::from_bytes([9; 16]), SessionId::from_bytes([9; 16]));
                let said = match subject {
                    Subject::Session(id) => set.effect_on((id, epoch), (nobody, Epoch(0))),
                    Subject::User(id) => set.effect_on((nothing, Epoch(0)), (id, epoch)),
                };
                prop_assert_eq!(said, expected, "{:?} {:?}", subject, epoch);
            }
        }
    }
}
