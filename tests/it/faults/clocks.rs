//! The bureau's clock jumps by years while it serves: a small library, put before the real program, turns the wall
//! clock and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::county::County;
use super::tally::{Tally, long, seed};

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
        let walker = super::walker::Walker::start(&phone.errand, None);
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
    tally.end();
}
