//! `bureau rotate-certificate`: the bureau's own certificate changes in two steps, so that phones know the next one
//! before they see it. Whatever step was cut off, the same command finishes it.

use std::path::Path;

use chrono::Utc;

use super::super::Bureau;
use super::super::self_signed::{CannotMake, SelfSigned};
use super::{Sentence, open_existing, phones, say};
use crate::domain::id::Digest;

/// What is to be done.
pub(super) struct Asked {
    /// Show the next one from now on.
    pub(super) switch: bool,
    /// Also when phones do not know it.
    pub(super) anyway: bool,
}

pub(super) async fn run(folder: &Path, asked: Asked) -> Result<(), Sentence> {
    let bureau = open_existing(folder).await?;
    let own = SelfSigned::of(folder);
    if blocking(&own, |own| Ok(own.current()?)).await?.is_none() {
        return Err(Sentence::new(
            "this bureau has no certificate of its own; `bureau serve --self-signed` makes one",
        ));
    }
    match asked.switch {
        true => switch(&bureau, &own, asked.anyway).await?,
        false => make_next(&bureau, &own).await?,
    }
    bureau.close();
    Ok(())
}

async fn make_next(bureau: &Bureau, own: &SelfSigned) -> Result<(), Sentence> {
    let next = blocking(own, SelfSigned::make_next).await?;
    announce(bureau, own).await?;
    say(format_args!("next fingerprint: {next}"));
    let (all, behind) = phones_behind(bureau).await?;
    say(format_args!("{} of {all} phones know it.", all - behind.len()));
    for phone in &behind {
        say(format_args!("not yet: {phone}"));
    }
    say(
        "Phones hear of it when they next reach the bureau; this command tells again how many did. When all do, \
         switch with: bureau rotate-certificate --switch",
    );
    Ok(())
}

async fn switch(bureau: &Bureau, own: &SelfSigned, anyway: bool) -> Result<(), Sentence> {
    if blocking(own, |own| Ok(own.next()?)).await?.is_none() {
        return finish(bureau, own).await;
    }
    // In case the word was cut off after the next one was made.
    announce(bureau, own).await?;
    let (all, behind) = phones_behind(bureau).await?;
    if !behind.is_empty() && !anyway {
        return Err(Sentence::new(format!(
            "{} of {all} phones do not know the next certificate yet: {}. Nothing was changed. Wait until they were \
             in touch, withdraw those that nobody uses any more (bureau phones), or switch with --anyway: then they \
             keep their work and enrol once more by a new QR code",
            behind.len(),
            behind.join("; ")
        )));
    }
    blocking(own, SelfSigned::switch).await?;
    finish(bureau, own).await
}

/// The last step: phones are told that the one in use is the only one.
async fn finish(bureau: &Bureau, own: &SelfSigned) -> Result<(), Sentence> {
    let told = bureau.storage().announced_certificates().await?;
    let shown = blocking(own, |own| Ok(own.shown()?)).await?;
    if told.is_none_or(|told| told == shown) {
        return Err(Sentence::new(format!(
            "there is no next certificate, the one in use is {}; run rotate-certificate first, and switch when the \
             phones know it",
            shown[0]
        )));
    }
    announce(bureau, own).await?;
    say(format_args!("fingerprint: {}", shown[0]));
    say("The server shows this certificate within seconds. A phone that never heard of it enrols once more.");
    Ok(())
}

/// Tells phones what is in the folder; whether that was news. Also the server's first act: a command that was cut off
/// between a step and its word leaves nothing unsaid.
pub(super) async fn announce(bureau: &Bureau, own: &SelfSigned) -> Result<bool, Sentence> {
    let shown: Vec<Digest> = blocking(own, |own| Ok(own.shown()?)).await?;
    Ok(bureau.storage().announce_certificates(shown, Utc::now().timestamp_millis()).await?)
}

async fn blocking<T: Send + 'static>(
    own: &SelfSigned,
    what: impl FnOnce(&SelfSigned) -> Result<T, CannotMake> + Send + 'static,
) -> Result<T, Sentence> {
    let own = own.clone();
    Ok(tokio::task::spawn_blocking(move || what(&own)).await??)
}

/// How many phones are in use, and which of them may not know the newest word.
async fn phones_behind(bureau: &Bureau) -> Result<(usize, Vec<String>), Sentence> {
    let mut phones = bureau.storage().phones().await?;
    phones.retain(|phone| phone.revoked_ms.is_none());
    let zone = bureau.storage().zone();
    let behind = phones.iter().filter(|phone| !phone.knows_settings);
    Ok((phones.len(), behind.map(|phone| phones::named(phone, zone)).collect()))
}
