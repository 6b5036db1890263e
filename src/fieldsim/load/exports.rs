//! `bureau export`, again and again, while records come in.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::task::JoinHandle;

use super::figures::Spread;

/// Between one export and the next.
const PAUSE: Duration = Duration::from_millis(200);

/// What the exports came to.
#[derive(Clone, Debug, Serialize)]
pub struct Exported {
    /// Begun.
    pub runs: usize,
    /// Of these, ended well.
    pub succeeded: usize,
    /// Bytes they wrote.
    pub bytes: u64,
    /// How long one took.
    pub ms: Spread,
}

/// The loop at work.
pub(super) struct Exporting {
    stop: Arc<AtomicBool>,
    runs: JoinHandle<Exported>,
}

/// Starts on this data folder, with the `bureau` that lies beside this program.
pub(super) fn start(data: PathBuf) -> Exporting {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    Exporting { stop, runs: tokio::task::spawn_blocking(move || again_and_again(&data, &told)) }
}

impl Exporting {
    /// Lets the last one end.
    pub(super) async fn stop(self) -> Exported {
        self.stop.store(true, Ordering::Relaxed);
        let none = Exported { runs: 0, succeeded: 0, bytes: 0, ms: Spread::default() };
        self.runs.await.unwrap_or(none)
    }
}

fn again_and_again(data: &Path, stop: &AtomicBool) -> Exported {
    let program = std::env::current_exe().map(|path| path.with_file_name("bureau")).unwrap_or_default();
    let (mut runs, mut succeeded, mut bytes, mut took) = (0, 0, 0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        // Tables and whole documents in turn: many small rows, and much text.
        let what = if runs % 2 == 0 { "records" } else { "documents" };
        let mut export = Command::new(&program);
        export.args(["export", what, "--data"]).arg(data).arg("-");
        let begun = Instant::now();
        runs += 1;
        if let Ok(output) = counted(export) {
            succeeded += 1;
            bytes += output;
        }
        took.push(u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX));
        std::thread::sleep(PAUSE);
    }
    Exported { runs, succeeded, bytes, ms: Spread::of(took.into_iter()) }
}

/// Reads everything and keeps nothing.
fn counted(mut export: Command) -> std::io::Result<u64> {
    export.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = export.spawn()?;
    let mut out = child.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?;
    let bytes = std::io::copy(&mut out, &mut std::io::sink());
    let status = child.wait()?;
    if status.success() { bytes } else { Err(std::io::ErrorKind::Other.into()) }
}
