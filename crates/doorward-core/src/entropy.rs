//! Randomness as it is given to use cases.

/// A source of randomness fit for secrets. Given at construction; may fail, and failure denies.
pub trait Entropy: Send + Sync + 'static {
    /// Fills `destination` with unpredictable bytes.
    ///
    /// # Errors
    /// [`EntropyFailed`] when the source has none to give; `destination` must then not be used.
    fn fill(&self, destination: &mut [u8]) -> Result<(), EntropyFailed>;
}

/// The source of randomness failed.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no randomness to be had")]
pub struct EntropyFailed;

impl dyn Entropy {
    /// An array of random bytes.
    ///
    /// # Errors
    /// See [`Entropy::fill`].
    pub fn bytes<const N: usize>(&self) -> Result<[u8; N], EntropyFailed> {
        let mut bytes = [0; N];
        self.fill(&mut bytes)?;
        Ok(bytes)
    }
}
