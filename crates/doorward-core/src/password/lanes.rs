//! Two bounded queues that threads take from: those who are known first.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Whose password is to be hashed. A flood of strangers fills the strangers' queue and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// Somebody who has shown something that strangers lack: a known device, a session, a one-time token. Served first.
    Known,
    /// Anybody.
    Stranger,
}

/// What waits. Threads block in [`Lanes::pop`]; nobody ever blocks in [`Lanes::push`].
pub(super) struct Lanes<T> {
    waiting: Mutex<Waiting<T>>,
    changed: Condvar,
    /// The most that wait in each lane.
    capacity: usize,
}

struct Waiting<T> {
    known: VecDeque<T>,
    strangers: VecDeque<T>,
    closed: bool,
}

/// There is no room, or nobody takes any more.
#[derive(Debug)]
pub(super) struct Full;

impl<T> Lanes<T> {
    pub(super) fn new(capacity: usize) -> Self {
        let waiting = Waiting { known: VecDeque::new(), strangers: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), changed: Condvar::new(), capacity }
    }

    /// Adds to the end of a lane.
    pub(super) fn push(&self, lane: Lane, item: T) -> Result<(), Full> {
        let mut waiting = self.lock();
        if waiting.closed {
            return Err(Full);
        }
        let queue = match lane {
            Lane::Known => &mut waiting.known,
            Lane::Stranger => &mut waiting.strangers,
        };
        if queue.len() >= self.capacity {
            return Err(Full);
        }
        queue.push_back(item);
        drop(waiting);
        self.changed.notify_one();
        Ok(())
    }

    /// Takes the next one, waiting for it; none once closed and empty.
    pub(super) fn pop(&self) -> Option<T> {
        let mut waiting = self.lock();
        loop {
            if let Some(item) = waiting.known.pop_front() {
                return Some(item);
            }
            if let Some(item) = waiting.strangers.pop_front() {
                return Some(item);
            }
            if waiting.closed {
                return None;
            }
            waiting = self.changed.wait(waiting).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Takes nothing more in; what waits is still served.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<T>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_known_is_served_before_every_stranger() {
        let lanes = Lanes::new(2);
        lanes.push(Lane::Stranger, 1).unwrap();
        lanes.push(Lane::Stranger, 2).unwrap();
        assert!(lanes.push(Lane::Stranger, 3).is_err(), "the strangers' lane is full");
        lanes.push(Lane::Known, 10).unwrap();
        lanes.push(Lane::Known, 11).unwrap();
        lanes.close();
        let served: Vec<i32> = std::iter::from_fn(|| lanes.pop()).collect();
        assert_eq!(served, [10, 11, 1, 2]);
        assert!(lanes.push(Lane::Known, 12).is_err(), "nobody takes any more");
    }
}
