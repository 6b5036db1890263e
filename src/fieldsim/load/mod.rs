//! `fieldsim load`: as many signed documents as a bureau takes, beside what its disk alone would take.
//!
//! Documents are filled and sealed before the clock starts and replies are checked after it stops, because phones
//! have processors of their own; here both ends share one machine, and the line at the end says how much of it the
//! bureau had. What is claimed was checked: every receipt by its signature, every acknowledged document against the
//! bureau's own list, a sample of them byte for byte.

mod blank;
mod exports;
mod figures;
mod phone;
mod probe;
mod sender;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde::Serialize;
use tokio::sync::Barrier;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::wire::enrolment::EnrolmentCode;
use phone::Phone;
use sender::Sent;

pub use exports::Exported;
pub use figures::{Machine, Spread};
pub use probe::Probed;

/// What `load` is told.
#[derive(Clone, Debug, Args)]
pub struct LoadArgs {
    /// Address of the bureau, `http://…` on this machine.
    #[arg(long)]
    pub bureau: String,
    /// One-time codes, as `bureau enrol --json` prints them.
    #[arg(long)]
    pub codes: PathBuf,
    /// How many phones send at once; each needs a code.
    #[arg(long, default_value_t = 1)]
    pub clients: usize,
    /// How long they send.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Each record names one photo of so many KiB, which follows it.
    #[arg(long)]
    pub photo_kb: Option<usize>,
    /// Answers in each record.
    #[arg(long, default_value_t = 250)]
    pub answers: usize,
    /// Documents to prepare; too few end the run early, which is no mistake.
    #[arg(long)]
    pub documents: Option<usize>,
    /// How many acknowledged documents are fetched again and compared byte for byte.
    #[arg(long, default_value_t = 500)]
    pub refetch: usize,
    /// A folder on the bureau's disk: writes the same bytes into a bare SQLite there, for comparison.
    #[arg(long, value_name = "DIR")]
    pub probe: Option<PathBuf>,
    /// Documents in one transaction of the probe; without it, what the bureau's own batches came to.
    #[arg(long)]
    pub probe_batch: Option<usize>,
    /// The bureau's process, whose memory and processor time are read.
    #[arg(long)]
    pub pid: Option<u32>,
    /// The bureau's data folder: `bureau export` runs on it again and again meanwhile.
    #[arg(long, value_name = "DIR")]
    pub with_exports: Option<PathBuf>,
}

/// The line at the end.
#[derive(Clone, Debug, Serialize)]
pub struct LoadSummary {
    /// Phones that sent at once.
    pub clients: usize,
    /// How long they sent.
    pub seconds: f64,
    /// Bytes of one envelope.
    pub document_bytes: usize,
    /// Bytes of its photo.
    pub photo_bytes: usize,
    /// Records acknowledged, with their photo where there is one.
    pub records: usize,
    /// Of these, a second.
    pub rate: f64,
    /// From the first byte of a record to the answer, photo included, in milliseconds.
    pub record_ms: Spread,
    /// Of the document alone.
    pub document_ms: Spread,
    /// Calls that were not answered with success, by class; each was made again.
    pub errors: BTreeMap<String, usize>,
    /// Bytes of bodies sent.
    pub bytes_sent: u64,
    /// Receipts in answers whose signature and subject fit.
    pub receipts_verified: usize,
    /// Acknowledged documents that the bureau lists with the same receipts.
    pub present: usize,
    /// Of these, with a `complete` receipt.
    pub complete: usize,
    /// Acknowledged documents fetched again and equal, byte for byte.
    pub refetched_equal: usize,
    /// The bureau's process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
    /// The bare SQLite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe: Option<Probed>,
    /// The rate by the probe's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio_to_probe: Option<f64>,
    /// Exports meanwhile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports: Option<Exported>,
    /// Whether everything acknowledged is there and every export succeeded.
    pub ok: bool,
}

/// Runs the load and sums up; the second part says what went wrong, one sentence each.
///
/// # Errors
/// Nothing could be started: no codes, too few of them, a phone that is not let in.
pub async fn load(args: LoadArgs) -> anyhow::Result<(LoadSummary, Vec<String>)> {
    let phones = enrolled(&args).await?;
    let mut phones = prepared(phones, &args).await?;
    let sample = phones[0].sample();
    let before = args.pid.map(Machine::read).transpose()?;
    let batches_before = phones[0].batches().await;
    let exporting = args.with_exports.clone().map(exports::start);
    let (elapsed, sent) = send_all(&mut phones, &args).await?;
    let machine = match (args.pid, before) {
        (Some(pid), Some(before)) => Some(Machine::read(pid)?.since(&before)),
        _ => None,
    };
    let exports = match exporting {
        Some(exporting) => Some(exporting.stop().await),
        None => None,
    };
    let batches = phones[0].batches().await.since(batches_before);
    let mut failures = Vec::new();
    let checked = check_all(&phones, &sent, args.refetch, &mut failures).await;
    let probe = match &args.probe {
        Some(folder) => {
            let batch = args.probe_batch.or_else(|| batches.mean()).unwrap_or(args.clients).max(1);
            let folder = folder.clone();
            Some(tokio::task::spawn_blocking(move || probe::run(&folder, &sample, batch)).await??)
        }
        None => None,
    };
    let tally = Tally { args, elapsed, sent, checked, machine, probe, exports };
    Ok((tally.sum(&phones, &mut failures), failures))
}

async fn enrolled(args: &LoadArgs) -> anyhow::Result<Vec<Phone>> {
    ensure!(args.clients > 0, "at least one client");
    let text = std::fs::read(&args.codes).with_context(|| format!("cannot read {}", args.codes.display()))?;
    let codes: Vec<EnrolmentCode> = serde_json::from_slice(&text).context("no list of enrolment codes")?;
    ensure!(codes.len() >= args.clients, "{} codes for {} clients", codes.len(), args.clients);
    let mut phones = Vec::new();
    for (number, code) in codes.iter().take(args.clients).enumerate() {
        let phone = Phone::enrol(&args.bureau, &code.code).await;
        phones.push(phone.with_context(|| format!("client {number}"))?);
    }
    Ok(phones)
}

/// Fills and seals everything that will be sent, on all processors.
async fn prepared(phones: Vec<Phone>, args: &LoadArgs) -> anyhow::Result<Vec<Phone>> {
    // More than any machine took so far; what is left over is thrown away.
    let most = if args.photo_kb.is_some() { 1_500 } else { 4_000 };
    let all = args.documents.unwrap_or(usize::try_from(args.seconds)?.saturating_mul(most));
    let each = all.div_ceil(phones.len());
    let mut work = JoinSet::new();
    for (number, mut phone) in phones.into_iter().enumerate() {
        let (answers, photo_kb) = (args.answers, args.photo_kb);
        work.spawn_blocking(move || {
            phone.prepare(number as u64, each, answers, photo_kb)?;
            anyhow::Ok((number, phone))
        });
    }
    let mut done = BTreeMap::new();
    while let Some(phone) = work.join_next().await {
        let (number, phone) = phone??;
        done.insert(number, phone);
    }
    Ok(done.into_values().collect())
}

/// Everybody at once, until the time is over.
async fn send_all(phones: &mut [Phone], args: &LoadArgs) -> anyhow::Result<(Duration, Vec<Sent>)> {
    let start = Arc::new(Barrier::new(phones.len() + 1));
    let mut sending = JoinSet::new();
    for (number, phone) in phones.iter_mut().enumerate() {
        let (work, start) = (phone.work(), Arc::clone(&start));
        let time = Duration::from_secs(args.seconds);
        sending.spawn(async move {
            start.wait().await;
            (number, sender::send(work, Instant::now() + time).await)
        });
    }
    start.wait().await;
    let started = Instant::now();
    let mut sent = BTreeMap::new();
    while let Some(done) = sending.join_next().await {
        let (number, one) = done?;
        sent.insert(number, one);
    }
    Ok((started.elapsed(), sent.into_values().collect()))
}

/// What a look at the bureau's own lists came to.
#[derive(Default)]
struct Checked {
    receipts_verified: usize,
    present: usize,
    complete: usize,
    refetched_equal: usize,
}

async fn check_all(phones: &[Phone], sent: &[Sent], refetch: usize, failures: &mut Vec<String>) -> Checked {
    let mut checked = Checked::default();
    let each = refetch.div_ceil(phones.len());
    for (number, (phone, sent)) in phones.iter().zip(sent).enumerate() {
        match phone.check(sent, each).await {
            Ok(one) => {
                checked.receipts_verified += one.receipts_verified;
                checked.present += one.present;
                checked.complete += one.complete;
                checked.refetched_equal += one.refetched_equal;
            }
            Err(error) => failures.push(format!("client {number}: {error:#}")),
        }
    }
    checked
}

struct Tally {
    args: LoadArgs,
    elapsed: Duration,
    sent: Vec<Sent>,
    checked: Checked,
    machine: Option<Machine>,
    probe: Option<Probed>,
    exports: Option<Exported>,
}

impl Tally {
    fn sum(self, phones: &[Phone], failures: &mut Vec<String>) -> LoadSummary {
        let acknowledged: usize = self.sent.iter().map(|sent| sent.acknowledged.len()).sum();
        let records: usize = self.sent.iter().map(|sent| sent.record_us.len()).sum();
        let mut errors: BTreeMap<String, usize> = BTreeMap::new();
        for (class, count) in self.sent.iter().flat_map(|sent| &sent.errors) {
            *errors.entry(class.clone()).or_default() += count;
        }
        if self.checked.present != acknowledged {
            let present = self.checked.present;
            failures.push(format!("{acknowledged} documents acknowledged, {present} present"));
        }
        let exports_ok = self.exports.as_ref().is_none_or(|e| e.runs > 0 && e.runs == e.succeeded);
        let seconds = self.elapsed.as_secs_f64();
        let rate = records as f64 / seconds;
        let ratio = self.probe.as_ref().map(|probe| super::thousandths(rate / probe.rate));
        LoadSummary {
            clients: self.args.clients,
            seconds: super::thousandths(seconds),
            document_bytes: phones[0].document_bytes(),
            photo_bytes: self.args.photo_kb.unwrap_or(0) * 1024,
            records,
            rate: super::thousandths(rate),
            record_ms: Spread::of(self.sent.iter().flat_map(|sent| sent.record_us.iter().copied())),
            document_ms: Spread::of(self.sent.iter().flat_map(|sent| sent.document_us.iter().copied())),
            errors,
            bytes_sent: self.sent.iter().map(|sent| sent.bytes).sum(),
            receipts_verified: self.checked.receipts_verified,
            present: self.checked.present,
            complete: self.checked.complete,
            refetched_equal: self.checked.refetched_equal,
            machine: self.machine,
            probe: self.probe,
            ratio_to_probe: ratio,
            exports: self.exports,
            ok: failures.is_empty() && records > 0 && exports_ok,
        }
    }
}
