//! Three nodes, one PostgreSQL, and everything that can go wrong between them, with people coming and going meanwhile.
//!
//! Goal: nothing that was acknowledged is lost; nobody whose session was ended is let in past the bound, at any node;
//! nobody else is turned away as if theirs had been; and when the fault is over everything goes on by itself.
//! Method: see `scene.rs`. What everybody was answered is checked afterwards as one history.

#[cfg(test)]
mod database;
#[cfg(test)]
mod disk;
#[cfg(test)]
mod held;
#[cfg(test)]
mod line;
#[cfg(test)]
mod node;
#[cfg(test)]
mod scene;
#[cfg(test)]
mod traffic;

// The stage of the tests of several nodes, whose tests use the rest of it.
#[cfg(test)]
#[path = "../nodes/person.rs"]
#[expect(dead_code, reason = "the tests of nodes use the rest")]
mod person;
#[cfg(test)]
#[path = "../nodes/stage.rs"]
#[expect(dead_code, reason = "the tests of nodes use the rest")]
mod stage;
