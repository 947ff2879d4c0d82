//! What goes wrong.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use doorward_testkit::MemoryStore;

use super::{Flaw, executor::Simulator, node::Node};

/// Something goes wrong, and is mended, over and over.
pub(super) struct Weather {
    pub(super) simulator: Arc<Simulator>,
    pub(super) nodes: Vec<Rc<Node>>,
    pub(super) store: MemoryStore,
    pub(super) flaw: Flaw,
    /// For whoever reads how a run failed.
    pub(super) told: RefCell<Vec<String>>,
}

impl Weather {
    fn tells(&self, what: &str, node: &Node, lasts: Duration) {
        self.told.borrow_mut().push(format!(
            "{:?}: {} {what} for {lasts:?}",
            self.simulator.now(),
            node.name
        ));
    }

    /// Until then. Afterwards all is well.
    pub(super) async fn is_bad_until(self: Rc<Self>, end: Duration) {
        while self.simulator.now() < end {
            self.simulator.sleep(self.simulator.millis(1500)).await;
            let Some(node) = self.simulator.pick(&self.nodes) else { return };
            let lasts = self.simulator.millis(3000);
            match self.simulator.below(4) {
                0 => {
                    self.tells("is paused", node, lasts);
                    node.pause(true);
                    self.simulator.sleep(lasts).await;
                    node.pause(false);
                }
                1 => {
                    self.tells("is cut off", node, lasts);
                    node.wire.cut(true);
                    self.simulator.sleep(lasts).await;
                    node.wire.cut(false);
                }
                2 => {
                    self.tells("is slow", node, lasts);
                    node.wire.takes(2500);
                    self.simulator.sleep(lasts).await;
                    node.wire.takes(4);
                }
                _ => {
                    self.tells("is killed", node, Duration::ZERO);
                    node.kill();
                }
            }
            if self.flaw == Flaw::CommitsAreLost {
                let earlier = self.store.copy();
                self.simulator.sleep(Duration::from_millis(300)).await;
                self.store.put_back(&earlier);
            }
        }
    }
}
