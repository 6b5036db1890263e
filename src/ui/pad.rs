//! The signature pad: a canvas that draws by itself and hands over each stroke once, when the pen is lifted.

use dioxus::prelude::*;

use super::prefs::use_words;

/// Strokes; points in thousandths of the pad's width, y downwards.
pub type Strokes = Vec<Vec<[u16; 2]>>;

const PAD_ID: &str = "signature-pad";

/// Points closer than three thousandths are one; a stroke ends at two thousand points.
const SCRIPT: &str = r#"
const [id, old] = await dioxus.recv();
const pad = document.getElementById(id);
if (!pad) return;
const pen = pad.getContext('2d');
let strokes = old, stroke = null;
const scale = () => pad.width / 1000;
const draw = () => {
  const ratio = window.devicePixelRatio || 1;
  pad.width = Math.max(1, Math.round(pad.clientWidth * ratio));
  pad.height = Math.max(1, Math.round(pad.clientHeight * ratio));
  pen.lineCap = pen.lineJoin = 'round';
  pen.lineWidth = 3 * ratio;
  pen.strokeStyle = getComputedStyle(pad).color;
  for (const line of strokes) paint(line);
  if (stroke) paint(stroke);
};
const paint = line => {
  pen.beginPath();
  line.forEach(([x, y], n) => n ? pen.lineTo(x * scale(), y * scale()) : pen.moveTo(x * scale(), y * scale()));
  if (line.length === 1) pen.lineTo(line[0][0] * scale() + 0.1, line[0][1] * scale());
  pen.stroke();
};
const point = event => {
  const box = pad.getBoundingClientRect();
  const part = value => Math.max(0, Math.min(65535, Math.round(value * 1000 / box.width)));
  return [part(event.clientX - box.left), part(Math.min(event.clientY - box.top, box.height))];
};
const end = () => {
  if (!stroke) return;
  strokes.push(stroke);
  dioxus.send(stroke);
  stroke = null;
};
pad.onpointerdown = event => {
  event.preventDefault();
  try { pad.setPointerCapture(event.pointerId); } catch (e) {}
  stroke = [point(event)];
  paint(stroke);
};
pad.onpointermove = event => {
  if (!stroke) return;
  const next = point(event), last = stroke[stroke.length - 1];
  if (Math.hypot(next[0] - last[0], next[1] - last[1]) < 3) return;
  paint([last, next]);
  stroke.push(next);
  if (stroke.length >= 2000) end();
};
pad.onpointerup = end;
pad.onpointercancel = end;
window.addEventListener('resize', draw);
// Ink on the pad does not follow the colours as words do: dark ink on a dark pad would look like no signature.
const looks = new MutationObserver(draw);
looks.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'data-size'] });
const night = window.matchMedia('(prefers-color-scheme: dark)');
night.addEventListener('change', draw);
draw();
await dioxus.recv();
window.removeEventListener('resize', draw);
night.removeEventListener('change', draw);
looks.disconnect();
"#;

/// A pad to sign on. `strokes` are drawn when it appears; every new stroke goes to `on_stroke`. Give it another key
/// to start afresh.
#[component]
pub fn Pad(strokes: Strokes, on_stroke: EventHandler<Vec<[u16; 2]>>) -> Element {
    let w = use_words();
    let start = move |_| {
        let strokes = strokes.clone();
        async move {
            let mut eval = document::eval(SCRIPT);
            if eval.send((PAD_ID, strokes)).is_err() {
                return;
            }
            while let Ok(stroke) = eval.recv::<Vec<[u16; 2]>>().await {
                on_stroke.call(stroke);
            }
        }
    };
    rsx! {
        canvas { id: PAD_ID, class: "pad", role: "img", aria_label: w.sign_here, onmounted: start }
    }
}
