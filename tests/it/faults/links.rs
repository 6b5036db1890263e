//! The link: cut at every position, closed and torn off, silent, doubled, behind a portal; and what is alike in kind:
//! eight twins of a phone, a phone that is withdrawn in the middle, a clock that jumps.

use std::sync::atomic::Ordering;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use super::office::{Office, enrol};
use super::tally::{Tally, long, seed};
use crate::support::phone::{Phone, until};
use crate::support::trouble::{End, Mode};

/// A photo's copy and original, small enough to be cut at every byte.
const SMALL: (usize, usize) = (300, 900);
/// Rounds after which phone and bureau are new, so that their lists stay short.
const FRESH_EVERY: usize = 150;

/// Bytes up and down of one untroubled upload.
async fn measure() -> (u64, u64) {
    let mut office = Office::new().await;
    let worker = office.worker();
    let first = office.finish(&[SMALL]);
    worker.wake();
    office.delivered(&worker, first, "the first upload").await;
    let (up, down) = (office.link.bytes_up(), office.link.bytes_down());
    let second = office.finish(&[SMALL]);
    worker.wake();
    office.delivered(&worker, second, "the measured upload").await;
    (office.link.bytes_up() - up, office.link.bytes_down() - down)
}

/// A lane of rounds: a new record each, under one trouble each.
async fn lane(family: &str, seed: u64, troubles: Vec<Mode>) -> Tally {
    let mut tally = Tally::new(family, seed);
    let mut met = 0;
    for some in troubles.chunks(FRESH_EVERY) {
        let mut office = Office::new().await;
        let worker = office.worker();
        until(&worker, |standing| standing.idle).await;
        let before = office.link.bytes_up();
        for trouble in some {
            let digest = office.finish(&[SMALL]);
            office.link.set(*trouble);
            worker.wake();
            let what = format!("{family}, seed {seed}, {trouble:?}");
            office.delivered(&worker, digest, &what).await;
            if *trouble == Mode::Double {
                assert!(office.link.doubled() > 0, "{what}: nothing came twice");
                office.link.repeat_all().await;
            } else {
                met += u64::from(office.link.mode() == Mode::Pass);
            }
            office.link.set(Mode::Pass);
            tally.rounds += 1;
        }
        tally.sent += office.link.bytes_up() - before;
        tally.needed += office.needed;
        office.check(&mut tally).await;
    }
    let doubled = troubles.contains(&Mode::Double);
    // The last positions of a measured upload may lie behind the end of a shorter one.
    assert!(doubled || met * 10 >= tally.rounds * 8, "{met} cuts in {} rounds", tally.rounds);
    tally
}

async fn lanes(family: &str, seed: u64, troubles: Vec<Mode>) -> Tally {
    let mut tally = Tally::new(family, seed);
    let half = troubles.len().div_ceil(2).max(1);
    let running: Vec<_> = troubles
        .chunks(half)
        .map(|some| {
            let (family, some) = (family.to_owned(), some.to_vec());
            tokio::spawn(async move { lane(&family, seed, some).await })
        })
        .collect();
    for lane in running {
        tally.add(lane.await.unwrap());
    }
    tally
}

/// Every byte in the long run; in the short one a coarse comb that begins elsewhere with every seed.
fn positions(bytes: u64, rng: &mut StdRng) -> Vec<u64> {
    let step = if long() { 1 } else { (bytes / 60).max(1) };
    let first = if long() { 0 } else { rng.gen_range(0..step) };
    (first..=bytes).step_by(usize::try_from(step).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_cut_at_any_position_in_either_direction_arrives_once() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let (up, down) = measure().await;
    let mut troubles = Vec::new();
    for at in positions(up, &mut rng) {
        troubles.push(Mode::CutUp(at, if rng.r#gen() { End::Reset } else { End::Close }));
    }
    for at in positions(down, &mut rng) {
        troubles.push(Mode::CutDown(at, if rng.r#gen() { End::Reset } else { End::Close }));
    }
    lanes("link cut at every position", seed, troubles).await.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_that_arrive_twice_or_again_much_later_change_nothing() {
    let seed = seed();
    let rounds = if long() { 200 } else { 12 };
    lanes("requests doubled and repeated", seed, vec![Mode::Double; rounds]).await.end();
}

/// Trouble at a random position, for a random while, then a good link.
async fn troubled(family: &str, seed: u64, rounds: usize, pick: fn(&mut StdRng, u64) -> Mode) -> Tally {
    let (up, _) = measure().await;
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new(family, seed);
    let mut office = Office::new().await;
    let worker = office.worker();
    until(&worker, |standing| standing.idle).await;
    let before = office.link.bytes_up();
    for _ in 0..rounds {
        let digest = office.finish(&[SMALL]);
        let trouble = pick(&mut rng, up);
        let trouble = match trouble {
            Mode::StallAt(bytes) => Mode::StallAt(office.link.bytes_up() + bytes),
            other => other,
        };
        office.link.set(Mode::CutUp(rng.gen_range(0..up), End::Reset));
        worker.wake();
        // Until the cut, then the trouble in its place.
        for _ in 0..200 {
            if office.link.mode() == Mode::Pass || office.is_done(digest) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        office.link.set(trouble);
        office.look_for_blocked(&worker);
        worker.network_returned();
        tokio::time::sleep(Duration::from_millis(rng.gen_range(0..120))).await;
        office.link.set(Mode::Pass);
        office.delivered(&worker, digest, &format!("{family}, seed {seed}, {trouble:?}")).await;
        tally.rounds += 1;
    }
    tally.sent = office.link.bytes_up() - before;
    tally.needed = office.needed;
    office.check(&mut tally).await;
    tally
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stalls_resets_lost_answers_and_portals_lose_nothing() {
    let seed = seed();
    let rounds = if long() { 200 } else { 12 };
    let pick = |rng: &mut StdRng, up: u64| match rng.gen_range(0..4) {
        0 => Mode::StallAt(rng.gen_range(0..up)),
        1 => Mode::Reset,
        2 => Mode::LoseAnswers,
        _ => Mode::Portal,
    };
    troubled("stalls, resets, lost answers, portals", seed, rounds, pick).await.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_twins_of_a_phone_that_send_at_once_leave_one_of_everything() {
    let seed = seed();
    let mut tally = Tally::new("eight twins at once", seed);
    for _ in 0..if long() { 200 } else { 3 } {
        let mut office = Office::new().await;
        let digest = office.finish(&[SMALL, (40_000, 90_000)]);
        let before = office.link.bytes_up();
        let twins: Vec<Phone> = (0..8).map(|_| office.phone.twin()).collect();
        let workers: Vec<_> = twins.iter().map(|twin| office.worker_of(twin)).collect();
        for (twin, worker) in twins.iter().zip(&workers) {
            let began = std::time::Instant::now();
            loop {
                let complete = twin.record().complete_receipt.is_some();
                if complete && twin.store().outbox().unwrap().is_empty() {
                    break;
                }
                if worker.standing().borrow().waiting.is_some() {
                    worker.network_returned();
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                let blocked = twin.record().blocked;
                assert!(blocked.is_none() && began.elapsed() < Duration::from_secs(120), "{blocked:?}");
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
        let receipts: Vec<_> = twins.iter().map(|twin| twin.record().record_receipt).collect();
        if receipts.iter().any(|receipt| *receipt != receipts[0]) {
            tally.duplicated.push("twins have different receipts".to_owned());
        }
        // The phone itself comes last and finds everything there.
        let worker = office.worker();
        office.delivered(&worker, digest, "the ninth").await;
        tally.sent += office.link.bytes_up() - before;
        tally.needed += office.needed;
        office.check(&mut tally).await;
        tally.rounds += 1;
    }
    tally.end();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_withdrawn_in_the_middle_keeps_what_is_unsent_and_a_new_enrolment_sends_it() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let (up, _) = measure().await;
    let mut tally = Tally::new("withdrawn in the middle", seed);
    let mut office = Office::new().await;
    let before = office.link.bytes_up();
    for _ in 0..if long() { 200 } else { 8 } {
        let worker = office.worker();
        let digest = office.finish(&[SMALL]);
        let at = office.link.bytes_up() + rng.gen_range(0..up);
        office.link.set(Mode::StallAt(at));
        worker.wake();
        let began = std::time::Instant::now();
        while office.link.bytes_up() < at && !office.is_done(digest) {
            assert!(began.elapsed() < Duration::from_secs(60), "seed {seed}: the upload never reached {at}");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let now = chrono::Utc::now().timestamp_millis();
        assert!(office.bureau.storage().revoke_device(office.phone.device, now).await.unwrap());
        office.link.set(Mode::Pass);
        worker.network_returned();
        let began = std::time::Instant::now();
        while worker.standing().borrow().sign_in.is_none() {
            assert!(began.elapsed() < Duration::from_secs(60), "{:?}", worker.standing().borrow());
            worker.network_returned();
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        office.look_for_blocked(&worker);
        worker.stop().await;
        office.enrolment = enrol(&office.bureau, &office.link, &office.phone).await;
        office.phone.store().due_now().unwrap();
        let worker = office.worker();
        office.delivered(&worker, digest, &format!("withdrawn, seed {seed}")).await;
        worker.stop().await;
        tally.rounds += 1;
    }
    tally.sent = office.link.bytes_up() - before;
    tally.needed = office.needed;
    office.check(&mut tally).await;
    tally.end();
}

/// Nobody taps: a wait that was counted by another clock must end by itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_jumps_by_years_while_the_phone_waits_keeps_nothing_back() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let rounds: usize = if long() { 200 } else { 8 };
    let mut tally = Tally::new("phone's clock jumps", seed);
    const YEAR_MS: i64 = 365 * 24 * 3600 * 1000;
    let jumps: Vec<[i64; 3]> =
        (0..rounds).map(|_| [0; 3].map(|_| rng.gen_range(-15 * YEAR_MS..15 * YEAR_MS))).collect();
    // They wait most of the time, so many wait at once.
    for some in jumps.chunks(25) {
        let rounds: Vec<_> = some.iter().map(|jumps| tokio::spawn(jumping(seed, *jumps))).collect();
        for round in rounds {
            tally.add(round.await.unwrap());
        }
    }
    tally.end();
}

async fn jumping(seed: u64, jumps: [i64; 3]) -> Tally {
    let mut tally = Tally::new("", seed);
    let mut office = Office::new().await;
    let before = office.link.bytes_up();
    let worker = office.worker();
    until(&worker, |standing| standing.idle).await;
    office.turned_ms.store(jumps[0], Ordering::SeqCst);
    let digest = office.finish(&[SMALL]);
    office.link.set(Mode::Reset);
    worker.wake();
    until(&worker, |standing| standing.waiting.is_some()).await;
    office.turned_ms.store(jumps[1], Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(100)).await;
    office.link.set(Mode::LoseAnswers);
    office.turned_ms.store(jumps[2], Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    office.turned_ms.store(0, Ordering::SeqCst);
    office.link.set(Mode::Pass);
    office.delivered_if(&worker, digest, false, &format!("seed {seed}, jumps of {jumps:?} ms")).await;
    tally.rounds = 1;
    tally.sent = office.link.bytes_up() - before;
    tally.needed = office.needed;
    office.check(&mut tally).await;
    tally
}

impl Phone {
    /// The same phone a second time, as from a copy of its storage.
    fn twin(&self) -> Self {
        self.copy_of(|from, to| {
            for entry in std::fs::read_dir(from).unwrap() {
                let entry = entry.unwrap();
                let target = to.join(entry.file_name());
                if entry.file_type().unwrap().is_dir() {
                    std::fs::create_dir_all(&target).unwrap();
                    for file in std::fs::read_dir(entry.path()).unwrap() {
                        let file = file.unwrap();
                        std::fs::copy(file.path(), target.join(file.file_name())).unwrap();
                    }
                } else {
                    std::fs::copy(entry.path(), target).unwrap();
                }
            }
        })
    }
}
