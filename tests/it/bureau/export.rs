//! Exports: of one moment, in pages, beside intake; nothing of them runs in a spreadsheet; every one is noted.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::header::{COOKIE, SET_COOKIE};
use rusqlite::Connection;
use serde_json::Value;
use xieguan::bureau::password;
use xieguan::bureau::storage::DATABASE;
use xieguan::bureau::storage::accounts::{Account, Role};
use xieguan::domain::id::Digest;
use xieguan::domain::seal::{PublicKey, Purpose, Signature, verify};
use xieguan::wire::receipt::SignedReceipt;

use super::office::{Office, Phone, Visit, photo, site, township};
use crate::support::served::{bureau, run, text};

/// Twenty records take about two megabytes.
fn long(phone: &Phone, office: &Office, n: usize) -> Visit {
    phone.visit(&office.site, |draft| draft.guidance = format!("{n} {}", "长".repeat(30_000)))
}

async fn put_all(phone: &Phone, visits: &[Visit]) {
    for answer in join_all(visits.iter().map(|visit| phone.put(visit))).await {
        assert_eq!(answer.status(), 201);
    }
}

fn digests(lines: &str) -> BTreeSet<Digest> {
    let one = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap();
        Digest::of(line["document"].as_str().unwrap().as_bytes())
    };
    lines.lines().map(one).collect()
}

fn log_bytes(folder: &Path) -> u64 {
    std::fs::metadata(folder.join(format!("{DATABASE}-wal"))).map_or(0, |log| log.len())
}

#[expect(clippy::disallowed_methods, reason = "stands for another process")]
fn held_read(folder: &Path) -> Connection {
    let held = Connection::open(folder.join(DATABASE)).unwrap();
    held.execute_batch("begin; select count(*) from document;").unwrap();
    held
}

/// An export whose reader takes nothing yet.
fn begun(folder: &Path) -> Child {
    let mut export = bureau("export", folder, &["documents", "-"]);
    export.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[tokio::test]
async fn a_slow_export_is_of_one_moment_and_lets_the_log_be_folded_in_while_records_come() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let before: Vec<Visit> = (0..60).map(|n| long(&phone, &office, n)).collect();
    put_all(&phone, &before).await;
    let mut export = begun(office.folder());
    let mut out = BufReader::new(export.stdout.take().unwrap());
    // From its first bytes on, its moment is fixed.
    let mut first = String::new();
    out.read_line(&mut first).unwrap();

    let mut grown = 0;
    for round in 0..10 {
        let more: Vec<Visit> = (0..20).map(|n| long(&phone, &office, 1000 * round + n)).collect();
        put_all(&phone, &more).await;
        grown = grown.max(log_bytes(office.folder()));
    }
    // The same intake beside one long read transaction: what a log comes to that cannot be folded in.
    let held = held_read(office.folder());
    for round in 10..20 {
        let more: Vec<Visit> = (0..20).map(|n| long(&phone, &office, 1000 * round + n)).collect();
        put_all(&phone, &more).await;
    }
    let unbounded = log_bytes(office.folder());
    held.execute_batch("commit").unwrap();
    assert!(grown * 2 < unbounded, "the log grew to {grown} bytes, beside a held read to {unbounded}");

    let mut rest = String::new();
    out.read_to_string(&mut rest).unwrap();
    let mut said = String::new();
    export.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(export.wait().unwrap().success(), "{said}");
    assert!(said.contains("exported 60 documents up to sequence 120"), "{said}");
    assert_eq!(digests(&(first + rest.as_str())), before.iter().map(|visit| visit.sealed.digest()).collect());
}

#[tokio::test]
async fn exported_documents_can_be_checked_by_anybody_with_the_bureaus_key() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visits: Vec<Visit> = vec![
        phone.visit(&office.site, |_| {}),
        phone.visit(&office.site, |draft| draft.photos.push(photo(b"o", b"d"))),
    ];
    put_all(&phone, &visits).await;
    let path = office.folder().join("documents.jsonl");
    let done = run("export", office.folder(), &["documents", &path.to_string_lossy()]);
    assert!(done.status.success(), "{}", text(&done.stderr));
    let key = office.bureau.storage().identity().public.signing_key;
    let lines = std::fs::read_to_string(path).unwrap();
    assert_eq!(lines.lines().count(), 2);
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let of = |field: &str| line[field].clone();
        let document = line["document"].as_str().unwrap();
        let signing: PublicKey = serde_json::from_value(of("signing_key")).unwrap();
        let seal: Signature = serde_json::from_value(of("seal")).unwrap();
        verify(&signing, Purpose::Document, document.as_bytes(), &seal).unwrap();
        let record: SignedReceipt = serde_json::from_value(of("record")).unwrap();
        let receipt = record.open_for(&key, Digest::of(document.as_bytes())).unwrap();
        assert_eq!(line["number"], receipt.number.as_str());
        assert_eq!(line["complete"].is_null(), document.contains("\"photos\":[{"));
        assert!(line.get("sidecar").is_none());
    }
}

#[tokio::test]
async fn a_table_is_for_spreadsheets_and_nothing_in_it_runs() {
    let office = Office::open().await;
    let (near, far) = (office.phone(0).await, office.phone(1).await);
    let evil = site("=HYPERLINK(\"http://example.invalid\",\"水厂\")", township(0));
    let other = site("样板乡高坡村水厂", township(1));
    put_all(&near, &[near.visit(&evil, |_| {})]).await;
    put_all(&near, &[near.visit(&office.site, |_| {})]).await;
    put_all(&far, &[far.visit(&other, |_| {})]).await;
    let export = |more: &[&str]| {
        let done = run("export", office.folder(), &[&["records"], more, &["-"]].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let all = export(&[]);
    assert!(all.starts_with("\u{feff}\"编号\",\"版次\","), "{all}");
    assert_eq!(all.lines().count(), 4);
    assert!(all.contains("\"'=HYPERLINK(\"\"http://example.invalid\"\",\"\"水厂\"\")\""), "{all}");
    assert!(all.lines().all(|line| line.split("\",\"").count() >= 21), "{all}");
    assert_eq!(export(&["--township", "样板乡"]).lines().count(), 2);
    assert_eq!(export(&["--until", "2020-01-01"]).lines().count(), 1);
    assert_eq!(
        export(&["--since", "2020-01-01", "--english"]).lines().next().unwrap().split(',').count(),
        21
    );
    let data = export(&["--format", "jsonl"]);
    let first: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
    assert_eq!(first["site_title"], evil.name.as_str());

    let wrong = run("export", office.folder(), &["records", "--township", "nowhere", "-"]);
    assert!(text(&wrong.stderr).contains("no township nowhere; there are: 示例镇、样板乡"));
    let nothing = run("export", &office.folder().join("typo"), &["records", "-"]);
    assert!(text(&nothing.stderr).contains("there is no bureau in"));
    let nowhere = run("export", office.folder(), &["records", "/nonexistent/records.csv"]);
    assert!(text(&nowhere.stderr).contains("could not be written"), "{}", text(&nowhere.stderr));
    let log = office.bureau.storage().audit_log(50).await.unwrap();
    let noted = log.iter().filter(|line| line.action == "export" && line.who == "bureau export").count();
    assert_eq!(noted, 6, "{log:?}");
}

#[tokio::test]
async fn photos_are_exported_as_the_files_they_are() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let (original, derived) = (crate::support::pictures::camera_jpeg(320, 240, 1), b"derived".to_vec());
    let visit = phone.visit(&office.site, |draft| {
        draft.photos.push(photo(&original, &derived));
        draft.photos.push(photo(b"never sent", &derived));
    });
    put_all(&phone, &[visit]).await;
    let id = phone.upload(&original).await;
    phone.upload(&derived).await;
    let to = office.folder().join("photos-out");
    for _ in 0..2 {
        let done = run("export", office.folder(), &["photos", &to.to_string_lossy()]);
        assert!(done.status.success(), "{}", text(&done.stderr));
    }
    assert_eq!(std::fs::read(to.join(format!("{id}.jpg"))).unwrap(), original);
    assert_eq!(std::fs::read(to.join(format!("{}.bin", Digest::of(&derived)))).unwrap(), derived);
    let table = std::fs::read_to_string(to.join("photos.csv")).unwrap();
    assert_eq!(table.lines().count(), 4);
    assert_eq!(table.lines().filter(|line| line.ends_with("\"否\"")).count(), 1);
    assert_eq!(std::fs::read_dir(&to).unwrap().count(), 3);
}

#[tokio::test]
async fn the_console_gives_the_table_to_reviewers_within_their_township_and_notes_it() {
    let office = Office::open().await;
    let (near, far) = (office.phone(0).await, office.phone(1).await);
    let other = site("样板乡高坡村水厂", township(1));
    // More than one page of the export.
    let many: Vec<Visit> = (0..520).map(|_| near.visit(&office.site, |_| {})).collect();
    for some in many.chunks(40) {
        put_all(&near, some).await;
    }
    put_all(&far, &[far.visit(&other, |_| {})]).await;
    for (name, role, of) in [
        ("zhou", Role::Viewer, None),
        ("li", Role::Reviewer, None),
        ("wu", Role::Reviewer, Some(township(1))),
    ] {
        let account = Account { name: name.to_owned(), shown_as: name.to_owned(), role, township: of };
        let hash = password::hash("correct horse".to_owned()).await.unwrap();
        office.bureau.storage().add_account(account, hash, 0).await.unwrap();
    }
    let export = async |name: &str, query: &str| {
        let cookie = log_in(&office, name).await;
        let address = format!("{}/export/records{query}", office.base);
        office.http.get(address).header(COOKIE, cookie).send().await.unwrap()
    };
    assert_eq!(export("zhou", "").await.status(), 403);
    let table = export("li", "").await;
    assert_eq!(table.headers()["content-type"], "text/csv; charset=utf-8");
    assert!(
        table.headers()["content-disposition"]
            .to_str()
            .unwrap()
            .starts_with("attachment; filename=\"records-")
    );
    let table = table.text().await.unwrap();
    assert_eq!(table.lines().count(), 1 + 521);
    let numbers: BTreeSet<&str> = table.lines().skip(1).map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(numbers.len(), 521);
    let own = export("wu", "?format=jsonl&township=000000101").await.text().await.unwrap();
    assert_eq!(own.lines().count(), 1);
    assert!(own.contains("样板乡高坡村水厂"), "{own}");
    let log = office.bureau.storage().audit_log(20).await.unwrap();
    let who: Vec<&str> = log.iter().filter(|l| l.action == "export").map(|l| l.who.as_str()).collect();
    assert_eq!(who, ["wu", "li"]);
}

async fn log_in(office: &Office, name: &str) -> String {
    let http =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = http.get(format!("{}/login", office.base)).send().await.unwrap();
    let cookie = form.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = cookie.split_once('=').unwrap().1.to_owned();
    let request = http.post(format!("{}/login", office.base)).header(COOKIE, &cookie);
    let body = format!("account={name}&password=correct+horse&form={token}");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(body);
    let answer = tokio::time::timeout(Duration::from_secs(60), request.send()).await.unwrap().unwrap();
    let all = answer.headers().get_all(SET_COOKIE).into_iter().map(|value| value.to_str().unwrap());
    all.map(|value| value.split(';').next().unwrap().to_owned())
        .find(|cookie| cookie.starts_with("xieguan_session="))
        .unwrap()
}
