//! Where the phone is, through the webview; never in the way of the work.

use std::sync::atomic::{AtomicU32, Ordering};

use dioxus::prelude::*;
use serde::Deserialize;

use super::launch::Startup;
use crate::device::visit::OfferedFix;
use crate::domain::place::{Mock, NoFixReason, Place};

/// Watches until stopped. WebKit without a location service may neither answer nor refuse, so a silent minute counts
/// as no signal.
const WATCH: &str = r#"
if (!navigator.geolocation) { dioxus.send({ kind: 'none', reason: 'unavailable' }); return; }
const watches = window.xieguanWatches = window.xieguanWatches || {};
let heard = false;
setTimeout(() => { if (!heard) dioxus.send({ kind: 'none', reason: 'no_signal' }); }, 60000);
const reasons = { 1: 'refused', 2: 'unavailable', 3: 'no_signal' };
const watch = navigator.geolocation.watchPosition(
  p => { heard = true; dioxus.send({ kind: 'fix', lat: p.coords.latitude, lon: p.coords.longitude,
    accuracy_m: p.coords.accuracy, at_ms: Math.round(p.timestamp) }); },
  e => { heard = true; dioxus.send({ kind: 'none', reason: reasons[e.code] || 'unavailable' }); },
  { enableHighAccuracy: true, maximumAge: 0, timeout: 45000 });
await new Promise(done => { watches[me] = () => { navigator.geolocation.clearWatch(watch); done(); }; });
"#;

/// A screen that closes ends its own watch only: the next one may have begun already.
const STOP: &str =
    "const end = (window.xieguanWatches || {})[me]; if (end) { delete window.xieguanWatches[me]; end(); }";

/// Tells the watches of a page apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

fn script(number: u32, body: &str) -> String {
    format!("const me = {number};\n{body}")
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Message {
    Fix { lat: f64, lon: f64, accuracy_m: f64, at_ms: i64 },
    None { reason: NoFixReason },
}

/// What is known of the position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Where {
    /// Nothing yet.
    Searching,
    /// Here, within so many metres.
    Here(Place, u32),
    /// No position, and why.
    Nowhere(NoFixReason),
}

/// The last position any screen has seen; for distances in lists.
#[derive(Clone, Copy, PartialEq)]
pub struct LastPlace(pub Signal<Option<Place>>);

/// Watches the position while the component is there; every better fix goes to `offer`.
pub fn use_position(offer: impl FnMut(OfferedFix) + 'static) -> Signal<Where> {
    let mut at = use_signal(|| Where::Searching);
    let mut last = use_context::<LastPlace>();
    let startup = use_context::<Startup>();
    let number = use_hook(|| NEXT.fetch_add(1, Ordering::Relaxed));
    let offer = use_callback({
        let mut offer = offer;
        move |fix: OfferedFix| offer(fix)
    });
    use_future(move || {
        let simulated = startup.position.map(simulated);
        async move {
            let mut watch = Watch::start(number, simulated);
            while let Some(heard) = watch.next().await {
                match heard {
                    Ok((fix, place, accuracy_m)) => {
                        at.set(Where::Here(place, accuracy_m));
                        last.0.set(Some(place));
                        offer.call(fix);
                    }
                    // A fix that was had stays good when the sensor falls silent.
                    Err(reason) if !matches!(*at.peek(), Where::Here(..)) => at.set(Where::Nowhere(reason)),
                    Err(_) => {}
                }
            }
        }
    });
    use_drop(move || {
        document::eval(&script(number, STOP));
    });
    at
}

fn simulated((lat, lon): (f64, f64)) -> OfferedFix {
    let at_ms = chrono::Utc::now().timestamp_millis();
    OfferedFix { lat, lon, accuracy_m: 6.0, at_ms, provider: "simulated".to_owned(), mock: Mock::Yes }
}

struct Watch {
    simulated: Option<OfferedFix>,
    eval: Option<document::Eval>,
    best_m: f64,
}

type Heard = Result<(OfferedFix, Place, u32), NoFixReason>;

impl Watch {
    fn start(number: u32, simulated: Option<OfferedFix>) -> Self {
        let eval = simulated.is_none().then(|| document::eval(&script(number, WATCH)));
        Self { simulated, eval, best_m: f64::INFINITY }
    }

    /// The next fix that is clearly better than those before, or a reason for none.
    async fn next(&mut self) -> Option<Heard> {
        if let Some(fix) = self.simulated.take() {
            return self.better(fix);
        }
        let mut eval = self.eval?;
        loop {
            match eval.recv::<Message>().await.ok()? {
                Message::None { reason } => return Some(Err(reason)),
                Message::Fix { lat, lon, accuracy_m, at_ms } => {
                    let provider = "webview".to_owned();
                    let fix = OfferedFix { lat, lon, accuracy_m, at_ms, provider, mock: Mock::Unknown };
                    if let Some(heard) = self.better(fix) {
                        return Some(heard);
                    }
                }
            }
        }
    }

    /// A fix counts when it is a fifth finer than the best so far, so that a jittering sensor does not fill the record.
    fn better(&mut self, fix: OfferedFix) -> Option<Heard> {
        let place = Place::from_degrees(fix.lat, fix.lon)?;
        if fix.accuracy_m > self.best_m * 0.8 {
            return None;
        }
        self.best_m = fix.accuracy_m;
        let accuracy_m = fix.accuracy_m.ceil().clamp(0.0, f64::from(u32::MAX)) as u32;
        Some(Ok((fix, place, accuracy_m)))
    }
}
