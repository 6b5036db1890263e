//! The `bureau` program: arguments, sentences for people, exit codes. What it does lives in the modules below
//! and in the bureau itself.

mod serve;
mod people;
mod phones;
mod export;
mod qr;
mod rotate;
mod sample;
mod uploads;
mod backup;
mod settings;

use std::fmt::Display;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use super::storage::accounts::Role;
use super::storage::setup::Fresh;
use super::storage::{DATABASE, StorageError};
use super::{Bureau, CannotOpen};
use crate::domain::id::DeviceId;

/// 协管: the bureau that receives coordinators' records.
#[derive(Parser)]
#[command(name = "bureau", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve phones and console; starts on an empty folder too.
    Serve {
        #[command(flatten)]
        data: Data,
        /// Where to listen; without encryption only this machine itself can be.
        #[arg(long, default_value = "127.0.0.1:8470", env = "XIEGUAN_LISTEN")]
        listen: SocketAddr,
        /// Name of the bureau, used when the folder is new.
        #[arg(long)]
        name: Option<String>,
        #[command(flatten)]
        uploads: uploads::Uploads,
        #[command(flatten)]
        encryption: serve::Encryption,
    },
    /// Make the next certificate of a bureau that serves with --self-signed, tell phones of it, and say which of them
    /// know it; with --switch, change to it.
    RotateCertificate {
        #[command(flatten)]
        data: Data,
        /// Show the next certificate from now on; refused while a phone in use does not know it.
        #[arg(long)]
        switch: bool,
        /// Switch although some phones do not know it: those enrol once more by a new QR code.
        #[arg(long, requires = "switch")]
        anyway: bool,
    },
    /// Fill an empty folder with a synthetic sample county and print its accounts.
    Demo {
        #[command(flatten)]
        data: Data,
    },
    /// Add a console account; prints its password unless one is given.
    Adduser {
        #[command(flatten)]
        data: Data,
        /// Log-in name.
        #[arg(long)]
        name: String,
        /// viewer, reviewer or admin.
        #[arg(long)]
        role: Role,
        /// Name or code of the only township it sees; the whole county without.
        #[arg(long)]
        township: Option<String>,
        /// Read the password from standard input instead of making one.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Make one-time enrolment codes for phones.
    Enrol {
        #[command(flatten)]
        data: Data,
        /// How many.
        #[arg(long, default_value_t = 1)]
        count: u32,
        /// Print a JSON array.
        #[arg(long)]
        json: bool,
        /// Name of the coordinator; without it, all of them in turn.
        #[arg(long)]
        coordinator: Option<String>,
        /// Name of the township of a coordinator who is not known yet.
        #[arg(long, requires = "coordinator")]
        township: Option<String>,
        /// Days until the codes end.
        #[arg(long, default_value_t = 7)]
        days: u32,
        /// Address under which phones reach the bureau, for the QR codes.
        #[arg(long, value_name = "URL", env = "XIEGUAN_ADDRESS")]
        address: Option<String>,
        /// Write a QR code for each code as a PNG into this folder; `-` prints them here.
        #[arg(long, value_name = "DIR", requires = "address")]
        qr: Option<PathBuf>,
        /// Phones check the certificate in the ordinary way, although this bureau once made one itself.
        #[arg(long)]
        ordinary_certificate: bool,
    },
    /// List the phones: whose, since when, when one was last heard, which are withdrawn.
    Phones {
        #[command(flatten)]
        data: Data,
        /// Withdraw this phone, because it is lost or nobody uses it any more.
        #[arg(long, value_name = "PHONE")]
        withdraw: Option<DeviceId>,
    },
    /// Write records, signed documents or photos into files; also while the bureau is served.
    Export {
        #[command(flatten)]
        data: Data,
        #[command(flatten)]
        asked: export::Asked,
    },
    /// Back the data folder up into a new folder, also while it is served.
    Backup {
        #[command(flatten)]
        data: Data,
        /// The backup; must not be there yet. Best on another disk.
        to: PathBuf,
    },
    /// Restore a backup into an empty data folder, as a new life of the data.
    Restore {
        #[command(flatten)]
        data: Data,
        /// The backup.
        from: PathBuf,
        /// Put a data folder that is not empty aside first; it is never removed.
        #[arg(long)]
        replace: bool,
    },
    /// Look through the data folder, every byte of it.
    Doctor {
        #[command(flatten)]
        data: Data,
        /// Note photos that are missing or damaged as absent, so that phones send them again.
        #[arg(long)]
        mend: bool,
    },
    /// Show what phones are told, or change it.
    Settings {
        #[command(flatten)]
        data: Data,
        /// Days for which phones keep originals that the bureau holds.
        #[arg(long)]
        keep_days: Option<u16>,
        /// Free megabytes below which the oldest of them go sooner; 0: never.
        #[arg(long)]
        keep_free_mb: Option<u32>,
    },
}

#[derive(Args)]
struct Data {
    /// The data folder.
    #[arg(long, value_name = "DIR", env = "XIEGUAN_DATA")]
    data: PathBuf,
}

/// Why the program ends without having done it, in a sentence.
#[derive(Debug)]
struct Sentence(String);

impl Sentence {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl<E: std::error::Error> From<E> for Sentence {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// Runs the program with the process's arguments.
pub async fn run() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,xieguan=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).init();
    let done = match Cli::parse().command {
        Command::Serve { data, listen, name, uploads, encryption } => {
            serve::run(&data.data, listen, name, uploads.limits(), encryption).await
        }
        Command::RotateCertificate { data, switch, anyway } => {
            rotate::run(&data.data, rotate::Asked { switch, anyway }).await
        }
        Command::Phones { data, withdraw } => phones::run(&data.data, withdraw).await,
        Command::Demo { data } => sample::run(&data.data).await,
        Command::Adduser { data, name, role, township, password_stdin } => {
            people::add_user(&data.data, name, role, township, password_stdin).await
        }
        Command::Enrol {
            data,
            count,
            json,
            coordinator,
            township,
            days,
            address,
            qr,
            ordinary_certificate,
        } => {
            let codes =
                people::Codes { count, json, coordinator, township, days, address, qr, ordinary_certificate };
            people::enrol(&data.data, codes).await
        }
        Command::Export { data, asked } => export::run(&data.data, asked).await,
        Command::Backup { data, to } => backup::back_up(&data.data, to).await,
        Command::Restore { data, from, replace } => backup::restore(&data.data, from, replace).await,
        Command::Doctor { data, mend } => backup::examine(&data.data, mend).await,
        Command::Settings { data, keep_days, keep_free_mb } => {
            settings::run(&data.data, settings::Changes { keep_days, keep_free_mb }).await
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Sentence(text)) => {
            let _ = writeln!(io::stderr(), "bureau: {text}");
            ExitCode::FAILURE
        }
    }
}

/// A line for people or programs; standard output may be gone, which is no reason to stop.
fn say(line: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// A folder without a bureau gets one, unless a restore is about to bring it.
fn may_be_made(folder: &Path) -> Result<(), Sentence> {
    if !folder.join(DATABASE).is_file() {
        super::part::not_awaited(folder)?;
    }
    Ok(())
}

/// Opens the bureau of a folder, or makes one.
async fn open(folder: &Path, fresh: Fresh) -> Result<Bureau, Sentence> {
    may_be_made(folder)?;
    let path = folder.to_owned();
    let opened = tokio::task::spawn_blocking(move || super::open(&path, &fresh)).await?;
    opened.map_err(|error| cannot_open(folder, error))
}

fn cannot_open(folder: &Path, error: CannotOpen) -> Sentence {
    match error {
        CannotOpen::Database(StorageError::Newer(version)) => Sentence::new(format!(
            "{} was written by a newer program (schema {version}); nothing was changed, use that program",
            folder.display()
        )),
        other => Sentence::new(format!("{} cannot be opened: {other}", folder.display())),
    }
}

/// Opens the bureau of a folder that must be there, so that a mistyped folder is not filled.
async fn open_existing(folder: &Path) -> Result<Bureau, Sentence> {
    if folder.join(DATABASE).is_file() {
        return open(folder, Fresh::default()).await;
    }
    Err(no_bureau(folder))
}

fn no_bureau(folder: &Path) -> Sentence {
    Sentence::new(format!(
        "there is no bureau in {}; `bureau serve` or `bureau demo` makes one",
        folder.display()
    ))
}
