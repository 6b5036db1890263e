//! What a receipt must be before it counts: signed by our bureau, about this document, of this kind.

use super::client::CallError;
use super::worker::Parts;
use crate::domain::id::Digest;
use crate::store::record::KeptReceipt;
use crate::wire::receipt::{Receipt, ReceiptKind, SignedReceipt};

/// Checks a receipt for a document and makes it ready to keep.
pub(super) fn check(
    parts: &Parts,
    signed: &SignedReceipt,
    document: Digest,
    kind: ReceiptKind,
) -> Result<KeptReceipt, CallError> {
    let receipt = signed.open_for(&parts.bureau_key, document).map_err(|bad| worthless(&bad))?;
    of_ours(parts, &receipt)?;
    if receipt.kind != kind {
        return Err(worthless("the receipt says something else"));
    }
    keep(signed, &receipt)
}

/// Checks a receipt from a list, where it names its document itself.
pub(super) fn check_listed(
    parts: &Parts,
    signed: &SignedReceipt,
) -> Result<(Receipt, KeptReceipt), CallError> {
    let receipt = signed.open(&parts.bureau_key).map_err(|bad| worthless(&bad))?;
    of_ours(parts, &receipt)?;
    let kept = keep(signed, &receipt)?;
    Ok((receipt, kept))
}

fn of_ours(parts: &Parts, receipt: &Receipt) -> Result<(), CallError> {
    if receipt.bureau == parts.bureau { Ok(()) } else { Err(worthless("the receipt is another bureau's")) }
}

fn keep(signed: &SignedReceipt, receipt: &Receipt) -> Result<KeptReceipt, CallError> {
    let envelope = serde_json::to_string(signed).map_err(|error| worthless(&error))?;
    Ok(KeptReceipt { document: receipt.document, complete: receipt.kind == ReceiptKind::Complete, envelope })
}

/// A worthless receipt is no receipt: the row stays and is tried again.
fn worthless(why: &(impl ToString + ?Sized)) -> CallError {
    CallError::here(why.to_string())
}
