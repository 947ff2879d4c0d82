//! What operations keep to themselves, by number: PostgreSQL's advisory locks, which end with the transaction.

use doorward_core::guard::{Subject, SubjectKind};

use crate::sql::{Duty, Lock};

/// A number for something that is locked. Two things may have the same: they wait for each other without need.
fn number_of(kind: u8, key: &[u8; 16]) -> i64 {
    let folded = key.iter().fold(u64::from(kind).wrapping_add(0xcbf2_9ce4_8422_2325), |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    i64::from_be_bytes(folded.to_be_bytes())
}

/// Kinds of things that are locked by number. A subject of attempts has that of its kind.
const ADMINISTRATORS: u8 = 64;
const INSTALLATION: u8 = 65;
const CLEAN_UP: u8 = 66;
/// Held while the schema is made or changed.
pub(super) const SCHEMA: u8 = 67;

/// The number of what there is one of.
pub(super) fn number_of_one(kind: u8) -> i64 {
    number_of(kind, b"doorward\0\0\0\0\0\0\0\0")
}

fn number_of_subject(subject: &Subject) -> i64 {
    let kind = SubjectKind::ALL.iter().position(|kind| *kind == subject.kind);
    number_of(kind.and_then(|kind| u8::try_from(kind).ok()).unwrap_or(u8::MAX), &subject.key)
}

/// The number of a duty.
pub(super) fn number_of_duty(duty: Duty) -> i64 {
    match duty {
        Duty::CleanUp => number_of_one(CLEAN_UP),
    }
}

/// The numbers of what is locked by number, in one order, so that two that lock the same wait for each other and not in a
/// circle; none of a user, who has a row.
pub(super) fn numbers_of(what: Lock<'_>) -> Vec<i64> {
    match what {
        Lock::User(_) => Vec::new(),
        Lock::Administrators => vec![number_of_one(ADMINISTRATORS)],
        Lock::Installation => vec![number_of_one(INSTALLATION)],
        Lock::Attempts(subjects) => {
            // Who tries before from where: a login holds the one before it knows that it needs the other.
            let mut subjects: Vec<_> =
                subjects.iter().map(|subject| (subject.kind, number_of_subject(subject))).collect();
            subjects.sort_unstable();
            subjects.into_iter().map(|(_, number)| number).collect()
        }
    }
}
