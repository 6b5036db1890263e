//! The real program: its commands, its sentences, and that killing it loses nothing it acknowledged.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tokio::sync::mpsc;
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::domain::id::{Digest, PhotoId};
use xieguan::domain::site::Site;
use xieguan::wire::changes::{ChangesPage, Known};
use xieguan::wire::enrolment::EnrolmentCode;
use xieguan::wire::receipt::Stored;
use xieguan::wire::sealed::SealedDocument;

use super::office::{Phone, Visit, photo};
use crate::support::served::{Served, codes, run, text};

#[tokio::test]
async fn the_demo_is_whole_says_the_same_twice_and_touches_no_other_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = run("demo", folder.path(), &[]);
    assert!(first.status.success(), "{}", text(&first.stderr));
    let said = text(&first.stdout);
    for role in ["viewer", "reviewer", "admin"] {
        assert!(said.contains(&format!("login: {role} / ")), "{said}");
    }
    let again = run("demo", folder.path(), &[]);
    assert_eq!((again.status.code(), text(&again.stdout)), (Some(0), said));

    let given = codes(folder.path(), 5);
    let names: BTreeSet<&str> = given.iter().map(|code| code.coordinator.as_str()).collect();
    assert_eq!((given.len(), names.len()), (5, 4));

    let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
    let sites = storage.sites().await.unwrap();
    let kinds: BTreeSet<&str> = sites.iter().flat_map(|site| &site.kinds).map(String::as_str).collect();
    assert!(sites.len() >= 60, "{}", sites.len());
    let expected = "BEAUTY_SHOP CLINIC EMPLOYER FOOD_CANTEEN FOOD_CATERING HOUSEHOLD KINDERGARTEN MCH_UNIT PHARMACY \
        PUBLIC_PLACE RURAL_BANQUET SCHOOL SUSPECT_PLACE WATER_RURAL WATER_SCHOOL WATER_SECONDARY WATER_VENDING";
    assert_eq!(kinds.into_iter().collect::<Vec<_>>().join(" "), expected);
    assert_eq!(storage.townships().await.unwrap().len(), 3);
    assert!(sites.iter().all(|site| !site.title().is_empty()));

    let foreign = tempfile::tempdir().unwrap();
    std::fs::write(foreign.path().join("letter.txt"), "mine").unwrap();
    assert_eq!(run("demo", foreign.path(), &[]).status.code(), Some(1));
    assert_eq!(std::fs::read_dir(foreign.path()).unwrap().count(), 1);
    let real = tempfile::tempdir().unwrap();
    Storage::open(real.path(), &Fresh::default()).unwrap();
    let refused = run("demo", real.path(), &[]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("real bureau"), "{}", text(&refused.stderr));
}

#[test]
fn a_new_data_folder_is_its_owners_alone_and_one_that_is_open_to_all_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let (new, wide, log) = (folder.path().join("new"), folder.path().join("wide"), folder.path().join("log"));
    std::fs::create_dir(&wide).unwrap();
    std::fs::set_permissions(&wide, Permissions::from_mode(0o755)).unwrap();
    for (data, expected, told) in [(&new, 0o700, false), (&wide, 0o755, true)] {
        // As on a county's machine, where everybody may read what is made.
        let mut serve = Command::new("sh");
        serve.args(["-c", "umask 022; exec \"$0\" serve --listen 127.0.0.1:0 --data \"$1\""]);
        serve.arg(env!("CARGO_BIN_EXE_bureau")).arg(data).env_remove("RUST_LOG");
        drop(Served::start_logging(serve, File::create(&log).unwrap()));
        assert_eq!(mode(data), expected, "{}", data.display());
        let said = std::fs::read_to_string(&log).unwrap();
        assert_eq!(said.contains("chmod 700"), told, "{said}");
    }
}

#[test]
fn serve_explains_why_it_does_not_start() {
    let (real, demo, other) =
        (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert!(run("demo", demo.path(), &[]).status.success());
    for (folder, words) in [(real.path(), "without encryption"), (demo.path(), "demo bureau")] {
        let refused = run("serve", folder, &["--listen", "0.0.0.0:0"]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains(words), "{}", text(&refused.stderr));
    }
    let serving = Served::start(real.path(), &[]);
    let address = serving.base.strip_prefix("http://").unwrap();
    let busy = run("serve", other.path(), &["--listen", address]);
    assert_eq!(busy.status.code(), Some(1));
    assert!(text(&busy.stderr).contains("is in use by another program"), "{}", text(&busy.stderr));
    let twice = run("serve", real.path(), &["--listen", "127.0.0.1:0"]);
    assert!(text(&twice.stderr).contains("already being served"), "{}", text(&twice.stderr));
    let nowhere = run("enrol", &other.path().join("typo"), &[]);
    assert!(text(&nowhere.stderr).contains("there is no bureau in"), "{}", text(&nowhere.stderr));
    assert!(!other.path().join("typo").exists());
}

#[tokio::test]
async fn accounts_and_codes_can_be_made_beside_a_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let serving = Served::start(folder.path(), &[]);
    let added = run("adduser", folder.path(), &["--name", "wang", "--role", "admin"]);
    let said = text(&added.stdout);
    let password = said.trim_end().strip_prefix("login: wang / ").unwrap().to_owned();
    let twice = run("adduser", folder.path(), &["--name", "wang", "--role", "viewer"]);
    assert!(text(&twice.stderr).contains("an account wang already"), "{}", text(&twice.stderr));
    let new = ["--coordinator", "王示例", "--township", "示例镇", "--json"];
    let code: Vec<EnrolmentCode> = serde_json::from_slice(&run("enrol", folder.path(), &new).stdout).unwrap();
    assert_eq!((code[0].coordinator.as_str(), code[0].township.as_str()), ("王示例", "示例镇"));
    let phone = Phone::enrolled(&serving.base, &code[0].code).await;
    assert_eq!(phone.enrolled.unwrap().townships[0].name, "示例镇");

    let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
    let (_, stored) = storage.account("wang").await.unwrap().unwrap();
    assert!(stored.starts_with("$argon2id$"));
    use xieguan::bureau::password::fits;
    assert!(fits(password, Some(stored.clone())).await.unwrap());
    assert!(!fits("wrong".to_owned(), Some(stored)).await.unwrap());
}

/// Something the bureau said it has.
pub(super) enum Acknowledged {
    Record(Box<(Visit, Stored)>),
    Photo(PhotoId),
}

/// Sends records and photos until the bureau is gone.
pub(super) async fn send_until_killed(
    phone: Arc<Phone>,
    site: Site,
    to: mpsc::UnboundedSender<Acknowledged>,
) {
    for n in 0.. {
        let bytes = format!("photo {n} of {} {}", phone.id, phone.base).into_bytes();
        let visit = phone.visit(&site, |draft| draft.photos.push(photo(&bytes, b"not sent")));
        let address = format!("{}{}", phone.base, visit.path());
        let put = phone.http.put(address).bearer_auth(phone.token()).json(&visit.sealed).send();
        let Ok(answer) = put.await else { return };
        let Ok(stored) = answer.json().await else { return };
        let _ = to.send(Acknowledged::Record(Box::new((visit, stored))));
        let id = Digest::of(&bytes);
        let metadata = xieguan::wire::tus::encode_metadata(&[("sha256", &id.to_string())]);
        let create = phone.tus("POST", "/v1/photos").header("upload-metadata", metadata);
        let Ok(created) = create.header("upload-length", bytes.len()).send().await else { return };
        let path = created.headers()["location"].to_str().unwrap().to_owned();
        let Ok(patched) = phone.patch(&path, 0, &bytes).send().await else { return };
        assert_eq!(patched.status(), 204);
        let _ = to.send(Acknowledged::Photo(id));
    }
}

/// So many enrolled phones.
pub(super) async fn phones(folder: &Path, base: &str, count: usize) -> Vec<Phone> {
    let mut phones = Vec::new();
    for code in codes(folder, count) {
        phones.push(Phone::enrolled(base, &code.code).await);
    }
    phones
}

pub(super) async fn first_site(phone: &Phone) -> Site {
    let page: ChangesPage = phone.get("/v1/changes").send().await.unwrap().json().await.unwrap();
    let known = page.changes.iter().filter_map(|change| change.known());
    known.filter_map(|known| if let Known::Site(site) = known { Some(*site) } else { None }).next().unwrap()
}

#[tokio::test]
async fn killing_the_bureau_under_load_loses_nothing_it_acknowledged() {
    const PHONES: usize = 4;
    let folder = tempfile::tempdir().unwrap();
    assert!(run("demo", folder.path(), &[]).status.success());
    let mut serving = Served::start(folder.path(), &[]);
    let mut phones = phones(folder.path(), &serving.base, PHONES).await;
    let mut acknowledged = Vec::new();
    for round in 0..4 {
        let site = first_site(&phones[0]).await;
        let shared: Vec<Arc<Phone>> = phones.into_iter().map(Arc::new).collect();
        let (to, mut from) = mpsc::unbounded_channel();
        let senders: Vec<_> = shared
            .iter()
            .map(|phone| tokio::spawn(send_until_killed(Arc::clone(phone), site.clone(), to.clone())))
            .collect();
        drop(to);
        for _ in 0..15 + 7 * round {
            acknowledged.push(from.recv().await.unwrap());
        }
        serving.kill();
        for sender in senders {
            sender.await.unwrap();
        }
        while let Some(said) = from.recv().await {
            acknowledged.push(said);
        }
        serving = Served::start(folder.path(), &[]);
        phones = shared.into_iter().map(|phone| Arc::into_inner(phone).unwrap()).collect();
        phones.iter_mut().for_each(|phone| phone.base = serving.base.clone());
    }
    check_all(&phones, acknowledged).await;
}

pub(super) async fn check_all(phones: &[Phone], acknowledged: Vec<Acknowledged>) {
    for said in acknowledged {
        match said {
            Acknowledged::Record(said) => {
                let (visit, stored) = *said;
                let phone = phones.iter().find(|phone| phone.id == visit.sealed.device).unwrap();
                let back: SealedDocument =
                    phone.get(&visit.path()).send().await.unwrap().json().await.unwrap();
                assert_eq!(back, visit.sealed);
                let again = phone.put(&visit).await;
                assert_eq!(again.status(), 200);
                let again: Stored = again.json().await.unwrap();
                assert_eq!(again.record, stored.record);
            }
            Acknowledged::Photo(id) => assert!(phones[0].has(id).await),
        }
    }
}

#[test]
fn codes_come_as_qr_codes_that_enrol() {
    use xieguan::media::qr;
    use xieguan::wire::ticket::Ticket;

    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("bureau");
    assert!(run("demo", &data, &[]).status.success());
    let pictures = folder.path().join("codes");
    let to = pictures.to_string_lossy().into_owned();
    let address = "https://bureau.example";
    let output = run("enrol", &data, &["--count", "2", "--address", address, "--qr", &to]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    let mut files: Vec<_> =
        std::fs::read_dir(&pictures).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 2, "{said}");
    for file in files {
        let read = qr::read(&std::fs::read(&file).unwrap()).unwrap();
        let ticket = Ticket::read(&read[0]).unwrap();
        assert_eq!(ticket.address, address);
        assert!(said.contains(&ticket.code), "{said}");
        assert!(said.contains(&file.display().to_string()), "{said}");
    }

    let output = run("enrol", &data, &["--address", address, "--qr", "-"]);
    assert!(text(&output.stdout).lines().filter(|line| line.contains('█')).count() > 10);

    let before = codes(&data, 1).len();
    let refused = run("enrol", &data, &["--address", "bureau.example", "--qr", &to]);
    assert!(!refused.status.success());
    assert!(text(&refused.stderr).contains("No code was made"), "{}", text(&refused.stderr));
    assert_eq!(codes(&data, 1).len(), before);
}
