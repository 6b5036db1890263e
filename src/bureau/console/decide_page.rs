//! The review as markup: where a record stands, the form, and what was decided before.

use std::collections::BTreeMap;

use dioxus::prelude::*;

use super::decide::{COMMENT, Notice, SEEN, Typed, VERDICT, item_field};
use super::page::FormToken;
use crate::bureau::storage::decisions::{Decision, Seen};
use crate::bureau::storage::inbox::InboxRow;
use crate::domain::checklist::Library;
use crate::domain::id::Digest;
use crate::domain::inspection::Inspection;
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
    pub(super) notice: Option<Notice>,
    /// The record that has waited longest.
    pub(super) next: Option<Digest>,
}

impl Deciding {
    /// Whether the form stands on the page.
    fn is_open(&self) -> bool {
        self.may && self.row.counts && self.row.standing.is_open()
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
        for (n, sheet) in document.sheets.iter().enumerate() {
            let items = library.get(&sheet.checklist.hash).into_iter().flat_map(|list| list.items());
            for item in items {
                let field = RemarkField {
                    form: FORM,
                    name: item_field(n, &item.code),
                    label: (w.on_item)(&item.code),
                    write: w.write,
                    typed: deciding.typed.items.get(&(n, item.code.clone())).cloned().unwrap_or_default(),
                    max: MAX_ITEM_COMMENT,
                };
                all.entry((n, item.code.clone())).or_default().field = Some(field);
            }
        }
    }
    all
}

/// Above everything: what came of the form, and where the record stands.
#[component]
pub(super) fn StateBar(deciding: Deciding, language: Language) -> Element {
    let w = decide_words(language);
    let row = &deciding.row;
    let notice = deciding.notice.map(|notice| match notice {
        Notice::NeedsComment => w.needs_comment,
        Notice::Overtaken => w.overtaken,
    });
    rsx! {
        if let Some(notice) = notice { p { class: "error", id: "notice", role: "alert", "{notice}" } }
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
                    p { class: "soft", "{w.take_back_what}" }
                    p { class: "verdicts",
                        button { class: "button", r#type: "submit", name: VERDICT, value: Verdict::TakeBack.name(), "{w.take_back}" }
                    }
                }
            }
        }
    }
}

/// Everything that was decided about the visit, oldest first.
#[component]
pub(super) fn History(decisions: Vec<Decision>, language: Language) -> Element {
    let w = decide_words(language);
    rsx! {
        section { class: "block history", id: "history",
            h2 { "{w.history}" }
            if decisions.is_empty() { p { class: "soft", "{w.nobody_yet}" } }
            ul {
                for one in &decisions {
                    li { "data-verdict": one.verdict.name(),
                        bdi { "{head_of(one, w)}" }
                        if !one.items.is_empty() { small { "{(w.n_items)(one.items.len())}" } }
                        if !one.comment.is_empty() { div { class: "written soft", dir: "auto", "{one.comment}" } }
                    }
                }
            }
        }
    }
}
