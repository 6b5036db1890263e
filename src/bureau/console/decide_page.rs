//! The review as markup: where a record stands, the form, and what was decided before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use dioxus::prelude::*;

use super::decide::{Notice, SEEN, VERDICT};
use super::page::FormToken;
use super::typed::{COMMENT, Carried, Kept, Line, Typed, item_field};
use crate::bureau::storage::decisions::{Decision, Seen};
use crate::bureau::storage::inbox::InboxRow;
use crate::domain::checklist::{Item, Library};
use crate::domain::id::Digest;
use crate::domain::inspection::Inspection;
use crate::domain::judge::{self, judge};
use crate::domain::review::{MAX_COMMENT, MAX_ITEM_COMMENT, Standing, Verdict};
use crate::domain::text::Language;
use crate::view::remark::{Remark, RemarkField, Remarks};
use crate::view::text::minute;
use crate::view::words::decide::{DecideWords, decide_words};

/// The form's id; fields at the items belong to it from afar.
pub(super) const FORM: &str = "decision";

/// What the page needs for a review.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deciding {
    pub(super) row: InboxRow,
    pub(super) decisions: Vec<Decision>,
    pub(super) seen: Seen,
    /// Documents of the visit that a choice would make count.
    pub(super) choosable: Vec<Digest>,
    /// The document that counts, where it is another.
    pub(super) head: Option<InboxRow>,
    /// The account may decide.
    pub(super) may: bool,
    pub(super) token: String,
    pub(super) typed: Typed,
    /// Of what was typed, that which no field of the page holds.
    pub(super) kept: Vec<Line>,
    pub(super) notice: Option<Notice>,
    /// The record that has waited longest.
    pub(super) next: Option<Digest>,
}

impl Deciding {
    /// Whether the form stands on the page.
    pub(super) fn has_form(&self) -> bool {
        self.may && self.row.counts
    }

    /// Whether it has fields for words.
    fn is_open(&self) -> bool {
        self.has_form() && self.row.standing.is_open()
    }

    /// The decision that this document stands by.
    fn last(&self) -> Option<&Decision> {
        let own = |one: &&Decision| one.document == self.row.digest && one.verdict != Verdict::Choose;
        self.decisions.iter().rev().find(own).filter(|one| one.verdict != Verdict::TakeBack)
    }

    /// The decisions that were not taken back.
    fn standing_decisions(&self) -> impl Iterator<Item = &Decision> {
        let later = |one: &Decision| {
            self.decisions.iter().find(|other| other.document == one.document && other.seq > one.seq)
        };
        self.decisions
            .iter()
            .filter(move |one| later(one).is_none_or(|other| other.verdict != Verdict::TakeBack))
    }
}

/// How a state looks.
pub(super) fn standing_class(standing: Standing) -> &'static str {
    match standing {
        Standing::New => "tag na",
        Standing::Corrected => "tag standing-corrected",
        Standing::Returned => "tag warn",
        Standing::Accepted => "tag ok",
    }
}

fn head_of(one: &Decision, w: &DecideWords) -> String {
    format!("{} · {}", (w.decided)(one.verdict, &one.by, &minute(one.at)), (w.of_revision)(one.revision))
}

/// The comments at the items, and the fields for new ones while the form is there.
pub(super) fn remarks(
    deciding: &Deciding,
    document: &Inspection,
    library: &Library,
    changed: &[(usize, String)],
    language: Language,
) -> BTreeMap<(usize, String), Remarks> {
    let w = decide_words(language);
    let mut all: BTreeMap<(usize, String), Remarks> = BTreeMap::new();
    for one in deciding.standing_decisions() {
        for comment in &one.items {
            let remark = Remark { head: head_of(one, w), text: comment.text.clone() };
            all.entry((comment.sheet as usize, comment.item.clone())).or_default().said.push(remark);
        }
    }
    for place in changed {
        all.entry(place.clone()).or_default().changed = Some(w.differs.to_owned());
    }
    if deciding.is_open() {
        for (n, item) in asked(document, library) {
            let field = RemarkField {
                form: FORM,
                name: item_field(n, &item),
                label: (w.on_item)(&item),
                write: w.write,
                typed: deciding.typed.items.get(&(n, item.clone())).cloned().unwrap_or_default(),
                max: MAX_ITEM_COMMENT,
            };
            all.entry((n, item)).or_default().field = Some(field);
        }
    }
    all
}

/// The items that stand on the page, by sheet and code: those of a checklist at hand that the answers do not hide.
fn asked(document: &Inspection, library: &Library) -> BTreeSet<(usize, String)> {
    let mut asked = BTreeSet::new();
    for (n, sheet) in document.sheets.iter().enumerate() {
        let items = library.get(&sheet.checklist.hash).into_iter().flat_map(|list| list.items());
        let shown = |item: &&Item| judge(item, sheet, document.day()).verdict != judge::Verdict::Hidden;
        asked.extend(items.filter(shown).map(|item| (n, item.code.clone())));
    }
    asked
}

/// What was typed and has no field on this page: nothing while the form is there, but for items that are not.
pub(super) fn kept(
    deciding: &Deciding,
    document: Option<&Inspection>,
    library: &Library,
    language: Language,
) -> Vec<Line> {
    let mut left = deciding.typed.clone();
    if deciding.is_open() {
        left.comment.clear();
        let asked = document.map(|document| asked(document, library)).unwrap_or_default();
        left.items.retain(|place, _| !asked.contains(place));
    }
    left.lines(language)
}

/// Above everything: what came of the form, and where the record stands.
#[component]
pub(super) fn StateBar(deciding: Deciding, language: Language) -> Element {
    let w = decide_words(language);
    let row = &deciding.row;
    rsx! {
        if let Some(notice) = deciding.notice {
            p {
                class: if notice.is_refusal() { "error" } else { "notice" },
                id: "notice", role: if notice.is_refusal() { "alert" } else { "status" },
                "{notice_text(notice, &deciding, w)}"
            }
        }
        KeptWords { deciding: deciding.clone(), language }
        section { class: "block standing-bar", id: "standing", "data-standing": row.standing.name(),
            p { class: "standing-line",
                if row.counts {
                    span { class: standing_class(row.standing), "{(w.standing)(row.standing)}" }
                } else {
                    span { class: "tag na", "{w.passed_over}" }
                }
                if let Some(head) = &deciding.head {
                    if head.revision > row.revision { span { "{(w.newer)(head.revision)}" } }
                    a { href: "/records/{head.digest}", id: "to-head", "{w.look_there}" }
                }
                if let Some(last) = deciding.last() {
                    span { class: "soft", bdi { "{(w.decided)(last.verdict, &last.by, &minute(last.at))}" } }
                }
                span { class: "grow" }
                match deciding.next {
                    Some(next) => rsx! { a { class: "button quiet", id: "next-record", href: "/records/{next}", "{w.next} →" } },
                    None => rsx! { span { class: "soft quiet", "{w.none_left}" } },
                }
            }
            if let Some(last) = deciding.last() {
                if !last.comment.is_empty() { div { class: "written", dir: "auto", "{last.comment}" } }
            }
        }
    }
}

/// What came of the form, and where the words are that were typed in it.
fn notice_text(notice: Notice, deciding: &Deciding, w: &DecideWords) -> String {
    let what = match notice {
        Notice::NeedsComment => w.needs_comment,
        Notice::Overtaken => w.overtaken,
        Notice::Brought => w.brought,
        Notice::LoggedIn => w.logged_in,
        Notice::Stale => w.stale,
        Notice::Busy => w.busy,
        Notice::Broken => w.broken,
        Notice::Chosen => w.chosen,
        Notice::TakenBack => w.taken_back,
    };
    let words = if deciding.typed.is_empty() { "" } else { w.words_are_here };
    format!("{what}{words}")
}

/// The words that were typed and that no field of the page holds, with the way to where they can be said.
#[component]
fn KeptWords(deciding: Deciding, language: Language) -> Element {
    let w = decide_words(language);
    if deciding.kept.is_empty() {
        return rsx! {};
    }
    let head = deciding.head.as_ref().filter(|_| deciding.may);
    let waits = deciding.has_form() && !deciding.row.standing.is_open();
    rsx! {
        Kept { lines: deciding.kept.clone(), language,
            if waits { p { class: "soft", "{w.kept_for_later}" } }
            if let Some(head) = head {
                form { class: "bring", method: "post", action: "/records/{head.digest}/decision",
                    FormToken { token: deciding.token.clone() }
                    Carried { typed: deciding.typed.clone() }
                    button { class: "button", r#type: "submit", "{w.bring}" }
                }
            }
        }
    }
}

/// The form at the bottom: accept or return, or take a decision back.
#[component]
pub(super) fn DecideForm(deciding: Deciding, language: Language) -> Element {
    let w = decide_words(language);
    let row = &deciding.row;
    if !row.counts {
        return rsx! {};
    }
    if !deciding.may {
        return rsx! { p { class: "soft only-look", "{w.only_look}" } };
    }
    let open = row.standing.is_open();
    rsx! {
        section { class: "block decide",
            h2 { "{w.title}" }
            form { id: FORM, method: "post", action: "/records/{row.digest}/decision",
                FormToken { token: deciding.token.clone() }
                input { r#type: "hidden", name: SEEN, value: "{deciding.seen}" }
                if open {
                    label { r#for: "comment", "{w.whole}" }
                    textarea {
                        id: "comment", name: COMMENT, rows: "3", maxlength: "{MAX_COMMENT}", dir: "auto",
                        "aria-describedby": "comment-hint", "{deciding.typed.comment}"
                    }
                    p { class: "soft hint", id: "comment-hint", "{w.hint}" }
                    p { class: "verdicts",
                        button { class: "button", r#type: "submit", name: VERDICT, value: Verdict::Return.name(), "{w.send_back}" }
                        button { class: "button primary", r#type: "submit", name: VERDICT, value: Verdict::Accept.name(), "{w.accept}" }
                    }
                } else {
                    Carried { typed: deciding.typed.clone() }
                    p { class: "soft", "{w.take_back_what}" }
                    p { class: "verdicts",
                        button { class: "button", r#type: "submit", name: VERDICT, value: Verdict::TakeBack.name(), "{w.take_back}" }
                    }
                }
            }
        }
    }
}

/// Everything that was decided about the visit and what was said with it, oldest first; also what was taken back, and
/// what was said of items that the page no longer shows.
#[component]
pub(super) fn History(
    decisions: Vec<Decision>,
    library: Option<Arc<Library>>,
    language: Language,
) -> Element {
    let w = decide_words(language);
    let question = |code: &str| -> Option<String> {
        let item = library.as_ref()?.values().find_map(|list| list.item(code))?;
        Some(item.text.get(language).to_owned())
    };
    rsx! {
        section { class: "block history", id: "history",
            h2 { "{w.history}" }
            if decisions.is_empty() { p { class: "soft", "{w.nobody_yet}" } }
            ul {
                for one in &decisions {
                    li { "data-verdict": one.verdict.name(),
                        bdi { "{head_of(one, w)}" }
                        if !one.comment.is_empty() { div { class: "written", dir: "auto", "{one.comment}" } }
                        for comment in &one.items {
                            div { class: "history-item", "data-item": "{comment.item}",
                                bdi { class: "code", "{comment.item}" }
                                if let Some(question) = question(&comment.item) { small { "{question}" } }
                                div { class: "written", dir: "auto", "{comment.text}" }
                            }
                        }
                    }
                }
            }
        }
    }
}
