//! Sending a photo by tus: a piece at a time, from where the bureau's copy ends, over as many connections as it
//! takes. The photo is never in memory as a whole.

use std::sync::Arc;
use std::time::Instant;

use super::client::{CallError, Later};
use super::desk::Halt;
use super::worker::Task;
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
}

impl Task {
    pub(super) async fn send_photo(&mut self, item: &OutboxItem, blob: PhotoId) -> Result<(), Halt> {
        let file = Arc::new(self.desk.photo(move |photos| photos.get(&blob)).await?);
        let mut upload = item.upload.clone().map(UploadPath);
        // Where the last try began and ended. A break after some progress is no failure: it goes on at once.
        let mut last: Option<(u64, u64, CallError)> = None;
        loop {
            let (path, offset) = match self.locate(item.id, upload.take(), blob, file.len()).await {
                Ok(At::Held) => break,
                Ok(At::Offset(path, offset)) => (path, offset),
                Err(error) => return Err(self.no_upload(item.id, error).await),
            };
            if let Some((began, confirmed, error)) = last.take() {
                if offset <= began {
                    return Err(self.no_upload(item.id, error.into()).await);
                }
                self.pace.held_after_all(offset.saturating_sub(confirmed));
            }
            match self.push(item, &path, &file, offset).await {
                Ok(Pushed::Done) => break,
                Ok(Pushed::Interrupted) => return Ok(()),
                Ok(Pushed::Broken(confirmed, error)) => {
                    self.pace.broke(self.desk.parts.client.bytes_sent());
                    last = Some((offset, confirmed, error));
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
        &mut self,
        item: &OutboxItem,
        path: &UploadPath,
        file: &Arc<SealedFile>,
        from: u64,
    ) -> Result<Pushed, Halt> {
        let mut offset = from;
        while offset < file.len() {
            self.desk.tell(|standing| standing.sending = Some((item.id, offset)));
            if self.interrupted(item.kind) {
                return Ok(Pushed::Interrupted);
            }
            let chunk = self.pace.chunk();
            let (reader, at) = (Arc::clone(file), offset);
            let length = usize::try_from(chunk.bytes).unwrap_or(usize::MAX);
            let bytes = self.desk.photo(move |_| reader.read_at(at, length)).await?;
            let (sent, began) = (bytes.len() as u64, Instant::now());
            let client = &self.desk.parts.client;
            let confirmed = match self.desk.call(client.chunk(path, offset, bytes, chunk.renew)).await {
                Ok(confirmed) => confirmed,
                Err(error) if asks_again(&error) => return Ok(Pushed::Broken(offset, error)),
                Err(error) => return Err(error.into()),
            };
            if confirmed <= offset || confirmed > file.len() {
                let error = CallError::here(format!("the bureau answers offset {confirmed} to {offset}"));
                return Ok(Pushed::Broken(offset, error));
            }
            let took = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.pace.arrived(client.bytes_sent(), sent, took);
            if chunk.renew {
                self.pace.renewed();
            }
            offset = confirmed;
        }
        Ok(Pushed::Done)
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
            Ok(()) => CallError::Later(Later { detail, code: Some(code), after_s: None }).into(),
            Err(error) => error,
        }
    }
}

/// After these, the bureau's own offset tells how to go on.
fn asks_again(error: &CallError) -> bool {
    match error {
        CallError::Later(later) => later.code.is_none(),
        CallError::Refused { code, .. } => matches!(code, Code::OffsetConflict | Code::UploadGone),
        CallError::SignIn { .. } => false,
    }
}
