//! `bureau demo`.

use std::path::Path;

use chrono::Utc;

use super::super::storage::DATABASE;
use super::super::storage::accounts::Role;
use super::super::{Bureau, demo, password};
use super::{Sentence, open, say};

pub(super) async fn run(folder: &Path) -> Result<(), Sentence> {
    refuse_foreign(folder)?;
    let bureau = open(folder, demo::fresh()).await?;
    if !bureau.storage().identity().demo {
        return Err(Sentence::new(format!(
            "{} holds a real bureau; a demo goes into an empty folder. Nothing was changed",
            folder.display()
        )));
    }
    // Empty also when an earlier run was stopped half-way.
    if bureau.storage().demo_logins().await?.is_empty() {
        fill(&bureau).await?;
    }
    for (name, password) in bureau.storage().demo_logins().await? {
        say(format_args!("login: {name} / {password}"));
    }
    say(format_args!("next: bureau serve --data {}", folder.display()));
    bureau.close();
    Ok(())
}

fn refuse_foreign(folder: &Path) -> Result<(), Sentence> {
    let empty = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(error.into()),
    };
    if empty || folder.join(DATABASE).is_file() {
        return Ok(());
    }
    Err(Sentence::new(format!("{} is not empty; a demo goes into an empty folder", folder.display())))
}

async fn fill(bureau: &Bureau) -> Result<(), Sentence> {
    let now = Utc::now().with_timezone(&bureau.storage().zone());
    let mut county = demo::county(now);
    for role in Role::ALL {
        let password = password::generate();
        let hash = password::hash(password.clone()).await?;
        county.logins.push((demo::account(role), hash, password));
    }
    bureau.storage().fill(county, now.timestamp_millis()).await?;
    Ok(())
}
