//! Claims about what people see: the printed record, the words, the colours.
#![expect(clippy::unwrap_used, reason = "a helper of a test may fail its test")]

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use chrono::FixedOffset;
use dioxus::prelude::*;
use xieguan::bureau::console::rendered;
use xieguan::domain::answer::PartValue;
use xieguan::domain::finding::{Disposition, Handling};
use xieguan::domain::id::{BureauId, DeviceId, Digest};
use xieguan::domain::inspection::{
    Attestation, Clock, ClockJump, Draft, Finishing, Inspection, Photo, PhotoSource, UnsignedCause,
};
use xieguan::domain::judge::judge;
use xieguan::domain::place::{NoFix, NoFixReason};
use xieguan::domain::problem::draft_problems;
use xieguan::domain::summary::register_row;
use xieguan::domain::text::Language;
use xieguan::view::photo::PhotoLink;
use xieguan::view::record::{Record, RecordBody, RegisterTable};
use xieguan::view::signature::{path, view_box};
use xieguan::view::text::{answer_text, limits_text, reason_text, span};
use xieguan::view::words::failure::CODES;
use xieguan::view::words::words;
use xieguan::view::{PARTS_CSS, TOKENS_CSS};
use xieguan::wire::failure::Code;

use crate::support::records::{answer, compliant_sheet, draft, library, moment, number, water_rural, yes_no};

fn china() -> FixedOffset {
    FixedOffset::east_opt(8 * 3600).unwrap()
}

fn photo(item: Option<&str>, seed: &str) -> Photo {
    Photo {
        original: Digest::of(seed.as_bytes()),
        original_bytes: 1,
        derived: Digest::of(format!("{seed} small").as_bytes()),
        derived_bytes: 1,
        item: item.map(ToOwned::to_owned),
        taken_at: moment(),
        source: if item.is_some() { PhotoSource::Camera } else { PhotoSource::Album },
        fix: None,
    }
}

/// A visit with two failures, two photos, guidance and a moved clock.
fn visit() -> Draft {
    let mut sheet = compliant_sheet();
    let mut stopped =
        answer(&[("ok", yes_no(false)), ("substitute", PartValue::One { choice: "none".to_owned() })]);
    stopped.note = "设备已停三天".to_owned();
    stopped.photos = vec![photo(Some("WR-09"), "one").original];
    stopped.handling = Some(Handling { problem: "设备停用".to_owned(), ..Handling::default() });
    sheet.answers.insert("WR-09".to_owned(), stopped);
    let mut low = answer(&[("value", number("0.02"))]);
    low.handling = Some(Handling {
        disposition: Some(Disposition::Guided),
        deadline: "2026-12-05".parse().ok(),
        ..Handling::default()
    });
    sheet.answers.insert("WR-15".to_owned(), low);
    let mut draft = draft(sheet);
    draft.photos = vec![photo(Some("WR-09"), "one"), photo(None, "two")];
    draft.guidance = "1. 请尽快恢复消毒设备运转。\n2. 请调整投加量。".to_owned();
    draft
}

fn finished(draft: Draft) -> Inspection {
    let facts = Finishing {
        finished_at: moment() + chrono::Duration::minutes(24),
        clock: Clock {
            offset_s: Some(2),
            elapsed_s: 1440,
            jumps: vec![ClockJump { at: moment(), by_s: -60 }],
        },
        bureau: BureauId(uuid::Uuid::nil()),
        device: DeviceId(uuid::Uuid::nil()),
        app_version: "0.1.0".to_owned(),
    };
    draft.finish(facts, &library())
}

fn record(document: Inspection) -> Record {
    let link = |photo: &Photo| PhotoLink {
        thumbnail: Some(format!("/photos/{}/thumbnail", photo.derived)),
        full: Some(format!("/photos/{}", photo.derived)),
        original: None,
        original_held: false,
    };
    let photos = document.photos.iter().take(1).map(|photo| (photo.original, link(photo))).collect();
    Record { document, library: Arc::new(library()), zone: china(), photos, remarks: Default::default() }
}

fn page(record: Record, language: Language) -> String {
    rendered(move || {
        let record = Rc::new(record.clone());
        rsx! { RecordBody { record, language } }
    })
    .unwrap()
}

#[test]
fn the_printed_record_says_everything_in_both_languages() {
    let record = record(finished(visit()));
    let zh = page(record.clone(), Language::Zh);
    for said in [
        "示例镇石桥村集中供水站",
        "2026-11-21 09:31–09:55",
        "王示例（示例镇卫生院）",
        "30.66421, 104.06921 ±6 m",
        "距登记点",
        "日常巡查",
        "不符合 2 项",
        "B 需上报",
        "设备停用",
        "0.02 mg/L，低于下限 0.05 mg/L",
        "合格 0.05–2 mg/L",
        "现场指导整改，12月5日前复查",
        "GB 5749-2022",
        "设备已停三天",
        "请尽快恢复消毒设备运转",
        "以上记录我看过，情况属实。",
        "张示例 的签名",
        "相册导入，非现场拍摄",
        "照片还没有传到",
    ] {
        assert!(zh.contains(said), "{said} is missing in\n{zh}");
    }
    let en = page(record, Language::En);
    for said in ["2 failed items", "Below the lower limit 0.05 mg/L", "Guided on site", "Signature of 张示例"]
    {
        assert!(en.contains(said), "{said} is missing");
    }
    assert!(!en.contains("不符合"), "Chinese words stand in the English page");
}

#[test]
fn findings_come_first_and_the_worst_first() {
    let zh = page(record(finished(visit())), Language::Zh);
    let at = |text: &str| zh.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(at("id=\"findings\"") < at("id=\"WR-01\""));
    let findings = &zh[at("id=\"findings\"")..at("id=\"WR-01\"")];
    assert!(findings.find("WR-09").unwrap() < findings.find("WR-15").unwrap());
}

#[test]
fn what_people_typed_is_text_everywhere() {
    let mut draft = visit();
    let hostile = format!("<script>alert(1)</script>\u{202e}{}&\"'", "长".repeat(10_000));
    draft.site.title = hostile.clone();
    draft.site.address = hostile.clone();
    draft.site.township.name = hostile.clone();
    draft.site.kinds = vec![hostile.clone()];
    draft.coordinators[0].name = hostile.clone();
    draft.coordinators[0].organisation = hostile.clone();
    draft.guidance = hostile.clone();
    draft.fixes.clear();
    draft.no_fix = Some(NoFix { reason: NoFixReason::NoSignal, landmark: hostile.clone() });
    draft.attestation = Some(Attestation::Unsigned {
        cause: UnsignedCause::Refused,
        reason: hostile.clone(),
        witness: hostile.clone(),
    });
    let stopped = draft.sheets[0].answers.get_mut("WR-09").unwrap();
    stopped.note = hostile.clone();
    stopped.handling = Some(Handling { problem: hostile.clone(), ..Handling::default() });
    draft.sheets[0].answers.insert(hostile.clone(), answer(&[(hostile.as_str(), yes_no(true))]));
    let text = PartValue::NotMeasured { reason: hostile.clone() };
    draft.sheets[0].answers.insert("WR-14".to_owned(), answer(&[("value", text)]));
    for language in [Language::Zh, Language::En] {
        let html = page(record(finished(draft.clone())), language);
        assert!(!html.contains("<script"), "a script tag is in the page");
        assert!(html.contains("&#60;script&#62;") || html.contains("&lt;script&gt;"));
        // Every turn of direction stands within an element that isolates it.
        for (at, _) in html.match_indices('\u{202e}') {
            let before = &html[..at];
            let open = before.rfind("<bdi").max(before.rfind("dir=\"auto\"")).unwrap_or(0);
            let closed = before.rfind("</bdi>").unwrap_or(0).max(before.rfind("</div>").unwrap_or(0));
            let attribute = before.rfind('"').unwrap_or(0) > before.rfind('>').unwrap_or(0);
            assert!(open > closed || attribute, "…{}", &before[before.len().saturating_sub(200)..]);
        }
    }
}

#[test]
fn a_record_without_its_checklist_is_shown_as_it_came() {
    let mut record = record(finished(visit()));
    record.library = Arc::default();
    let zh = page(record, Language::Zh);
    assert!(zh.contains("这里没有检查表 WATER_RURAL 2026.1"));
    assert!(zh.contains("WR-21"), "an answer is hidden");
}

#[test]
fn an_empty_record_is_shown_too() {
    let mut draft = visit();
    draft.sheets.clear();
    draft.coordinators.clear();
    draft.fixes.clear();
    draft.photos.clear();
    draft.guidance.clear();
    draft.attestation = None;
    let zh = page(record(finished(draft)), Language::Zh);
    for said in ["没有不符合项", "无定位，也没有写明原因", "没有写指导意见", "没有签字，也没有写明原因"]
    {
        assert!(zh.contains(said), "{said} is missing");
    }
}

#[test]
fn a_component_that_panics_fails_the_page() {
    #[component]
    fn Broken(depth: u32) -> Element {
        assert!(depth > 0, "planted");
        rsx! { div { Broken { depth: depth - 1 } } }
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let outermost = rendered(|| panic!("planted"));
    let nested = rendered(|| rsx! { p { "before" } Broken { depth: 3 } });
    std::panic::set_hook(hook);
    assert!(nested.is_err(), "{nested:?}");
    assert!(outermost.is_err());
    assert!(rendered(|| rsx! { p { "whole" } }).is_ok());
}

#[test]
fn reasons_answers_and_limits_are_whole_sentences() {
    let (_, checklist) = water_rural();
    let document = finished(visit());
    let sheet = &document.sheets[0];
    let said = |code: &str, language| {
        let item = checklist.item(code).unwrap();
        let judged = judge(item, sheet, document.day());
        judged.reasons.iter().map(|r| reason_text(r, Some(item), language)).collect::<Vec<_>>()
    };
    assert_eq!(said("WR-15", Language::Zh), ["0.02 mg/L，低于下限 0.05 mg/L"]);
    assert_eq!(said("WR-15", Language::En), ["0.02 mg/L: Below the lower limit 0.05 mg/L"]);
    let item = checklist.item("WR-02").unwrap();
    assert_eq!(answer_text(item, &sheet.answers["WR-02"], Language::Zh), "应 3 / 实 3");
    let item = checklist.item("WR-15").unwrap();
    assert_eq!(answer_text(item, &sheet.answers["WR-15"], Language::Zh), "0.02 mg/L（DPD 比色）");
    let limits = xieguan::domain::judge::limits_in_force(&item.parts[0], item, sheet);
    assert_eq!(limits_text(&limits, "mg/L", Language::Zh), "合格 0.05–2 mg/L");
    assert_eq!(limits_text(&[], "mg/L", Language::Zh), "");
}

#[test]
fn times_are_told_in_the_bureaus_zone() {
    let start = chrono::DateTime::parse_from_rfc3339("2026-11-20T23:50:00+06:00").unwrap();
    assert_eq!(span(start, start + chrono::Duration::minutes(20), china()), "2026-11-21 01:50–02:10");
    let late = chrono::DateTime::parse_from_rfc3339("2026-11-20T23:50:00+08:00").unwrap();
    let told = span(late, late + chrono::Duration::minutes(20), china());
    assert_eq!(told, "2026-11-20 23:50–2026-11-21 00:10");
}

#[test]
fn a_signature_keeps_every_point_inside_its_frame() {
    let strokes = vec![vec![[0, 0], [1000, 40]], vec![[500, 65_535]], vec![]];
    assert_eq!(path(&strokes), "M0 0L1000 40M500 65535h0");
    let [x, y, width, height] = view_box(&strokes);
    for [px, py] in strokes.iter().flatten().map(|p| p.map(i32::from)) {
        assert!((x..=x + width).contains(&px) && (y..=y + height).contains(&py));
    }
    assert!(view_box(&[])[2] > 0);
}

#[test]
fn every_problem_of_an_empty_sheet_has_a_sentence_in_both_languages() {
    let mut empty = draft(xieguan::domain::answer::Sheet::new(water_rural().0));
    empty.attestation = None;
    let problems = draft_problems(&empty, &library());
    assert!(problems.len() > 15, "{problems:?}");
    for problem in problems {
        let zh = (words(Language::Zh).problem.sentence)(&problem.kind, "");
        let en = (words(Language::En).problem.sentence)(&problem.kind, "");
        assert!(zh.chars().any(is_han) && !en.is_empty() && !en.chars().any(is_han), "{zh} / {en}");
    }
}

#[test]
fn the_register_row_has_its_five_columns() {
    let row = register_row(&finished(visit()), &library());
    let html = rendered(move || rsx! { RegisterTable { row: row.clone(), language: Language::Zh } }).unwrap();
    assert_eq!(html.matches("<th").count() - html.matches("<thead").count(), 5);
    assert!(html.contains("设备停用；"), "{html}");
}

fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c)
}

#[test]
fn no_fixed_word_stands_in_the_wrong_language() {
    let quoted = |language| {
        let all = format!("{:?}", words(language));
        all.split('"').skip(1).step_by(2).map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    let en = quoted(Language::En);
    assert!(en.len() > 80, "the words are no longer found");
    let strange: Vec<_> = en.iter().filter(|word| word.chars().any(is_han) && *word != "中文").collect();
    assert!(strange.is_empty(), "{strange:?}");
    let known = ["zh-CN", "English", "；", "、", "："];
    let zh = quoted(Language::Zh);
    let strange: Vec<_> =
        zh.iter().filter(|word| !word.chars().any(is_han) && !known.contains(&word.as_str())).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn every_failure_code_has_a_sentence_of_its_own() {
    for language in [Language::Zh, Language::En] {
        let say = words(language).failure.by_code;
        let sentences: BTreeSet<_> = CODES.iter().map(|code| say(code)).collect();
        assert_eq!(sentences.len(), CODES.len(), "two codes share a sentence");
        assert!(!sentences.contains(say("from the future")));
    }
    // Adding a code to the protocol without a sentence fails here.
    let codes: Vec<_> = Code::ALL.iter().map(|code| code.facts().name).collect();
    assert_eq!(CODES, codes);
}

/// The tokens of each block of the file that defines some: light, dark by system, dark by choice.
fn themes() -> Vec<BTreeMap<String, String>> {
    let blocks = TOKENS_CSS.split(" color-scheme:").skip(1);
    let tokens = |block: &str| {
        let lines = block.lines().filter_map(|line| line.trim().strip_prefix("--"));
        lines
            .filter_map(|line| line.trim_end_matches(';').split_once(": "))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    };
    blocks.map(tokens).collect()
}

fn luminance(hex: &str) -> f64 {
    let digits = hex.strip_prefix('#').unwrap();
    assert_eq!(digits.len(), 6, "{hex}");
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&digits[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.039_28 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn text_is_readable_on_every_ground_in_light_and_dark() {
    assert!((contrast("#000000", "#FFFFFF") - 21.0).abs() < 0.01);
    let themes = themes();
    assert_eq!(themes.len(), 3);
    assert_eq!(themes[1], themes[2], "dark by system and dark by choice differ");
    for theme in &themes {
        let ratio = |text: &str, ground: &str| contrast(&theme[text], &theme[ground]);
        let mut wanted: Vec<(String, String, f64)> = Vec::new();
        for ground in ["bg", "card", "raised", "brand-soft"] {
            for text in ["ink", "soft", "brand", "ok", "bad", "warn", "na"] {
                wanted.push((text.to_owned(), ground.to_owned(), 4.5));
            }
            wanted.push(("edge".to_owned(), ground.to_owned(), 3.0));
            wanted.push(("focus".to_owned(), ground.to_owned(), 3.0));
        }
        for colour in ["ok", "bad", "warn", "na", "brand"] {
            wanted.push((colour.to_owned(), format!("{colour}-soft"), 4.5));
            wanted.push(("ink".to_owned(), format!("{colour}-soft"), 7.0));
        }
        wanted.push(("on-brand".to_owned(), "brand".to_owned(), 4.5));
        wanted.push(("on-bad".to_owned(), "bad".to_owned(), 4.5));
        for answer in ["ok", "bad", "na"] {
            wanted.push((format!("on-answer-{answer}"), format!("answer-{answer}"), 7.0));
        }
        for (text, ground, least) in wanted {
            let found = ratio(&text, &ground);
            assert!(found >= least, "{text} on {ground}: {found:.2} < {least}");
        }
    }
}

#[test]
fn stylesheets_name_only_colours_that_exist() {
    let known: BTreeSet<String> = themes()[0].keys().cloned().collect();
    let console = include_str!("../../assets/console.css");
    for sheet in [PARTS_CSS, console] {
        for used in sheet.split("var(--").skip(1).map(|rest| rest.split([')', ',']).next().unwrap()) {
            assert!(known.contains(used), "--{used} is no token");
        }
    }
}
