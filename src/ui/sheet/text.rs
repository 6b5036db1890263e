//! Text: free, and confidential.

use dioxus::prelude::*;

use super::PartEdit;
use crate::domain::answer::PartValue;
use crate::ui::prefs::use_words;

/// Free text of one line, or several where much is allowed.
#[component]
pub fn TextPart(
    id: String,
    label: String,
    max_chars: u16,
    value: Option<PartValue>,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let mut typed = use_signal(|| match &value {
        Some(PartValue::Text { text }) => text.clone(),
        _ => String::new(),
    });
    let input = move |event: FormEvent| {
        let text = event.value();
        typed.set(text.clone());
        let value = (!text.trim().is_empty()).then_some(PartValue::Text { text });
        on_edit.call(PartEdit::Typed(value));
    };
    let left = move |_| on_edit.call(PartEdit::Left);
    rsx! {
        if max_chars > 80 {
            textarea {
                id, class: "line", dir: "auto", rows: "3", maxlength: "{max_chars}", value: "{typed}",
                aria_label: label, oninput: input, onblur: left,
            }
        } else {
            input {
                id, class: "line", r#type: "text", dir: "auto", maxlength: "{max_chars}", value: "{typed}",
                aria_label: label, oninput: input, onblur: left,
            }
        }
    }
}

/// Text that only the bureau may read. What was written once is not shown again: the phone may be passed around.
#[component]
pub fn ConfidentialPart(
    id: String,
    label: String,
    max_chars: u16,
    kept: bool,
    on_edit: EventHandler<PartEdit>,
) -> Element {
    let w = use_words();
    let mut typed = use_signal(String::new);
    rsx! {
        p { class: "hint", if kept { {w.secret_kept} } else { {w.secret_why} } }
        textarea {
            id, class: "line", dir: "auto", rows: "2", maxlength: "{max_chars}", value: "{typed}",
            autocomplete: "off", aria_label: label,
            oninput: move |event| {
                typed.set(event.value());
                on_edit.call(PartEdit::Secret(event.value()));
            },
            onblur: move |_| on_edit.call(PartEdit::Left),
        }
    }
}
