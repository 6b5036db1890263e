//! Saves what the coordinator gives, in the order it was given, and says honestly how far that is.
//!
//! One task per screen writes one thing after the other: two quick taps cannot overtake each other, and what was
//! given before the screen closes is still written after it has closed. Typing waits for a short pause.

use std::collections::BTreeMap;
use std::time::Duration;

use dioxus::prelude::*;
use tokio::sync::mpsc;

use super::live::use_device;
use super::say::Trouble;
use crate::device::Device;
use crate::domain::answer::Answer;
use crate::domain::id::InspectionId;
use crate::domain::inspection::Attestation;
use crate::domain::place::NoFix;

/// How long typing rests before it is saved.
const TYPING_REST: Duration = Duration::from_millis(400);

/// One thing to save.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// An answer of a sheet.
    Answer(u32, String, Answer),
    /// A confidential text: sheet, item, part, text.
    Secret(u32, String, String, String),
    /// The guidance.
    Guidance(String),
    /// Signature or refusal.
    Attestation(Option<Attestation>),
    /// Why there is no position.
    NoFix(Option<NoFix>),
}

impl Write {
    /// A later write of the same place replaces an earlier one that still waits.
    fn place(&self) -> String {
        match self {
            Self::Answer(sheet, item, _) => format!("answer/{sheet}/{item}"),
            Self::Secret(sheet, item, part, _) => format!("secret/{sheet}/{item}/{part}"),
            Self::Guidance(_) => "guidance".to_owned(),
            Self::Attestation(_) => "attestation".to_owned(),
            Self::NoFix(_) => "no_fix".to_owned(),
        }
    }

    async fn carry_out(&self, device: &Device, visit: InspectionId) -> Result<(), Trouble> {
        let done = match self.clone() {
            Self::Answer(sheet, item, answer) => device.answer(visit, sheet, &item, answer).await,
            Self::Secret(sheet, item, part, text) => {
                device.put_secret(visit, sheet, &item, &part, &text).await
            }
            Self::Guidance(text) => device.put_guidance(visit, &text).await,
            Self::Attestation(attestation) => device.attest(visit, attestation).await,
            Self::NoFix(no_fix) => device.no_fix(visit, no_fix).await,
        };
        done.map_err(|error| Trouble::of(&error))
    }
}

/// How saving stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Saving {
    /// Given but not yet durable, typing that rests included.
    pub open: u32,
    /// Hour and minute of the last durable save.
    pub saved_at: Option<String>,
    /// What could not be saved; kept to be tried again.
    pub failed: BTreeMap<String, Write>,
    /// Why.
    pub trouble: Option<Trouble>,
}

/// The writer of a screen; copy it into handlers.
#[derive(Clone, Copy, PartialEq)]
pub struct Writer {
    /// How saving stands, to be shown.
    pub saving: Signal<Saving>,
    queue: CopyValue<mpsc::UnboundedSender<Write>>,
    resting: CopyValue<BTreeMap<String, (u64, Write)>>,
    count: CopyValue<u64>,
}

/// Starts the writer of a visit's screen.
pub fn use_writer(visit: InspectionId) -> Writer {
    let device = use_device();
    let saving = use_signal(Saving::default);
    let ends = use_hook(|| {
        let (queue, todo) = mpsc::unbounded_channel();
        let (done, results) = mpsc::unbounded_channel();
        tokio::spawn(write_all(device, visit, todo, done));
        (CopyValue::new(queue), CopyValue::new(Some(results)))
    });
    let writer = Writer {
        saving,
        queue: ends.0,
        resting: use_hook(|| CopyValue::new(BTreeMap::new())),
        count: use_hook(|| CopyValue::new(0)),
    };
    use_future(move || async move {
        let mut results = ends.1;
        let Some(mut results) = results.take() else { return };
        while let Some((write, result)) = results.recv().await {
            writer.note(write, result);
        }
    });
    use_drop(move || writer.flush());
    writer
}

/// Ends when the screen is gone and everything it gave is written.
async fn write_all(
    device: Device,
    visit: InspectionId,
    mut todo: mpsc::UnboundedReceiver<Write>,
    done: mpsc::UnboundedSender<(Write, Result<(), Trouble>)>,
) {
    while let Some(write) = todo.recv().await {
        let result = write.carry_out(&device, visit).await;
        // Nobody listens once the screen is closed; the write was made all the same.
        let _ = done.send((write, result));
    }
}

impl Writer {
    /// Saves at once.
    pub fn now(mut self, write: Write) {
        let waited = self.resting.write().remove(&write.place()).is_some();
        if !waited {
            self.saving.write().open += 1;
        }
        self.send(write);
    }

    /// Saves when typing rests, when the field is left, or when the screen closes.
    pub fn soon(mut self, write: Write) {
        let place = write.place();
        let turn = *self.count.peek() + 1;
        self.count.set(turn);
        let waited = self.resting.write().insert(place.clone(), (turn, write)).is_some();
        if !waited {
            self.saving.write().open += 1;
        }
        spawn(async move {
            tokio::time::sleep(TYPING_REST).await;
            let mine = self.resting.peek().get(&place).is_some_and(|(latest, _)| *latest == turn);
            if mine {
                let rested = self.resting.write().remove(&place);
                rested.into_iter().for_each(|(_, write)| self.send(write));
            }
        });
    }

    /// Saves everything that still rests.
    pub fn flush(mut self) {
        let rested = std::mem::take(&mut *self.resting.write());
        rested.into_values().for_each(|(_, write)| self.send(write));
    }

    /// Tries again what could not be saved.
    pub fn retry(mut self) {
        let failed = std::mem::take(&mut self.saving.write().failed);
        for write in failed.into_values() {
            self.saving.write().open += 1;
            self.send(write);
        }
    }

    fn send(self, write: Write) {
        // The task lives as long as this sender, so it is there to receive.
        let _ = self.queue.peek().send(write);
    }

    fn note(mut self, write: Write, result: Result<(), Trouble>) {
        let mut saving = self.saving.write();
        saving.open = saving.open.saturating_sub(1);
        match result {
            Ok(()) => {
                saving.failed.remove(&write.place());
                saving.saved_at = Some(chrono::Local::now().format("%H:%M").to_string());
                if saving.failed.is_empty() {
                    saving.trouble = None;
                }
            }
            Err(trouble) => {
                saving.failed.insert(write.place(), write);
                saving.trouble = Some(trouble);
            }
        }
    }
}
