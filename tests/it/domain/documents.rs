//! The signed document: no floats, stable bytes, sealed and opened verbatim.

use ed25519_dalek::SigningKey;
use uuid::Uuid;
use xieguan::domain::id::{BureauId, DeviceId, Digest, Epoch};
use xieguan::domain::inspection::{Clock, Draft, Finishing, Inspection};
use xieguan::domain::problem::{ProblemKind, document_problems};
use xieguan::domain::seal::{canonical, public_key};
use xieguan::wire::receipt::{BadReceipt, Receipt, ReceiptKind};
use xieguan::wire::sealed::{SealedDocument, Unreadable};

use crate::support::records::{answer, compliant_sheet, draft, library, moment, number};

/// The draft as a document of a sample phone for a sample bureau.
pub(crate) fn finished(draft: Draft) -> Inspection {
    let facts = Finishing {
        finished_at: moment() + chrono::Duration::minutes(24),
        clock: Clock { offset_s: Some(2), elapsed_s: 1440, jumps: Vec::new() },
        bureau: BureauId(Uuid::from_u128(0xb1)),
        device: DeviceId(Uuid::from_u128(0xd1)),
        app_version: "0.1.0".to_owned(),
    };
    draft.finish(facts, &library())
}

/// Whoever changes these bytes changes what old bureaus and phones must still read.
#[test]
fn the_documents_bytes_are_pinned() {
    let mut sheet = compliant_sheet();
    sheet.answers.insert("WR-15".to_owned(), answer(&[("value", number("0.020"))]));
    insta::assert_snapshot!(canonical(&finished(draft(sheet))).unwrap());
}

#[test]
fn a_document_survives_sealing_and_opening_byte_for_byte() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let document = finished(draft(compliant_sheet()));
    let sealed = SealedDocument::seal(canonical(&document).unwrap(), document.device, &key, None);
    let sent = serde_json::to_string(&sealed).unwrap();
    let received: SealedDocument = serde_json::from_str(&sent).unwrap();
    assert_eq!(received.document, sealed.document);
    assert_eq!(received.open::<Inspection>(&public_key(&key)).unwrap(), document);
}

/// The seal covers bytes, so another spelling of the same JSON is another document.
#[test]
fn one_changed_byte_breaks_the_seal() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let document = finished(draft(compliant_sheet()));
    let text = canonical(&document).unwrap();
    let mut sealed = SealedDocument::seal(text.clone(), document.device, &key, None);
    sealed.document = format!("{text} ");
    assert!(matches!(sealed.open::<Inspection>(&public_key(&key)), Err(Unreadable::Seal(_))));
}

#[test]
fn a_float_anywhere_is_refused() {
    let key = SigningKey::from_bytes(&[7; 32]);
    let document = finished(draft(compliant_sheet()));
    let text = canonical(&document).unwrap().replacen("\"revision\":1", "\"revision\":1.5", 1);
    let sealed = SealedDocument::seal(text, document.device, &key, None);
    assert!(matches!(sealed.open::<Inspection>(&public_key(&key)), Err(Unreadable::Float)));
}

#[test]
fn findings_that_the_answers_do_not_give_are_a_problem_for_the_reviewer() {
    let mut document = finished(draft(compliant_sheet()));
    assert_eq!(document_problems(&document, &library()), []);
    document.sheets[0].answers.insert("WR-15".to_owned(), answer(&[("value", number("0.02"))]));
    let kinds: Vec<_> = document_problems(&document, &library()).into_iter().map(|p| p.kind).collect();
    assert_eq!(kinds, [ProblemKind::FindingsDiffer]);
}

#[test]
fn a_receipt_holds_for_its_document_and_its_bureau_only() {
    let bureau = SigningKey::from_bytes(&[9; 32]);
    let document = Digest::of(b"document");
    let receipt = Receipt {
        kind: ReceiptKind::Record,
        document,
        inspection: draft(compliant_sheet()).id.into(),
        revision: 1,
        number: "2026-000001".to_owned(),
        received_at: moment(),
        sequence: 1,
        bureau: BureauId(Uuid::from_u128(0xb1)),
        epoch: Epoch(Uuid::from_u128(0xe1)),
    };
    let signed = receipt.sign(&bureau).unwrap();
    assert_eq!(signed.open_for(&public_key(&bureau), document).unwrap(), receipt);
    let other = SigningKey::from_bytes(&[10; 32]);
    assert!(matches!(signed.open(&public_key(&other)), Err(BadReceipt::Signature)));
    let elsewhere = Digest::of(b"another");
    assert!(matches!(signed.open_for(&public_key(&bureau), elsewhere), Err(BadReceipt::OtherDocument)));
    let mut forged = signed.clone();
    forged.receipt = forged.receipt.replace("record", "complete");
    assert!(matches!(forged.open(&public_key(&bureau)), Err(BadReceipt::Signature)));
}
