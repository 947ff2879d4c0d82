//! The store contract, an in-memory store, a manual clock, seeded entropy.
