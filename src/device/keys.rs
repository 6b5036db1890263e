//! Device keys: made in software at first start, wrapped by the platform's key store.

use std::io;

/// Keeps one secret blob for the app: Android Keystore wraps it there, on desktop a file with tight permissions.
pub trait KeyStore: Send + Sync {
    /// The blob; `None` before the first start.
    ///
    /// # Errors
    /// The key store does not answer; the caller treats this as “cannot unlock” and touches nothing.
    fn load(&self) -> io::Result<Option<Vec<u8>>>;

    /// Stores the blob durably.
    ///
    /// # Errors
    /// It was not stored.
    fn save(&self, blob: &[u8]) -> io::Result<()>;
}
