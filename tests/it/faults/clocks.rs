//! Clocks that jump by years. The phone's, and its zone with it, between two answers; the bureau's while it serves: a
//! small library, put before the real program, turns the wall clock and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, FixedOffset, Utc};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::documents::Found;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::device::clock::{Clock, SystemClock, whole_seconds};
use xieguan::device::keys::FileKeyStore;
use xieguan::device::{Device, Setup};
use xieguan::domain::document::DocumentKind;
use xieguan::domain::id::DeviceId;
use xieguan::wire::receipt::SignedReceipt;
use xieguan::wire::sealed::SealedDocument;

use super::county::{County, device_of};
use super::tally::{Tally, long, seed};
use super::walker;

/// The farthest jump, milliseconds.
const YEARS_MS: i64 = 10 * 365 * 24 * 3600 * 1000;

/// Adds the seconds in a file to the wall clock.
const TURNER: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(id, now);
    const char *path = getenv("XIEGUAN_TURNED_BY");
    FILE *file = id == CLOCK_REALTIME && path ? fopen(path, "r") : 0;
    long seconds = 0;
    if (file) {
        if (fscanf(file, "%ld", &seconds) == 1) now->tv_sec += seconds;
        fclose(file);
    }
    return done;
}
"#;

/// Compiles the turner with the C compiler that building needs anyway.
fn turner(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("turner.c"), folder.join("turner.so"));
    std::fs::write(&source, TURNER).unwrap();
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(&source).arg("-ldl");
    assert!(compile.status().unwrap().success(), "the C compiler does not compile");
    library
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bureau_whose_clock_jumps_by_years_takes_everything_once() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("bureau's clock jumps", seed);
    let mut county = County::new().await;
    let by = county.folder.path().join("turned-by");
    let turn = |seconds: i64| {
        // Renamed, so that nobody reads half a number.
        let new = by.with_extension("new");
        std::fs::write(&new, seconds.to_string()).unwrap();
        std::fs::rename(&new, &by).unwrap();
    };
    turn(0);
    let library = turner(county.folder.path());
    county.environment = vec![
        ("LD_PRELOAD".to_owned(), library.display().to_string()),
        ("XIEGUAN_TURNED_BY".to_owned(), by.display().to_string()),
    ];
    county.serve(None);
    let mut phone = county.phone().await;
    county.walk(&mut phone, 1, None).await;
    let before = std::time::SystemTime::now();
    for _ in 0..if long() { 200 } else { 4 } {
        const YEARS: i64 = 10 * 365 * 24 * 3600;
        phone.errand.visits += 1;
        let walker = walker::Walker::start(&phone.errand, None);
        let jumps: Vec<i64> = (0..64).map(|_| rng.gen_range(-YEARS..YEARS)).collect();
        let mut n = 0;
        county
            .walk_with(&mut phone, walker, |_, _, _| {
                n += 1;
                if n % 10 == 0 {
                    turn(jumps[(n / 10) % jumps.len()]);
                }
            })
            .await;
        tally.rounds += 1;
    }
    turn(0);
    assert!(before.elapsed().is_ok(), "only the bureau's clock was turned");
    tally.sent = county.link.bytes_up();
    county.check(&phone, &mut tally).await;
    let storage = Storage::open(&county.data(), &Fresh::default()).unwrap();
    let far = farthest(&storage, device_of(&phone.errand.folder)).await;
    storage.close();
    assert!(far > chrono::Duration::days(30), "the bureau's clock was never turned: {far}");
    tally.end();
}

/// How far from now a phone's receipts say that something came, at most.
async fn farthest(storage: &Storage, device: DeviceId) -> chrono::Duration {
    let key = storage.identity().public.signing_key;
    let page = storage.receipts_since(device, 0).await.unwrap();
    let far = |signed: &SignedReceipt| (signed.open(&key).unwrap().received_at.to_utc() - Utc::now()).abs();
    page.receipts.iter().map(far).max().unwrap()
}

/// A phone's clock that somebody turns all the time, its zone too.
struct Turned {
    by_ms: AtomicI64,
    zone_minutes: AtomicI32,
}

impl Clock for Turned {
    fn now(&self) -> DateTime<FixedOffset> {
        let now = DateTime::from_timestamp_millis(self.now_ms()).unwrap();
        let zone = FixedOffset::east_opt(self.zone_minutes.load(Ordering::SeqCst) * 60).unwrap();
        whole_seconds(now.with_timezone(&zone))
    }

    fn now_ms(&self) -> i64 {
        Utc::now().timestamp_millis() + self.by_ms.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn visits_under_a_clock_and_a_zone_that_change_between_two_answers_arrive_as_they_were_signed() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("phone's clock and zone turned between answers", seed);
    let mut county = County::new().await;
    county.serve(None);
    let phone = county.phone().await;
    let clock = Arc::new(Turned { by_ms: AtomicI64::new(0), zone_minutes: AtomicI32::new(480) });
    let keys = Box::new(FileKeyStore::new(phone.errand.folder.join("keys").join("device.key")));
    let setup = Setup { folder: phone.errand.folder.join("data"), keys, clock: clock.clone() };
    let device = Device::open(setup).await.unwrap();
    device.enrol(&phone.errand.url, &phone.errand.code).await.unwrap();
    for round in 0..if long() { 200 } else { 3 } {
        // Dates on the sheet are judged by the day on which the visit began, so it begins under the right clock.
        clock.by_ms.store(0, Ordering::SeqCst);
        let visit = walker::begin(&device, round).await.unwrap();
        let turning = {
            let (clock, mut rng) = (clock.clone(), StdRng::seed_from_u64(rng.r#gen()));
            tokio::spawn(async move {
                loop {
                    clock.by_ms.store(rng.gen_range(-YEARS_MS..YEARS_MS), Ordering::SeqCst);
                    clock.zone_minutes.store(rng.gen_range(-44..57) * 15, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(rng.gen_range(1..40))).await;
                }
            })
        };
        walker::carry_on(&device, visit, 96).await.unwrap();
        tokio::time::sleep(Duration::from_millis(rng.gen_range(0..300))).await;
        turning.abort();
        clock.by_ms.store(rng.gen_range(-YEARS_MS..YEARS_MS), Ordering::SeqCst);
        // The network is there again and again; that waits of another clock end by themselves is another family's claim.
        let tapping = async {
            loop {
                device.network_returned().await.unwrap();
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        tokio::select! {
            blocked = walker::wait_until_delivered(&device, false) => tally.conflicts.extend(blocked),
            () = tapping => {}
        }
        tally.rounds += 1;
    }
    let storage = Storage::open(&county.data(), &Fresh::default()).unwrap();
    let rows = device.documents().await.unwrap();
    for row in &rows {
        let sent = device.envelope(row.id, row.revision).await.unwrap().unwrap();
        let held = storage.document_of(device.id(), row.name()).await.unwrap();
        let Found::Yours(text) = held else {
            tally.lost.push(format!("{} is not at the bureau", row.name().path()));
            continue;
        };
        if serde_json::from_str::<SealedDocument>(&text).unwrap() != sent {
            tally.lost.push(format!("{} has other bytes", row.name().path()));
        }
    }
    let visits = rows.iter().filter(|row| row.kind == DocumentKind::Inspection).count() as u64;
    if visits != tally.rounds {
        tally.duplicated.push(format!("{visits} records of {} visits", tally.rounds));
    }
    county.check_once(&storage, device.id(), rows.len(), &mut tally).await;
    storage.close();
    device.close().await;
    tally.end();
}
