//! The real window on a phone that was just unpacked: consent first, then the app, and the way back.
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

use anyhow::{Result, ensure};
use hand::{SOON, tap, there as seen};
use serde_json::json;
use start::{POSITION, agree, look_all, new_phone, tab};
use town::Town;
use webview::Window;

/// Counts what the page asks of the phone before anybody agreed.
const WATCHED: &str = "Object.defineProperty(navigator, 'geolocation', { value: { \
    clearWatch: () => {}, watchPosition: () => { window.asked = (window.asked || 0) + 1; return 1; }, \
    getCurrentPosition: () => { window.asked = (window.asked || 0) + 1; } } }); 0";

async fn here(window: &mut Window, tab: usize) -> Result<()> {
    seen(window, &format!(".tabs button:nth-child({})[aria-current=page]", tab + 1)).await
}

#[tokio::test]
async fn nothing_is_asked_of_the_phone_before_consent_and_consent_outlives_a_kill() -> Result<()> {
    let data = tempfile::tempdir()?;
    // No bureau anywhere: the first run needs no network.
    let mut window = new_phone(&data, "", "", POSITION).await?;
    seen(&mut window, "#welcome").await?;
    window.eval(WATCHED).await?;
    ensure!(window.eval("document.querySelectorAll('.does li').length").await? == json!(3));
    look_all(&mut window, "welcome").await?;
    tap(&mut window, "#notice summary").await?;
    look_all(&mut window, "welcome-notice").await?;
    tap(&mut window, "#decline").await?;
    seen(&mut window, "#declined").await?;
    tap(&mut window, "#tongue").await?;
    window.wait_for("document.querySelector('#consent').innerText === 'Agree and begin'", SOON).await?;
    look_all(&mut window, "welcome-en").await?;
    ensure!(window.eval("window.asked || 0").await? == json!(0), "something was asked before consent");
    ensure!(window.eval("document.querySelector('.tabs') === null").await? == json!(true));

    window.kill();
    window.start().await?;
    seen(&mut window, "#welcome").await?;
    // The language was kept by the store, consent was not given.
    window.wait_for("document.querySelector('#consent').innerText === 'Agree and begin'", SOON).await?;
    agree(&mut window).await?;
    window.kill();
    window.start().await?;
    seen(&mut window, ".tabs").await?;
    ensure!(window.eval("document.querySelector('#welcome') === null").await? == json!(true));
    Ok(())
}

#[tokio::test]
async fn back_goes_back_through_the_screens_and_has_nothing_left_on_the_first_tab() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, "", "", POSITION).await?;
    agree(&mut window).await?;
    let at_start = window.eval("history.length").await?;
    tab(&mut window, 1).await?;
    tab(&mut window, 3).await?;
    // From any tab, back leads to the first one, whatever was touched between.
    window.wait_for("history.state.xieguan === 1", SOON).await?;
    window.eval("history.back(); 0").await?;
    here(&mut window, 0).await?;
    window.wait_for("history.state.xieguan === 0", SOON).await?;

    tap(&mut window, "#to-enrol").await?;
    seen(&mut window, "#address").await?;
    window.wait_for("history.state.xieguan === 1", SOON).await?;
    window.eval("history.back(); 0").await?;
    here(&mut window, 0).await?;

    // The app's own arrow takes the webview's entry away too.
    tap(&mut window, "#to-enrol").await?;
    window.wait_for("history.state.xieguan === 1", SOON).await?;
    tap(&mut window, ".back").await?;
    here(&mut window, 0).await?;
    window.wait_for("history.state.xieguan === 0", SOON).await?;
    // There is no entry of ours before this one: Android's canGoBack() is false, and the key leaves the app.
    ensure!(at_start == json!(1), "the page began with {at_start} entries");

    // Forward is no way: what was left was left.
    window.eval("history.forward(); 0").await?;
    window.wait_for("history.state.xieguan === 0", SOON).await?;
    here(&mut window, 0).await
}

#[tokio::test]
async fn after_a_kill_the_app_opens_on_the_screen_where_it_was() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, "", "", POSITION).await?;
    agree(&mut window).await?;
    tab(&mut window, 3).await?;
    window.wait_for("document.documentElement.dataset.place === '/mine'", SOON).await?;
    window.kill();
    window.start().await?;
    here(&mut window, 3).await
}

#[tokio::test]
async fn practice_is_marked_and_leaves_nothing_behind() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, "", "", POSITION).await?;
    agree(&mut window).await?;
    look_all(&mut window, "today-unenrolled").await?;
    tap(&mut window, "#to-practice").await?;
    look_all(&mut window, "practice").await?;
    tap(&mut window, "#start-practice").await?;
    seen(&mut window, "#sheet").await?;
    seen(&mut window, "#practice").await?;
    look_all(&mut window, "practice-sheet").await?;
    tap(&mut window, ".item .no").await?;
    window.wait_for("document.querySelector('#saving').dataset.state === 'saved'", SOON).await?;
    let photo = pictures::camera_jpeg(1200, 900, 6);
    hand::shoot(&mut window, "[data-camera]", "IMG_0001.jpg", &photo).await?;
    seen(&mut window, ".ph img").await?;

    window.kill();
    window.start().await?;
    seen(&mut window, "#sheet").await?;
    seen(&mut window, "#practice").await?;
    seen(&mut window, ".item .no[aria-pressed=true]").await?;
    tap(&mut window, "#to-end-practice").await?;
    seen(&mut window, "#practice-end").await?;
    window
        .wait_for("document.querySelector('#practice-end .t2').innerText.includes('1 项不符合')", SOON)
        .await?;
    look_all(&mut window, "practice-end").await?;
    tap(&mut window, "#end-practice").await?;
    here(&mut window, 0).await?;
    ensure!(window.eval("document.querySelectorAll('[data-draft]').length").await? == json!(0));
    tab(&mut window, 2).await?;
    ensure!(window.eval("document.querySelectorAll('[data-record]').length").await? == json!(0));
    window.kill();
    let left = std::fs::read_dir(data.path().join("photos"))?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.len() == 64)
        .count();
    ensure!(left == 0, "{left} photos of practice are left");
    Ok(())
}

#[tokio::test]
async fn a_picture_of_the_qr_code_enrols_and_any_other_picture_changes_nothing() -> Result<()> {
    use xieguan::media::qr;
    use xieguan::wire::ticket::Ticket;

    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, "", "", POSITION).await?;
    agree(&mut window).await?;
    tap(&mut window, "#to-enrol").await?;
    seen(&mut window, "#scan").await?;
    look_all(&mut window, "enrol").await?;
    let said = |sentence: &str| {
        format!(
            "(document.querySelector('#enrol-trouble') || {{ innerText: '' }}).innerText.includes('{sentence}')"
        )
    };
    let png = |text: &str| qr::png(text).expect("short enough");
    let damaged = r#"{"xieguan":1,"address":"javascript:alert(1)","code":"ABCD-EFGH"}"#;
    for (picture, sentence) in [
        (pictures::camera_jpeg(1200, 900, 6), "没有认出二维码"),
        (png("https://pay.example/1"), "不是监督机构的登记二维码"),
        (png(r#"{"xieguan":9}"#), "要新版本的应用"),
        (png(damaged), "不完整"),
        (b"GIF89a no picture".to_vec(), "这个文件不是照片"),
    ] {
        hand::shoot(&mut window, "#scan", "code.jpg", &picture).await?;
        window.wait_for(&said(sentence), SOON).await?;
        let fields = "document.getElementById('address').value + document.getElementById('code').value";
        ensure!(window.eval(fields).await? == json!(""), "the form changed: {sentence}");
    }
    look_all(&mut window, "enrol-no-code").await?;
    let ticket = Ticket::new(&town.address, &town.code()?).to_text()?;
    hand::shoot(&mut window, "#scan-album", "code.png", &png(&ticket)).await?;
    seen(&mut window, "#scan-found").await?;
    window
        .wait_for(&format!("document.getElementById('address').value === {}", json!(town.address)), SOON)
        .await?;
    look_all(&mut window, "enrol-found").await?;
    tap(&mut window, "#enrol:not([disabled])").await?;
    window.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await
}

#[tokio::test]
async fn the_pages_behind_me_need_no_network_and_consent_can_be_taken_back() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, "", "", POSITION).await?;
    agree(&mut window).await?;
    tab(&mut window, 2).await?;
    seen(&mut window, "#outbox-empty").await?;
    look_all(&mut window, "outbox-empty").await?;
    tab(&mut window, 3).await?;
    seen(&mut window, "#room").await?;
    look_all(&mut window, "mine").await?;
    for (page, shown) in [
        ("help", "没有信号怎么办"),
        ("diagnostics", "schema 2"),
        ("licences", "dioxus"),
        ("privacy", "隐私说明版本"),
    ] {
        tap(&mut window, &format!("#to-{page}")).await?;
        window.wait_for(&format!("document.body.textContent.includes('{shown}')"), SOON).await?;
        look_all(&mut window, &format!("mine-{page}")).await?;
        tap(&mut window, ".back").await?;
        here(&mut window, 3).await?;
    }
    tap(&mut window, "[data-size-choice='2']").await?;
    window.wait_for("document.documentElement.dataset.size === '2'", SOON).await?;
    tap(&mut window, "[data-size-choice='0']").await?;
    tap(&mut window, "#to-privacy").await?;
    tap(&mut window, "#withdraw").await?;
    seen(&mut window, "#withdraw.danger").await?;
    tap(&mut window, "#withdraw").await?;
    seen(&mut window, "#welcome").await?;
    window.kill();
    window.start().await?;
    seen(&mut window, "#welcome").await
}

#[tokio::test]
async fn an_enrolled_phone_says_who_works_on_it_and_for_whom() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = new_phone(&data, &town.address, &town.code()?, POSITION).await?;
    agree(&mut window).await?;
    start::enrol(&mut window).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await?;
    tab(&mut window, 3).await?;
    window.wait_for("document.body.textContent.includes('王示例')", SOON).await?;
    look_all(&mut window, "mine-enrolled").await
}
