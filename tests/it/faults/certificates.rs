//! The bureau changes its own certificate while a phone sends: commands, phone and server are ended at named points and
//! at random moments, and the link breaks. No phone is ever left with a certificate that the bureau does not show.

use std::os::unix::process::ExitStatusExt as _;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use xieguan::fault::DIE_AT;

use super::county::{AT_A_POINT, County, Phone};
use super::points::{CERTIFICATE, PINS, points};
use super::tally::{Tally, long, seed};
use super::walker::Walker;
use crate::support::served::{bureau, signal};
use crate::support::trouble::Mode;

/// Where a rotation is cut off.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Making(&'static str),
    Switching(&'static str),
    /// The phone, which then hears of the next certificate.
    Hearing(&'static str),
}

/// Every named point that a rotation passes.
fn cuts() -> Vec<Cut> {
    let switched = "bureau.certificate.switched";
    let making = points(CERTIFICATE).into_iter().filter(|point| *point != switched).map(Cut::Making);
    let made = "bureau.certificate.made";
    let switching = points(CERTIFICATE).into_iter().filter(|point| *point != made).map(Cut::Switching);
    let hearing = points(&["phone.changes."]).into_iter().chain(points(PINS)).map(Cut::Hearing);
    making.chain(switching).chain(hearing).collect()
}

/// What `bureau rotate-certificate` came to.
#[derive(Debug, PartialEq, Eq)]
enum Came {
    Done,
    Refused(String),
    Ended,
}

fn rotate(county: &County, switch: bool, die_at: Option<&str>) -> Came {
    let mut command = bureau("rotate-certificate", &county.data(), if switch { &["--switch"] } else { &[] });
    if let Some(point) = die_at {
        command.env(DIE_AT, point);
    }
    let output = command.output().unwrap();
    match output.status.signal() {
        Some(signal) => {
            assert_eq!(signal, AT_A_POINT);
            Came::Ended
        }
        None if output.status.success() => Came::Done,
        None => Came::Refused(String::from_utf8(output.stderr).unwrap()),
    }
}

/// A rotation under way, and the trouble around it.
struct Rotation {
    rng: StdRng,
    /// Where the next command to switch ends; taken when it did.
    switch_cut: Option<&'static str>,
    cut_met: bool,
    next_try: Instant,
    next_trouble: Instant,
    switched: bool,
}

impl Rotation {
    fn soon(&mut self, most_ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(self.rng.gen_range(0..most_ms))
    }

    /// Called again and again while the phone works.
    fn step(&mut self, county: &mut County, walker: &Walker) {
        if Instant::now() > self.next_trouble {
            self.trouble(county, walker);
            self.next_trouble = self.soon(2_500);
        }
        if !self.switched && Instant::now() > self.next_try {
            self.try_to_switch(county);
            self.next_try = self.soon(300);
        }
    }

    fn trouble(&mut self, county: &mut County, walker: &Walker) {
        match self.rng.gen_range(0..5) {
            0 => signal("-9", walker.pid()),
            1 => county.serve(None),
            2 => county.link.set(Mode::BreakEvery(self.rng.gen_range(2_000..30_000))),
            3 => county.link.set(Mode::LoseAnswers),
            _ => county.link.set(Mode::Pass),
        }
    }

    fn try_to_switch(&mut self, county: &mut County) {
        match rotate(county, true, self.switch_cut) {
            Came::Done => self.switched = true,
            Came::Ended => {
                self.switch_cut = None;
                self.cut_met = true;
                // The operator tries again; the server may meanwhile have said the last word itself.
                if self.rng.r#gen() {
                    county.serve(None);
                }
                match rotate(county, true, None) {
                    Came::Refused(words) if !words.contains("there is no next certificate") => {
                        assert!(words.contains("do not know"), "{words}");
                    }
                    _ => self.switched = true,
                }
            }
            Came::Refused(words) => assert!(words.contains("1 of 1 phones do not know"), "{words}"),
        }
        if self.switched {
            match self.rng.gen_range(0..3) {
                0 => county.serve(None),
                1 => county.serving.as_ref().unwrap().hang_up(),
                // It looks by itself.
                _ => {}
            }
        }
    }
}

async fn rotation(county: &mut County, phone: &mut Phone, cut: Cut, rng: StdRng) {
    let now = Instant::now();
    let mut rotation =
        Rotation { rng, switch_cut: None, cut_met: false, next_try: now, next_trouble: now, switched: false };
    rotation.next_trouble = rotation.soon(1_500);
    rotation.next_try = rotation.soon(800);
    let mut phone_cut = None;
    match cut {
        Cut::Making(point) => {
            assert_eq!(rotate(county, false, Some(point)), Came::Ended, "{point} was not reached");
            rotation.cut_met = true;
        }
        Cut::Switching(point) => rotation.switch_cut = Some(point),
        Cut::Hearing(point) => phone_cut = Some(point),
    }
    assert_eq!(rotate(county, false, None), Came::Done, "{cut:?}");
    let before = county.serving.as_ref().unwrap().fingerprint;
    while !rotation.switched {
        phone.errand.visits += 1;
        let walker = Walker::start(&phone.errand, phone_cut);
        let met = phone_cut.take().is_some();
        let ended = county.walk_with(phone, walker, |county, walker, _| rotation.step(county, walker)).await;
        rotation.cut_met |= met && ended.phone > 0;
        county.link.set(Mode::Pass);
    }
    assert!(rotation.cut_met, "{cut:?} was not met");
    // Over the good link the phone hears the last word.
    county.serve(None);
    let after = county.serving.as_ref().unwrap().fingerprint;
    assert_ne!(before, after, "{cut:?}");
    county.walk(phone, 1, None).await;
    assert_eq!(phone.assured.pins, Vec::from_iter(after), "{cut:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_changed_again_and_again_under_every_trouble_locks_nobody_out() {
    let seed = seed();
    let mut rng = StdRng::seed_from_u64(seed);
    let mut tally = Tally::new("certificate changed", seed);
    let mut county = County::new().await;
    county.self_signed = true;
    county.serve(None);
    let mut phone = county.phone().await;
    county.walk(&mut phone, 1, None).await;
    let cuts = cuts();
    let rounds = if long() { 200 } else { cuts.len() };
    for cut in cuts.iter().cycle().take(rounds) {
        rotation(&mut county, &mut phone, *cut, StdRng::seed_from_u64(rng.r#gen())).await;
        tally.rounds += 1;
    }
    county.stop();
    county.check(&phone, &mut tally).await;
    // The relay carries encrypted bytes, handshakes among them: what is sent twice is measured elsewhere.
    tally.needed = 0;
    tally.end();
}
