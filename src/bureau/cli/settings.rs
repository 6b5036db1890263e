//! `bureau settings`: what phones are told, shown and changed.

use std::path::Path;

use chrono::Utc;

use super::{Sentence, open_existing, say};

/// What is to be changed; nothing: only shown.
pub(super) struct Changes {
    pub(super) keep_days: Option<u16>,
    pub(super) keep_free_mb: Option<u32>,
}

pub(super) async fn run(folder: &Path, changes: Changes) -> Result<(), Sentence> {
    let bureau = open_existing(folder).await?;
    let Changes { keep_days, keep_free_mb } = changes;
    let settings = bureau
        .storage()
        .change_settings(Utc::now().timestamp_millis(), move |settings| {
            settings.keep_days = keep_days.unwrap_or(settings.keep_days);
            settings.keep_free_mb = keep_free_mb.unwrap_or(settings.keep_free_mb);
        })
        .await?;
    bureau.close();
    say(format_args!("keep-days {}  (phones keep delivered originals so long)", settings.keep_days));
    say(format_args!(
        "keep-free-mb {}  (with less room the oldest go sooner; 0: never)",
        settings.keep_free_mb
    ));
    Ok(())
}
