//! `bureau export`: tables, signed documents and photos, also beside a running server.
//!
//! It reads page by page through a connection of its own that cannot write; a file appears under its name only when
//! it is whole.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use chrono::{Days, FixedOffset, NaiveDate, NaiveTime, Utc};
use clap::{Args, ValueEnum};

use super::super::export::{Form, Look, decision_rows, decisions_head, json_line, photo_row, photos_head};
use super::super::photos::{BlobStore, Folder};
use super::super::storage::DATABASE;
use super::super::storage::Stored;
use super::super::storage::export::{Given, Line, NamedPhoto, Paper, Place, Scope, Source, note_export};
use super::super::storage::said::Said;
use super::super::{CannotOpen, PHOTOS};
use super::{Sentence, cannot_open, no_bureau};
use crate::domain::document::DocumentKind;
use crate::domain::text::Language;
use crate::media::Kind;

/// What can be exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum What {
    /// One row for each inspection record.
    Records,
    /// Every signed document verbatim with seal, key and receipts, one JSON object on a line.
    Documents,
    /// Every photo as a file named by its hash, and a table of them, in a folder.
    Photos,
    /// What reviewers decided and said, a row for each decision and one for each comment on an item.
    Decisions,
}

impl What {
    /// Where an export of it ends.
    fn last(self, source: &Source) -> Stored<u64> {
        match self {
            Self::Records => source.last_sequence::<Line>(),
            Self::Documents => source.last_sequence::<Paper>(),
            Self::Photos => source.last_sequence::<NamedPhoto>(),
            Self::Decisions => source.last_sequence::<Said>(),
        }
    }
}

/// What was asked for.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// What.
    what: What,
    /// How the table of records or decisions is written.
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    format: Form,
    /// Received (a decision: made) on this day or later, in the bureau's zone: 2026-11-01.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// Received or made on this day or earlier.
    #[arg(long, value_name = "DAY")]
    until: Option<NaiveDate>,
    /// Name or code of the only township.
    #[arg(long)]
    township: Option<String>,
    /// Heads and titles in English.
    #[arg(long)]
    english: bool,
    /// The file to write, `-` for standard output; a folder for photos.
    path: PathBuf,
}

pub(super) async fn run(folder: &Path, asked: Asked) -> Result<(), Sentence> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || export(&folder, &asked)).await?
}

fn export(folder: &Path, asked: &Asked) -> Result<(), Sentence> {
    if !folder.join(DATABASE).is_file() {
        return Err(no_bureau(folder));
    }
    let opened = Source::open(folder);
    let source = opened.map_err(|error| cannot_open(folder, CannotOpen::Database(error)))?;
    let scope = scope(&source, asked)?;
    let all = Place { after: 0, last: asked.what.last(&source)? };
    let subject = format!("{:?} up to sequence {}, {}", asked.what, all.last, asked.path.display());
    note_export(folder, &subject.to_lowercase(), Utc::now().timestamp_millis()).map_err(|error| {
        Sentence::new(format!("the audit log could not be written ({error}); nothing was exported"))
    })?;
    let count = match asked.what {
        What::Records => records(&source, &scope, all, asked),
        What::Documents => documents(&source, &scope, all, &asked.path),
        What::Photos => photos(folder, &source, &scope, all, asked),
        What::Decisions => decisions(&source, &scope, all, asked),
    }?;
    let what = format!("{:?}", asked.what).to_lowercase();
    let _ = writeln!(io::stderr(), "exported {count} {what} up to sequence {}", all.last);
    Ok(())
}

fn scope(source: &Source, asked: &Asked) -> Result<Scope, Sentence> {
    let township = match &asked.township {
        None => None,
        Some(wanted) => {
            let all = source.townships()?;
            let found = all.iter().find(|t| t.name == *wanted || t.code == *wanted);
            let names: Vec<&str> = all.iter().map(|t| t.name.as_str()).collect();
            let none = || Sentence::new(format!("no township {wanted}; there are: {}", names.join("、")));
            Some(found.ok_or_else(none)?.code.clone())
        }
    };
    let kind = (asked.what == What::Records).then_some(DocumentKind::Inspection);
    Ok(Scope {
        kind,
        township,
        since_ms: asked.since.map(|day| begin_ms(day, source.zone())),
        until_ms: asked.until.map(|day| begin_ms(day + Days::new(1), source.zone())),
    })
}

fn begin_ms(day: NaiveDate, zone: FixedOffset) -> i64 {
    let begin = day.and_time(NaiveTime::MIN).and_local_timezone(zone);
    begin.earliest().map_or(0, |begin| begin.timestamp_millis())
}

/// Gives every one to `take`; the number of them.
fn each<T: Given>(
    source: &Source,
    scope: &Scope,
    mut place: Place,
    mut take: impl FnMut(T) -> Result<(), Sentence>,
) -> Result<u64, Sentence> {
    let mut count = 0;
    loop {
        let page = source.page::<T>(scope, place)?;
        let Some(end) = page.last().map(Given::sequence) else { return Ok(count) };
        place.after = end;
        for one in page {
            take(one)?;
            count += 1;
        }
    }
}

fn language(asked: &Asked) -> Language {
    if asked.english { Language::En } else { Language::Zh }
}

fn records(source: &Source, scope: &Scope, all: Place, asked: &Asked) -> Result<u64, Sentence> {
    let library = source.library()?;
    let look = Look { form: asked.format, language: language(asked), library: &library };
    let mut out = Out::open(&asked.path)?;
    out.write(&look.head())?;
    let count = each(source, scope, all, |line: Line| out.write(&look.line(&line)?))?;
    out.finish()?;
    Ok(count)
}

fn decisions(source: &Source, scope: &Scope, all: Place, asked: &Asked) -> Result<u64, Sentence> {
    let mut out = Out::open(&asked.path)?;
    if asked.format == Form::Csv {
        out.write(&decisions_head(language(asked)))?;
    }
    let count = each(source, scope, all, |said: Said| match asked.format {
        Form::Csv => out.write(&decision_rows(&said, language(asked))),
        Form::Jsonl => out.write(&json_line(&said)?),
    })?;
    out.finish()?;
    Ok(count)
}

fn documents(source: &Source, scope: &Scope, all: Place, path: &Path) -> Result<u64, Sentence> {
    let mut out = Out::open(path)?;
    let count = each(source, scope, all, |paper: Paper| out.write(&json_line(&paper)?))?;
    out.finish()?;
    Ok(count)
}

fn photos(folder: &Path, source: &Source, scope: &Scope, all: Place, asked: &Asked) -> Result<u64, Sentence> {
    let to = &asked.path;
    if to == Path::new("-") {
        return Err(Sentence::new("photos go into a folder; name one instead of -"));
    }
    fs::create_dir_all(to).map_err(|error| unwritten(to, &error))?;
    let blobs = Folder::open(&folder.join(PHOTOS))?;
    let mut table = Out::open(&to.join("photos.csv"))?;
    table.write(&photos_head(language(asked)))?;
    let count = each(source, scope, all, |photo: NamedPhoto| {
        table.write(&photo_row(&photo, language(asked)))?;
        match photo.bytes {
            Some(bytes) => copy(&blobs, &photo, bytes, to),
            None => Ok(()),
        }
    })?;
    table.finish()?;
    Ok(count)
}

/// A photo that is there already, whole, is left alone: an export that was stopped goes on.
fn copy(blobs: &Folder, photo: &NamedPhoto, bytes: u64, to: &Path) -> Result<(), Sentence> {
    let name = photo.photo.to_string();
    let mut blob = blobs.open(photo.photo).map_err(|error| {
        Sentence::new(format!("photo {name} of {} cannot be read: {error}", photo.number))
    })?;
    let mut begin = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(&mut blob.bytes, 64), &mut begin)?;
    let ending = match Kind::of(&begin) {
        Ok(Kind::Jpeg) => "jpg",
        Ok(Kind::Png) => "png",
        Ok(Kind::Webp) => "webp",
        Err(_) => "bin",
    };
    let path = to.join(format!("{name}.{ending}"));
    if fs::metadata(&path).is_ok_and(|there| there.len() == bytes) {
        return Ok(());
    }
    let mut out = Out::open(&path)?;
    out.write_bytes(&begin)?;
    io::copy(&mut blob.bytes, &mut out.writer).map_err(|error| unwritten(&path, &error))?;
    out.finish()
}

/// A file that takes its name when it is whole and durable, or standard output.
struct Out {
    writer: BufWriter<Box<dyn Write>>,
    file: Option<(File, PathBuf)>,
    path: PathBuf,
}

impl Out {
    fn open(path: &Path) -> Result<Self, Sentence> {
        if path == Path::new("-") {
            let writer = BufWriter::new(Box::new(io::stdout()) as Box<dyn Write>);
            return Ok(Self { writer, file: None, path: path.to_owned() });
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let opened = File::create(&part).and_then(|file| Ok((file.try_clone()?, file)));
        let (file, same) = opened.map_err(|error| unwritten(path, &error))?;
        Ok(Self { writer: BufWriter::new(Box::new(same)), file: Some((file, part)), path: path.to_owned() })
    }

    fn write(&mut self, text: &str) -> Result<(), Sentence> {
        self.write_bytes(text.as_bytes())
    }

    fn write_bytes(&mut self, bytes: &[u8]) -> Result<(), Sentence> {
        self.writer.write_all(bytes).map_err(|error| unwritten(&self.path, &error))
    }

    fn finish(mut self) -> Result<(), Sentence> {
        let file = self.file.take();
        let whole = self.writer.flush().and_then(|()| match file {
            Some((file, part)) => file.sync_all().and_then(|()| fs::rename(part, &self.path)),
            None => Ok(()),
        });
        whole.map_err(|error| unwritten(&self.path, &error))
    }
}

fn unwritten(path: &Path, error: &io::Error) -> Sentence {
    let place =
        if path == Path::new("-") { "standard output".to_owned() } else { path.display().to_string() };
    Sentence::new(format!("{place} could not be written: {error}; the bureau's data is as it was"))
}
