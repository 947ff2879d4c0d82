//! What Doorward decides and does: types, pure decisions, use cases, the verifier, and the ports.
