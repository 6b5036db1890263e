//! Disks that fill up: small real file systems in mount namespaces, for the phone's process and for the bureau's.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::county::County;
use super::tally::{Tally, long, seed};
use super::walker::Walker;
use crate::support::served::bureau;

/// How a program is started on a small disk of its own, mounted on `folder`; `first` runs before it.
fn on_small_disk(folder: &Path, size: &str, first: &str) -> Vec<String> {
    let script = format!("mount -t tmpfs -o size={size} none \"$0\"; {first} exec \"$@\"");
    ["unshare", "--user", "--map-root-user", "--mount", "sh", "-ec", &script]
        .into_iter()
        .map(str::to_owned)
        .chain([folder.to_str().unwrap().to_owned()])
        .collect()
}

/// A folder as a process sees it.
fn seen_by(pid: u32, folder: &Path) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/root{}", folder.display()))
}

/// Takes all room there is but so many bytes.
fn fill(folder: &Path, but: u64) -> PathBuf {
    let ballast = folder.join("ballast");
    let mut room = 1 << 22;
    while room > 0 {
        let mut file = OpenOptions::new().create(true).append(true).open(&ballast).unwrap();
        if file.write_all(&vec![0; room]).is_err() {
            room /= 2;
        }
    }
    let file = OpenOptions::new().write(true).open(&ballast).unwrap();
    file.set_len(file.metadata().unwrap().len().saturating_sub(but)).unwrap();
    ballast
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_phone_keeps_what_it_was_given_and_goes_on_once_there_is_room() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("phone's disk full", seed);
    let rounds = if long() { 200 } else { 1 };
    let mut tries = 0;
    while tally.rounds < rounds {
        tries += 1;
        assert!(tries < 5 + 2 * rounds, "the disk was full in {} rounds only", tally.rounds);
        let mut county = County::new().await;
        county.serve(None);
        let mut phone = county.phone().await;
        std::fs::create_dir_all(&phone.errand.folder).unwrap();
        let folder = phone.errand.folder.clone();
        phone.errand.visits = 2;
        let walker = Walker::start_in(&phone.errand, None, &on_small_disk(&folder, "12m", ""));
        // From a random moment on there is a random room, and what is left of it is taken a little later.
        let (begin, room) = (rng.gen_range(0..40), rng.gen_range(0..60_000));
        let (mut begun, mut over): (Option<Instant>, bool) = (None, false);
        let ended = county
            .walk_with(&mut phone, walker, |_, walker, assured| {
                let seen = seen_by(walker.pid(), &folder);
                match begun {
                    _ if over => {}
                    // Full while it was at work, or when nothing is left to do but to keep what the bureau says.
                    Some(at) if assured.was_full || at.elapsed() > Duration::from_secs(4) => {
                        std::fs::remove_file(seen.join("ballast")).unwrap();
                        over = true;
                    }
                    Some(at) if at.elapsed() > Duration::from_millis(100) => drop(fill(&seen, 0)),
                    None if assured.enrolled && assured.count() >= begin => {
                        fill(&seen, room);
                        begun = Some(Instant::now());
                    }
                    _ => {}
                }
            })
            .await;
        assert_eq!(ended.phone, 0, "the phone ended over it");
        tally.sent += county.link.bytes_up();
        county.check(&phone, &mut tally).await;
        // Once in a while everything is done before the room is gone.
        tally.rounds += u64::from(over);
    }
    tally.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_bureau_refuses_for_a_while_and_then_everything_arrives() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("bureau's disk full", seed);
    for _ in 0..if long() { 200 } else { 1 } {
        let mut county = County::new().await;
        let mut phone = county.phone().await;
        let (prepared, disk) = (county.data(), county.folder.path().join("disk"));
        std::fs::create_dir_all(&disk).unwrap();
        let through = on_small_disk(&disk, "16m", &format!("cp -a \"{}/.\" \"$0\";", prepared.display()));
        let serve = bureau("serve", &disk, &["--listen", "127.0.0.1:0"]);
        let mut command = Command::new(&through[0]);
        command.args(&through[1..]).arg(serve.get_program()).args(serve.get_args()).stdin(Stdio::null());
        county.serve_by(command);
        let seen = seen_by(county.serving.as_ref().unwrap().pid(), &disk);
        county.walk(&mut phone, 1, None).await;
        let ballast = fill(&seen, rng.gen_range(0..8_000));
        let began = Instant::now();
        phone.errand.visits += 1;
        let walker = Walker::start(&phone.errand, None);
        let mut full = true;
        let ended = county
            .walk_with(&mut phone, walker, |_, _, assured| {
                // Everything was made long before; what room there was is not enough for its photos.
                if full && assured.finished_visits() > 1 && began.elapsed() > Duration::from_secs(4) {
                    assert!(!assured.is_last_complete(), "the disk was not full");
                    std::fs::remove_file(&ballast).unwrap();
                    full = false;
                }
            })
            .await;
        assert!(!full && ended.bureau == 0, "the disk was never full, or the bureau ended over it");
        tally.sent += county.link.bytes_up();
        // SQLite would follow the way through the process to our own disk: it looks at a copy, now that all is quiet.
        let copy = county.folder.path().join("copy");
        assert!(Command::new("cp").arg("-a").arg(&seen).arg(&copy).status().unwrap().success());
        county.elsewhere = Some(copy);
        county.check(&phone, &mut tally).await;
        tally.rounds += 1;
    }
    tally.end();
}
