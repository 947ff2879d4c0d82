//! What nodes tell of themselves.

use async_trait::async_trait;
use doorward_core::{
    node::{Node, NodeStore},
    store::StoreError,
    time::Timestamp,
};

use super::MemoryStore;

#[async_trait]
impl NodeStore for MemoryStore {
    async fn report_node(&self, node: Node, forget_before: Timestamp) -> Result<(), StoreError> {
        self.write(None, |state| {
            state.nodes.retain(|_, known| known.reported_at >= forget_before);
            state.nodes.insert(node.name.clone(), node);
            Ok(())
        })
    }

    async fn remove_node(&self, name: &str) -> Result<(), StoreError> {
        self.write(None, |state| {
            state.nodes.remove(name);
            Ok(())
        })
    }

    async fn nodes(&self) -> Result<Vec<Node>, StoreError> {
        self.read(|state| state.nodes.values().cloned().collect())
    }
}
