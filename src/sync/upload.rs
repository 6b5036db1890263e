//! Sending a photo by tus: a piece at a time, from where the bureau's copy ends, over as many connections as it
//! takes. The photo is never in memory as a whole.

use std::sync::Arc;
use std::time::Instant;

use super::client::{CallError, Later};
use super::desk::Halt;
use super::lane::{Lane, Upload};
use crate::domain::id::PhotoId;
use crate::media::folder::SealedFile;
use crate::store::outbox::OutboxItem;
use crate::wire::api::{BureauApi as _, UploadPath};
use crate::wire::failure::Code;

/// How an upload stands.
enum At {
    /// The bureau has the whole.
    Held,
    /// It goes on from here.
    Offset(UploadPath, u64),
}

/// How pushing chunks ended.
enum Pushed {
    Done,
    /// Something else comes first; the row stays as it is.
    Interrupted,
    /// The link broke; so far the bureau has confirmed this much.
    Broken(u64, CallError),
    /// The bureau holds another length than it said: what an earlier, broken request brought came late.
    Moved(CallError),
}

/// How the last try went. If the bureau holds more than when it began, it was no failure: it goes on at once.
struct Last {
    began: u64,
    /// What the bureau had confirmed when the link broke.
    confirmed: Option<u64>,
    error: CallError,
}

impl Lane {
    /// Sends a photo; `true` when it was the last one and the proof of it is still to be asked for.
    pub(super) async fn send_photo(&self, item: &OutboxItem, blob: PhotoId) -> Result<bool, Halt> {
        let file = Arc::new(self.desk.photo(move |photos| photos.get(&blob)).await?);
        let mut upload = item.upload.clone().map(UploadPath);
        let mut last: Option<Last> = None;
        loop {
            let (path, offset) = match self.locate(item.id, upload.take(), blob, file.len()).await {
                Ok(At::Held) => break,
                Ok(At::Offset(path, offset)) => (path, offset),
                Err(error) => return Err(self.no_upload(item.id, error).await),
            };
            if let Some(last) = last.take() {
                if offset <= last.began {
                    return Err(self.no_upload(item.id, last.error.into()).await);
                }
                let more = last.confirmed.map_or(0, |held| offset.saturating_sub(held));
                self.link().pace.held_after_all(more);
            }
            match self.push(item, &path, &file, offset).await {
                Ok(Pushed::Done) => break,
                Ok(Pushed::Interrupted) => return Ok(false),
                Ok(Pushed::Broken(confirmed, error)) => {
                    last = Some(Last { began: offset, confirmed: Some(confirmed), error });
                    upload = Some(path);
                }
                Ok(Pushed::Moved(error)) => {
                    last = Some(Last { began: offset, confirmed: None, error });
                    upload = Some(path);
                }
                Err(error) => return Err(self.no_upload(item.id, error).await),
            }
        }
        let id = item.id;
        self.desk.change(move |store| store.mark_sent(id)).await?;
        self.ask_receipts_after(item.document).await
    }

    /// Where the upload goes on; begins one where there is none. What the bureau holds is never sent again.
    async fn locate(
        &self,
        row: i64,
        upload: Option<UploadPath>,
        blob: PhotoId,
        len: u64,
    ) -> Result<At, Halt> {
        let client = &self.desk.parts.client;
        if let Some(path) = upload {
            match self.desk.call(client.upload_offset(&path)).await {
                Ok(offset) if offset < len => return Ok(At::Offset(path, offset)),
                Ok(_) | Err(CallError::Refused { code: Code::UploadGone, .. }) => {
                    // Ended, or ended well and only the answer was lost.
                    if self.desk.call(client.has_photo(blob)).await? {
                        return Ok(At::Held);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        let path = self.desk.call(client.create_upload(blob, len)).await?;
        let kept = path.0.clone();
        self.desk.store(move |store| store.put_upload(row, Some(&kept))).await?;
        Ok(At::Offset(path, 0))
    }

    async fn push(
        &self,
        item: &OutboxItem,
        path: &UploadPath,
        file: &Arc<SealedFile>,
        from: u64,
    ) -> Result<Pushed, Halt> {
        let mut offset = from;
        let _upload = Upload::of(self);
        while offset < file.len() {
            self.tell_progress(item.id, offset);
            if self.interrupted() {
                return Ok(Pushed::Interrupted);
            }
            let (reader, at) = (Arc::clone(file), offset);
            let (length, breaks) = self.next_piece();
            let bytes = self.desk.photo(move |_| reader.read_at(at, length)).await?;
            let (sent, began) = (bytes.len() as u64, Instant::now());
            let client = &self.desk.parts.client;
            let confirmed = match self.desk.call(client.upload_chunk(path, offset, bytes)).await {
                Ok(confirmed) => confirmed,
                Err(CallError::Later(later)) if later.code.is_none() => {
                    self.link_broke(breaks);
                    return Ok(Pushed::Broken(offset, CallError::Later(later)));
                }
                Err(CallError::Refused {
                    code: code @ (Code::OffsetConflict | Code::UploadGone),
                    detail,
                }) => {
                    return Ok(Pushed::Moved(CallError::Refused { code, detail }));
                }
                Err(error) => return Err(error.into()),
            };
            if confirmed <= offset || confirmed > file.len() {
                let error = CallError::here(format!("the bureau answers offset {confirmed} to {offset}"));
                return Ok(Pushed::Moved(error));
            }
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.link().arrived(client.bytes_sent(), sent, took);
            offset = confirmed;
        }
        Ok(Pushed::Done)
    }

    /// How many bytes go into the next piece, and after how many breaks it is begun.
    fn next_piece(&self) -> (usize, u64) {
        let link = self.link();
        (usize::try_from(link.pace.chunk()).unwrap_or(usize::MAX), link.breaks)
    }

    fn tell_progress(&self, row: i64, there: u64) {
        let speed = self.link().meter.bytes_per_s();
        self.desk.tell(|standing| {
            standing.bytes_per_s = speed;
            if let Some(row) = standing.under_way.iter_mut().find(|under_way| under_way.row == row) {
                row.bytes = there;
            }
        });
    }

    /// Failures of an upload as such pass with a new upload: the photo itself is never refused for them.
    async fn no_upload(&self, row: i64, error: Halt) -> Halt {
        let Halt::Call(CallError::Refused { code, detail }) = error else {
            return error;
        };
        if !matches!(code, Code::UploadGone | Code::OffsetConflict | Code::ChecksumMismatch) {
            return CallError::Refused { code, detail }.into();
        }
        match self.desk.store(move |store| store.put_upload(row, None)).await {
            Ok(()) => CallError::Later(Later::answered(detail, code, None)).into(),
            Err(error) => error,
        }
    }
}
