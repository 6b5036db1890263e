//! What the bureau said of the record that is being corrected: over the sheet, at its items, before the signature.

use dioxus::prelude::*;

use super::model::SectionView;
use super::spot::Spot;
use crate::domain::inspection::Draft;
use crate::domain::review::{Outcome, Review};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::screens::returned::when;
use crate::view::words::returned::returned_words;

/// A comment as an item's card shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Remark {
    /// Who.
    pub by: String,
    /// When.
    pub at: chrono::DateTime<chrono::FixedOffset>,
    /// The words.
    pub text: String,
    /// The next item with one; none at the last.
    pub next: Option<Spot>,
}

/// The review that a draft answers to: a return of the revision that it corrects.
pub fn answered<'a>(draft: &Draft, review: Option<&'a Review>) -> Option<&'a Review> {
    let parent = draft.parent?;
    review
        .filter(|one| one.outcome == Outcome::Returned && one.is_of(parent, draft.revision.saturating_sub(1)))
}

/// Puts the comments at their items.
pub fn mark(sections: &mut [SectionView], review: Option<&Review>) {
    let Some(review) = review else { return };
    let cards = sections.iter().flat_map(|section| &section.cards);
    let spots: Vec<Spot> = cards
        .filter(|card| review.on(card.sheet, &card.code).is_some())
        .map(|card| (card.sheet, card.code.clone()))
        .collect();
    for section in sections {
        for card in &mut section.cards {
            let Some(text) = review.on(card.sheet, &card.code) else { continue };
            let spot = (card.sheet, card.code.clone());
            let next = spots.iter().position(|one| *one == spot).and_then(|n| spots.get(n + 1)).cloned();
            card.remark = Some(Remark { by: review.by.clone(), at: review.at, text: text.to_owned(), next });
            section.remarks += 1;
        }
    }
}

/// The first item with a comment, in the sheet's order.
pub fn first(sections: &[SectionView]) -> (Option<Spot>, usize) {
    let cards: Vec<_> =
        sections.iter().flat_map(|section| &section.cards).filter(|card| card.remark.is_some()).collect();
    (cards.first().map(|card| (card.sheet, card.code.clone())), cards.len())
}

/// At an item: who said what, and the way to the next one.
#[component]
pub fn RemarkLine(remark: Remark, on_go: EventHandler<Spot>) -> Element {
    let w = use_words();
    let r = returned_words(use_language());
    rsx! {
        div { class: "comment at-item",
            p { class: "comment-by", bdi { {(r.by)(&remark.by, &when(remark.at, w))} } }
            p { class: "comment-text", dir: "auto", {remark.text.clone()} }
            if let Some(next) = remark.next.clone() {
                button { class: "link next-comment", r#type: "button", onclick: move |_| on_go.call(next.clone()), {r.next} " ›" }
            }
        }
    }
}

/// Over the sheet and before the signature: the comment on the whole, and where to begin.
#[component]
pub fn Returned(
    draft: Draft,
    review: Option<Review>,
    first: Option<Spot>,
    count: usize,
    on_go: EventHandler<Spot>,
) -> Element {
    let w = use_words();
    let r = returned_words(use_language());
    if draft.parent.is_none() {
        return rsx! {};
    }
    let Some(review) = answered(&draft, review.as_ref()).cloned() else {
        let accepted = review.is_some_and(|one| one.outcome == Outcome::Accepted);
        return rsx! {
            section { class: "card comment", id: "returned-note", role: "status",
                p { if accepted { {r.accepted_meanwhile} } else { {r.taken_back} } }
            }
        };
    };
    rsx! {
        section { class: "card comment", id: "returned-note",
            p { class: "comment-by", bdi { {r.returned} " · " {(r.by)(&review.by, &when(review.at, w))} } }
            if !review.comment.is_empty() { p { class: "comment-text", dir: "auto", {review.comment.clone()} } }
            if let Some(first) = first {
                button { class: "btn wide", id: "first-comment", r#type: "button", onclick: move |_| on_go.call(first.clone()),
                    {(r.first)(count)}
                }
            } else {
                p { class: "t2", {r.only_whole} }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judge::Verdict;
    use crate::ui::sheet::model::fixture;

    fn section(sheet: u32, codes: &[&str]) -> SectionView {
        fixture::section(sheet, codes.iter().map(|code| (*code, Verdict::Pass)))
    }

    #[test]
    fn comments_stand_at_their_items_and_lead_to_the_next_one_over_all_sheets() {
        let review = r#"{"inspection":"0193e000-0000-7000-8000-000000000001","revision":1,"outcome":"returned",
            "items":[{"sheet":1,"item":"A-1","text":"三"},{"item":"A-2","text":"二"},{"item":"A-1","text":"一"},
            {"item":"gone","text":"x"}],"by":"李示例","at":"2026-11-22T10:00:00+08:00"}"#;
        let review: Review = serde_json::from_str(review).unwrap();
        let mut sections = [section(0, &["A-1", "A-2", "A-3"]), section(1, &["A-1"])];
        mark(&mut sections, Some(&review));
        let said: Vec<_> = sections
            .iter()
            .flat_map(|section| &section.cards)
            .map(|card| card.remark.as_ref().map(|one| (one.text.as_str(), one.next.clone())))
            .collect();
        let at = |sheet: u32, item: &str| Some((sheet, item.to_owned()));
        assert_eq!(said, [Some(("一", at(0, "A-2"))), Some(("二", at(1, "A-1"))), None, Some(("三", None))]);
        assert_eq!(first(&sections), (at(0, "A-1"), 3));
        assert_eq!(sections.map(|section| section.remarks), [2, 1]);
    }
}
