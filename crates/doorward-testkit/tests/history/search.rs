//! The checker against a search over all orders.
//!
//! Goal: it finds a contradiction exactly where there is one.
//! Method: small random histories of one session, many of them impossible; what one session on one machine does is said
//! once more, as a state and its steps, and every order that the operations' times allow is tried.

use std::{collections::HashSet, time::Duration};

use doorward_testkit::history::{Answer, Asked, History, Operation, Outcome};
use proptest::prelude::*;

use crate::writing::{PROMISES, answered, end, end_all, log_in, refresh, tokens, unknown};

/// A session, as one machine has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Session {
    open: bool,
    generation: u32,
    over: bool,
}

impl Session {
    /// Every way in which it may go on by this operation; none if it cannot be answered so.
    fn after(self, operation: &Operation) -> Vec<Self> {
        let answer = match operation.outcome {
            Outcome::Answered { answer, .. } => Some(answer),
            Outcome::Unknown => None,
        };
        let over = Self { over: true, ..self };
        let mut next = Vec::new();
        match &operation.asked {
            Asked::LogIn { .. } => next.push(Self { open: true, ..self }),
            Asked::EndAll { .. } if !self.open => next.push(self),
            _ if !self.open => {}
            Asked::End(_) | Asked::EndAll { .. } => {
                next.extend((answer != Some(Answer::Over) || self.over).then_some(over));
            }
            Asked::Enter(_) => next.extend((answer != Some(Answer::Over) || self.over).then_some(self)),
            asked @ Asked::Refresh(_) => {
                let Some(presented) = generation(asked) else { return next };
                let given = matches!(answer, None | Some(Answer::Tokens(_))) && !self.over;
                if given && presented == self.generation {
                    next.push(Self { generation: presented + 1, ..self });
                }
                if given && presented + 1 == self.generation {
                    next.push(self);
                }
                if matches!(answer, None | Some(Answer::Reused)) && presented < self.generation {
                    next.push(over);
                }
                if answer == Some(Answer::Over) && self.over {
                    next.push(self);
                }
            }
        }
        next
    }
}

/// The generation that is presented.
fn generation(asked: &Asked) -> Option<u32> {
    (0..3).find(|generation| *asked == refresh(*generation))
}

fn until(operation: &Operation) -> Duration {
    match operation.outcome {
        Outcome::Answered { at, .. } => at,
        Outcome::Unknown => Duration::MAX,
    }
}

/// Whether the operations that are left can follow in some order. What has no answer may be left out.
fn can_follow(
    operations: &[Operation],
    left: u32,
    session: Session,
    dead_ends: &mut HashSet<(u32, Session)>,
) -> bool {
    let remaining = || operations.iter().enumerate().filter(move |(index, _)| left & 1 << index != 0);
    let Some(first_end) = remaining().map(|(_, operation)| until(operation)).min() else { return true };
    if first_end == Duration::MAX {
        return true;
    }
    if dead_ends.contains(&(left, session)) {
        return false;
    }
    for (index, operation) in remaining().filter(|(_, operation)| operation.invoked <= first_end) {
        let rest = left & !(1 << index);
        if session.after(operation).into_iter().any(|next| can_follow(operations, rest, next, dead_ends)) {
            return true;
        }
    }
    dead_ends.insert((left, session));
    false
}

fn operation() -> impl Strategy<Value = Operation> {
    let asked = prop_oneof![
        6 => (0u32..3).prop_map(refresh),
        1 => Just(end()),
        1 => Just(end_all("ann")),
        1 => Just(Asked::Enter(crate::writing::access("s", 0))),
    ];
    (asked, 0u64..24, 0u64..10, 0u8..8).prop_map(|(asked, from, length, luck)| {
        // Nobody can use a token before the login is answered, at 2 ms; ending everything needs none.
        let from = if matches!(asked, Asked::EndAll { .. }) { from } else { from + 2 };
        let answer = match (&asked, luck) {
            (_, 0) => return unknown(from, asked),
            (Asked::Refresh(_), 1) => Answer::Over,
            (Asked::Refresh(_), 2) => Answer::Reused,
            (asked @ Asked::Refresh(_), _) => {
                tokens("s", generation(asked).map_or(0, |presented| presented + 1))
            }
            (Asked::End(_) | Asked::Enter(_), 1..=3) => Answer::Over,
            _ => Answer::Done,
        };
        answered(from, from + length, asked, answer)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_checker_finds_a_contradiction_exactly_where_no_order_exists(
        operations in prop::collection::vec(operation(), 1..7),
    ) {
        let mut operations = operations;
        let holds = |generation| operations.iter().any(|operation| {
            operation.asked == refresh(generation)
                && matches!(operation.outcome, Outcome::Answered { answer: Answer::Tokens(_), .. })
        });
        // Nobody presents what nobody was given.
        let most = (0..3).find(|generation| !holds(*generation)).unwrap_or(3);
        operations.retain(|operation| !(most + 1..3).any(|generation| operation.asked == refresh(generation)));
        operations.push(answered(0, 2, log_in("ann"), tokens("s", 0)));
        let closed = Session { open: false, generation: 0, over: false };
        let all = (1 << operations.len()) - 1;
        let possible = can_follow(&operations, all, closed, &mut HashSet::new());
        let forever = doorward_testkit::history::Promises { bound: Duration::MAX, ..PROMISES };
        let broken = History { operations }.check(forever);
        prop_assert_eq!(broken.is_empty(), possible, "{:?}", broken);
    }
}
