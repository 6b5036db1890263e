//! The sheet in the real window: every kind of answer, photos first and later, what can be undone, what last time
//! was, several sheets and two drafts.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
#[expect(dead_code, reason = "this test needs only the camera's picture")]
#[path = "it/support/pictures.rs"]
mod pictures;
#[path = "support/start.rs"]
mod start;
#[path = "support/town.rs"]
mod town;
#[path = "support/webview.rs"]
mod webview;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hand::{SAVED, SOON, answer, gone, part, tap, there, turn, write};
use serde_json::json;
use start::{enrol, go_on, look, look_all, phone, tab};
use town::Town;
use webview::Window;

const HOUSEHOLD: &str = include_str!("support/household.json");

/// An enrolled phone with its sites.
async fn ready(town: &Town, data: &tempfile::TempDir) -> Result<Window> {
    let mut window = phone(data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    there(&mut window, "[data-site]").await?;
    Ok(window)
}

/// Starts a visit of the one site that holds the text.
async fn visit(window: &mut Window, text: &str) -> Result<()> {
    home(window).await?;
    tab(window, 1).await?;
    there(window, "#search").await?;
    window.fill("#search", text).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    tap(window, "[data-site]").await?;
    tap(window, "#to-start").await?;
    tap(window, "#start:not([disabled])").await?;
    there(window, "#sheet .item").await
}

async fn again(window: &mut Window) -> Result<()> {
    window.kill();
    window.start().await?;
    go_on(window).await
}

/// Hands files to the camera's own input, as the camera or the album does; none is a camera that was closed.
async fn hand_over(window: &mut Window, button: &str, files: &[(&str, &[u8])]) -> Result<()> {
    window.eval("window.files = []; HTMLInputElement.prototype.click = () => {}; 0").await?;
    for (name, bytes) in files {
        window.eval("window.pieces = []; 0").await?;
        for piece in bytes.chunks(3 * 8 * 1024) {
            window.eval(&format!("window.pieces.push('{}')", STANDARD.encode(piece))).await?;
        }
        let file = format!(
            "window.files.push(new File(window.pieces.map(p => Uint8Array.from(atob(p), c => c.charCodeAt(0))), \
             {})); 0",
            json!(name)
        );
        window.eval(&file).await?;
    }
    tap(window, button).await?;
    there(window, "#camera-input").await?;
    let feed = "(() => { const data = new DataTransfer(); window.files.forEach(f => data.items.add(f)); \
        const input = document.getElementById('camera-input'); input.files = data.files; \
        input.dispatchEvent(new Event(window.files.length ? 'change' : 'cancel')); return input.files.length; })()";
    ensure!(window.eval(feed).await? == json!(files.len()), "the camera's input took no file");
    gone(window, "#camera-input").await
}

async fn photos(window: &mut Window, strip: &str, count: usize) -> Result<()> {
    window.wait_for(&format!("document.querySelectorAll('{strip} .ph img').length === {count}"), SOON).await
}

async fn reads(window: &mut Window, selector: &str, text: &str) -> Result<()> {
    let there = format!(
        "(document.querySelector({}) || {{ innerText: '' }}).innerText.includes({})",
        json!(selector),
        json!(text)
    );
    window.wait_for(&there, SOON).await
}

async fn holds(window: &mut Window, id: &str, value: &str) -> Result<()> {
    let held = format!("(document.getElementById({}) || {{}}).value === {}", json!(id), json!(value));
    window.wait_for(&held, SOON).await
}

async fn scroll_to(window: &mut Window, selector: &str) -> Result<()> {
    window
        .eval(&format!("document.querySelector({}).scrollIntoView({{ block: 'start' }}); 0", json!(selector)))
        .await?;
    Ok(())
}

#[tokio::test]
async fn a_schools_three_sheets_take_every_kind_of_answer_and_keep_them_over_a_kill() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "示范中学").await?;
    ensure!(w.eval("document.querySelectorAll('[data-sheet]').length").await? == json!(3));
    let school = turn(w, "学校卫生").await?;
    look_all(w, "sheets").await?;
    let id = |item: &str, key: &str| format!("item-{school}-{item}-{key}");

    answer(w, school, "SC-02", "ok", ".ok").await?;
    write(w, &id("SC-02", "reporter"), "赵示例").await?;
    answer(w, school, "SC-03", "ok", ".no").await?;
    answer(w, school, "SC-03", "missing", "[data-choice=plan]").await?;
    answer(w, school, "SC-03", "missing", "[data-choice=return]").await?;
    scroll_to(w, &format!("#item-{school}-SC-03")).await?;
    look_all(w, "sheet-many").await?;
    answer(w, school, "SC-10", "ok", ".ok").await?;
    tap(w, &format!("{} .say", part(school, "SC-10", "last"))).await?;
    let today = chrono::Local::now().format("%Y-%m-%d").to_string();
    holds(w, &id("SC-10", "last"), &today).await?;
    answer(w, school, "SC-11", "ok", ".ok").await?;
    write(w, &id("SC-11", "staff-0"), "2").await?;
    tap(w, &format!("{} [data-choice=same]", part(school, "SC-11", "staff"))).await?;
    holds(w, &id("SC-11", "staff-1"), "2").await?;
    scroll_to(w, &format!("#item-{school}-SC-10")).await?;
    look(w, "sheet-date-count").await?;
    answer(w, school, "SC-14", "stage", "[data-choice=primary]").await?;
    write(w, &id("SC-14", "back"), "8.5").await?;
    reads(w, &format!("#{}-limits", id("SC-14", "back")), "高于上限 8").await?;
    answer(w, school, "SC-14", "stage", "[data-choice=middle]").await?;
    reads(w, &format!("#{}-limits", id("SC-14", "back")), "合格 ≤ 9").await?;
    write(w, &id("SC-19", "glass"), "9.8").await?;
    write(w, &id("SC-19", "floor"), "50").await?;
    reads(w, &format!("#{}", id("SC-19", "ratio")), "0.196").await?;
    reads(w, &format!("#{}-limits", id("SC-19", "ratio")), "低于下限 0.2").await?;
    scroll_to(w, &format!("#item-{school}-SC-19")).await?;
    look_all(w, "sheet-computed").await?;

    let food = turn(w, "集体食堂").await?;
    answer(w, food, "FS-01", "ok", ".ok").await?;
    write(w, &format!("item-{food}-FS-01-expires"), "2098-12-31").await?;
    let freeze = format!("item-{food}-FS-12-freeze");
    write(w, &freeze, "18").await?;
    reads(w, &format!("#{freeze}-limits"), "高于上限 -12").await?;
    tap(w, &format!("{} .sign", part(food, "FS-12", "freeze"))).await?;
    holds(w, &freeze, "-18").await?;
    reads(w, &format!("#{freeze}-limits"), "合格 ≤ -12").await?;
    scroll_to(w, &format!("#item-{food}-FS-12")).await?;
    look(w, "sheet-below-zero").await?;
    w.wait_for(SAVED, SOON).await?;

    again(w).await?;
    there(w, &format!("[data-sheet=\"{food}\"][aria-pressed=true]")).await?;
    holds(w, &freeze, "-18").await?;
    turn(w, "学校卫生").await?;
    holds(w, &id("SC-02", "reporter"), "赵示例").await?;
    holds(w, &id("SC-10", "last"), &today).await?;
    holds(w, &id("SC-11", "staff-1"), "2").await?;
    holds(w, &id("SC-14", "back"), "8.5").await?;
    reads(w, &format!("#{}", id("SC-19", "ratio")), "0.196").await?;
    there(w, &format!("{} [data-choice=return][aria-pressed=true]", part(school, "SC-03", "missing"))).await
}

#[tokio::test]
async fn a_moment_and_a_series_of_readings_are_answers_of_a_countys_own_checklist() -> Result<()> {
    let town = Town::open(|sites| sites.publish(HOUSEHOLD)).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "例户").await?;
    tap(w, &format!("{} [data-choice=now]", part(0, "HH-01", "taken"))).await?;
    w.wait_for("document.getElementById('item-0-HH-01-taken').value.length === 16", SOON).await?;
    let taken = w.eval("document.getElementById('item-0-HH-01-taken').value").await?;
    write(w, "item-0-HH-02-taps-0-0", "厨房").await?;
    write(w, "item-0-HH-02-taps-0-1", "0.30").await?;
    reads(w, "#item-0-HH-02", "至少 2 个读数").await?;
    write(w, "item-0-HH-02-taps-1-1", "０．０２").await?;
    reads(w, "#item-0-HH-02-taps-limits", "低于下限 0.05").await?;
    reads(w, ".count", "2/2").await?;
    look_all(w, "sheet-series").await?;
    again(w).await?;
    holds(w, "item-0-HH-01-taken", taken.as_str().context("a moment")?).await?;
    holds(w, "item-0-HH-02-taps-0-0", "厨房").await?;
    holds(w, "item-0-HH-02-taps-1-1", "0.02").await
}

#[tokio::test]
async fn an_informant_stays_unseen_and_where_no_photo_may_be_taken_there_is_no_camera() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "菜市场后门").await?;
    ensure!(w.eval("document.getElementById('item-0-IM-07') === null").await? == json!(true));
    answer(w, 0, "IM-01", "place", "[data-choice=clinic]").await?;
    there(w, "#item-0-IM-07").await?;
    reads(w, "#item-0-IM-07 .no-photo", "不拍照").await?;
    answer(w, 0, "IM-07", "ok", ".no").await?;
    ensure!(
        w.eval("document.querySelector('#item-0-IM-07 [data-camera], #item-0-IM-07 [data-album]') === null")
            .await?
            == json!(true)
    );
    reads(w, "#item-0-IM-04", "只拍证件").await?;
    there(w, "[data-camera=\"IM-04\"]").await?;
    scroll_to(w, "#item-0-IM-07").await?;
    look(w, "sheet-no-photo").await?;
    tap(w, "#item-0-IM-16 summary").await?;
    reads(w, "#item-0-IM-16 .basis", "中华人民共和国刑法").await?;
    reads(w, "#item-0-IM-16 .basis", "第三百三十六条第一款").await?;
    reads(w, "#item-0-IM-16 .basis", "条文已核对").await?;
    reads(w, "#item-0-IM-16 .basis", "A 立即报告").await?;
    answer(w, 0, "IM-15", "ok", ".no").await?;
    write(w, "item-0-IM-15-informant", "钱示例 000-0000000").await?;
    reads(w, "#item-0-IM-15", "已加密保存").await?;
    scroll_to(w, "#item-0-IM-15").await?;
    look(w, "sheet-confidential").await?;
    again(w).await?;
    reads(w, "#item-0-IM-15", "已加密保存").await?;
    let shown = w
        .eval("document.body.innerText + [...document.querySelectorAll('textarea, input')].map(f => f.value)")
        .await?;
    ensure!(!shown.to_string().contains("钱示例"), "the informant is on the screen again");
    Ok(())
}

#[tokio::test]
async fn photos_come_before_the_answer_several_at_once_and_for_the_site_as_a_whole() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "石桥村").await?;
    let shots: Vec<Vec<u8>> = [(640, 480), (800, 600), (480, 640), (720, 480)]
        .into_iter()
        .map(|(width, height)| pictures::camera_jpeg(width, height, 1))
        .collect();
    let (camera, album) = ("[data-camera=\"WR-09\"]", "[data-album=\"WR-09\"]");
    hand_over(w, camera, &[("a.jpg", &shots[0])]).await?;
    photos(w, "#item-0-WR-09", 1).await?;
    ensure!(
        w.eval("document.querySelectorAll('#item-0-WR-09 .seg [aria-pressed=true]').length").await?
            == json!(0)
    );
    hand_over(w, camera, &[]).await?;
    there(w, camera).await?;
    photos(w, "#item-0-WR-09", 1).await?;
    let text = b"this is no picture".as_slice();
    hand_over(w, album, &[("b.jpg", &shots[1]), ("notes.jpg", text), ("c.jpg", &shots[2])]).await?;
    photos(w, "#item-0-WR-09", 3).await?;
    reads(w, ".alert", "不是照片").await?;
    hand_over(w, "#place-photos [data-camera]", &[("door.jpg", &shots[3])]).await?;
    photos(w, "#place-photos", 1).await?;
    look_all(w, "sheet-place-photos").await?;

    tap(w, "#item-0-WR-09 .ph").await?;
    look(w, "sheet-viewer").await?;
    tap(w, "#remove-photo").await?;
    photos(w, "#item-0-WR-09", 2).await?;
    reads(w, "#undo", "照片").await?;
    tap(w, "#undo button").await?;
    photos(w, "#item-0-WR-09", 3).await?;
    tap(w, "#place-photos .ph").await?;
    tap(w, "#remove-photo").await?;
    photos(w, "#place-photos", 0).await?;
    again(w).await?;
    photos(w, "#item-0-WR-09", 3).await?;
    photos(w, "#place-photos", 0).await
}

#[tokio::test]
async fn a_photo_lost_behind_the_camera_is_offered_again_at_the_next_start() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "石桥村").await?;
    let kill_behind_the_camera = "HTMLInputElement.prototype.click = () => {}; 0";
    w.eval(kill_behind_the_camera).await?;
    tap(w, "[data-camera=\"WR-12\"]").await?;
    there(w, "#camera-input").await?;
    again(w).await?;
    reads(w, "#interrupted", "刚才在拍 WR-12 的照片，拍好了吗？").await?;
    look_all(w, "sheet-interrupted").await?;
    tap(w, "#to-review").await?;
    reads(w, "#photo-awaited", "刚才在拍 WR-12 的照片").await?;
    tap(w, "#shoot-awaited").await?;
    there(w, "#interrupted").await?;
    let shot = pictures::camera_jpeg(640, 480, 1);
    hand_over(w, "#shoot-again", &[("again.jpg", &shot)]).await?;
    photos(w, "#item-0-WR-12", 1).await?;
    gone(w, "#interrupted").await?;
    again(w).await?;
    photos(w, "#item-0-WR-12", 1).await?;
    gone(w, "#interrupted").await?;

    w.eval(kill_behind_the_camera).await?;
    tap(w, "#place-photos [data-camera]").await?;
    there(w, "#camera-input").await?;
    again(w).await?;
    reads(w, "#interrupted", "整体照片").await?;
    tap(w, "#no-need").await?;
    gone(w, "#interrupted").await?;
    w.wait_for("document.querySelector('#sheet .item')", SOON).await?;
    again(w).await?;
    there(w, "#sheet .item").await?;
    gone(w, "#interrupted").await
}

#[tokio::test]
async fn what_was_overwritten_and_a_draft_put_aside_come_back() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "石桥村").await?;
    answer(w, 0, "WR-04", "ok", ".ok").await?;
    gone(w, "#undo").await?;
    answer(w, 0, "WR-04", "ok", ".no").await?;
    reads(w, "#undo", "WR-04").await?;
    look_all(w, "sheet-undo").await?;
    tap(w, "#undo button").await?;
    there(w, &format!("{} .ok[aria-pressed=true]", part(0, "WR-04", "ok"))).await?;
    gone(w, "#undo").await?;
    write(w, "item-0-WR-15-value", "0.12").await?;
    gone(w, "#undo").await?;
    write(w, "item-0-WR-15-value", "0.02").await?;
    tap(w, "#undo button").await?;
    holds(w, "item-0-WR-15-value", "0.12").await?;
    w.wait_for(SAVED, SOON).await?;
    again(w).await?;
    holds(w, "item-0-WR-15-value", "0.12").await?;
    there(w, &format!("{} .ok[aria-pressed=true]", part(0, "WR-04", "ok"))).await?;

    tap(w, ".more summary").await?;
    tap(w, "#discard").await?;
    there(w, "#aside").await?;
    look_all(w, "sheet-aside").await?;
    tap(w, "#restore").await?;
    holds(w, "item-0-WR-15-value", "0.12").await?;
    tap(w, ".more summary").await?;
    tap(w, "#discard").await?;
    there(w, "#aside").await?;
    w.wait_for(SAVED, SOON).await?;
    w.kill();
    w.start().await?;
    there(w, "#aside").await?;
    tap(w, "#restore").await?;
    holds(w, "item-0-WR-15-value", "0.12").await?;
    answer(w, 0, "WR-05", "ok", ".ok").await?;
    again(w).await?;
    reads(w, ".count", "3/21").await
}

#[tokio::test]
async fn two_drafts_mix_nothing_and_each_opens_where_it_was_left() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "石桥村").await?;
    answer(w, 0, "WR-04", "ok", ".no").await?;
    write(w, "item-0-WR-04-note", "石桥的备注").await?;
    scroll_to(w, "#item-0-WR-17").await?;
    there(w, "#sheet[data-at=\"0-WR-17\"], #sheet[data-at=\"0-WR-16\"]").await?;
    let left = w.eval("document.querySelector('#sheet').dataset.at").await?;
    tap(w, ".back").await?;
    visit(w, "高坡村").await?;
    reads(w, ".count", "0/21").await?;
    answer(w, 0, "WR-05", "ok", ".ok").await?;
    for _ in 0..2 {
        open_draft(w, "石桥村").await?;
        holds(w, "item-0-WR-04-note", "石桥的备注").await?;
        reads(w, ".count", "1/21").await?;
        ensure!(w.eval("document.querySelector('#sheet').dataset.at").await? == left);
        let visible = "(it => it.top < innerHeight && it.bottom > 0)(document.getElementById('item-' + \
            document.querySelector('#sheet').dataset.at).getBoundingClientRect())";
        w.wait_for(visible, SOON).await?;
        open_draft(w, "高坡村").await?;
        there(w, &format!("{} .ok[aria-pressed=true]", part(0, "WR-05", "ok"))).await?;
        reads(w, ".count", "1/21").await?;
        ensure!(w.eval("document.getElementById('item-0-WR-04-note') === null").await? == json!(true));
    }
    again(w).await?;
    reads(w, ".top", "高坡村").await?;
    open_draft(w, "石桥村").await?;
    ensure!(w.eval("document.querySelector('#sheet').dataset.at").await? == left);
    Ok(())
}

/// Goes back until the tabs are there.
async fn home(window: &mut Window) -> Result<()> {
    window.wait_for("document.querySelector('.back, .tabs')", SOON).await?;
    while window.eval("document.querySelector('.tabs') === null").await? == json!(true) {
        let back = "(b => b && (b.click(), 1))(document.querySelector('.back')); 0";
        window.eval(back).await?;
        window.wait_for("document.querySelector('.back, .tabs')", SOON).await?;
    }
    Ok(())
}

/// Opens a draft from the first tab.
async fn open_draft(window: &mut Window, site: &str) -> Result<()> {
    home(window).await?;
    tab(window, 0).await?;
    let find =
        format!("[...document.querySelectorAll('[data-draft]')].find(d => d.innerText.includes('{site}'))");
    window.wait_for(&find, SOON).await?;
    window.eval(&format!("{find}.click(); 0")).await?;
    window
        .wait_for(&format!("document.querySelector('#sheet .top').innerText.includes('{site}')"), SOON)
        .await
}

#[tokio::test]
async fn last_times_answers_and_the_ways_to_open_items_and_problems_are_at_hand() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = ready(&town, &data).await?;
    let w = &mut window;
    visit(w, "第一供水站").await?;
    reads(w, "#item-0-WR-15 .last", "上次 0.12 mg/L（DPD 比色）").await?;
    reads(w, "#item-0-WR-06 .last", "上次 不符合：水源防护区内有杂物堆放").await?;
    ensure!(w.eval("document.querySelector('#item-0-WR-04 .last') === null").await? == json!(true));
    reads(w, "#item-0-WR-06 .level", "B 需上报").await?;
    gone(w, "#to-problem").await?;
    answer(w, 0, "WR-04", "ok", ".no").await?;
    answer(w, 0, "WR-12", "ok", ".no").await?;
    reads(w, "#item-0-WR-12 .chip.b", "B 需上报").await?;
    reads(w, "#to-problem", "2").await?;
    scroll_to(w, "#item-0-WR-15").await?;
    look_all(w, "sheet-last").await?;
    // A folded section opens for the item that is gone to.
    let section = w.eval("document.querySelector('#item-0-WR-04').closest('main').querySelector('[data-section]').dataset.section").await?;
    let fold = format!("[data-section={section}]");
    tap(w, &fold).await?;
    there(w, &format!("{fold}[aria-expanded=false]")).await?;
    tap(w, "#to-problem").await?;
    there(w, "#sheet[data-at=\"0-WR-04\"]").await?;
    there(w, "#item-0-WR-04").await?;
    tap(w, "#to-problem").await?;
    there(w, "#sheet[data-at=\"0-WR-12\"]").await?;
    tap(w, "#next").await?;
    there(w, "#sheet[data-at=\"0-WR-13\"]").await
}
