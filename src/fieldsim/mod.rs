//! Simulated phones: real devices with real stores, photos and workers; only hand, camera and satellites are scripted.
//!
//! It calls the same methods of `device` as the screens do. What it claims at the end it has checked itself: every
//! receipt against the bureau's key, every record fetched again and compared byte for byte.

mod phone;
mod picture;
mod script;
pub mod load;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::{Args, Parser, Subcommand};
use serde::Serialize;

use crate::domain::id::Digest;
use crate::wire::enrolment::EnrolmentCode;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "fieldsim", version, about = "Simulated coordinators' phones against a real bureau")]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Each phone enrols, makes its visits, sends everything, and compares what the bureau holds.
    Run(RunArgs),
    /// Sends signed documents as fast as the bureau takes them, and compares what it holds.
    Load(load::LoadArgs),
}

/// What `run` is told.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Address of the bureau.
    #[arg(long)]
    pub bureau: String,
    /// One-time codes, as `bureau enrol --json` prints them.
    #[arg(long)]
    pub codes: PathBuf,
    /// How many phones; each needs a code.
    #[arg(long, default_value_t = 1)]
    pub phones: usize,
    /// Visits per phone.
    #[arg(long, default_value_t = 1)]
    pub visits: usize,
    /// Photos per visit.
    #[arg(long, default_value_t = 2)]
    pub photos: usize,
    /// The same seed gives the same answers and pictures.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Keeps the phones' data here, and goes on with phones already there; else it is thrown away.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Gives up after so many seconds.
    #[arg(long, default_value_t = 600)]
    pub deadline_s: u64,
}

/// The line at the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// Phones.
    pub phones: usize,
    /// Visits asked for, over all phones.
    pub visits: usize,
    /// Records on the phones.
    pub records: usize,
    /// Signed documents on the phones: the records, and the reports and sites that came of them.
    pub documents: usize,
    /// Photos in these records.
    pub photos: usize,
    /// Bytes written to sockets.
    pub bytes_sent: u64,
    /// Every document and every blob once.
    pub bytes_needed: u64,
    /// The first by the second.
    pub ratio: f64,
    /// Receipts whose signature and subject were checked with the key from enrolment: two for each document.
    pub receipts_verified: usize,
    /// Documents fetched again and found equal, byte for byte.
    pub refetched_equal: usize,
    /// How long it took.
    pub seconds: f64,
    /// Whether all of it is well.
    pub ok: bool,
}

/// What one phone came to.
#[derive(Debug, Default)]
struct Tally {
    records: usize,
    documents: usize,
    photos: usize,
    bytes_sent: u64,
    needed: BTreeMap<Digest, u64>,
    receipts_verified: usize,
    refetched_equal: usize,
    failures: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.documents += other.documents;
        self.photos += other.photos;
        self.bytes_sent += other.bytes_sent;
        self.needed.extend(other.needed);
        self.receipts_verified += other.receipts_verified;
        self.refetched_equal += other.refetched_equal;
        self.failures.extend(other.failures);
    }

    fn sum(&self, args: &RunArgs, took: Duration) -> Summary {
        let visits = args.phones * args.visits;
        let bytes_needed: u64 = self.needed.values().sum();
        let all = self.records >= visits
            && self.receipts_verified == 2 * self.documents
            && self.refetched_equal == self.documents;
        Summary {
            phones: args.phones,
            visits,
            records: self.records,
            documents: self.documents,
            photos: self.photos,
            bytes_sent: self.bytes_sent,
            bytes_needed,
            ratio: thousandths(self.bytes_sent as f64 / bytes_needed.max(1) as f64),
            receipts_verified: self.receipts_verified,
            refetched_equal: self.refetched_equal,
            seconds: thousandths(took.as_secs_f64()),
            ok: all && self.failures.is_empty(),
        }
    }
}

fn thousandths(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Runs every phone to the end and sums up; the second part says what went wrong, one sentence each.
///
/// # Errors
/// Nothing could be started: no codes, too few of them, no folder.
pub async fn run(args: RunArgs) -> anyhow::Result<(Summary, Vec<String>)> {
    let started = Instant::now();
    let codes = codes(&args)?;
    let (folder, kept) = match &args.data {
        Some(folder) => (folder.clone(), true),
        None => (std::env::temp_dir().join(format!("xieguan-fieldsim-{}", uuid::Uuid::now_v7())), false),
    };
    let mut phones = tokio::task::JoinSet::new();
    for (number, code) in codes.into_iter().take(args.phones).enumerate() {
        let errand =
            phone::Errand { number, code: code.code, folder: folder.join(format!("phone-{number}")) };
        phones.spawn(phone::day(errand, args.clone()));
    }
    let mut total = Tally::default();
    while let Some(done) = phones.join_next().await {
        match done {
            Ok(tally) => total.add(tally),
            Err(error) => total.failures.push(format!("a phone broke: {error}")),
        }
    }
    if !kept {
        throw_away(&folder, &mut total.failures);
    }
    Ok((total.sum(&args, started.elapsed()), total.failures))
}

fn codes(args: &RunArgs) -> anyhow::Result<Vec<EnrolmentCode>> {
    let text = std::fs::read(&args.codes).with_context(|| format!("cannot read {}", args.codes.display()))?;
    let codes: Vec<EnrolmentCode> = serde_json::from_slice(&text).context("no list of enrolment codes")?;
    ensure!(codes.len() >= args.phones, "{} codes for {} phones", codes.len(), args.phones);
    Ok(codes)
}

fn throw_away(folder: &Path, failures: &mut Vec<String>) {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            failures.push(format!("{} stays behind: {error}", folder.display()));
        }
        _ => {}
    }
}
