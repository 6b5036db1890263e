//! A whole morning without a signal in the real window: three visits, one of them without a position, one with
//! somebody harmed; and the evening, when everything goes up by itself.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
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

use anyhow::{Context as _, Result, ensure};
use hand::{SOON, answer, shoot, sign, tap, there, turn, write};
use serde_json::{Value, json};
use start::{enrol, go_on, phone_at, tab};
use town::Town;
use webview::Window;

/// The sensor of the webview in the test's hands.
const SENSOR: &str = "Object.defineProperty(navigator, 'geolocation', { configurable: true, value: { \
     clearWatch: () => {}, watchPosition: (fix, none) => { window.sensor = { fix, none }; return 7; } } }); 0";

async fn found(window: &mut Window) -> Result<()> {
    window.wait_for("window.sensor", SOON).await?;
    window
        .eval(
            "window.sensor.fix({ coords: { latitude: 30.6602, longitude: 104.0601, accuracy: 8 }, \
             timestamp: Date.now() }); 0",
        )
        .await
        .map(drop)
}

/// From the list of sites to the first screen of a visit; `hears` is what the sensor says meanwhile.
async fn begin(window: &mut Window, search: &str, none: bool) -> Result<()> {
    tab(window, 1).await?;
    there(window, "#search").await?;
    window.fill("#search", search).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    tap(window, "[data-site]").await?;
    window.eval("delete window.sensor; 0").await?;
    tap(window, "#to-start").await?;
    if none {
        window.wait_for("window.sensor", SOON).await?;
        window.eval("window.sensor.none({ code: 1 }); 0").await?;
        there(window, "[data-where=nowhere] #landmark").await?;
        window.fill("#landmark", "校门口的老槐树旁").await?;
    } else {
        found(window).await?;
        there(window, "[data-where=here]").await?;
    }
    tap(window, "#start:not([disabled])").await?;
    there(window, "#sheet .item").await
}

async fn to_review(window: &mut Window) -> Result<()> {
    tap(window, "#next").await?;
    there(window, "#review").await
}

async fn finish(window: &mut Window) -> Result<()> {
    tap(window, "#finish:not([disabled])").await?;
    there(window, "#done").await?;
    tap(window, "#to-today").await?;
    there(window, ".tabs").await
}

#[tokio::test]
async fn a_morning_of_three_visits_without_a_signal_is_whole_at_the_bureau_in_the_evening() -> Result<()> {
    let mut town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone_at(&data, &town.address, &town.code()?, "").await?;
    let w = &mut window;
    enrol(w).await?;
    there(w, ".tabs").await?;
    tab(w, 1).await?;
    there(w, "[data-site]").await?;
    town.stop();
    w.eval(SENSOR).await?;

    waterworks(w).await?;
    school(w).await?;
    w.eval(SENSOR).await?;
    suspect_place(w).await?;

    tab(w, 2).await?;
    ensure!(w.eval("document.querySelectorAll('[data-state=complete]').length").await? == json!(0));
    town.resume()?;
    tap(w, "#retry").await?;
    // Three records and at least one report, each with its receipt for all that it names.
    w.wait_for(hand::ALL_SENT, 2 * SOON).await?;
    ensure!(w.eval("document.querySelectorAll('[data-record]').length >= 4").await? == json!(true));
    at_the_bureau(&town)
}

/// The disinfection stands still, with a photo of it; signed on the glass.
async fn waterworks(w: &mut Window) -> Result<()> {
    begin(w, "石桥村", false).await?;
    walk::fill(w, 0, "WATER_RURAL").await?;
    answer(w, 0, "WR-09", "ok", ".no").await?;
    answer(w, 0, "WR-09", "substitute", "[data-choice=manual]").await?;
    let picture = pictures::camera_jpeg(2000, 1500, 6);
    shoot(w, "[data-camera=\"WR-09\"]", "IMG_0001.jpg", &picture).await?;
    there(w, "#item-0-WR-09 .ph img").await?;
    to_review(w).await?;
    sign(w, "钱示例").await?;
    finish(w).await
}

/// Three checklists in one visit without a position; the app is killed in the middle, and nobody may sign.
async fn school(w: &mut Window) -> Result<()> {
    begin(w, "中心小学", true).await?;
    for (title, code) in [("学校卫生", "SCHOOL"), ("学校供水", "WATER_SCHOOL")] {
        let n = turn(w, title).await?;
        walk::fill(w, n, code).await?;
    }
    w.kill();
    w.start().await?;
    go_on(w).await?;
    there(w, "[data-no-fix=given]").await?;
    let n = turn(w, "集体食堂").await?;
    walk::fill(w, n, "FOOD_CANTEEN").await?;
    to_review(w).await?;
    tap(w, "[data-sign=Absent]").await?;
    w.fill("#unsigned-reason", "校长外出开会").await?;
    w.fill("#witness", "孙示例").await?;
    w.wait_for(hand::SAVED, SOON).await?;
    finish(w).await
}

/// Somebody was harmed: the immediate sheet opens by itself, the call is logged, the report is written at once.
async fn suspect_place(w: &mut Window) -> Result<()> {
    begin(w, "无牌牙摊", false).await?;
    walk::fill(w, 0, "ILLEGAL_PRACTICE").await?;
    tap(w, &format!("{} .no", hand::part(0, "IM-16", "ok"))).await?;
    there(w, "#urgent").await?;
    tap(w, "[data-way=call]").await?;
    there(w, "[data-attempt]").await?;
    tap(w, "[data-attempt] [data-outcome=NoAnswer]").await?;
    there(w, "[data-attempt][data-outcome=NoAnswer]").await?;
    tap(w, "#urgent-back").await?;
    there(w, "#urgent-banner").await?;
    write(w, "item-0-IM-16-note", "一名顾客拔牙后大出血").await?;
    to_review(w).await?;
    sign(w, "李示例").await?;
    finish(w).await
}

fn at_the_bureau(town: &Town) -> Result<()> {
    let (visits, reports) = town.received()?;
    ensure!(visits.len() == 3, "{} visits", visits.len());
    let of = |title: &str| {
        visits
            .iter()
            .find(|visit| visit["site"]["title"].to_string().contains(title))
            .context(title.to_owned())
    };
    let school = of("中心小学")?;
    ensure!(school["sheets"].as_array().map(Vec::len) == Some(3), "{} sheets", school["sheets"]);
    ensure!(school["fixes"].as_array().is_none_or(Vec::is_empty), "{}", school["fixes"]);
    ensure!(school["no_fix"].to_string().contains("校门口的老槐树旁"), "{}", school["no_fix"]);
    ensure!(school["attestation"].to_string().contains("孙示例"), "{}", school["attestation"]);
    ensure!(of("石桥村")?["photos"].as_array().map(Vec::len) == Some(1));
    let harmed: Vec<&Value> = reports.iter().filter(|report| report["level"] == json!("A")).collect();
    ensure!(harmed.len() == 1, "{} reports of level A", harmed.len());
    let tries = harmed[0]["attempts"].to_string();
    ensure!(tries.contains("no_answer"), "the call is not in the report: {tries}");
    ensure!(of("无牌牙摊")?["id"] == harmed[0]["inspection"], "the report is about another visit");
    Ok(())
}
