//! What a reviewer typed: read from a form, carried on by the next one, and shown where no field can hold it. Nothing
//! here decides anything.

use std::collections::BTreeMap;

use dioxus::prelude::*;

use crate::domain::review::{MAX_COMMENT, MAX_ITEM_COMMENT};
use crate::domain::text::{Language, cut};
use crate::view::words::decide::decide_words;

/// Where people log in.
pub(super) const LOG_IN: &str = "/login";
/// The field of the page that a log-in leads to.
pub(super) const NEXT: &str = "next";
/// The field of the comment on the whole.
pub(super) const COMMENT: &str = "comment";

/// Characters of an item's code; the rest is not looked at.
const MAX_CODE: usize = 40;

/// The field of a comment on an item.
pub(super) fn item_field(sheet: usize, item: &str) -> String {
    format!("item.{sheet}.{item}")
}

/// A reviewer's words that are no decision yet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) comment: String,
    /// By sheet and item.
    pub(super) items: BTreeMap<(usize, String), String>,
}

impl Typed {
    /// The words among the fields of a form.
    pub(super) fn of(fields: &[(String, String)]) -> Self {
        let mut typed = Self::default();
        for (name, value) in fields {
            if name == COMMENT {
                typed.comment = tidy(value, MAX_COMMENT);
                continue;
            }
            let text = tidy(value, MAX_ITEM_COMMENT);
            if let Some(place) = place(name).filter(|_| !text.is_empty()) {
                typed.items.insert(place, text);
            }
        }
        typed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.comment.is_empty() && self.items.is_empty()
    }

    /// All of it as it is read, the whole first.
    pub(super) fn lines(&self, language: Language) -> Vec<Line> {
        let whole = Line { about: decide_words(language).whole.to_owned(), text: self.comment.clone() };
        let items =
            self.items.iter().map(|((_, item), text)| Line { about: item.clone(), text: text.clone() });
        Some(whole).filter(|whole| !whole.text.is_empty()).into_iter().chain(items).collect()
    }
}

/// A browser sends line ends as CR LF; blanks around the words are nobody's words.
fn tidy(text: &str, max: usize) -> String {
    cut(text.replace("\r\n", "\n").trim(), max)
}

/// Sheet and item of a field's name.
fn place(field: &str) -> Option<(usize, String)> {
    let (sheet, item) = field.strip_prefix("item.")?.split_once('.')?;
    Some((sheet.parse().ok()?, cut(item, MAX_CODE)))
}

/// Words on their way to a record's page, past whatever stood in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Words {
    /// The record's name in addresses.
    pub(super) record: String,
    pub(super) typed: Typed,
}

impl Words {
    /// Whether forms to this address bring words.
    pub(super) fn may_come_to(path: &str) -> bool {
        path == LOG_IN || decided(path).is_some()
    }

    /// The words of a form to this address, if there are any.
    pub(super) fn of(path: &str, fields: &[(String, String)]) -> Option<Self> {
        let next = || fields.iter().find(|(name, _)| name == NEXT)?.1.strip_prefix("/records/");
        let record = if path == LOG_IN { next() } else { decided(path) }?;
        let typed = Typed::of(fields);
        let plain = record.chars().all(|c| c.is_ascii_alphanumeric());
        (plain && !typed.is_empty()).then(|| Self { record: record.to_owned(), typed })
    }
}

/// The record that a form to this address decides about.
pub(super) fn decided(path: &str) -> Option<&str> {
    path.strip_prefix("/records/")?.strip_suffix("/decision")
}

/// Some of the words, and what they are about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// An item's code, or the whole.
    pub(super) about: String,
    pub(super) text: String,
}

/// The words inside a form that is about something else, so that its answer still has them.
#[component]
pub(super) fn Carried(typed: Typed) -> Element {
    rsx! {
        if !typed.comment.is_empty() { input { r#type: "hidden", name: COMMENT, value: "{typed.comment}" } }
        for ((sheet, item), text) in &typed.items {
            input { r#type: "hidden", name: item_field(*sheet, item), value: "{text}" }
        }
    }
}

/// Words that no field of the page holds, to be read and copied; `children` say what can be done with them.
#[component]
pub(super) fn Kept(lines: Vec<Line>, language: Language, children: Element) -> Element {
    let w = decide_words(language);
    rsx! {
        section { class: "block kept", id: "kept",
            h2 { "{w.kept}" }
            dl {
                for line in &lines {
                    dt { bdi { "{line.about}" } }
                    dd { class: "written", dir: "auto", "{line.text}" }
                }
            }
            {children}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_form_are_read_whatever_else_it_holds() {
        let fields = [
            ("form", "token"),
            ("comment", " 请补拍\r\n铭牌 "),
            ("item.0.WR-14", "看不清"),
            ("item.0.WR-15", "  "),
            ("item.x.WR-16", "nowhere"),
            ("item", "nothing"),
        ];
        let typed = Typed::of(&fields.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(typed.comment, "请补拍\n铭牌");
        let lines: Vec<_> = typed.lines(Language::Zh).into_iter().map(|line| line.about).collect();
        assert_eq!(lines, ["总的意见", "WR-14"]);
        let items: Vec<_> = typed.items.into_iter().collect();
        assert_eq!(items, [((0, "WR-14".to_owned()), "看不清".to_owned())]);
        assert!(Typed::of(&[]).is_empty());
    }
}
