//! The in-memory store keeps the store contract.

use std::sync::Arc;

use doorward_core::store::Store;
use doorward_testkit::{MemoryStore, contract::Backend, store_contract};

struct Memory(MemoryStore);

impl Backend for Memory {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }
}

store_contract!(memory, || Box::new(Memory(MemoryStore::new())));
