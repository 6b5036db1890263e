//! The official tus clients against the real program, over a link that breaks and with stops of their own; and what
//! a large photo costs the bureau in memory.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use xieguan::domain::id::{Digest, PhotoId};

use super::full::log_in;
use super::office::{Phone, photo};
use super::photos::bytes;
use super::process::first_site;
use crate::support::clients::{node, python, run};
use crate::support::served::{Served, codes, run as bureau};
use crate::support::trouble::{Mode, Trouble};

/// A bureau's program, an enrolled phone's token, a link to it, and a file to send.
struct Scene {
    folder: TempDir,
    _serving: Served,
    phone: Phone,
    link: Trouble,
    file: PathBuf,
    whole: Vec<u8>,
    id: PhotoId,
}

impl Scene {
    async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("bureau");
        assert!(bureau("demo", &data, &[]).status.success());
        let serving = Served::start(&data, &[]);
        let phone = Phone::enrolled(&serving.base, &codes(&data, 1)[0].code).await;
        let link = Trouble::to(serving.base.strip_prefix("http://").unwrap().parse().unwrap()).await;
        let (whole, file) = (bytes(3_000_000), folder.path().join("photo.jpg"));
        fs::write(&file, &whole).unwrap();
        let id = Digest::of(&whole);
        Self { folder, _serving: serving, phone, link, file, whole, id }
    }

    /// What every client is told: address, token, file, hash, where to remember uploads.
    fn tell(&self, mut command: Command) -> Command {
        command.arg(format!("{}/v1/photos", self.link.url())).arg(self.phone.token()).arg(&self.file);
        command.arg(self.id.to_string()).arg(self.folder.path().join("remembered.json"));
        command
    }

    async fn js(&self, what: &str) -> Result<String, String> {
        let mut command = node("upload.cjs");
        command.arg(what);
        run(self.tell(command), Vec::new()).await
    }

    async fn py(&self, stop: Option<usize>) -> Result<String, String> {
        let mut command = self.tell(python("upload.py"));
        command.args(stop.map(|stop| stop.to_string()));
        run(command, Vec::new()).await
    }

    /// The bureau has the file, byte for byte.
    async fn arrived(&self) {
        assert!(self.phone.has(self.id).await);
        let shelf = format!("bureau/photos/blobs/{:02x}/{}", self.id.0[0], self.id);
        assert!(fs::read(self.folder.path().join(shelf)).unwrap() == self.whole);
    }

    fn growing(&self) -> usize {
        fs::read_dir(self.folder.path().join("bureau/photos/uploads")).unwrap().count()
    }
}

#[tokio::test]
async fn tuspy_stops_in_the_middle_and_goes_on_there_in_another_process() {
    let scene = Scene::open().await;
    let first = scene.py(Some(1_500_000)).await.unwrap();
    assert_eq!(first, "begins 0\nends 1500000\n");
    let before = scene.link.bytes_up();
    let second = scene.py(None).await.unwrap();
    assert_eq!(second, "begins 1500000\nends 3000000\n");
    let sent = scene.link.bytes_up() - before;
    assert!((1_500_000..1_550_000).contains(&sent), "{sent} bytes for the second half");
    scene.arrived().await;
}

#[tokio::test]
async fn tuspy_comes_through_a_link_that_breaks_every_700_kilobytes() {
    let scene = Scene::open().await;
    scene.link.set(Mode::BreakEvery(700_000));
    // It gives up when a question breaks; started again, it goes on where the bureau's copy ends.
    let mut tries = 0;
    while let Err(said) = scene.py(None).await {
        tries += 1;
        assert!(tries < 20, "{said}");
    }
    assert!(scene.link.breaks() >= 4, "the link broke {} times only", scene.link.breaks());
    scene.arrived().await;
}

#[tokio::test]
async fn tus_js_client_stops_in_the_middle_and_goes_on_there_in_another_process() {
    let scene = Scene::open().await;
    let first = scene.js("stop").await.unwrap();
    assert!(first.starts_with("knows 0\nstops 1600000 "), "{first}");
    let before = scene.link.bytes_up();
    // The second process says PATCH in a header only.
    let second = scene.js("resume").await.unwrap();
    assert!(second.starts_with("knows 1\nends "), "{second}");
    let sent = scene.link.bytes_up() - before;
    assert!((1_400_000..1_450_000).contains(&sent), "{sent} bytes for the second half");
    scene.arrived().await;
}

#[tokio::test]
async fn tus_js_client_creates_with_bytes_and_comes_through_a_link_that_breaks_every_700_kilobytes() {
    let scene = Scene::open().await;
    scene.link.set(Mode::BreakEvery(700_000));
    let said = scene.js("upload").await.unwrap();
    assert!(said.starts_with("knows 0\nends "), "{said}");
    assert!(scene.link.breaks() >= 4, "the link broke {} times only", scene.link.breaks());
    scene.arrived().await;
}

#[tokio::test]
async fn tus_js_client_ends_an_upload() {
    let scene = Scene::open().await;
    let said = scene.js("terminate").await.unwrap();
    assert!(said.contains("stops 1600000 "), "{said}");
    assert_eq!(scene.growing(), 0);
    assert!(!scene.phone.has(scene.id).await);
}

/// The most memory a process has had at once, KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_photo_of_100_megabytes_costs_the_bureau_a_few_megabytes_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    assert!(bureau("demo", folder.path(), &[]).status.success());
    let serving = Served::start(folder.path(), &[]);
    let phone = Phone::enrolled(&serving.base, &codes(folder.path(), 1)[0].code).await;
    // Everything has been used once before it is measured.
    phone.upload(&bytes(1_000_000)).await;
    let before = peak(serving.pid());
    let id = phone.upload(&bytes(100_000_000)).await;
    let after = peak(serving.pid());
    assert!(phone.has(id).await);
    assert!(after - before < 24 * 1024, "{before} KiB before, {after} KiB after");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn staff_who_look_at_large_photos_cost_the_bureau_a_few_megabytes_of_memory() {
    let folder = tempfile::tempdir().unwrap();
    assert!(bureau("demo", folder.path(), &[]).status.success());
    let serving = Served::start(folder.path(), &[]);
    let phone = Phone::enrolled(&serving.base, &codes(folder.path(), 1)[0].code).await;
    let mut original = bytes(60_000_000);
    original[..3].copy_from_slice(&[0xff, 0xd8, 0xff]);
    let id = phone.upload(&original).await;
    let small = phone.upload(b"no picture").await;
    let site = first_site(&phone).await;
    let visit = phone.visit(&site, |draft| draft.photos.push(photo(&original, b"no picture")));
    assert_eq!(phone.put(&visit).await.status(), 201);
    let cookie = log_in(&serving.base, folder.path()).await;
    let get = |path: String| phone.http.get(format!("{}{path}", serving.base)).header("cookie", &cookie);
    assert_eq!(
        get(format!("/photos/{small}")).send().await.unwrap().bytes().await.unwrap(),
        &b"no picture"[..]
    );
    assert_eq!(get(format!("/photos/{small}/thumbnail")).send().await.unwrap().status(), 404);
    let before = peak(serving.pid());
    // Three look at once, and one asks for a small picture of what is too large for one.
    let whole = async || get(format!("/photos/{id}")).send().await.unwrap();
    for answer in [whole().await, whole().await, whole().await] {
        assert_eq!(answer.headers()["content-type"], "image/jpeg");
        assert_eq!(answer.content_length(), Some(original.len() as u64));
        assert!(answer.bytes().await.unwrap() == original);
    }
    assert_eq!(get(format!("/photos/{id}/thumbnail")).send().await.unwrap().status(), 404);
    let after = peak(serving.pid());
    assert!(after - before < 24 * 1024, "{before} KiB before, {after} KiB after");
}

#[tokio::test]
async fn the_limits_of_uploads_are_arguments_of_serve() {
    let folder = tempfile::tempdir().unwrap();
    assert!(bureau("demo", folder.path(), &[]).status.success());
    let serving = Served::start(folder.path(), &["--photo-mib", "1", "--uploads-per-phone", "1"]);
    let phone = Phone::enrolled(&serving.base, &codes(folder.path(), 1)[0].code).await;
    let options = phone.tus("OPTIONS", "/v1/photos").send().await.unwrap();
    assert_eq!(options.headers()["tus-max-size"], "1048576");
    phone.create(Digest::of(b"a"), 1).await;
    let metadata = xieguan::wire::tus::encode_metadata(&[("sha256", &Digest::of(b"b").to_string())]);
    let second =
        phone.tus("POST", "/v1/photos").header("upload-metadata", metadata).header("upload-length", 1);
    assert_eq!(second.send().await.unwrap().status(), 429);
}
