//! A record that the bureau sent back, with the first thing it says.

use dioxus::prelude::*;

use crate::device::work::Returned;
use crate::ui::prefs::use_language;
use crate::view::words::today::today_words;

/// The card; what is to be corrected stands on it in full.
#[component]
pub fn ReturnedCard(returned: Returned) -> Element {
    let t = today_words(use_language());
    let Returned { inspection, site, review } = returned;
    let more = review.more();
    rsx! {
        section { class: "card site returned", "data-returned": "{inspection}",
            span { class: "lv a", aria_hidden: "true" }
            details { class: "grow",
                summary {
                    span { class: "grow",
                        span { class: "t1", dir: "auto", {(t.returned)(&site)} }
                        span { class: "t2", dir: "auto", {(t.returned_by)(&review.by, &review.first_words())} }
                    }
                    if more > 0 { span { class: "link", {(t.returned_more)(more)} } }
                }
                ul { class: "t2 what",
                    for (n, one) in review.items.iter().enumerate() { li { key: "{n}", dir: "auto", "{one.item} {one.text}" } }
                }
            }
        }
    }
}
