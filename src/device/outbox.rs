//! What is on its way, for the outbox screen.

use std::collections::HashSet;

use tokio::sync::watch;

use chrono::{DateTime, FixedOffset};

use super::{Device, Error, enrol, locked, network};
use crate::domain::document::DocumentName;
use crate::domain::id::{Digest, DocumentId};
use crate::wire::api::BureauApi as _;
use crate::wire::receipt::SignedReceipt;
use crate::wire::sealed::SealedDocument;

pub use crate::store::record::RecordRow;
pub use crate::sync::worker::{Standing, UnderWay, Waiting, Why};

/// How far everything that is not proven complete has come, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Bytes at the bureau.
    pub there: u64,
    /// All bytes.
    pub all: u64,
}

/// Bytes of a document that are at the bureau.
pub fn there(row: &RecordRow, standing: &Standing) -> u64 {
    let under_way = standing.under_way_of(row.digest).unwrap_or(0);
    row.bytes - row.bytes_left.min(row.bytes).saturating_sub(under_way)
}

/// Everything signed, and what of it belongs to the outbox's one sum.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    /// Newest first: records, reports, sites made in the field.
    pub rows: Vec<RecordRow>,
    batch: Batch,
}

impl Outbox {
    /// How far the outbox as a whole has come. What is delivered stays in the sum until nothing is left of all that went
    /// with it: a bar that falls back looks like work lost.
    pub fn progress(&self, standing: &Standing) -> Progress {
        let rows = self.rows.iter().filter(|row| self.batch.0.contains(&row.digest));
        rows.fold(Progress::default(), |sum, row| Progress {
            there: sum.there + there(row, standing),
            all: sum.all + row.bytes,
        })
    }
}

/// Documents that were seen on their way since nothing was.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Batch(HashSet<Digest>);

impl Batch {
    fn see(&mut self, rows: &[RecordRow]) {
        let mut open = rows.iter().filter(|row| row.complete_receipt.is_none()).peekable();
        if open.peek().is_none() {
            self.0.clear();
        }
        self.0.extend(open.map(|row| row.digest));
    }
}

/// A receipt to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownReceipt {
    /// Whether it covers every picture, or the document alone.
    pub complete: bool,
    /// The signed text, verbatim.
    pub text: String,
    /// Whether the bureau of this phone signed it for this document; checked just now.
    pub verified: bool,
    /// The number people quote.
    pub number: String,
    /// When the bureau held it durably, by the bureau's clock.
    pub received_at: Option<DateTime<FixedOffset>>,
}

impl Device {
    /// A document of this phone with the receipts for it, each checked again.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn receipts(&self, document: Digest) -> Result<(RecordRow, Vec<ShownReceipt>), Error> {
        self.read(move |_, store| {
            let row = store.document_row(document)?.ok_or(Error::NotFound)?;
            let key = enrol::kept_profile(store)?.map(|profile| profile.enrolled.bureau.signing_key);
            let kept = [(&row.record_receipt, false), (&row.complete_receipt, true)];
            let shown = kept.into_iter().filter_map(|(envelope, complete)| {
                let signed: SignedReceipt = serde_json::from_str(envelope.as_deref()?).ok()?;
                let checked = key.and_then(|key| signed.open_for(&key, document).ok());
                let said: Option<serde_json::Value> = serde_json::from_str(&signed.receipt).ok();
                let text = |name: &str| said.as_ref()?.get(name)?.as_str().map(str::to_owned);
                Some(ShownReceipt {
                    complete,
                    verified: checked.is_some(),
                    number: text("number").unwrap_or_default(),
                    received_at: text("received_at").and_then(|at| DateTime::parse_from_rfc3339(&at).ok()),
                    text: signed.receipt.clone(),
                })
            });
            let shown = shown.collect();
            Ok((row, shown))
        })
        .await
    }

    /// Every record of a visit with how far it has come, newest first.
    pub async fn records(&self) -> Result<Vec<RecordRow>, Error> {
        self.read(|_, store| Ok(store.records()?)).await
    }

    /// Everything signed with how far it has come, newest first: records, reports, sites made in the field.
    pub async fn documents(&self) -> Result<Vec<RecordRow>, Error> {
        self.read(|_, store| Ok(store.documents()?)).await
    }

    /// The same for the outbox screen, with what its bar counts.
    pub async fn outbox(&self) -> Result<Outbox, Error> {
        self.read(|inner, store| {
            let rows = store.documents()?;
            let mut batch = locked(&inner.batch)?;
            batch.see(&rows);
            Ok(Outbox { rows, batch: batch.clone() })
        })
        .await
    }

    /// The envelope of a document as it is sent.
    pub async fn envelope(
        &self,
        id: impl Into<DocumentId>,
        revision: u32,
    ) -> Result<Option<SealedDocument>, Error> {
        let id = id.into();
        self.read(move |_, store| match store.envelope(id, revision)? {
            Some(text) => Ok(Some(serde_json::from_str(&text)?)),
            None => Ok(None),
        })
        .await
    }

    /// A document as the bureau holds it now, for comparing with [`Device::envelope`].
    ///
    /// # Errors
    /// [`Error::NotEnrolled`]; [`Error::Broken`] with the reason when the bureau does not give it.
    pub async fn refetch(&self, name: DocumentName) -> Result<SealedDocument, Error> {
        let client = self.client()?;
        client.get_document(name).await.map_err(|error| Error::Broken(error.to_string()))
    }

    /// How the worker stands; idle before enrolment.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.inner.standing.subscribe()
    }

    /// Everything due now, blocked rows included; pulls changes too.
    pub async fn retry(&self) -> Result<(), Error> {
        self.write(|inner, store| {
            store.retry_all()?;
            network::wake(inner)
        })
        .await
    }

    /// The network is there again, or may be (the phone says so, the app came to the front): what waited for it goes
    /// now. Blocked rows stay as they are.
    pub async fn network_returned(&self) -> Result<(), Error> {
        self.with_worker(|worker| worker.network_returned())
    }

    /// Bytes this process has written to the bureau's socket.
    pub fn bytes_sent(&self) -> u64 {
        locked(&self.inner.network).map_or(0, |network| network.bytes_sent())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::document::DocumentKind;

    fn row(name: &[u8], bytes: u64, bytes_left: u64) -> RecordRow {
        RecordRow {
            kind: DocumentKind::Inspection,
            id: DocumentId(uuid::Uuid::nil()),
            visit: None,
            revision: 1,
            digest: Digest::of(name),
            site: String::new(),
            finished_at: DateTime::UNIX_EPOCH.fixed_offset(),
            level: None,
            record_receipt: None,
            complete_receipt: None,
            blobs: 0,
            blobs_left: 0,
            originals: 0,
            originals_left: 0,
            bytes,
            bytes_left,
            blocked: None,
            tries: 0,
            removed: 0,
        }
    }

    fn under_way(name: &[u8], row: i64, bytes: u64) -> UnderWay {
        UnderWay { row, document: Digest::of(name), bytes }
    }

    fn proven(name: &[u8], bytes: u64) -> RecordRow {
        RecordRow { complete_receipt: Some("receipt".to_owned()), ..row(name, bytes, 0) }
    }

    #[test]
    fn progress_is_what_is_at_the_bureau_of_all_that_goes_together_and_never_falls_back() {
        let mut batch = Batch::default();
        let mut after = |rows: &[RecordRow], standing: &Standing| {
            batch.see(rows);
            Outbox { rows: rows.to_vec(), batch: batch.clone() }.progress(standing)
        };
        let standing = Standing {
            under_way: vec![under_way(b"a", 1, 100), under_way(b"a", 2, 50)],
            ..Standing::default()
        };
        let rows = [row(b"a", 1_000, 600), row(b"b", 500, 500), proven(b"c", 700)];
        assert_eq!(there(&rows[0], &standing), 550);
        assert_eq!(after(&rows, &standing), Progress { there: 550, all: 1_500 });
        let rest = Standing::default();
        let rows = [proven(b"a", 1_000), row(b"b", 500, 500), proven(b"c", 700)];
        assert_eq!(after(&rows, &rest), Progress { there: 1_000, all: 1_500 }, "one is delivered");
        let rows = [row(b"d", 200, 200), proven(b"a", 1_000), row(b"b", 500, 100), proven(b"c", 700)];
        assert_eq!(after(&rows, &rest), Progress { there: 1_400, all: 1_700 }, "another joins");
        let rows = [proven(b"d", 200), proven(b"a", 1_000), proven(b"b", 500), proven(b"c", 700)];
        assert_eq!(after(&rows, &rest), Progress::default(), "all of them are");
        let rows = [row(b"e", 10, 10), proven(b"d", 200)];
        assert_eq!(after(&rows, &rest), Progress { there: 0, all: 10 }, "and a new sum begins");
    }

    #[test]
    fn no_number_is_nonsense_while_row_and_standing_are_of_different_moments() {
        let standing = Standing { under_way: vec![under_way(b"a", 1, 900)], ..Standing::default() };
        assert_eq!(there(&row(b"a", 1_000, 600), &standing), 1_000);
        assert_eq!(there(&row(b"a", 1_000, 5_000), &Standing::default()), 0);
    }

    #[test]
    fn the_time_left_is_that_of_what_may_go_and_unknown_while_nothing_does() {
        let sending = Standing {
            under_way: vec![under_way(b"a", 1, 4_000)],
            bytes_per_s: Some(1_000),
            to_send: 10_000,
            ..Standing::default()
        };
        assert_eq!(sending.left_s(), Some(6));
        assert_eq!(Standing { bytes_per_s: None, ..sending.clone() }.left_s(), None);
        assert_eq!(Standing { under_way: Vec::new(), ..sending }.left_s(), None);
    }
}
