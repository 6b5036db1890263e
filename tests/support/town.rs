//! A sample county with its bureau's real server, for tests that need the other end; its data can be looked into.
#![allow(dead_code, reason = "each test binary uses its part")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rusqlite::Connection;
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::decisions::{Decided, NewDecision};
use xieguan::bureau::storage::setup::Fresh;
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::domain::review::{ItemComment, Verdict};
use xieguan::domain::site::Site;
use xieguan::wire::enrolment::EnrolmentCode;
use xieguan::wire::sealed::SealedDocument;

const BUREAU: &str = env!("CARGO_BIN_EXE_bureau");

/// The running bureau; ends with the value.
pub(crate) struct Town {
    /// Where it listens.
    pub(crate) address: String,
    folder: tempfile::TempDir,
    server: Child,
}

/// The county's sites before the server starts.
pub(crate) struct Sites(Connection);

impl Sites {
    /// Gives the first sites of the first township other names.
    pub(crate) fn rename(&self, names: &[&str]) -> Result<()> {
        let mut query = self.0.prepare("select id, body from site order by township, id")?;
        let rows = query.query_map((), |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?)))?;
        for (row, name) in rows.zip(names) {
            let (id, body) = row?;
            let mut site: Site = serde_json::from_str(&body)?;
            (*name).clone_into(&mut site.name);
            self.0.execute("update site set body = ?2 where id = ?1", (id, serde_json::to_string(&site)?))?;
        }
        Ok(())
    }

    /// Publishes a checklist, as a county may with one of its own.
    pub(crate) fn publish(&self, text: &str) -> Result<()> {
        let hash = xieguan::domain::id::Digest::of(text.as_bytes());
        let checklist: xieguan::domain::checklist::Checklist = serde_json::from_str(text)?;
        let row = (hash.0, checklist.code, checklist.version, text);
        self.0.execute(
            "insert into checklist (hash, code, version, body, offered) values (?, ?, ?, ?, 1)",
            row,
        )?;
        self.0.execute("insert into change (kind, id) values ('checklist', ?)", (hash.to_string(),))?;
        Ok(())
    }
}

impl Sites {
    /// Leaves only the first sites of the first township.
    pub(crate) fn keep(&self, count: u32) -> Result<()> {
        let sites =
            "select id from site where township = (select min(township) from site) order by id limit ?1";
        let drop = format!("update site set body = null where id not in ({sites})");
        self.0.execute(&drop, [count])?;
        Ok(())
    }

    /// Adds so many sites to the first township, each a copy of its first one under another name.
    pub(crate) fn grow(&self, count: usize, name: impl Fn(usize) -> String) -> Result<()> {
        let body: String = self.0.query_row(
            "select body from site where body is not null order by township, id limit 1",
            (),
            |row| row.get(0),
        )?;
        let first: Site = serde_json::from_str(&body)?;
        let change = self.0.unchecked_transaction()?;
        for n in 0..count {
            let id = xieguan::domain::id::SiteId(uuid::Uuid::from_u128((1 << 100) + n as u128));
            let step = i32::try_from(n)?;
            let place = first.place.map(|place| xieguan::domain::place::Place {
                lat_e7: place.lat_e7 + step * 3_000,
                lon_e7: place.lon_e7,
            });
            let site = Site { id, name: name(n), place, last_visit: None, ..first.clone() };
            change.execute(
                "insert into site (id, township, body) values (?1, ?2, ?3)",
                (id.0.as_bytes(), &site.township.code, serde_json::to_string(&site)?),
            )?;
            change.execute(
                "insert into change (kind, id, township) values ('site', ?1, ?2)",
                (id.to_string(), &site.township.code),
            )?;
        }
        Ok(change.commit()?)
    }
}

impl Town {
    /// Fills a folder, lets `before` change it, and starts the server.
    pub(crate) async fn open(before: impl FnOnce(&Sites) -> Result<()>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        run(folder.path(), &["demo"])?;
        before(&Sites(database(folder.path())?))?;
        let (server, address) = serve(folder.path(), "127.0.0.1:0")?;
        Ok(Self { address, folder, server })
    }

    /// Ends the server, as a phone without a signal would find it.
    pub(crate) fn stop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }

    /// Starts the server again where it was.
    pub(crate) fn resume(&mut self) -> Result<()> {
        let listen = self.address.trim_start_matches("http://").to_owned();
        let (server, address) = serve(self.folder.path(), &listen)?;
        ensure!(address == self.address, "the bureau came back at {address}");
        self.server = server;
        Ok(())
    }

    /// Every visit and every report that was received, read from the text that was signed.
    pub(crate) fn received(&self) -> Result<(Vec<serde_json::Value>, Vec<serde_json::Value>)> {
        let database = database(self.folder.path())?;
        let of = |form: u8| -> Result<Vec<serde_json::Value>> {
            let mut query = database.prepare("select envelope from document where form = ?1")?;
            let envelopes = query.query_map([form], |row| row.get::<_, String>(0))?;
            envelopes
                .map(|envelope| {
                    let sealed: SealedDocument = serde_json::from_str(&envelope?)?;
                    Ok(serde_json::from_str(&sealed.document)?)
                })
                .collect()
        };
        Ok((of(1)?, of(0)?))
    }

    /// A fresh enrolment code of the first township's coordinator.
    pub(crate) fn code(&self) -> Result<String> {
        self.code_for("王示例")
    }

    /// A fresh enrolment code of this coordinator.
    pub(crate) fn code_for(&self, name: &str) -> Result<String> {
        let text = run(self.folder.path(), &["enrol", "--json", "--coordinator", name])?;
        let codes: Vec<EnrolmentCode> = serde_json::from_str(&text)?;
        Ok(codes.first().context("a code")?.code.clone())
    }

    /// Gives a site another name while the bureau runs; phones hear of it with their next pull.
    pub(crate) fn rename_now(&self, name: &str) -> Result<()> {
        let db = database(self.folder.path())?;
        let first = "select id, body, township from site order by township, id limit 1";
        let (id, body, township) = db.query_row(first, (), |row| {
            Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })?;
        let mut site: Site = serde_json::from_str(&body)?;
        name.clone_into(&mut site.name);
        db.execute("update site set body = ?2 where id = ?1", (id, serde_json::to_string(&site)?))?;
        let change = ("site", site.id.to_string(), township);
        db.execute("insert or replace into change (kind, id, township) values (?, ?, ?)", change)?;
        Ok(())
    }

    /// A reviewer returns the newest record of a visit, with a comment on the whole and one on each of these items of its
    /// first sheet, as the console does.
    pub(crate) async fn give_back(&self, comment: &str, items: &[(&str, &str)]) -> Result<()> {
        self.decide(Verdict::Return, comment, items).await
    }

    /// The same, but accepts it.
    pub(crate) async fn accept(&self, comment: &str, items: &[(&str, &str)]) -> Result<()> {
        self.decide(Verdict::Accept, comment, items).await
    }

    async fn decide(&self, verdict: Verdict, comment: &str, items: &[(&str, &str)]) -> Result<()> {
        let document = self.newest()?;
        let storage = Storage::open(self.folder.path(), &Fresh::default())?;
        let seen = storage.received(document).await?.context("the record")?.seen;
        let on = |(item, text): &(&str, &str)| ItemComment {
            sheet: 0,
            item: (*item).to_owned(),
            text: (*text).to_owned(),
        };
        let decision = NewDecision {
            document,
            verdict,
            comment: comment.to_owned(),
            items: items.iter().map(on).collect(),
            seen,
            account: "reviewer".to_owned(),
            shown_as: "审核 示例".to_owned(),
            at_ms: chrono::Utc::now().timestamp_millis(),
            last_visit: None,
        };
        ensure!(storage.decide(decision).await? == Decided::Done, "nothing was decided");
        storage.close();
        Ok(())
    }

    fn newest(&self) -> Result<Digest> {
        let newest = "select digest from document where form = 1 order by revision desc, received_ms desc";
        let digest = database(self.folder.path())?.query_row(newest, (), |row| row.get(0))?;
        Ok(Digest(digest))
    }

    /// Ends every code that was given out.
    pub(crate) fn end_codes(&self) -> Result<()> {
        database(self.folder.path())?.execute("update enrolment_code set expires_ms = 1", ())?;
        Ok(())
    }

    /// The only record of a visit, as it was signed.
    pub(crate) fn document(&self) -> Result<String> {
        let envelope: String = database(self.folder.path())?.query_row(
            "select envelope from document where form = 1",
            (),
            |row| row.get(0),
        )?;
        Ok(serde_json::from_str::<SealedDocument>(&envelope)?.document)
    }

    /// Every receipt in the bureau's order: what the document is (0 report, 1 record), and whether it covers photos.
    pub(crate) fn receipts(&self) -> Result<Vec<(u8, bool)>> {
        const LIST: &str = "select d.form, r.complete from receipt r join document d on d.digest = r.document
            order by r.sequence";
        let db = database(self.folder.path())?;
        let mut query = db.prepare(LIST)?;
        let rows = query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// The information reports, as they were signed, in order of arrival.
    pub(crate) fn reports(&self) -> Result<Vec<String>> {
        let db = database(self.folder.path())?;
        let mut query =
            db.prepare("select envelope from document where form = 0 order by received_ms, number")?;
        let rows = query.query_map((), |row| row.get::<_, String>(0))?;
        rows.map(|text| Ok(serde_json::from_str::<SealedDocument>(&text?)?.document)).collect()
    }

    /// The bytes of a blob as the bureau keeps them.
    pub(crate) fn blob(&self, id: PhotoId) -> Result<Vec<u8>> {
        let name = id.to_string();
        let path: PathBuf = self.folder.path().join("photos").join("blobs").join(&name[..2]).join(&name);
        std::fs::read(&path).with_context(|| path.display().to_string())
    }
}

impl Drop for Town {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts the server and gives its address.
fn serve(folder: &Path, listen: &str) -> Result<(Child, String)> {
    let mut command = Command::new(BUREAU);
    command.args(["serve", "--listen", listen, "--data"]).arg(folder);
    let mut server = command.stdout(Stdio::piped()).spawn().context("the bureau")?;
    let stdout = server.stdout.take().context("its output")?;
    let mut line = String::new();
    BufReader::new(stdout).read_line(&mut line)?;
    let address = line.trim().strip_prefix("listening on ").context(line.clone())?.to_owned();
    Ok((server, address))
}

#[expect(clippy::disallowed_methods, reason = "a test looks into the bureau's data from outside")]
fn database(folder: &Path) -> Result<Connection> {
    let database = Connection::open(folder.join("bureau.sqlite"))?;
    database.busy_timeout(std::time::Duration::from_secs(10))?;
    Ok(database)
}

fn run(folder: &Path, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(BUREAU);
    let output = command.args(arguments).arg("--data").arg(folder).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
