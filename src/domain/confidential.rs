//! Confidential texts: an informant's or complainant's identity. They never enter a document, only their hash does.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::id::Digest;

/// One confidential text, as it is kept with a draft and travels in the encrypted sidecar.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Code of the item.
    pub item: String,
    /// Key of the part.
    pub part: String,
    /// Sixteen random bytes; they keep short texts such as telephone numbers from being guessed.
    pub salt: [u8; 16],
    /// The text.
    pub text: String,
}

impl Secret {
    /// What the document holds in its place: SHA-256 over a context, the salt and the text.
    pub fn digest(&self) -> Digest {
        let mut hasher = Sha256::new();
        hasher.update(b"xieguan confidential v1\n");
        hasher.update(self.salt);
        hasher.update(self.text.as_bytes());
        Digest(hasher.finalize().into())
    }
}

/// Never prints the text, so that no log can hold it.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secret({} {})", self.item, self.part)
    }
}
