//! A bureau without room: a real, small file system in a mount namespace of the test's own.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::header::{COOKIE, SET_COOKIE};
use xieguan::domain::id::Digest;
use xieguan::domain::seal::{PublicKey, Purpose, public_key, sign};
use xieguan::wire::enrolment::{EnrolRequest, Enrolled};
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::Stored;

use super::office::{Phone, Visit, client, refused};
use super::process::first_site;
use crate::support::phone::{Enrolment, Phone as Whole, until};
use crate::support::served::{Served, codes, run, text};

/// Names the folder to mount on, in the process that runs inside the namespace.
const FOLDER: &str = "XIEGUAN_TEST_SMALL_BUREAU";
const NAME: &str = "bureau::full::a_full_bureau_says_so_keeps_its_word_and_phones_wait_until_there_is_room";

/// The outer process only makes the namespace: the claim is checked by the inner one, on twelve megabytes.
#[tokio::test]
async fn a_full_bureau_says_so_keeps_its_word_and_phones_wait_until_there_is_room() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        return fill_the_bureau(Path::new(&folder)).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let inner = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-ec"])
        .arg("mount -t tmpfs -o size=12m none \"$0\"; exec \"$@\"")
        .arg(folder.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture", NAME])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&inner.stdout);
    assert!(inner.status.success() && said.contains("1 passed"), "{said}\n{:?}", inner);
}

/// All that is left, to the last byte.
fn ballast(disk: &Path) -> PathBuf {
    let path = disk.join("ballast");
    let mut room = 16 << 20;
    while room > 0 {
        let mut file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
        if file.write_all(&vec![0; room]).is_err() {
            room /= 2;
        }
    }
    path
}

async fn fill_the_bureau(disk: &Path) {
    let folder = disk.join("bureau");
    assert!(run("demo", &folder, &[]).status.success());
    let serving = Served::start(&folder, &[]);
    let mut given = codes(&folder, 2);
    let phone = Phone::enrolled(&serving.base, &given.remove(0).code).await;
    let site = first_site(&phone).await;
    let whole = Whole::new();
    let enrolment = enrol(&serving.base, &given.remove(0).code, &whole).await;
    let cookie = log_in(&serving.base, &folder).await;
    let photo = vec![7; 400_000];
    let upload = phone.create(Digest::of(&photo), photo.len()).await;

    let ballast = ballast(disk);
    // What the log still has room for is taken and acknowledged; then comes the end.
    let long = |n: usize| phone.visit(&site, |draft| draft.guidance = format!("{n}{}", "长".repeat(60_000)));
    let mut kept: Vec<(Visit, Stored)> = Vec::new();
    let refused_visit = loop {
        let visit = long(kept.len());
        let answer = phone.put(&visit).await;
        if answer.status() != 201 {
            assert_eq!(refused(answer, 507).await, Code::StorageFull);
            break visit;
        }
        kept.push((visit, answer.json().await.unwrap()));
        assert!(kept.len() < 1000, "the disk is never full");
    };
    assert_eq!(refused(phone.patch(&upload, 0, &photo).send().await.unwrap(), 507).await, Code::StorageFull);

    // Who only reads is served as ever, on the phones' side and on the console's.
    for (visit, _) in &kept {
        assert_eq!(phone.get(&visit.path()).send().await.unwrap().status(), 200);
    }
    let http = client();
    for path in ["/", "/reports", "/healthz"] {
        let page = http.get(format!("{}{path}", serving.base)).header(COOKIE, &cookie).send().await.unwrap();
        assert_eq!(page.status(), 200, "{path}");
    }

    // A real phone with a record and photos waits with a reason, and nothing leaves its outbox.
    whole.finish(enrolment.bureau, &[(300_000, 900_000)]);
    let worker = whole.worker(Whole::client(&serving.base, &enrolment), &enrolment);
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert!(whole.store().outbox().unwrap().len() >= 2);

    std::fs::remove_file(ballast).unwrap();
    whole.retry(&worker);
    until(&worker, |standing| standing.idle).await;
    let record = whole.record();
    assert!(record.record_receipt.is_some() && record.complete_receipt.is_some(), "{record:?}");
    assert_eq!(phone.put(&refused_visit).await.status(), 201);
    assert_eq!(phone.upload(&photo).await, Digest::of(&photo));
    for (visit, stored) in kept {
        let again: Stored = phone.put(&visit).await.json().await.unwrap();
        assert_eq!(again.record, stored.record);
    }
}

async fn enrol(base: &str, code: &str, phone: &Whole) -> Enrolment {
    let request = EnrolRequest {
        code: code.to_owned(),
        device: phone.device,
        signing_key: public_key(&phone.key),
        sealing_key: PublicKey([9; 32]),
        proof: sign(&phone.key, Purpose::Enrolment, &EnrolRequest::proven(code, phone.device)),
        app_version: "0.1.0".to_owned(),
    };
    let answer = client().post(format!("{base}/v1/enrol")).json(&request).send().await.unwrap();
    let enrolled: Enrolled = answer.json().await.unwrap();
    Enrolment { bureau: enrolled.bureau.id, bureau_key: enrolled.bureau.signing_key, token: enrolled.token }
}

/// The cookie of somebody who was at the console before the disk was full.
pub(super) async fn log_in(base: &str, folder: &Path) -> String {
    let added = run("adduser", folder, &["--name", "wang", "--role", "admin"]);
    let said = text(&added.stdout);
    let password = said.trim_end().strip_prefix("login: wang / ").unwrap();
    let http =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = http.get(format!("{base}/login")).send().await.unwrap();
    let cookie = form.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let token = cookie.split_once('=').unwrap().1;
    let password: String = password.bytes().map(|b| format!("%{b:02X}")).collect();
    let body = format!("account=wang&password={password}&form={token}");
    let request = http.post(format!("{base}/login")).header(COOKIE, &cookie);
    let answer =
        request.header("content-type", "application/x-www-form-urlencoded").body(body).send().await.unwrap();
    let all = answer.headers().get_all(SET_COOKIE).into_iter().map(|value| value.to_str().unwrap());
    all.map(|value| value.split(';').next().unwrap().to_owned())
        .find(|cookie| cookie.starts_with("xieguan_session="))
        .unwrap()
}
