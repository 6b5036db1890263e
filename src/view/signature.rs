//! The site's side of a record: the signature as drawn, or why there is none.

use std::fmt::Write as _;

use dioxus::prelude::*;

use super::words::words;
use crate::domain::inspection::Attestation;
use crate::domain::text::Language;

/// An SVG path through the strokes; a stroke of one point becomes a dot.
pub fn path(strokes: &[Vec<[u16; 2]>]) -> String {
    let mut d = String::new();
    for stroke in strokes {
        let mut points = stroke.iter();
        let Some([x, y]) = points.next() else { continue };
        let _ = write!(d, "M{x} {y}");
        if stroke.len() == 1 {
            d.push_str("h0");
        }
        for [x, y] in points {
            let _ = write!(d, "L{x} {y}");
        }
    }
    d
}

/// The box around the strokes with a margin, so that a signature in a corner is still seen: x, y, width, height.
pub fn view_box(strokes: &[Vec<[u16; 2]>]) -> [i32; 4] {
    const MARGIN: i32 = 16;
    let points = || strokes.iter().flatten();
    let range = |axis: usize| {
        let low = points().map(|p| i32::from(p[axis])).min().unwrap_or(0);
        let high = points().map(|p| i32::from(p[axis])).max().unwrap_or(0);
        (low - MARGIN, (high - low + 2 * MARGIN).max(4 * MARGIN))
    };
    let ((x, width), (y, height)) = (range(0), range(1));
    [x, y, width, height]
}

/// A signature as it was drawn.
#[component]
pub fn Signature(name: String, strokes: Vec<Vec<[u16; 2]>>, language: Language) -> Element {
    let label = (words(language).record.signature_of)(&name);
    let [x, y, width, height] = view_box(&strokes);
    rsx! {
        svg {
            class: "signature",
            view_box: "{x} {y} {width} {height}",
            role: "img",
            "aria-label": "{label}",
            path {
                d: "{path(&strokes)}",
                fill: "none",
                stroke: "currentColor",
                stroke_width: "9",
                stroke_linecap: "round",
                stroke_linejoin: "round",
            }
        }
    }
}

/// Signature with the sentence it stands under, or why there is none.
#[component]
pub fn AttestationBlock(attestation: Option<Attestation>, language: Language) -> Element {
    let w = &words(language).record;
    rsx! {
        section { class: "block attestation", id: "attestation",
            h2 { "{w.attestation}" }
            match attestation {
                Some(Attestation::Signed { name, role, statement, strokes }) => rsx! {
                    p { class: "statement", bdi { if statement.is_empty() { "{w.statement}" } else { "{statement}" } } }
                    Signature { name: name.clone(), strokes, language }
                    p { class: "signer",
                        bdi { "{name}" }
                        if !role.is_empty() { bdi { class: "soft", " {role}" } }
                    }
                },
                Some(Attestation::Unsigned { cause, reason, witness }) => rsx! {
                    p {
                        span { class: "tag warn", "{(words(language).terms.unsigned)(cause)}" }
                        " "
                        bdi { class: "said", "{reason}" }
                    }
                    if !witness.is_empty() {
                        p { bdi { "{(w.witness)(&witness)}" } }
                    }
                },
                None => rsx! { p { class: "warn-text", "{w.attestation_missing}" } },
            }
        }
    }
}
