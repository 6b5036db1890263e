//! Simulated phones and a bureau under load, killed at random moments; then everything runs to its end, and the
//! simulated phones compare every receipt and every document themselves.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::wire::enrolment::EnrolmentCode;

use super::county::{County, device_of};
use super::tally::{Tally, long, seed};

/// A `fieldsim run` with one phone, and the visits it said are finished.
struct Sim {
    folder: PathBuf,
    codes: PathBuf,
    url: String,
    seed: u64,
    lives: u64,
    child: Option<(Child, mpsc::Receiver<String>)>,
    finished: BTreeSet<String>,
}

impl Sim {
    fn command(&self, visits: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldsim"));
        command.args(["run", "--bureau", &self.url, "--phones", "1", "--photos", "1", "--visits", visits]);
        // Each life makes other pictures.
        command.args(["--seed", &(self.seed + self.lives).to_string()]);
        command.arg("--codes").arg(&self.codes).arg("--data").arg(&self.folder);
        command.env("RUST_LOG", "xieguan::fieldsim=info").env("NO_COLOR", "1").stdin(Stdio::null());
        command
    }

    fn start(&mut self) {
        self.lives += 1;
        let mut command = self.command("100000");
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (to, said) = mpsc::channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                if let Some(visit) = line.split("finished visit=").nth(1) {
                    let _ = to.send(visit.trim().to_owned());
                }
            }
        });
        self.child = Some((child, said));
    }

    fn kill(&mut self) {
        if let Some((mut child, said)) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
            self.finished.extend(said.iter());
        }
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn sims(county: &mut County, count: u64, seed: u64) -> Vec<Sim> {
    let mut sims = Vec::new();
    for n in 0..count {
        let code = EnrolmentCode {
            code: county.phone().await.errand.code,
            coordinator: "王示例".to_owned(),
            township: "示例镇".to_owned(),
            expires_at: (Utc::now() + TimeDelta::hours(1)).fixed_offset(),
        };
        let codes = county.folder.path().join(format!("codes-{n}.json"));
        std::fs::write(&codes, serde_json::to_vec(&[code]).unwrap()).unwrap();
        let folder = county.folder.path().join(format!("sim-{n}"));
        let (url, seed) = (county.link.url(), seed.wrapping_mul(31).wrapping_add(n * 1_000_000));
        let mut sim = Sim { folder, codes, url, seed, lives: 0, child: None, finished: BTreeSet::new() };
        sim.start();
        sims.push(sim);
    }
    sims
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn phones_and_bureau_killed_at_random_under_load_lose_nothing() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("phones and bureau killed at random under load", seed);
    let mut county = County::new().await;
    county.serve(None);
    let mut sims = sims(&mut county, 2, seed).await;
    for _ in 0..if long() { 200 } else { 8 } {
        tokio::time::sleep(Duration::from_millis(rng.gen_range(50..2_500))).await;
        match rng.gen_range(0..3) {
            0 => county.serve(None),
            n => {
                sims[n - 1].kill();
                sims[n - 1].start();
            }
        }
        tally.rounds += 1;
    }
    let mut documents = 0;
    for sim in &mut sims {
        sim.kill();
        let output = sim.command("0").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let summary: serde_json::Value = serde_json::from_str(&said)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        let number = |name: &str| summary[name].as_u64().unwrap();
        if summary["ok"] != true || (number("records") as usize) < sim.finished.len() {
            let why = String::from_utf8_lossy(&output.stderr).into_owned();
            tally.lost.push(format!("{} visits said to be finished; {summary} {why}", sim.finished.len()));
        }
        tally.needed += number("bytes_needed");
        let storage = Storage::open(&county.data(), &Fresh::default()).unwrap();
        let device = device_of(&sim.folder.join("phone-0"));
        county.check_once(&storage, device, number("documents") as usize, &mut tally).await;
        documents += number("records");
        let held = storage.inbox_counts(None, 0).await.unwrap().total;
        storage.close();
        if held < documents {
            tally.lost.push(format!("{held} records at the bureau for {documents}"));
        }
    }
    let storage = Storage::open(&county.data(), &Fresh::default()).unwrap();
    let held = storage.inbox_counts(None, 0).await.unwrap().total;
    storage.close();
    if held != documents {
        tally.duplicated.push(format!("{held} records at the bureau for {documents}"));
    }
    assert!(documents > 0, "nobody came to finish anything");
    tally.sent = county.link.bytes_up();
    tally.end();
}
