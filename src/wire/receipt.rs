//! Receipts (回执): the bureau's signed statement of what it durably holds.

use chrono::{DateTime, FixedOffset};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use crate::domain::id::{BureauId, Digest, DocumentId, Epoch, PhotoId};
use crate::domain::seal::{PublicKey, Purpose, Signature, canonical, sign, verify};

/// What a receipt says is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// The document itself.
    Record,
    /// The document and every blob it names.
    Complete,
}

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What is held.
    pub kind: ReceiptKind,
    /// SHA-256 of the document's bytes.
    pub document: Digest,
    /// Which document: the id of a visit, report or site. Called so since there were visits only; old phones read
    /// it by this name.
    pub inspection: DocumentId,
    /// Which revision.
    pub revision: u32,
    /// The number people quote: `2026-000412`.
    pub number: String,
    /// When it was durably received, by the bureau's clock.
    pub received_at: DateTime<FixedOffset>,
    /// Place in the bureau's order of receipts, from 1, within the epoch.
    pub sequence: u64,
    /// Whose statement it is.
    pub bureau: BureauId,
    /// In which life of its data.
    pub epoch: Epoch,
}

/// A receipt as sent and stored: the signed text verbatim, and the bureau's signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedReceipt {
    /// The receipt, as signed.
    pub receipt: String,
    /// Ed25519 by the bureau.
    pub signature: Signature,
}

/// Why a receipt is worth nothing.
#[derive(Debug, thiserror::Error)]
pub enum BadReceipt {
    /// Not signed by this bureau.
    #[error("the receipt is not signed by this bureau")]
    Signature,
    /// Not a receipt.
    #[error("the receipt cannot be read: {0}")]
    Text(#[from] serde_json::Error),
    /// About another document.
    #[error("the receipt is about another document")]
    OtherDocument,
}

impl Receipt {
    /// Signs the receipt.
    ///
    /// # Errors
    /// Never for a receipt of this crate.
    pub fn sign(&self, key: &SigningKey) -> Result<SignedReceipt, serde_json::Error> {
        let receipt = canonical(self)?;
        let signature = sign(key, Purpose::Receipt, receipt.as_bytes());
        Ok(SignedReceipt { receipt, signature })
    }
}

impl SignedReceipt {
    /// Checks the signature over the text received and reads it.
    ///
    /// # Errors
    /// [`BadReceipt`] when the signature does not fit or the text is no receipt.
    pub fn open(&self, key: &PublicKey) -> Result<Receipt, BadReceipt> {
        verify(key, Purpose::Receipt, self.receipt.as_bytes(), &self.signature)
            .map_err(|_| BadReceipt::Signature)?;
        Ok(serde_json::from_str(&self.receipt)?)
    }

    /// As [`SignedReceipt::open`], and it must be about this document.
    ///
    /// # Errors
    /// [`BadReceipt`].
    pub fn open_for(&self, key: &PublicKey, document: Digest) -> Result<Receipt, BadReceipt> {
        let receipt = self.open(key)?;
        if receipt.document == document { Ok(receipt) } else { Err(BadReceipt::OtherDocument) }
    }
}

/// The answer to a document: what the bureau now holds, and what it still lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The `record` receipt; the same bytes every time the same document comes.
    pub record: SignedReceipt,
    /// The `complete` receipt, once every blob is held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<SignedReceipt>,
    /// Blobs still to come.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<PhotoId>,
}

/// `GET /v1/receipts?since=`: the receipts of this phone's records, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptsPage {
    /// Whose.
    pub bureau: BureauId,
    /// In which life of its data.
    pub epoch: Epoch,
    /// The receipts.
    pub receipts: Vec<SignedReceipt>,
    /// The last sequence looked at; ask for those after it.
    pub last: u64,
    /// Whether there are more right now.
    pub more: bool,
    /// Everything the bureau holds of this phone, on the last page; an older bureau does not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<Held>,
}

/// What is held in one line: equal on both sides when both believe the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// How many receipts stand.
    pub receipts: u64,
    /// SHA-256 over all of them in order: the document's hash, then 1 for `complete` or 0 for `record`.
    pub digest: Digest,
}

impl Held {
    /// In one line: documents, each with whether its receipt says `complete`; their order does not matter.
    pub fn of(receipts: impl IntoIterator<Item = (Digest, bool)>) -> Self {
        let mut sorted: Vec<_> = receipts.into_iter().collect();
        sorted.sort_unstable();
        let mut bytes = Vec::with_capacity(sorted.len() * 33);
        for (document, complete) in &sorted {
            bytes.extend_from_slice(&document.0);
            bytes.push(u8::from(*complete));
        }
        Self { receipts: sorted.len() as u64, digest: Digest::of(&bytes) }
    }
}
