//! The guidance left with the site. It follows the findings until somebody types; what was typed is never
//! overwritten but on command.

use dioxus::prelude::*;

use crate::device::visit::Visit;
use crate::domain::answer::Sheet;
use crate::domain::checklist::Checklist;
use crate::domain::finding::guidance;
use crate::domain::wording::enforcement_words;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::writer::{Write, Writer};
use crate::view::words::words;

/// The ready advice for what was found, all sheets together.
fn ready_guidance(visit: &Visit) -> String {
    let known: Vec<(&Checklist, &Sheet)> = visit
        .draft
        .sheets
        .iter()
        .filter_map(|sheet| Some((visit.library.get(&sheet.checklist.hash)?, sheet)))
        .collect();
    guidance(&known, visit.draft.day())
}

/// The guidance to show when the review opens: the ready one, unless somebody typed. `written` is what was last
/// written from the ready sentences.
fn followed(stands: &str, written: &str, ready: &str) -> Option<String> {
    (stands == written && stands != ready).then(|| ready.to_owned())
}

/// The text, the wording check, and the way back to the ready sentences.
#[component]
pub(super) fn Guidance(visit: Signal<Visit>, written: String, writer: Writer) -> Element {
    let w = use_words();
    let all = words(use_language());
    let mut visit = visit;
    let ready = ready_guidance(&visit.read());
    // What is shown is what is signed, so ready sentences are stored when the screen opens.
    let mut written = use_signal(|| written);
    use_hook({
        let ready = ready.clone();
        move || {
            let new = followed(&visit.peek().draft.guidance, &written.peek(), &ready);
            if let Some(new) = new {
                visit.write().draft.guidance.clone_from(&new);
                written.set(new.clone());
                writer.now(Write::ReadyGuidance(new));
            }
        }
    });
    let text = visit.read().draft.guidance.clone();
    let sheets = visit.read().draft.sheets.len();
    let differs = text != ready;
    // Typed, and then the findings changed: what was written last is no longer what is ready.
    let outdated = differs && *written.read() != ready;
    let enforcing = enforcement_words(&text);
    rsx! {
        h2 { class: "sec", span { {w.guidance} } }
        div { class: "card",
            if sheets > 1 { p { class: "hint", {(all.review.one_for_all)(sheets)} } }
            textarea {
                id: "guidance", class: "line", dir: "auto", rows: "5", maxlength: "1000", value: "{text}",
                aria_label: w.guidance, placeholder: w.guidance_none,
                oninput: move |event| {
                    visit.write().draft.guidance = event.value();
                    writer.soon(Write::Guidance(event.value()));
                },
                onblur: move |_| writer.flush(),
            }
            if !enforcing.is_empty() {
                p { class: "hint bad", role: "status", id: "wording", {(w.enforcing)(&enforcing.join(all.answer.comma))} }
            }
            if differs {
                div { class: "row end",
                    if outdated { p { class: "hint warn grow", id: "guidance-differs", role: "status", {all.review.guidance_differs} } }
                    button { class: "btn", id: "guidance-again", r#type: "button",
                        onclick: move |_| {
                            visit.write().draft.guidance.clone_from(&ready);
                            written.set(ready.clone());
                            writer.now(Write::ReadyGuidance(ready.clone()));
                        },
                        {all.review.again}
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guidance_follows_the_findings_until_somebody_types_and_never_after() {
        assert_eq!(followed("", "", "1. 清洗"), Some("1. 清洗".to_owned()));
        assert_eq!(followed("1. 清洗", "1. 清洗", "1. 清洗\n2. 加盖"), Some("1. 清洗\n2. 加盖".to_owned()));
        assert_eq!(
            followed("1. 清洗", "1. 清洗", ""),
            Some(String::new()),
            "what was corrected is not advised"
        );
        assert_eq!(followed("1. 清洗", "1. 清洗", "1. 清洗"), None);
        assert_eq!(followed("我写的", "1. 清洗", "2. 加盖"), None);
        assert_eq!(followed("", "1. 清洗", "1. 清洗"), None, "what was deleted stays deleted");
    }
}
