//! The camera through the webview: a file input made outside the Dioxus tree, read in pieces.
//!
//! Dioxus takes over its own `<input type=file>` and returns nothing on Android
//! (<https://github.com/DioxusLabs/dioxus/issues/3720>), so this one is made by script. On Android the camera opens
//! only when `accept` is exactly `image/*`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dioxus::prelude::*;
use serde::Deserialize;

use crate::domain::inspection::PhotoSource;

/// The input's id, for tests and for taking it away again.
pub const INPUT_ID: &str = "camera-input";

/// Larger files are no photos; nothing of them is read.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Picks files and sends each in pieces; waits for an answer after each piece, so that no more than one is on its
/// way. It ends only after the last message was taken: what an ended script has sent is lost if the webview collects its
/// garbage before the app has read it (dioxus-desktop drops the channel with the script's object). `cancel` tells newer webviews of a closed camera; older ones simply never answer, and the next opening ends
/// the wait.
const SCRIPT: &str = r#"
const [id, camera, max, piece] = await dioxus.recv();
if (window.xieguanCamera) window.xieguanCamera([]);
const old = document.getElementById(id);
if (old) old.remove();
const input = document.createElement('input');
input.type = 'file';
input.accept = 'image/*';
input.id = id;
input.setAttribute('aria-hidden', 'true');
input.tabIndex = -1;
if (camera) input.setAttribute('capture', 'environment'); else input.multiple = true;
input.style.cssText = 'position:fixed;left:-9999px;top:0;width:1px;height:1px;opacity:0';
document.body.appendChild(input);
const files = await new Promise(done => {
  window.xieguanCamera = done;
  input.addEventListener('change', () => done(Array.from(input.files || [])));
  input.addEventListener('cancel', () => done([]));
  input.click();
});
window.xieguanCamera = null;
const base64 = blob => new Promise(done => {
  const reader = new FileReader();
  reader.onload = () => { const text = String(reader.result); done(text.slice(text.indexOf(',') + 1)); };
  reader.onerror = () => done(null);
  reader.readAsDataURL(blob);
});
for (const file of files) {
  dioxus.send({ kind: 'file', bytes: file.size, of: files.length });
  if (file.size > max) continue;
  let read = true;
  for (let at = 0; at < file.size && read; at += piece) {
    const text = await base64(file.slice(at, at + piece));
    read = text !== null;
    dioxus.send(read ? { kind: 'piece', text } : { kind: 'unreadable' });
    await dioxus.recv();
  }
  if (read) dioxus.send({ kind: 'end' });
}
input.remove();
dioxus.send({ kind: 'done' });
await dioxus.recv();
"#;

/// Three times a multiple of 1024: whole base64 groups, about 2 MB as text.
const PIECE: u64 = 3 * 512 * 1024;

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Message {
    File { bytes: u64, of: u32 },
    Piece { text: String },
    Unreadable,
    End,
    Done,
}

/// What comes back from the camera.
#[derive(Clone, Debug, PartialEq)]
pub enum Shot {
    /// A picture is being read: which of how many, percent.
    Reading(u32, u32, u8),
    /// A whole file.
    File(Vec<u8>),
    /// A file that cannot be read or is far too large.
    Refused,
    /// Nothing was chosen.
    Cancelled,
}

/// An open camera.
pub struct Camera {
    eval: document::Eval,
    file: u32,
    of: u32,
    expected: u64,
    bytes: Vec<u8>,
    ended: bool,
}

impl Camera {
    /// Opens the camera, or the album.
    pub fn open(source: PhotoSource) -> Self {
        let eval = document::eval(SCRIPT);
        // A script that did not start is noticed by the first `next`.
        let _ = eval.send((INPUT_ID, source == PhotoSource::Camera, MAX_BYTES, PIECE));
        Self { eval, file: 0, of: 0, expected: 0, bytes: Vec::new(), ended: false }
    }

    /// The next thing that happens; `None` when all is said.
    pub async fn next(&mut self) -> Option<Shot> {
        while !self.ended {
            match self.eval.recv::<Message>().await {
                Ok(message) => {
                    if let Some(shot) = self.take(message) {
                        return Some(shot);
                    }
                }
                // The script ended before it said so: whatever was on its way is not here, and that is told.
                Err(error) => {
                    tracing::error!(%error, "the camera's script broke off");
                    self.ended = true;
                    return Some(Shot::Refused);
                }
            }
        }
        None
    }

    fn take(&mut self, message: Message) -> Option<Shot> {
        match message {
            Message::File { bytes, of } => {
                (self.file, self.of, self.expected) = (self.file + 1, of, bytes);
                self.bytes = Vec::new();
                if bytes > MAX_BYTES {
                    return Some(Shot::Refused);
                }
                // An empty file has no piece and comes to its end at once; the pipeline says what it is.
                Some(Shot::Reading(self.file, of, 0))
            }
            Message::Piece { text } => {
                if let Ok(piece) = STANDARD.decode(text) {
                    self.bytes.extend_from_slice(&piece);
                }
                let _ = self.eval.send(true);
                Some(Shot::Reading(self.file, self.of, self.percent()))
            }
            Message::Unreadable => {
                let _ = self.eval.send(true);
                Some(Shot::Refused)
            }
            Message::End if self.bytes.len() as u64 == self.expected => {
                Some(Shot::File(std::mem::take(&mut self.bytes)))
            }
            Message::End => Some(Shot::Refused),
            Message::Done => {
                self.ended = true;
                let _ = self.eval.send(true);
                (self.file == 0).then_some(Shot::Cancelled)
            }
        }
    }

    fn percent(&self) -> u8 {
        let read = self.bytes.len() as u64 * 100;
        u8::try_from(read / self.expected.max(1)).unwrap_or(100)
    }
}
