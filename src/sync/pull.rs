//! What the bureau tells: changes, the clock, receipts; and, when its data was restored, what it lost.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::client::CallError;
use super::desk::Halt;
use super::lane::Lane;
use super::receipts;
use crate::domain::document::DocumentName;
use crate::domain::id::{Digest, Epoch};
use crate::store::Store;
use crate::store::error::Error;
use crate::store::receipts::ReceiptsRead;
use crate::store::site;
use crate::wire::api::BureauApi as _;
use crate::wire::changes::{Change, ChangesPage, Cursor, Known};
use crate::wire::pins::SignedPins;
use crate::wire::receipt::{Held, ReceiptKind};

/// Names of settings in the store; their values are JSON texts.
const CURSOR: &str = "cursor";
const EPOCH: &str = "epoch";
const RECEIPTS: &str = "receipts_since";
const SETTINGS: &str = "settings";
/// The bureau's clock when it was last heard, Unix milliseconds: what ages on the phone are counted by.
pub const HEARD: &str = "bureau_now_ms";
/// Present while it is looked for what the bureau has lost.
pub const PROOFS_DOUBTED: &str = "proofs_doubted";

impl Lane {
    /// Asks for changes and receipts; `true` when a record still waits for its proof of completeness.
    pub(super) async fn pull(&self) -> Result<bool, Halt> {
        while self.pull_page().await? {}
        self.desk.store(Store::end_doubt).await?;
        self.agree().await?;
        // A record that is still not complete although nothing of it is left to send: the bureau says what it lacks.
        for (name, document) in self.awaiting().await? {
            self.send_document(name, document).await?;
        }
        Ok(!self.awaiting().await?.is_empty())
    }

    /// Pulls a page; whether there is another.
    async fn pull_page(&self) -> Result<bool, Halt> {
        let (since, epoch): (Option<Cursor>, Option<Epoch>) =
            self.desk.store(|store| Ok((setting(store, CURSOR)?, setting(store, EPOCH)?))).await?;
        let page = self.changes(since.as_ref()).await?;
        if epoch.is_some_and(|epoch| epoch != page.epoch) {
            self.find_lost().await?;
            let text = json(&page.epoch)?;
            self.desk.change(move |store| store.begin_epoch(&text)).await?;
            return Ok(true);
        }
        let more = page.more && since.as_ref() != Some(&page.cursor);
        let mut changes: Vec<_> = page.changes.iter().filter_map(known).collect();
        if epoch.is_none() {
            changes.push(site::Change::Setting(EPOCH, json(&page.epoch)?));
        }
        changes.push(site::Change::Setting(HEARD, page.now.timestamp_millis().to_string()));
        // Before the cursor: once that is kept, the bureau does not say it again.
        for signed in page.changes.iter().filter_map(announced) {
            self.desk.learn_pins(&signed).await?;
        }
        let cursor = json(&page.cursor)?;
        self.desk.change(move |store| store.apply_changes(&changes, &cursor)).await?;
        Ok(more)
    }

    async fn changes(&self, since: Option<&Cursor>) -> Result<ChangesPage, Halt> {
        let client = &self.desk.parts.client;
        let before = self.desk.now_ms();
        let page = match self.desk.call(client.changes(since)).await {
            // A cursor that the bureau does not take is as good as none.
            Err(CallError::Refused { .. }) if since.is_some() => self.desk.call(client.changes(None)).await?,
            page => page?,
        };
        let middle = before + (self.desk.now_ms() - before) / 2;
        let offset = page.now.timestamp_millis() - middle;
        self.desk.tell(|standing| standing.offset_ms = Some(offset));
        Ok(page)
    }

    /// See [`Store::awaiting_proof`].
    async fn awaiting(&self) -> Result<Vec<(DocumentName, Digest)>, Halt> {
        self.desk.store(|store| store.awaiting_proof()).await
    }

    /// After a photo: if it was the last one of the record, the bureau has a receipt for us. `true` when it did not
    /// come.
    pub(super) async fn ask_receipts_after(&self, document: Digest) -> Result<bool, Halt> {
        if self.desk.store(move |store| store.has_rows(document)).await? {
            return Ok(false);
        }
        // The photo is sent whatever becomes of this call; the next pull asks again.
        let asked = async {
            self.ask_receipts().await?;
            Ok::<_, Halt>(self.awaiting().await?.is_empty())
        };
        Ok(!asked.await.unwrap_or(false))
    }

    /// Asks for receipts since the last ones and keeps the `complete` ones; gives what the bureau holds in all.
    async fn ask_receipts(&self) -> Result<Option<Held>, Halt> {
        let since = self.desk.store(|store| setting::<u64>(store, RECEIPTS)).await?.unwrap_or(0);
        Ok(self.receipts_since(since).await?.1)
    }

    /// Both sides compare in one line what the bureau holds of this phone. Only when the lines differ it is looked
    /// for what is lost, and for the same difference only once: what cannot be mended here is not asked about for
    /// ever.
    async fn agree(&self) -> Result<(), Halt> {
        let bureau = self.desk.parts.bureau;
        // What the bureau holds of documents that are not here (any more) counts too: with each batch the difference
        // would be another one, and be looked into again.
        let believed = move |store: &mut Store| {
            let all = store.believed(bureau)?.into_iter().chain(store.strays(bureau)?);
            Ok(Held::of(all.collect::<BTreeSet<_>>()))
        };
        if self.desk.store(believed).await?.receipts == 0 && self.awaiting().await?.is_empty() {
            return Ok(());
        }
        let Some(theirs) = self.ask_receipts().await? else { return Ok(()) };
        let ours = self.desk.store(believed).await?;
        if ours != theirs && self.link().compared != Some((ours, theirs)) {
            tracing::info!(ours = ours.receipts, theirs = theirs.receipts, "the bureau holds something else");
            self.find_lost().await?;
            let ours = self.desk.store(believed).await?;
            self.link().compared = Some((ours, theirs));
        }
        Ok(())
    }

    /// Every receipt after `since`: which documents are held, whether completely, and all that is held in one line.
    async fn receipts_since(&self, mut since: u64) -> Result<(HashMap<Digest, bool>, Option<Held>), Halt> {
        let mut held = HashMap::new();
        loop {
            let client = &self.desk.parts.client;
            let page = self.desk.call(client.receipts(since)).await?;
            let mut kept = Vec::new();
            for signed in &page.receipts {
                match receipts::check_listed(&self.desk.parts, signed) {
                    Ok((receipt, keep)) => {
                        let complete = receipt.kind == ReceiptKind::Complete;
                        *held.entry(receipt.document).or_default() |= complete;
                        kept.push(keep);
                    }
                    Err(error) => tracing::warn!(%error, "a receipt that is none"),
                }
            }
            let (bureau, upto) = (self.desk.parts.bureau, page.last.to_string());
            let keep = move |store: &mut Store| {
                let (receipts, upto) = (kept.as_slice(), (RECEIPTS, upto.as_str()));
                store.put_receipts(&ReceiptsRead { bureau, from_the_beginning: since == 0, receipts, upto })
            };
            if self.desk.store(keep).await? {
                self.desk.changed();
            }
            let last = page.last;
            if !page.more || last <= since {
                return Ok((held, page.held));
            }
            since = last;
        }
    }

    /// Looks for what the bureau does not hold although it gave a receipt for it: its data was restored, or its disk
    /// lost a file. Exactly that is queued again. Made anew from the beginning if it breaks off; until it has come to
    /// its end no receipt is proof enough to remove an original here.
    async fn find_lost(&self) -> Result<(), Halt> {
        self.desk.store(|store| store.put_setting(PROOFS_DOUBTED, Some("true"))).await?;
        let (held, _) = self.receipts_since(0).await?;
        let bureau = self.desk.parts.bureau;
        let believed = self.desk.store(move |store| store.believed(bureau)).await?;
        // What each document has of its own receipt and of the one that says `complete`.
        let mut proofs: BTreeMap<Digest, (bool, bool)> = BTreeMap::new();
        for (document, complete) in believed {
            let (own, whole) = proofs.entry(document).or_default();
            *(if complete { whole } else { own }) = true;
        }
        for (document, (own, whole)) in proofs {
            match held.get(&document) {
                Some(_) if !own => {
                    tracing::warn!(%document, "a document's own receipt never came; it is asked for again");
                    self.desk.change(move |store| store.queue_again(document)).await?;
                }
                None => {
                    tracing::warn!(%document, "the bureau has lost a document; it is sent again");
                    self.desk.change(move |store| store.queue_again(document)).await?;
                }
                Some(false) if whole => self.find_lost_blobs(document).await?,
                Some(_) => {}
            }
        }
        self.desk.store(|store| store.put_setting(PROOFS_DOUBTED, None)).await
    }

    /// The bureau has the document and not all of its photos: a question for each costs less than the document. Where
    /// it lacks one that was removed here, nothing is queued, but the receipt that said `complete` goes aside.
    async fn find_lost_blobs(&self, document: Digest) -> Result<(), Halt> {
        let mut missing = Vec::new();
        for blob in self.desk.store(move |store| store.resting_blobs(document)).await? {
            let client = &self.desk.parts.client;
            if !self.desk.call(client.has_photo(blob)).await? {
                missing.push(blob);
            }
        }
        tracing::warn!(%document, photos = missing.len(), "the bureau has lost photos; they are sent again");
        self.desk.change(move |store| store.requeue(document, &missing)).await
    }
}

fn setting<T: serde::de::DeserializeOwned>(store: &mut Store, name: &str) -> Result<Option<T>, Error> {
    // A value that cannot be read is as good as none: the bureau tells everything again.
    Ok(store.setting(name)?.and_then(|text| serde_json::from_str(&text).ok()))
}

fn json(value: &impl serde::Serialize) -> Result<String, Halt> {
    Ok(serde_json::to_string(value).map_err(Error::from)?)
}

/// In the store's words; what this version does not understand is passed over, and pulled again by the next one.
fn known(change: &Change) -> Option<site::Change> {
    Some(match change.known()? {
        Known::Site(site) => site::Change::Site(site),
        Known::SiteGone(id) => site::Change::SiteGone(id),
        Known::Checklist { text, .. } => site::Change::Checklist(text),
        Known::Review(review) => site::Change::Review(review),
        Known::ReviewGone(id) => site::Change::ReviewGone(id),
        Known::ChecklistGone(hash) => site::Change::ChecklistGone(hash),
        Known::Settings(settings) => site::Change::Setting(SETTINGS, serde_json::to_string(&settings).ok()?),
    })
}

/// What settings say of the bureau's certificates.
fn announced(change: &Change) -> Option<SignedPins> {
    match change.known()? {
        Known::Settings(settings) => settings.certificates,
        _ => None,
    }
}
