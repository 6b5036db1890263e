//! `bureau rotate-certificate`: the bureau's own certificate changes in two steps, so that phones know the next one
//! before they see it.

use std::path::Path;

use chrono::Utc;

use super::super::Bureau;
use super::super::self_signed::SelfSigned;
use super::{Sentence, open_existing, say};
use crate::domain::id::Digest;
use crate::wire::pins::Pins;

pub(super) async fn run(folder: &Path, switch: bool) -> Result<(), Sentence> {
    let bureau = open_existing(folder).await?;
    let own = SelfSigned::of(folder);
    let known = {
        let own = own.clone();
        tokio::task::spawn_blocking(move || Ok::<_, Sentence>((own.current()?, own.next()?))).await??
    };
    let (Some(current), next) = known else {
        return Err(Sentence::new(
            "this bureau has no certificate of its own; `bureau serve --self-signed` makes one",
        ));
    };
    if switch {
        let next = next.ok_or_else(|| {
            Sentence::new(
                "there is no next certificate; run rotate-certificate first, and switch when the phones know it",
            )
        })?;
        // Said before it is done: a phone that hears it meanwhile still knows both.
        announce(&bureau, vec![next, current]).await?;
        tokio::task::spawn_blocking(move || own.switch()).await??;
        announce(&bureau, vec![next]).await?;
        say(format_args!("fingerprint: {next}"));
        say(
            "The server shows this certificate within seconds. A phone that never heard of it enrols once more.",
        );
    } else {
        let next = tokio::task::spawn_blocking(move || own.make_next()).await??;
        announce(&bureau, vec![current, next]).await?;
        say(format_args!("next fingerprint: {next}"));
        say(
            "Phones hear of it when they next reach the bureau. Switch when all of them did, after a week or so, \
             with: bureau rotate-certificate --switch",
        );
    }
    bureau.close();
    Ok(())
}

async fn announce(bureau: &Bureau, certificates: Vec<Digest>) -> Result<(), Sentence> {
    let identity = bureau.storage().identity();
    let now = Utc::now().timestamp_millis().unsigned_abs();
    let pins = Pins { bureau: identity.public.id, sequence: now, certificates };
    let signed = pins.sign(&identity.signing)?;
    Ok(bureau.storage().announce_certificates(signed).await?)
}
