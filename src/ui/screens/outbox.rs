//! The outbox: what has reached the bureau, what is on its way, what is held up and why.

use chrono::{DateTime, Local};
use dioxus::prelude::*;

use super::outbox_row::{Delivered, Open, Reviews};
use super::shell::{Loading, Sorry, TopBar};
use super::site_card::size;
use crate::device::outbox::{Progress, RecordRow, Standing, Why};
use crate::device::sending::{Network, Sending};
use crate::domain::text::Language;
use crate::ui::live::{use_device, use_live, use_standing};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::say::Trouble;
use crate::view::words::outbox::OutboxWords;
use crate::view::words::words;

/// Rows shown at first in each section, and with each touch of “more”.
const PAGE: usize = 30;

pub(super) fn use_outbox_words() -> &'static OutboxWords {
    &words(use_language()).outbox
}

/// The third tab.
#[component]
pub fn Outbox() -> Element {
    let w = use_outbox_words();
    let rows = use_live(|device| async move { device.outbox().await.map_err(|e| Trouble::of(&e)) });
    let sending = use_live(|device| async move { device.sending().await.unwrap_or_default() });
    let profile = use_live(|device| async move { device.profile().await.ok().flatten() });
    let standing = use_standing();
    let reviews = use_live(|device| async move { device.reviews().await.unwrap_or_default() });
    use_context_provider(|| Reviews(reviews));
    let sending = sending.read().unwrap_or_default();
    let enrolled = !matches!(&*profile.read(), Some(None));
    let language = use_language();
    let line = standing_line(&standing.read(), sending, enrolled, w);
    rsx! {
        TopBar { title: use_words().tab_outbox, back: false, span { id: "standing", role: "status", {line} } }
        main { class: "scroll",
            match &*rows.read() {
                None => rsx! { Loading {} },
                Some(Err(trouble)) => rsx! { Sorry { trouble: trouble.clone() } },
                Some(Ok(outbox)) if outbox.rows.is_empty() => rsx! {
                    div { class: "empty", id: "outbox-empty", p { class: "t1", {w.empty} } p { {w.empty_what} } }
                },
                Some(Ok(outbox)) => rsx! {
                    Commands { sending, open: outbox.rows.iter().any(|row| row.complete_receipt.is_none()) }
                    if standing.read().stranger {
                        p { class: "alert", role: "alert", id: "stranger", {w.stranger_what} }
                    }
                    if standing.read().sign_in.is_some() {
                        p { class: "alert", role: "alert", id: "sign-in", {w.sign_in_what} }
                    }
                    if let Some(what) = waiting_what(&standing.read(), sending, language) {
                        p { class: "hint", id: "waiting", {what} }
                    }
                    Whole { progress: outbox.progress(&standing.read()), left_s: standing.read().left_s() }
                    Sections { rows: outbox.rows.clone(), standing: standing.read().clone(), sending }
                },
            }
        }
    }
}

fn log(result: Result<(), crate::device::Error>) {
    if let Err(error) = result {
        tracing::warn!(%error, "the outbox could not be told");
    }
}

fn standing_line(standing: &Standing, sending: Sending, enrolled: bool, w: &OutboxWords) -> String {
    if !enrolled {
        w.not_enrolled.to_owned()
    } else if sending.paused {
        w.paused.to_owned()
    } else if standing.sign_in.is_some() {
        w.sign_in.to_owned()
    } else if standing.waiting.is_some() && standing.stranger {
        w.stranger.to_owned()
    } else if let Some(waiting) = &standing.waiting {
        let at = DateTime::from_timestamp_millis(waiting.until_ms).map(|at| at.with_timezone(&Local));
        let why = match waiting.why {
            Why::Link => w.no_link,
            Why::Portal => w.portal,
            Why::BureauBusy => w.bureau_busy,
            Why::BureauFull => w.bureau_full,
            Why::PhoneFull => w.phone_full,
            Why::Phone => w.phone_trouble,
            Why::Other => w.not_sent,
        };
        (w.waits_until)(why, &at.map(|at| at.format("%H:%M").to_string()).unwrap_or_default())
    } else if standing.is_sending() {
        w.sending.to_owned()
    } else if standing.idle {
        w.all_sent.to_owned()
    } else if standing.rests() {
        w.needs_a_look.to_owned()
    } else if standing.held_originals > 0 && standing.to_send == 0 {
        w.originals_wait.to_owned()
    } else {
        w.ready.to_owned()
    }
}

/// What happened to the data while the worker waits, and what to do; none where the line above says all of it.
fn waiting_what(standing: &Standing, sending: Sending, language: Language) -> Option<&'static str> {
    let all = words(language);
    let waiting = standing.waiting.as_ref().filter(|_| !sending.paused && !standing.stranger)?;
    Some(match waiting.why {
        Why::Link => all.failure.no_network,
        Why::Portal => all.failure.not_ours,
        Why::BureauBusy => (all.failure.by_code)("busy"),
        Why::BureauFull => (all.failure.by_code)("storage_full"),
        Why::PhoneFull => all.outbox.phone_full_what,
        Why::Phone => all.outbox.phone_trouble_what,
        Why::Other => return None,
    })
}

/// Pause, retry, and what originals wait for.
#[component]
fn Commands(sending: Sending, open: bool) -> Element {
    let w = use_outbox_words();
    let device = use_device();
    let (pausing, retrying, choosing, letting) =
        (device.clone(), device.clone(), device.clone(), device.clone());
    let Sending { paused, wifi_only, network, originals } = sending;
    rsx! {
        if open {
            div { class: "row end",
                button { class: "btn", id: "pause", r#type: "button", aria_pressed: paused,
                    onclick: move |_| { let device = pausing.clone(); async move { log(device.pause(!paused).await) } },
                    if paused { {w.resume} } else { {w.pause} }
                }
                button { class: "btn", id: "retry", r#type: "button",
                    onclick: move |_| { let device = retrying.clone(); async move { log(device.retry().await) } }, {w.retry}
                }
            }
        }
        section { class: "card",
            button { class: "switch", id: "wifi-only", r#type: "button", role: "switch", aria_checked: wifi_only,
                onclick: move |_| { let device = choosing.clone(); async move { log(device.put_wifi_only(!wifi_only).await) } },
                span { class: "grow", span { class: "t1", {w.wifi_only} } span { class: "t2", {w.wifi_only_what} } }
                span { class: "knob", aria_hidden: "true", if wifi_only { "✓" } }
            }
            if wifi_only {
                p { class: "hint", id: "network",
                    {match network { Network::Free => w.net_free, Network::Metered => w.net_metered, Network::Unknown => w.net_unknown }}
                }
                if !originals {
                    button { class: "btn wide", id: "let-go", r#type: "button",
                        onclick: move |_| { let device = letting.clone(); async move { log(device.let_originals_go().await) } }, {w.let_go}
                    }
                }
            }
        }
    }
}

/// All of it together; the time only while it is known.
#[component]
fn Whole(progress: Progress, left_s: Option<u64>) -> Element {
    let w = use_outbox_words();
    let Progress { there, all } = progress;
    let share = there * 100 / all.max(1);
    let bytes = (w.whole)(&size(there), &size(all));
    rsx! {
        if all > 0 {
            section { class: "card", id: "whole",
                div { class: "row outbox-row",
                    p { class: "t2 grow", {bytes.clone()} }
                    if let Some(seconds) = left_s { p { class: "t2 right", id: "left", {(w.left)(seconds)} } }
                }
                div { class: "bar", role: "progressbar", aria_valuemin: "0", aria_valuemax: "100", aria_valuenow: "{share}",
                    aria_label: bytes, i { style: "width:{share}%" }
                }
            }
        }
    }
}

/// Where a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Sending,
    Waiting,
    Trouble,
    Delivered,
}

/// Everything here is sent, and what the bureau has lost since was removed here when it had it: no receipt will come.
pub(super) fn has_lost_originals(row: &RecordRow) -> bool {
    row.record_receipt.is_some() && row.complete_receipt.is_none() && row.blobs_left == 0 && row.removed > 0
}

pub(super) fn stage(row: &RecordRow, standing: &Standing) -> Stage {
    if row.complete_receipt.is_some() {
        Stage::Delivered
    } else if row.blocked.is_some() || has_lost_originals(row) {
        Stage::Trouble
    } else if standing.under_way_of(row.digest).is_some() {
        Stage::Sending
    } else {
        Stage::Waiting
    }
}

#[component]
fn Sections(rows: Vec<RecordRow>, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let of = |wanted: Stage| -> Vec<RecordRow> {
        rows.iter().filter(|row| stage(row, &standing) == wanted).cloned().collect()
    };
    rsx! {
        Section { title: w.sec_trouble, rows: of(Stage::Trouble), standing: standing.clone(), sending }
        Section { title: w.sec_sending, rows: of(Stage::Sending), standing: standing.clone(), sending }
        Section { title: w.sec_waiting, rows: of(Stage::Waiting), standing: standing.clone(), sending }
        Section { title: w.sec_delivered, rows: of(Stage::Delivered), standing: standing.clone(), sending }
    }
}

/// One section, a page at a time: five hundred rows would make every touch wait.
#[component]
fn Section(title: &'static str, rows: Vec<RecordRow>, standing: Standing, sending: Sending) -> Element {
    let w = use_outbox_words();
    let mut shown = use_signal(|| PAGE);
    let left = rows.len().saturating_sub(shown());
    rsx! {
        if !rows.is_empty() {
            h2 { class: "sec", span { {title} } span { {(w.n)(rows.len())} } }
        }
        for row in rows.iter().take(shown()).cloned() {
            if row.complete_receipt.is_some() {
                Delivered { key: "{row.digest}", row }
            } else {
                Open { key: "{row.digest}", standing: standing.clone(), sending, row }
            }
        }
        if left > 0 {
            button { class: "btn wide", r#type: "button", "data-more": "{left}", onclick: move |_| shown += PAGE,
                {(w.more)(left.min(PAGE))}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::outbox::{UnderWay, Waiting};
    use crate::domain::id::Digest;

    const ENROLLED: bool = true;

    fn line(standing: &Standing) -> String {
        standing_line(standing, Sending::default(), ENROLLED, &words(Language::Zh).outbox)
    }

    fn waits(why: Why) -> Standing {
        Standing { waiting: Some(Waiting { why, detail: String::new(), until_ms: 0 }), ..Standing::default() }
    }

    #[test]
    fn while_it_waits_the_line_says_for_what_and_a_sentence_says_that_nothing_is_lost() {
        let table = [
            (Why::Link, "连不上监督机构", "连不上监督机构"),
            (Why::Portal, "要先登录网页", "登录网页"),
            (Why::BureauBusy, "监督机构正忙", "正忙"),
            (Why::BureauFull, "监督机构存不下了", "存储已满"),
            (Why::PhoneFull, "手机存满了", "删掉"),
            (Why::Phone, "手机里的数据读写出错", "不要卸载"),
        ];
        for (why, short, long) in table {
            let standing = waits(why);
            let said = line(&standing);
            assert!(said.contains(short) && said.contains("自动再试"), "{why:?}: {said}");
            for language in [Language::Zh, Language::En] {
                let what = waiting_what(&standing, Sending::default(), language).unwrap();
                let kept = ["都在手机里", "on the phone"].iter().any(|kept| what.contains(kept));
                assert!(kept, "{why:?}: {what}");
            }
            let what = waiting_what(&standing, Sending::default(), Language::Zh).unwrap();
            assert!(what.contains(long), "{why:?}: {what}");
            let paused = Sending { paused: true, ..Sending::default() };
            assert_eq!(waiting_what(&standing, paused, Language::Zh), None);
        }
        let said = line(&waits(Why::Other));
        assert!(said.contains("没传成") && !said.contains("连不上"), "{said}");
    }

    #[test]
    fn what_does_not_go_by_itself_is_not_promised_to() {
        let w = &words(Language::Zh).outbox;
        let rest = Standing::default;
        let under_way = vec![UnderWay { row: 1, document: Digest::of(b"a"), bytes: 0 }];
        let table = [
            (Standing { idle: true, ..rest() }, w.all_sent),
            (Standing { blocked: 2, ..rest() }, w.needs_a_look),
            (Standing { blocked: 2, to_send: 7, ..rest() }, w.ready),
            (Standing { blocked: 2, to_send: 7, under_way, ..rest() }, w.sending),
            (Standing { blocked: 2, held_originals: 1, ..rest() }, w.originals_wait),
            (Standing { held_originals: 1, ..rest() }, w.originals_wait),
            (Standing { held_originals: 1, to_send: 7, ..rest() }, w.ready),
        ];
        for (standing, said) in table {
            assert_eq!(line(&standing), said, "{standing:?}");
        }
    }
}
