//! Saves what the coordinator gives, in the order it was given, and says honestly how far that is.
//!
//! One task per screen writes one thing after the other: two quick taps cannot overtake each other, and what was
//! given before the screen closes is still written after it has closed. Typing waits for a short pause.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
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
    /// The guidance from the ready sentences; it follows the findings until somebody types.
    ReadyGuidance(String),
    /// The report's content as typed; none follows the findings.
    ReportContent(Option<String>),
    /// Signature or refusal.
    Attestation(Option<Attestation>),
    /// Why there is no position.
    NoFix(Option<NoFix>),
    /// The draft is put aside, or brought back.
    Aside(bool),
}

impl Write {
    /// A later write of the same place replaces an earlier one that still waits.
    fn place(&self) -> String {
        match self {
            Self::Answer(sheet, item, _) => format!("answer/{sheet}/{item}"),
            Self::Secret(sheet, item, part, _) => format!("secret/{sheet}/{item}/{part}"),
            Self::Guidance(_) | Self::ReadyGuidance(_) => "guidance".to_owned(),
            Self::ReportContent(_) => "report".to_owned(),
            Self::Attestation(_) => "attestation".to_owned(),
            Self::NoFix(_) => "no_fix".to_owned(),
            Self::Aside(_) => "aside".to_owned(),
        }
    }

    async fn carry_out(&self, device: &Device, visit: InspectionId) -> Result<(), Trouble> {
        let done = match self.clone() {
            Self::Answer(sheet, item, answer) => device.answer(visit, sheet, &item, answer).await,
            Self::Secret(sheet, item, part, text) => {
                device.put_secret(visit, sheet, &item, &part, &text).await
            }
            Self::Guidance(text) => device.put_guidance(visit, &text).await,
            Self::ReadyGuidance(text) => device.put_ready_guidance(visit, &text).await,
            Self::ReportContent(content) => device.put_report_content(visit, content).await,
            Self::Attestation(attestation) => device.attest(visit, attestation).await,
            Self::NoFix(no_fix) => device.no_fix(visit, no_fix).await,
            Self::Aside(true) => device.discard(visit).await,
            Self::Aside(false) => device.restore(visit).await,
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

/// Typing that waits, by place; the number tells a later typing from an earlier one.
#[derive(Default)]
struct Resting {
    turn: u64,
    waiting: BTreeMap<String, (u64, Write)>,
}

impl Resting {
    fn take_all(&mut self) -> Vec<Write> {
        std::mem::take(&mut self.waiting).into_values().map(|(_, write)| write).collect()
    }
}

/// The writer of a screen; copy it into handlers.
#[derive(Clone, Copy, PartialEq)]
pub struct Writer {
    /// How saving stands, to be shown.
    pub saving: Signal<Saving>,
    queue: CopyValue<mpsc::UnboundedSender<Write>>,
    resting: CopyValue<Rc<RefCell<Resting>>>,
}

#[derive(Clone)]
struct Ends {
    queue: mpsc::UnboundedSender<Write>,
    results: CopyValue<Option<mpsc::UnboundedReceiver<Done>>>,
    resting: Rc<RefCell<Resting>>,
}

/// A write, and how it went.
type Done = (Write, Result<(), Trouble>);

/// Starts the writer of a visit's screen.
pub fn use_writer(visit: InspectionId) -> Writer {
    let device = use_device();
    let saving = use_signal(Saving::default);
    let ends = use_hook(|| {
        let (queue, todo) = mpsc::unbounded_channel();
        let (done, results) = mpsc::unbounded_channel();
        tokio::spawn(write_all(device, visit, todo, done));
        let resting = Rc::new(RefCell::new(Resting::default()));
        Ends { queue, results: CopyValue::new(Some(results)), resting }
    });
    let writer = Writer {
        saving,
        queue: use_hook(|| CopyValue::new(ends.queue.clone())),
        resting: use_hook(|| CopyValue::new(ends.resting.clone())),
    };
    use_future(move || async move {
        let mut results = ends.results;
        let Some(mut results) = results.take() else { return };
        while let Some((write, result)) = results.recv().await {
            writer.note(write, result);
        }
    });
    // The screen's own values may be gone by now, so this holds the ends themselves.
    let (queue, resting) = (ends.queue.clone(), ends.resting.clone());
    use_drop(move || {
        for write in resting.borrow_mut().take_all() {
            let _ = queue.send(write);
        }
    });
    writer
}

/// Ends when the screen is gone and everything it gave is written.
async fn write_all(
    device: Device,
    visit: InspectionId,
    mut todo: mpsc::UnboundedReceiver<Write>,
    done: mpsc::UnboundedSender<Done>,
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
        let waited = self.resting.peek().borrow_mut().waiting.remove(&write.place()).is_some();
        if !waited {
            self.saving.write().open += 1;
        }
        self.send(write);
    }

    /// Saves when typing rests, when the field is left, or when the screen closes.
    pub fn soon(mut self, write: Write) {
        let place = write.place();
        let resting = self.resting.peek().clone();
        let turn = resting.borrow().turn + 1;
        resting.borrow_mut().turn = turn;
        let waited = resting.borrow_mut().waiting.insert(place.clone(), (turn, write)).is_some();
        if !waited {
            self.saving.write().open += 1;
        }
        spawn(async move {
            tokio::time::sleep(TYPING_REST).await;
            let latest = resting.borrow().waiting.get(&place).is_some_and(|(latest, _)| *latest == turn);
            if latest {
                let rested = resting.borrow_mut().waiting.remove(&place);
                rested.into_iter().for_each(|(_, write)| self.send(write));
            }
        });
    }

    /// Saves everything that still rests.
    pub fn flush(self) {
        let rested = self.resting.peek().borrow_mut().take_all();
        rested.into_iter().for_each(|write| self.send(write));
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
