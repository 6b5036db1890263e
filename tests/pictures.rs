//! Every screen in both languages, light and dark, at 100 % and 200 % text, looked at in the real window.
//! `make pictures` keeps what is seen.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/look.rs"]
mod look;
#[path = "it/support/pictures.rs"]
#[expect(dead_code, reason = "this test needs only the camera's picture")]
mod pictures;
#[path = "support/start.rs"]
mod start;
#[path = "support/town.rs"]
mod town;
#[path = "support/walk.rs"]
mod walk;
#[path = "support/webview.rs"]
mod webview;

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use hand::{SOON, answer, gone, shoot, sign, tap, there, write};
use look::Album;
use start::{POSITION, agree, tab};
use town::Town;
use webview::Window;

/// The folder for pictures, when they are wanted.
fn folder() -> Option<PathBuf> {
    std::env::var_os("XIEGUAN_PICTURES").map(|folder| PathBuf::from(folder).join("phone"))
}

/// One phone's whole life, in the order in which somebody new would see the screens.
async fn walk(size: (u32, u32), language: &'static str) -> Result<()> {
    let mut town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = start::phone_of(size, &data, &town.address, &town.code()?, POSITION).await?;
    let mut album = Album::new(folder().as_deref(), size, language);
    let (w, a) = (&mut window, &mut album);
    first_run(w, a).await?;
    practice(w, a).await?;
    enrolment(w, a).await?;
    sites(w, a).await?;
    waterworks(w, a).await?;
    finished(w, a, &mut town).await?;
    suspect(w, a).await?;
    aside(w, a).await?;
    me(w, a).await?;
    hands(w, a, &town.code_for("李示例")?).await?;
    let seen = album.close()?;
    ensure!(seen.len() >= 30, "only {} screens: {seen:?}", seen.len());
    Ok(())
}

async fn first_run(w: &mut Window, a: &mut Album) -> Result<()> {
    there(w, "#welcome").await?;
    if a.language == "en" {
        tap(w, "#tongue").await?;
        w.wait_for("document.documentElement.lang === 'en'", SOON).await?;
    }
    a.look(w, "welcome", "").await?;
    tap(w, "#notice summary").await?;
    a.look(w, "welcome-notice", "#notice").await?;
    agree(w).await?;
    there(w, "#to-practice").await?;
    a.look(w, "today-unenrolled", "").await
}

async fn practice(w: &mut Window, a: &mut Album) -> Result<()> {
    tap(w, "#to-practice").await?;
    there(w, "#start-practice").await?;
    a.look(w, "practice", "").await?;
    tap(w, "#start-practice").await?;
    there(w, "#sheet .item").await?;
    tap(w, ".item .no").await?;
    a.look(w, "practice-sheet", "").await?;
    tap(w, "#to-end-practice").await?;
    there(w, "#practice-end").await?;
    a.look(w, "practice-end", "").await?;
    tap(w, "#end-practice").await?;
    there(w, ".tabs").await
}

async fn enrolment(w: &mut Window, a: &mut Album) -> Result<()> {
    tap(w, "#to-enrol").await?;
    there(w, "#scan").await?;
    a.look(w, "enrol", "").await?;
    let code = w.eval("document.getElementById('code').value").await?;
    w.fill("#code", "XXXX-XXXX").await?;
    tap(w, "#enrol:not([disabled])").await?;
    there(w, "#enrol-trouble").await?;
    a.look(w, "enrol-wrong-code", "#enrol-trouble").await?;
    w.fill("#code", code.as_str().unwrap_or_default()).await?;
    tap(w, "#enrol:not([disabled])").await?;
    there(w, ".tabs").await?;
    tab(w, 0).await?;
    there(w, "[data-first]").await?;
    a.look(w, "today", "").await
}

async fn sites(w: &mut Window, a: &mut Album) -> Result<()> {
    tab(w, 1).await?;
    there(w, "[data-site]").await?;
    a.look(w, "sites", "").await?;
    w.fill("#search", "shiqiao").await?;
    w.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    a.look(w, "sites-found", "").await?;
    w.fill("#search", "没有这个地方").await?;
    there(w, "#nothing-found").await?;
    a.look(w, "sites-nothing", "").await?;
    tap(w, "#add-site").await?;
    there(w, "#new-site").await?;
    a.look(w, "new-site", "").await?;
    tap(w, ".back").await?;
    there(w, "#search").await?;
    open_site(w, "中心小学").await?;
    a.look(w, "site", "").await?;
    tap(w, "#to-start").await?;
    there(w, "#where[data-where=here]").await?;
    a.look(w, "start", "").await?;
    tap(w, "#start:not([disabled])").await?;
    there(w, "#sheet .item").await?;
    a.look(w, "sheet-school", "").await
}

async fn open_site(w: &mut Window, search: &str) -> Result<()> {
    w.fill("#search", search).await?;
    w.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    tap(w, "[data-site]").await?;
    there(w, "#to-start").await
}

/// To the list of sites from a visit.
async fn to_sites(w: &mut Window) -> Result<()> {
    for _ in 0..4 {
        if w.eval("document.querySelector('.tabs') !== null").await? == serde_json::json!(true) {
            break;
        }
        let place = w.eval("document.documentElement.dataset.place").await?;
        tap(w, ".back").await?;
        w.wait_for(&format!("document.documentElement.dataset.place !== {place}"), SOON).await?;
    }
    tab(w, 1).await?;
    there(w, "#search").await
}

async fn waterworks(w: &mut Window, a: &mut Album) -> Result<()> {
    to_sites(w).await?;
    walk::start(w, "石桥村", "WR-21").await?;
    a.look(w, "sheet", "").await?;
    walk::fill(w, 0, "WATER_RURAL").await?;
    answer(w, 0, "WR-09", "ok", ".no").await?;
    answer(w, 0, "WR-09", "substitute", "[data-choice=manual]").await?;
    write(w, "item-0-WR-15-value", "0.02").await?;
    let picture = pictures::camera_jpeg(1600, 1200, 6);
    photographed(w, "WR-09", &picture).await?;
    a.look(w, "sheet-failed", "#item-0-WR-09").await?;
    tap(w, "#item-0-WR-09 .ph").await?;
    w.wait_for("document.querySelector('.viewer img')?.naturalWidth > 400", SOON).await?;
    a.look(w, "sheet-photo", "").await?;
    tap(w, ".viewer .btn.p").await?;
    gone(w, ".viewer").await?;
    a.look(w, "sheet-number", "#item-0-WR-15").await?;
    tap(w, "#item-0-WR-12 summary").await?;
    a.look(w, "sheet-basis", "#item-0-WR-12").await?;
    tab_today(w).await?;
    a.look(w, "today-draft", "").await?;
    tap(w, "[data-draft]").await?;
    there(w, "#next").await?;
    to_review(w).await?;
    a.look(w, "review", "").await?;
    a.look(w, "review-guidance", "#guidance").await?;
    tap(w, "[data-sign=Refused]").await?;
    there(w, "#witness").await?;
    a.look(w, "review-refused", "#witness").await?;
    tap(w, "[data-sign=Signed]").await?;
    sign(w, "钱示例").await?;
    a.look(w, "review-signed", "#signature-pad").await
}

async fn photographed(w: &mut Window, item: &str, picture: &[u8]) -> Result<()> {
    shoot(w, &format!("[data-camera=\"{item}\"]"), "IMG_0001.jpg", picture).await?;
    w.wait_for(&format!("document.querySelector('#item-0-{item} .ph img')"), 2 * SOON).await
}

async fn tab_today(w: &mut Window) -> Result<()> {
    to_sites(w).await?;
    tab(w, 0).await?;
    there(w, "[data-draft]").await
}

async fn to_review(w: &mut Window) -> Result<()> {
    tap(w, "#next").await?;
    there(w, "#review").await
}

/// First without a signal, then with one.
async fn finished(w: &mut Window, a: &mut Album, town: &mut Town) -> Result<()> {
    town.stop();
    tap(w, "#finish:not([disabled])").await?;
    there(w, "#done").await?;
    a.look(w, "done", "").await?;
    tap(w, "#to-outbox").await?;
    there(w, "#retry").await?;
    a.look(w, "outbox-waiting", "").await?;
    town.resume()?;
    tap(w, "#retry").await?;
    w.wait_for(hand::ALL_SENT, 2 * SOON).await?;
    a.look(w, "outbox", "").await?;
    tap(w, "[data-state=complete]").await?;
    there(w, "[data-receipt]").await?;
    a.look(w, "receipt", "").await?;
    returned(w, a, town).await
}

/// The bureau sends the record back, and it is corrected as far as the sheet.
async fn returned(w: &mut Window, a: &mut Album, town: &Town) -> Result<()> {
    let items = [("WR-09", "请写清停用了几天，并补一张铭牌的照片"), ("WR-15", "换一支试剂再测一次")];
    town.give_back("记录写得清楚，两处改好就可以", &items).await?;
    to_sites(w).await?;
    w.kill();
    w.start().await?;
    there(w, ".tabs").await?;
    tab(w, 0).await?;
    there(w, "[data-returned]").await?;
    a.look(w, "today-returned", "").await?;
    tap(w, "[data-returned]").await?;
    there(w, "#whole-comment").await?;
    a.look(w, "returned", "").await?;
    tap(w, "#correct").await?;
    there(w, "#returned-note").await?;
    a.look(w, "sheet-returned", "#returned-note").await?;
    tap(w, "#first-comment").await?;
    there(w, "#item-0-WR-09 .at-item").await?;
    a.look(w, "sheet-comment", "#item-0-WR-09").await
}

async fn suspect(w: &mut Window, a: &mut Album) -> Result<()> {
    to_sites(w).await?;
    walk::start(w, "无牌牙摊", "IM-01").await?;
    answer(w, 0, "IM-01", "place", "[data-choice=clinic]").await?;
    a.look(w, "sheet-no-photo", "#item-0-IM-07").await?;
    answer(w, 0, "IM-15", "ok", ".no").await?;
    a.look(w, "sheet-confidential", "#item-0-IM-15").await?;
    tap(w, &format!("{} .no", hand::part(0, "IM-16", "ok"))).await?;
    there(w, "#urgent").await?;
    a.look(w, "urgent", "").await?;
    a.look(w, "urgent-written", "#report-content").await?;
    tap(w, "[data-way=call]").await?;
    there(w, "[data-attempt]").await?;
    a.look(w, "urgent-tried", "[data-attempt]").await?;
    tap(w, "#urgent-back").await?;
    there(w, "#urgent-banner").await?;
    a.look(w, "sheet-urgent", "").await?;
    tap(w, "#urgent-banner").await?;
    tap(w, "#send-report:not([disabled])").await?;
    there(w, "#report-sealed[data-received=true]").await?;
    a.look(w, "urgent-sealed", "#report-sealed").await?;
    tap(w, "#urgent-back").await?;
    there(w, "#sheet .item").await?;
    camera_died(w, a).await
}

/// The system ended the app behind the camera.
async fn camera_died(w: &mut Window, a: &mut Album) -> Result<()> {
    w.eval("HTMLInputElement.prototype.click = () => {}; 0").await?;
    tap(w, "[data-camera=\"IM-14\"]").await?;
    there(w, "#camera-input").await?;
    w.kill();
    w.start().await?;
    there(w, "#interrupted").await?;
    a.look(w, "sheet-interrupted", "#interrupted").await?;
    tap(w, "#to-review").await?;
    there(w, "#photo-awaited").await?;
    a.look(w, "review-photo-awaited", "#photo-awaited").await?;
    tap(w, "#shoot-awaited").await?;
    there(w, "#interrupted").await?;
    tap(w, "#no-need").await?;
    gone(w, "#interrupted").await
}

/// Put aside, which can be undone.
async fn aside(w: &mut Window, a: &mut Album) -> Result<()> {
    tap(w, ".more summary").await?;
    tap(w, "#discard").await?;
    there(w, "#aside").await?;
    a.look(w, "sheet-aside", "").await?;
    tap(w, "#restore").await?;
    there(w, "#sheet .item").await
}

async fn me(w: &mut Window, a: &mut Album) -> Result<()> {
    to_sites(w).await?;
    tab(w, 3).await?;
    there(w, "#room").await?;
    a.look(w, "me", "").await?;
    for (entry, screen) in [
        ("to-help", "help"),
        ("to-diagnostics", "state"),
        ("to-privacy", "privacy"),
        ("to-licences", "licences"),
    ] {
        tap(w, &format!("#{entry}")).await?;
        there(w, &format!("#{screen}")).await?;
        a.look(w, screen, "").await?;
        tap(w, ".back").await?;
        gone(w, &format!("#{screen}")).await?;
    }
    Ok(())
}

/// A second coordinator enrols, and the phone goes back to the first with one tap.
async fn hands(w: &mut Window, a: &mut Album, code: &str) -> Result<()> {
    let name = "document.querySelector('.top h1').innerText";
    let first = w.eval(name).await?;
    tap(w, "#enrol-again").await?;
    there(w, "#code").await?;
    w.fill("#code", code).await?;
    tap(w, "#enrol:not([disabled])").await?;
    there(w, ".tabs").await?;
    tab(w, 3).await?;
    there(w, "#hand-0").await?;
    ensure!(w.eval(name).await? != first, "somebody else has the phone");
    a.look(w, "me-hands", "#hands").await?;
    tap(w, "#hand-0").await?;
    there(w, "#handed").await?;
    w.wait_for(&format!("{name} === {first}"), SOON).await
}

/// What stands there when the phone's data cannot be opened: its key is gone, its file was overwritten, its place is
/// no folder. In the language that was chosen, although the store that keeps the choice is shut.
async fn shut(size: (u32, u32), language: &'static str) -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window = start::phone_of(size, &data, "", "", POSITION).await?;
    let mut album = Album::new(folder().as_deref(), size, language);
    let (w, a) = (&mut window, &mut album);
    there(w, "#welcome").await?;
    let chosen = if language == "en" { "en" } else { "zh-CN" };
    for _ in 0..if language == "en" { 1 } else { 2 } {
        let was = w.eval("document.documentElement.lang").await?;
        tap(w, "#tongue").await?;
        w.wait_for(&format!("document.documentElement.lang !== {was}"), SOON).await?;
    }
    let copy = data.path().join("looks.json");
    look_copied(&copy, language).await?;
    w.kill();
    let (key, aside) = (data.path().join("keys/device.key"), data.path().join("aside"));
    std::fs::rename(&key, &aside)?;
    restarted(w, a, chosen, "cannot-open-locked").await?;
    std::fs::rename(&aside, &key)?;
    std::fs::write(data.path().join("xieguan.db"), [0x5a; 8192])?;
    restarted(w, a, chosen, "cannot-open-damaged").await?;
    // The damaged one was moved aside.
    ensure!(!data.path().join("xieguan.db").exists(), "the damaged file is in the way of a new one");
    std::fs::create_dir_all(data.path().join("xieguan.db/x"))?;
    restarted(w, a, chosen, "cannot-open-folder").await?;
    album.close()?;
    Ok(())
}

async fn look_copied(copy: &Path, language: &str) -> Result<()> {
    let limit = std::time::Instant::now() + SOON;
    let chosen = format!("\"language\":\"{language}\"");
    while !std::fs::read_to_string(copy).is_ok_and(|text| text.contains(&chosen)) {
        ensure!(std::time::Instant::now() < limit, "no copy of the choice of {language}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn restarted(w: &mut Window, a: &mut Album, chosen: &str, screen: &str) -> Result<()> {
    w.start().await?;
    there(w, "#cannot-open").await?;
    w.wait_for(&format!("document.documentElement.lang === '{chosen}'"), SOON).await?;
    a.look(w, screen, "").await?;
    w.kill();
    Ok(())
}

#[tokio::test]
async fn a_phone_whose_data_cannot_be_opened_says_so_fit_to_be_seen_and_in_the_chosen_language() -> Result<()>
{
    for size in [(360, 740), (390, 844)] {
        for language in ["zh", "en"] {
            shut(size, language).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_screen_is_fit_to_be_seen_on_a_small_phone_in_chinese() -> Result<()> {
    walk((360, 740), "zh").await
}

#[tokio::test]
async fn every_screen_is_fit_to_be_seen_on_a_small_phone_in_english() -> Result<()> {
    walk((360, 740), "en").await
}

#[tokio::test]
async fn every_screen_is_fit_to_be_seen_on_a_usual_phone_in_chinese() -> Result<()> {
    walk((390, 844), "zh").await
}

#[tokio::test]
async fn every_screen_is_fit_to_be_seen_on_a_usual_phone_in_english() -> Result<()> {
    walk((390, 844), "en").await
}
