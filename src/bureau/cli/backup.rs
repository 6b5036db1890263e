//! `bureau backup`, `bureau restore` and `bureau doctor`: the folder as a whole, in sentences.

use std::path::{Path, PathBuf};

use super::super::backup::{self, Done, Health, Trouble};
use super::super::storage::DATABASE;
use super::{Sentence, say};

/// How many photos are named before the rest is only counted.
const NAMED: usize = 10;

pub(super) async fn back_up(folder: &Path, to: PathBuf) -> Result<(), Sentence> {
    require(folder)?;
    let done = run(folder, move |folder| backup::back_up(&folder, &to).map(|done| (done, to))).await?;
    let (Done { manifest, absent, .. }, to) = done;
    say(format_args!(
        "backed up {} to {}: {} documents, {} photos, {} bytes of photos",
        manifest.name,
        to.display(),
        manifest.documents,
        manifest.photos,
        manifest.photo_bytes
    ));
    if !absent.is_empty() {
        say(format_args!(
            "{} photos are missing or damaged here and are not in it; run `bureau doctor --mend` so that phones send them again",
            absent.len()
        ));
    }
    Ok(())
}

pub(super) async fn restore(folder: &Path, from: PathBuf, replace: bool) -> Result<(), Sentence> {
    let shown = from.display().to_string();
    let done = run(folder, move |folder| backup::restore(&from, &folder, replace)).await?;
    let Done { manifest, absent, life, aside, other_certificate } = done;
    say(format_args!(
        "restored {} as of {} from {shown} into {}: {} documents, {} photos",
        manifest.name,
        manifest.made_at,
        folder.display(),
        manifest.documents,
        manifest.photos
    ));
    if let Some(aside) = &aside {
        say(format_args!("what stood there before is now at {}", aside.display()));
    }
    if !absent.is_empty() {
        say(format_args!(
            "{} photos of the backup are missing or damaged; phones that still have them will send them",
            absent.len()
        ));
    }
    if let Some(life) = life {
        say(format_args!(
            "a new life of the data begins ({}): phones send again what came after the backup, by themselves",
            life.epoch
        ));
        say(format_args!(
            "{} unused enrolment codes were withdrawn; a phone enrolled after the backup needs a new code and then sends everything it has",
            life.codes
        ));
    }
    if other_certificate {
        let kept = aside.unwrap_or_default().join("tls");
        say(format_args!(
            "the bureau's certificate was changed after the backup, and the older one is back: phones that know only the \
             newer one will not speak to this server. To go on with that one, copy current.pem from {} to {} before serving",
            kept.display(),
            folder.join("tls").display()
        ));
    }
    say(
        "accounts, withdrawn phones, reviews and site files are as they were at the time of the backup: look them through",
    );
    Ok(())
}

pub(super) async fn examine(folder: &Path, mend: bool) -> Result<(), Sentence> {
    require(folder)?;
    let health: Health = run(folder, move |folder| backup::examine(&folder, mend)).await?;
    for trouble in &health.look.troubles {
        say(trouble);
    }
    for (what, photos) in [("missing", &health.missing), ("damaged", &health.damaged)] {
        for photo in photos.iter().take(NAMED) {
            say(format_args!("photo {photo} is {what}"));
        }
        if photos.len() > NAMED {
            say(format_args!("… and {} more are {what}", photos.len() - NAMED));
        }
    }
    if health.unnamed > 0 {
        say(format_args!("{} photo files belong to no record yet; that is harmless", health.unnamed));
    }
    if let Some(receipts) = health.taken_back {
        say(format_args!(
            "noted as absent; {receipts} receipts were taken back, and phones send these photos again when they next compare"
        ));
    }
    say(format_args!("{} documents and {} photos looked at", health.look.documents, health.look.blobs.len()));
    match (health.is_well(), health.taken_back) {
        (true, _) => {
            say("all is well");
            Ok(())
        }
        (false, Some(_)) if health.look.troubles.is_empty() => Ok(()),
        (false, _) if health.look.troubles.is_empty() => Err(Sentence::new(
            "photos are lost here; `bureau doctor --mend` notes them as absent, and phones that still have them send them again",
        )),
        (false, _) => {
            Err(Sentence::new("the database is damaged; restore the newest backup with `bureau restore`"))
        }
    }
}

fn require(folder: &Path) -> Result<(), Sentence> {
    if folder.join(DATABASE).is_file() {
        return Ok(());
    }
    Err(Sentence::new(format!("there is no bureau in {}", folder.display())))
}

async fn run<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce(PathBuf) -> Result<T, Trouble> + Send + 'static,
) -> Result<T, Sentence> {
    let folder = folder.to_owned();
    tokio::task::spawn_blocking(move || work(folder)).await?.map_err(|trouble| {
        let more = match &trouble {
            Trouble::Taken(_) => {
                "; nothing was changed. A restore can put it aside with --replace; a backup needs a new name"
            }
            Trouble::Disk(..) => "; nothing that was there before was changed",
            _ => "",
        };
        Sentence::new(format!("{trouble}{more}"))
    })
}
