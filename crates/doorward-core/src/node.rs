//! Nodes: the processes that share a store, as they tell of themselves. Nothing is decided by it; administrators look at it.

use std::time::Duration;

use async_trait::async_trait;

use crate::{authority::Authority, refusal::Refusal, store::StoreError, time::Timestamp};

/// How often a node tells of itself.
pub const REPORTED_EVERY: Duration = Duration::from_secs(1);

/// A node that was not heard of for so long does not run, or does not reach the store. Longer than clocks of nodes differ.
const SILENT_AFTER: Duration = Duration::from_secs(10);

/// A node that was not heard of for so long is not told of any more.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(24 * 3600);

/// What a node last told of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name; there is one node of each.
    pub name: String,
    /// The version it runs.
    pub version: String,
    /// Since when it runs.
    pub started_at: Timestamp,
    /// When it told this, by its own clock.
    pub reported_at: Timestamp,
    /// The number up to which the revocation feed was in force there.
    pub feed_seq: u64,
    /// How long ago it had confirmed that, in whole milliseconds.
    pub feed_age: Duration,
}

impl Node {
    /// How old what it knows of revocations is, as far as can be told: of a node that tells of itself what it told, of one that
    /// is silent how long it has been.
    #[must_use]
    pub fn age(&self, now: Timestamp) -> Duration {
        if self.is_silent(now) {
            self.feed_age.saturating_add(now.since(self.reported_at))
        } else {
            self.feed_age
        }
    }

    /// Whether it was not heard of for so long that it does not run, or does not reach the store.
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> bool {
        now.since(self.reported_at) > SILENT_AFTER
    }
}

/// What nodes tell of themselves. What holds for every method of [`Store`](crate::store::Store) holds for these.
#[async_trait]
pub trait NodeStore: Send + Sync + 'static {
    /// Keeps what a node tells, in place of what the one of its name told before, and forgets those that told nothing since
    /// `forget_before`.
    async fn report_node(&self, node: Node, forget_before: Timestamp) -> Result<(), StoreError>;

    /// Forgets a node. One that is not known is forgotten already.
    async fn remove_node(&self, name: &str) -> Result<(), StoreError>;

    /// Every node, by name.
    async fn nodes(&self) -> Result<Vec<Node>, StoreError>;
}

/// What a node calls itself.
#[derive(Clone, Debug)]
pub struct NodeIdentity {
    /// Its name, which no other node has.
    pub name: String,
    /// The version it runs.
    pub version: String,
    /// Since when it runs.
    pub started_at: Timestamp,
}

impl Authority {
    /// Tells of this node, for administrators. To be called every [`REPORTED_EVERY`].
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`], [`Refusal::ClockBehind`]
    pub async fn report_node(&self, identity: NodeIdentity) -> Result<(), Refusal> {
        let now = self.time.now()?;
        let feed = self.feed_state();
        let NodeIdentity { name, version, started_at } = identity;
        // In whole milliseconds, as it is stored.
        let (age, _) = self.verifier().revocation_state();
        let feed_age = Duration::from_millis(u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        let node = Node { name, version, started_at, reported_at: now, feed_seq: feed.seq, feed_age };
        Ok(self.store.report_node(node, now.minus(FORGOTTEN_AFTER)).await?)
    }

    /// Takes leave of the others: the node of this name stops, and is no longer to be looked for.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn remove_node(&self, name: &str) -> Result<(), Refusal> {
        Ok(self.store.remove_node(name).await?)
    }

    /// Every node that told of itself, by name; none where they do not.
    ///
    /// # Errors
    /// [`Refusal::StoreUnavailable`]
    pub async fn nodes(&self) -> Result<Vec<Node>, Refusal> {
        Ok(self.store.nodes().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_is_as_old_as_it_says_until_it_says_nothing() {
        let at = Timestamp::from_millis(1_000_000);
        let node = Node {
            name: String::new(),
            version: String::new(),
            started_at: at,
            reported_at: at,
            feed_seq: 0,
            feed_age: Duration::from_millis(7),
        };
        for (later, age) in [(0, 7), (10_000, 7), (10_001, 10_008)] {
            assert_eq!(node.age(at.plus(Duration::from_millis(later))), Duration::from_millis(age));
        }
        // By a clock that is behind the node's.
        assert!(!node.is_silent(at.minus(Duration::from_secs(60))));
    }
}
