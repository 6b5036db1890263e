//! Today: the one next step, what is due and near, what to go on with, what waits to be sent.

use chrono::{Datelike as _, Local, NaiveDate};
use dioxus::prelude::*;

use super::locate::Locate;
use super::returned::ReturnedCard;
use super::shell::{Loading, TopBar};
use super::site_card::{SiteCard, SiteLine, due_line, size};
use crate::device::outbox::{RecordRow, Standing, Why};
use crate::device::returned::{Returned, Whose};
use crate::device::round::{Listed, Round};
use crate::device::work::OpenDraft;
use crate::domain::place::Place;
use crate::ui::live::{use_live, use_standing};
use crate::ui::position::LastPlace;
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::view::words::returned::returned_words;
use crate::view::words::sites::site_words;
use crate::view::words::today::{TodayWords, today_words};

/// As many as one goes to in a day; the rest of the month is counted.
const A_DAY: usize = 5;

/// What the screen shows, read at once.
#[derive(Clone, Debug, Default, PartialEq)]
struct Day {
    enrolled: bool,
    round: Round,
    drafts: Vec<OpenDraft>,
    returned: Vec<Returned>,
}

/// The first tab.
#[component]
pub fn Today() -> Element {
    let (w, t) = (use_words(), today_words(use_language()));
    let here = use_context::<LastPlace>().0;
    let day = use_live(move |device| {
        let here = *here.read();
        async move {
            Day {
                enrolled: device.profile().await.ok().flatten().is_some(),
                round: device.round(here, A_DAY).await.unwrap_or_default(),
                drafts: device.open_drafts().await.unwrap_or_default(),
                returned: device.returned().await.unwrap_or_default(),
            }
        }
    });
    let records = use_live(|device| async move { device.records().await.unwrap_or_default() });
    let standing = use_standing();
    let now = Local::now();
    let date = (w.day)(now.month(), now.day(), now.weekday().num_days_from_monday());
    let waiting: Vec<RecordRow> =
        records.read().iter().flatten().filter(|r| r.complete_receipt.is_none()).cloned().collect();
    let title = day.read().as_ref().map_or(w.tab_today.to_owned(), |day| title(day, t));
    let returned = day.read().as_ref().map_or(0, |day| day.returned.len());
    rsx! {
        TopBar { title, back: false,
            if returned > 0 { span { class: "sent-back", {(t.sent_back)(returned)} } " · " }
            {date} " · " {network_word(&standing.read(), w)}
        }
        main { class: "scroll", id: "today",
            match &*day.read() {
                None => rsx! { Loading {} },
                Some(day) => rsx! {
                    if day.enrolled {
                        DueSites { round: day.round.clone(), here: here(), drafts: !day.drafts.is_empty(),
                            SentBack { returned: day.returned.clone() }
                        }
                    } else {
                        NotYet {}
                        SentBack { returned: day.returned.clone() }
                    }
                    if !day.drafts.is_empty() { h2 { class: "sec", {t.go_on} } }
                    for (n, draft) in day.drafts.iter().cloned().enumerate() {
                        DraftCard { key: "{draft.row.id}", draft, big: n == 0 && day.round.sites.is_empty() }
                    }
                },
            }
            if !waiting.is_empty() { Waiting { waiting } }
        }
    }
}

/// 今天 3 处要去; how much, in the words of the first thing to do.
fn title(day: &Day, t: &TodayWords) -> String {
    let mine = day.returned.iter().filter(|one| one.whose == Whose::Mine).count();
    match (day.round.sites.len(), mine, day.drafts.len()) {
        (0, 0, 0) => t.title.to_owned(),
        (0, 0, n) => (t.drafts)(n),
        (0, n, _) => (t.to_correct)(n),
        (n, ..) => (t.to_visit)(n),
    }
}

/// One word about the network, from how sending stands.
pub fn network_word(standing: &Standing, w: &crate::view::words::phone::PhoneWords) -> &'static str {
    if standing.sign_in.is_some() {
        w.net_sign_in
    } else if let Some(waiting) = &standing.waiting {
        match waiting.why {
            Why::Link | Why::Portal => w.net_none,
            Why::PhoneFull | Why::Phone => w.net_phone,
            Why::BureauBusy | Why::BureauFull | Why::Other => w.net_later,
        }
    } else if standing.paused {
        w.net_paused
    } else if standing.is_sending() {
        w.net_sending
    } else {
        w.net_ready
    }
}

#[component]
fn NotYet() -> Element {
    let w = use_words();
    rsx! {
        div { class: "card",
            h2 { class: "q", {w.not_enrolled_title} }
            p { class: "t2", {w.not_enrolled_what} }
            button { class: "btn p wide", id: "to-enrol", r#type: "button",
                onclick: move |_| { navigator().push(Route::Enrol {}); }, {w.enrol}
            }
        }
        super::practice::PracticeOffer {}
    }
}

/// What the bureau sent back: somebody waits for it, so it stands before what is only to be gone on with.
#[component]
fn SentBack(returned: Vec<Returned>) -> Element {
    rsx! {
        for one in returned { ReturnedCard { key: "{one.inspection}", returned: one } }
    }
}

/// The sites of the day, the first with the big button; or why there is none. After the first comes what else must be
/// seen without scrolling.
#[component]
fn DueSites(round: Round, here: Option<Place>, drafts: bool, children: Element) -> Element {
    let t = today_words(use_language());
    let more = round.due.saturating_sub(round.sites.len());
    let mut sites = round.sites.iter().cloned();
    let Some(first) = sites.next() else {
        return rsx! { NothingDue { round, here, drafts, {children} } };
    };
    rsx! {
        FirstSite { listed: first, here }
        {children}
        for listed in sites { SiteCard { key: "{listed.site.id}", listed, here } }
        Locate {}
        if more > 0 {
            button { class: "btn wide", id: "more-due", r#type: "button", onclick: move |_| { navigator().replace(Route::Sites {}); },
                {(t.more_due)(more)}
            }
        }
    }
}

#[component]
fn FirstSite(listed: Listed, here: Option<Place>) -> Element {
    let s = site_words(use_language());
    let id = listed.site.id;
    rsx! {
        section { class: "card first", "data-first": "{id}",
            button { class: "site", r#type: "button", "data-site": "{id}", onclick: move |_| { navigator().push(Route::SitePage { id }); },
                SiteLine { listed, here }
            }
            button { class: "btn p wide", id: "next-step", r#type: "button",
                onclick: move |_| { navigator().push(Route::StartVisit { id }); }, {s.start_visit}
            }
        }
    }
}

/// Nothing is due: no sites at all, or all were visited.
#[component]
fn NothingDue(round: Round, here: Option<Place>, drafts: bool, children: Element) -> Element {
    let language = use_language();
    let (s, t) = (site_words(language), today_words(language));
    let next =
        round.later.as_ref().and_then(|later| Some((later.site.title().to_owned(), due_line(later.due?, s))));
    rsx! {
        div { class: "card", id: "nothing-due",
            match (round.all, next) {
                (0, _) => rsx! { p { class: "t1", {t.no_sites} } p { class: "t2", {t.no_sites_what} } },
                (_, Some((site, when))) => rsx! { p { class: "t1", {t.nothing_due} } p { class: "t2", dir: "auto", {(t.next_due)(&site, &when)} } },
                (_, None) => rsx! { p { class: "t1", {t.nothing_due} } p { class: "t2", {t.none_asked} } },
            }
            button { class: if drafts { "btn wide" } else { "btn p wide" }, id: "to-sites", r#type: "button",
                onclick: move |_| { navigator().replace(if round.all == 0 { Route::Outbox {} } else { Route::Sites {} }); },
                if round.all == 0 { {t.to_outbox} } else { {t.to_sites} }
            }
        }
        {children}
        if let Some(listed) = round.later { SiteCard { listed, here } }
    }
}

/// A visit to go on with.
#[component]
pub fn DraftCard(draft: OpenDraft, #[props(default)] big: bool) -> Element {
    let (w, t) = (use_words(), today_words(use_language()));
    let id = draft.row.id;
    let at = draft.row.at.as_ref().map(|(_, item)| item.as_str()).unwrap_or_default();
    let touched = draft.row.touched_at.with_timezone(&Local);
    let time = touched.format("%H:%M").to_string();
    let when = match days_ago(touched.date_naive(), Local::now().date_naive()) {
        0 => (t.today_at)(&time),
        1 => (t.yesterday_at)(&time),
        _ => (w.month_day_time)(touched.month(), touched.day(), &time),
    };
    let line = (t.draft_line)(at, draft.answered, draft.total, &when);
    let title = if draft.row.correction { returned_words(use_language()).draft } else { t.draft };
    let title = title(&draft.row.site);
    let go = move |_| {
        navigator().push(Route::SheetScreen { id, item: String::new() });
    };
    if big {
        return rsx! {
            section { class: "card first",
                button { class: "site", r#type: "button", "data-draft": "{id}", onclick: go,
                    span { class: "lv", aria_hidden: "true" }
                    span { class: "grow", span { class: "t1", dir: "auto", {title} } span { class: "t2", {line} } }
                }
                button { class: "btn p wide", id: "next-step", r#type: "button", onclick: go, {t.resume} }
            }
        };
    }
    rsx! {
        button { class: "card site", r#type: "button", "data-draft": "{id}", onclick: go,
            span { class: "lv", aria_hidden: "true" }
            span { class: "grow",
                span { class: "t1", dir: "auto", {title} }
                span { class: "t2", {line} }
            }
            span { class: "link", {t.resume} }
        }
    }
}

/// Whole days between; a day in the future counts as today, because clocks are turned.
fn days_ago(then: NaiveDate, today: NaiveDate) -> i64 {
    today.signed_duration_since(then).num_days().max(0)
}

#[component]
fn Waiting(waiting: Vec<RecordRow>) -> Element {
    let (w, t) = (use_words(), today_words(use_language()));
    let photos = waiting.iter().map(|row| row.blobs_left).sum();
    let bytes = waiting.iter().map(|row| row.bytes_left).sum();
    rsx! {
        button { class: "card site", r#type: "button", id: "waiting", onclick: move |_| { navigator().replace(Route::Outbox {}); },
            span { class: "grow",
                span { class: "t1", {(w.waiting)(waiting.len(), photos, &size(bytes))} }
                span { class: "t2", {w.waiting_what} }
            }
            span { class: "link", {t.look} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::outbox::Waiting;
    use crate::domain::text::Language;
    use crate::view::words::phone::phone;

    #[test]
    fn only_a_missing_network_is_called_one_and_the_phones_own_trouble_leads_to_the_outbox() {
        let w = phone(Language::Zh);
        let said = |why: Why| {
            let waiting = Some(Waiting { why, detail: String::new(), until_ms: 0 });
            network_word(&Standing { waiting, ..Standing::default() }, w)
        };
        for why in [Why::Link, Why::Portal] {
            assert!(said(why).contains("连不上"), "{why:?}: {}", said(why));
        }
        for why in [Why::PhoneFull, Why::Phone] {
            assert!(said(why).contains("上传") && said(why).contains("手机"), "{why:?}: {}", said(why));
        }
        for why in [Why::BureauBusy, Why::BureauFull, Why::Other] {
            assert!(
                said(why).contains("自动再传") && !said(why).contains("连不上"),
                "{why:?}: {}",
                said(why)
            );
        }
    }
}
