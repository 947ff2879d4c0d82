//! What nodes tell of themselves.

use std::time::Duration;

use doorward_core::{node::Node, time::Timestamp};

use super::{Bench, bench::around};
use crate::builders::START;

/// Nothing was told before it.
const NEVER: Timestamp = Timestamp::from_millis(0);

fn node(name: &str, reported_at: Timestamp) -> Node {
    Node {
        name: name.to_owned(),
        version: "1.2.3".to_owned(),
        started_at: START,
        reported_at,
        feed_seq: 42,
        feed_age: Duration::from_millis(17),
    }
}

impl Bench {
    async fn report(&self, node: &Node, forget_before: Timestamp) {
        self.store.report_node(node.clone(), forget_before).await.unwrap();
    }

    async fn node_names(&self) -> Vec<String> {
        self.store.nodes().await.unwrap().into_iter().map(|node| node.name).collect()
    }
}

/// One of each name, whole, and in the order of names.
pub async fn each_node_is_told_of_as_it_last_told(bench: Bench) {
    assert_eq!(bench.store.nodes().await.unwrap(), []);
    let (first, second) = (node("b:8080", START), node("a:8080", START));
    bench.report(&first, NEVER).await;
    bench.report(&second, NEVER).await;
    let later = START.plus(Duration::from_secs(1));
    let again = Node {
        version: "1.2.4".to_owned(),
        started_at: later,
        reported_at: later,
        feed_seq: 43,
        feed_age: Duration::ZERO,
        ..first
    };
    bench.report(&again, NEVER).await;
    assert_eq!(bench.store.nodes().await.unwrap(), [second, again]);
}

/// The one that left and no other; who left twice has left.
pub async fn a_node_that_left_is_gone(bench: Bench) {
    bench.report(&node("a", START), NEVER).await;
    bench.report(&node("b", START), NEVER).await;
    for _ in 0..2 {
        bench.store.remove_node("a").await.unwrap();
        assert_eq!(bench.node_names().await, ["b"]);
    }
}

/// Those that told nothing since the bound are forgotten when another tells.
pub async fn a_node_that_is_silent_for_long_is_forgotten(bench: Bench) {
    let [before, at, after] = around(START);
    for (name, reported_at) in [("before", before), ("at", at), ("later", after)] {
        bench.report(&node(name, reported_at), NEVER).await;
    }
    bench.report(&node("x", START), at).await;
    assert_eq!(bench.node_names().await, ["at", "later", "x"]);
}
