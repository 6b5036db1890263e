//! The real window under Xvfb against a real bureau: a visit as a person makes it, touched and typed, with the
//! app killed in the middle.
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

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use hand::{ALL_SENT, SOON, tap};
use serde_json::json;
use start::{enrol, go_on, look, phone, phone_at, tab};
use town::Town;
use webview::Window;
use xieguan::domain::answer::PartValue;
use xieguan::domain::inspection::{Attestation, Inspection};
use xieguan::domain::place::Mock;

/// Scrolled to at every look, because whatever arrives above it moves it out of view again.
const THUMBNAIL: &str = "(picture => (picture.scrollIntoView(), picture.naturalWidth > 100)) \
     (document.querySelector('#item-0-WR-09 .ph img'))";
const SAVED: &str = "document.querySelector('#saving').dataset.state === 'saved'";

fn part(item: &str, part: &str) -> String {
    format!("#item-0-{item} [data-part=\"{part}\"]")
}

/// Touches one of the answer's buttons: `.ok`, `.no`, `.na`, `[data-choice="…"]`.
async fn answer(window: &mut Window, item: &str, key: &str, button: &str) -> Result<()> {
    tap(window, &format!("{} {button}", part(item, key))).await?;
    tap_is_on(window, item, key, button).await?;
    window.wait_for(SAVED, SOON).await
}

async fn tap_is_on(window: &mut Window, item: &str, key: &str, button: &str) -> Result<()> {
    let on = format!("{} {button}[aria-pressed=\"true\"]", part(item, key));
    window.wait_for(&format!("document.querySelector({})", json!(on)), SOON).await
}

/// Types into a part's field (the `n`th of them) and leaves it.
async fn write(window: &mut Window, item: &str, key: &str, n: usize, text: &str) -> Result<()> {
    let id = format!("item-0-{item}-{key}");
    let id = if key == "staff" { format!("{id}-{n}") } else { id };
    window.wait_for(&format!("document.getElementById({})", json!(id)), SOON).await?;
    window.fill(&format!("[id=\"{id}\"]"), text).await?;
    window.eval(&format!("document.getElementById({}).blur()", json!(id))).await?;
    // Saved after this very text: a save that was already shown would do otherwise.
    window.wait_for("document.querySelector('#saving').dataset.state !== 'open'", SOON).await?;
    window.wait_for(SAVED, SOON).await
}

async fn start_visit(window: &mut Window) -> Result<()> {
    window.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await?;
    window.fill("#search", "石桥村").await?;
    window.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    tap(window, "[data-site]").await?;
    tap(window, "#to-start").await?;
    tap(window, "#start:not([disabled])").await?;
    window.wait_for("document.querySelector('#item-0-WR-21')", SOON).await
}

/// Answers all 21 items; the disinfection stands still and the chlorine is low.
async fn answer_everything(window: &mut Window) -> Result<()> {
    let day =
        |ago: i64| (chrono::Local::now() - chrono::Days::new(ago as u64)).format("%Y-%m-%d").to_string();
    answer(window, "WR-01", "ok", ".ok").await?;
    write(window, "WR-01", "number", 0, "示例水证 000-0001").await?;
    write(window, "WR-01", "expires", 0, "2098-12-31").await?;
    write(window, "WR-02", "staff", 0, "3").await?;
    write(window, "WR-02", "staff", 1, "3").await?;
    answer(window, "WR-03", "manager", "[data-choice=part_time]").await?;
    for item in ["WR-04", "WR-05", "WR-07", "WR-10", "WR-11", "WR-12", "WR-13", "WR-19", "WR-20"] {
        answer(window, item, "ok", ".ok").await?;
    }
    answer(window, "WR-06", "ok", ".na").await?;
    answer(window, "WR-08", "process", "[data-choice=settle_filter]").await?;
    answer(window, "WR-09", "ok", ".no").await?;
    answer(window, "WR-09", "agent", "[data-choice=bleach]").await?;
    tap(window, &format!("{} [data-choice=nothing]", part("WR-09", "substitute"))).await?;
    // Level A: the immediate sheet opens by itself, and leads back to the item.
    window.wait_for("document.querySelector('#urgent #urgent-clock')", SOON).await?;
    tap(window, "#urgent-back").await?;
    tap_is_on(window, "WR-09", "substitute", "[data-choice=nothing]").await?;
    window.wait_for("document.querySelector('#urgent-banner')", SOON).await?;
    write(window, "WR-13", "last", 0, &day(40)).await?;
    write(window, "WR-14", "value", 0, "０．５０").await?;
    write(window, "WR-15", "value", 0, "0.02").await?;
    write(window, "WR-16", "value", 0, "0.6").await?;
    write(window, "WR-17", "value", 0, "7.2").await?;
    answer(window, "WR-18", "odour", ".ok").await?;
    answer(window, "WR-18", "visible", ".ok").await?;
    write(window, "WR-19", "report", 0, &day(100)).await?;
    answer(window, "WR-21", "source", "[data-choice=deep_well]").await?;
    write(window, "WR-21", "population", 0, "1200").await?;
    window.wait_for("document.querySelector('.count').innerText === '21/21'", SOON).await
}

/// Hands a file to the camera's own input, as the camera does.
async fn shoot(window: &mut Window, item: &str, name: &str, bytes: &[u8]) -> Result<()> {
    hand::shoot(window, &format!("[data-camera=\"{item}\"]"), name, bytes).await
}

async fn sign(window: &mut Window) -> Result<()> {
    window.wait_for("document.getElementById('signature-pad').height > 1", SOON).await?;
    window
        .eval(
            "(() => { const pad = document.getElementById('signature-pad'); pad.scrollIntoView(); \
             const box = pad.getBoundingClientRect(); \
             const at = (kind, x, y) => pad.dispatchEvent(new PointerEvent(kind, { bubbles: true, pointerId: 1, \
             clientX: box.left + x, clientY: box.top + y })); \
             for (const row of [30, 80]) { at('pointerdown', 40, row); \
             for (let x = 50; x < 240; x += 10) at('pointermove', x, row + (x % 40)); at('pointerup', 240, row); } \
             return 1; })()",
        )
        .await?;
    window.fill("#signer", "钱示例").await?;
    window.wait_for(SAVED, SOON).await
}

#[tokio::test]
async fn a_visit_outlives_a_kill_and_its_photo_looks_right_at_the_bureau() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    look(&mut window, "today-new").await?;
    enrol(&mut window).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await?;
    look(&mut window, "sites").await?;
    start_visit(&mut window).await?;
    look(&mut window, "sheet-new").await?;
    answer_everything(&mut window).await?;
    let picture = pictures::camera_jpeg(4000, 3000, 6);
    shoot(&mut window, "WR-09", "IMG_0001.jpg", &picture).await?;
    window.wait_for("document.querySelector('#item-0-WR-09 .ph img')", SOON).await?;
    window.kill();

    window.start().await?;
    go_on(&mut window).await?;
    window.wait_for("document.querySelector('.count').innerText === '21/21'", SOON).await?;
    // Thumbnails are fetched when they come into view.
    window.wait_for(THUMBNAIL, SOON).await?;
    ensure!(window.eval("document.getElementById('item-0-WR-15-value').value").await? == json!("0.02"));
    ensure!(window.text("#item-0-WR-15-value-limits").await?.contains("低于下限 0.05"));
    ensure!(window.eval("document.getElementById('interrupted') === null").await? == json!(true));
    window.eval("document.getElementById('item-0-WR-09').scrollIntoView()").await?;
    look(&mut window, "sheet").await?;
    window.eval("document.querySelector('#item-0-WR-09 .ph').scrollIntoView({ block: 'center' })").await?;
    look(&mut window, "sheet-photo").await?;
    window.eval("document.getElementById('item-0-WR-15').scrollIntoView()").await?;
    look(&mut window, "sheet-number").await?;
    window.eval("document.documentElement.dataset.theme = 'dark'").await?;
    look(&mut window, "sheet-dark").await?;
    window.eval("document.documentElement.dataset.theme = 'light'").await?;

    tap(&mut window, "#next").await?;
    window.wait_for("document.querySelector('#review')", SOON).await?;
    ensure!(window.eval("document.querySelectorAll('[data-finding]').length").await? == json!(2));
    ensure!(
        window.eval("document.getElementById('guidance').value").await?.as_str().is_some_and(|t| t.len() > 9)
    );
    sign(&mut window).await?;
    look(&mut window, "review-signed").await?;
    window.eval("document.querySelector('[data-finding]').scrollIntoView({ block: 'center' })").await?;
    look(&mut window, "review").await?;
    tap(&mut window, "#finish:not([disabled])").await?;
    window.wait_for("document.querySelector('#done #done-report')", SOON).await?;
    look(&mut window, "done").await?;
    tap(&mut window, "#to-outbox").await?;
    window.wait_for(ALL_SENT, Duration::from_secs(120)).await?;
    ensure!(window.text("[data-state=complete]").await?.contains("回执 "));
    look(&mut window, "outbox").await?;
    tap(&mut window, "[data-state=complete]").await?;
    window
        .wait_for("document.querySelectorAll('[data-receipt] [data-verified=true]').length === 2", SOON)
        .await?;
    look(&mut window, "receipt").await?;
    check_the_bureau(&town, &picture)
}

fn check_the_bureau(town: &Town, picture: &[u8]) -> Result<()> {
    let document: Inspection = serde_json::from_str(&town.document()?)?;
    let sheet = document.sheets.first().context("a sheet")?;
    ensure!(sheet.answers.len() == 21, "{} answers", sheet.answers.len());
    let reading = |item: &str| match sheet.value(item, "value") {
        Some(PartValue::Number { reading, .. }) => reading.to_string(),
        other => format!("{other:?}"),
    };
    assert_eq!([reading("WR-14"), reading("WR-15")], ["0.50", "0.02"]);
    let found: Vec<&str> = document.findings.iter().map(|finding| finding.item.as_str()).collect();
    assert_eq!(found, ["WR-09", "WR-15"]);
    assert!(matches!(&document.attestation, Some(Attestation::Signed { name, strokes, .. })
        if name == "钱示例" && strokes.len() == 2 && strokes[0].len() > 5));
    assert_eq!(document.fixes.first().map(|fix| fix.mock), Some(Mock::Yes));

    let [photo] = document.photos.as_slice() else { anyhow::bail!("{} photos", document.photos.len()) };
    assert_eq!(photo.item.as_deref(), Some("WR-09"));
    assert!(town.blob(photo.original)? == picture, "the original is what the camera gave");
    let derived = image::load_from_memory(&town.blob(photo.derived)?)?.to_rgb8();
    assert_eq!((derived.width(), derived.height()), (1200, 1600), "turned upright and shrunk");
    for (x, corner) in [(30, pictures::CORNERS[0]), (1169, pictures::CORNERS[1])] {
        let pixel = derived.get_pixel(x, 30).0;
        let far = pixel.iter().zip(corner).map(|(a, b)| a.abs_diff(b)).max();
        assert!(far < Some(40), "pixel {pixel:?} at {x} is not {corner:?}");
    }
    Ok(())
}

#[tokio::test]
async fn the_webviews_position_is_kept_and_without_one_a_reason_and_a_landmark_do() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone_at(&data, &town.address, &town.code()?, "").await?;
    enrol(&mut window).await?;
    window
        .eval(
            "Object.defineProperty(navigator, 'geolocation', { value: { clearWatch: () => {}, \
             watchPosition: (fix, none) => { window.sensor = { fix, none }; return 7; } } }); 0",
        )
        .await?;
    start_visit(&mut window).await?;
    window.wait_for("window.sensor", SOON).await?;
    window.eval("window.sensor.none({ code: 1 }); 0").await?;
    window.wait_for("document.querySelector('.place').innerText.includes('未授予定位权限')", SOON).await?;
    window.eval("document.querySelector('details.place').open = true; 0").await?;
    window.fill("#landmark", "村委会对面蓝色大门").await?;
    window.wait_for("document.querySelector('[data-no-fix=given]')", SOON).await?;
    window.wait_for(SAVED, SOON).await?;
    look(&mut window, "sheet-no-position").await?;
    window.kill();
    window.start().await?;
    go_on(&mut window).await?;
    window
        .wait_for("(document.querySelector('#landmark') || {}).value === '村委会对面蓝色大门'", SOON)
        .await?;

    tap(&mut window, ".back").await?;
    window.wait_for("document.querySelector('#to-start')", SOON).await?;
    tap(&mut window, ".back").await?;
    tab(&mut window, 0).await?;
    window
        .eval(
            "Object.defineProperty(navigator, 'geolocation', { value: { clearWatch: () => {}, \
             watchPosition: (fix, none) => { window.sensor = { fix, none }; return 8; } } }); 0",
        )
        .await?;
    tap(&mut window, "[data-draft]").await?;
    window.wait_for("window.sensor", SOON).await?;
    let fix = |accuracy: f64| {
        format!(
            "window.sensor.fix({{ coords: {{ latitude: 30.6602, longitude: 104.0601, accuracy: {accuracy} }}, \
             timestamp: Date.now() }}); 0"
        )
    };
    window.eval(&fix(80.0)).await?;
    window.wait_for("document.querySelector('.place').innerText.includes('±80')", SOON).await?;
    window.eval(&fix(23.4)).await?;
    window.wait_for("document.querySelector('.place').innerText.includes('±24')", SOON).await?;
    window.kill();
    window.start().await?;
    go_on(&mut window).await?;
    window.wait_for("document.querySelector('.place.ok')", SOON).await
}

#[tokio::test]
async fn every_answer_the_screen_calls_saved_is_there_after_a_kill() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    start_visit(&mut window).await?;
    for (n, item) in ["WR-04", "WR-05", "WR-07", "WR-12"].into_iter().enumerate() {
        let button = if n % 2 == 0 { ".no" } else { ".ok" };
        answer(&mut window, item, "ok", button).await?;
        window.kill();
        window.start().await?;
        go_on(&mut window).await?;
        window
            .wait_for(&format!("document.querySelector('.count').innerText === '{}/21'", n + 1), SOON)
            .await?;
        tap_is_on(&mut window, item, "ok", button).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_an_ended_code_and_an_absent_bureau_each_get_a_sentence() -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let code = town.code()?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, "XXXX-XXXX").await?;
    enrol(&mut window).await?;
    let said = |sentence: &str| {
        format!(
            "(document.querySelector('#enrol-trouble') || {{ innerText: '' }}).innerText.includes('{sentence}')"
        )
    };
    window.wait_for(&said("登记码不对"), SOON).await?;
    town.end_codes()?;
    window.fill("#code", &code).await?;
    tap(&mut window, "#enrol:not([disabled])").await?;
    window.wait_for(&said("登记码已过期"), SOON).await?;
    window.fill("#address", "http://127.0.0.1:9").await?;
    tap(&mut window, "#enrol:not([disabled])").await?;
    window.wait_for(&said("连不上监督机构"), SOON).await?;
    window.fill("#address", "http://bureau.example").await?;
    tap(&mut window, "#enrol:not([disabled])").await?;
    window.wait_for(&said("这个地址不能用"), SOON).await
}

#[tokio::test]
async fn whatever_a_site_is_called_is_text_and_breaks_no_layout() -> Result<()> {
    let long = "长".repeat(10_000);
    let names = ["<script>document.title='broken'</script><b>粗</b>", "\u{202e}店饭例示\u{2066}<i>", &long];
    let town = Town::open(|site| site.rename(&names)).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await?;
    for name in names {
        let shown = "[...document.querySelectorAll('[data-site] .t1')].map(t => t.textContent)";
        let there = window.eval(&format!("{shown}.includes({})", json!(name))).await?;
        ensure!(there == json!(true), "not shown as text: {:.60}", name);
    }
    ensure!(
        window.eval("document.querySelectorAll('[data-site] b, [data-site] script').length").await?
            == json!(0)
    );
    for text in ["script", "长长长", "例示"] {
        window.fill("#search", text).await?;
        window.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
        tap(&mut window, "[data-site]").await?;
        window.wait_for("document.querySelector('.facts')", SOON).await?;
        let wide = window.eval("document.documentElement.scrollWidth > window.innerWidth").await?;
        ensure!(wide == json!(false), "{text} makes the page wider than the phone");
        tap(&mut window, ".back").await?;
        window.wait_for("document.querySelector('#search')", SOON).await?;
    }
    ensure!(window.eval("document.title").await? != json!("broken"));
    Ok(())
}
