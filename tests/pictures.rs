//! Every screen in both languages, light and dark, at 100 % and 200 % text, looked at in the real window.
//! `make pictures` keeps what is seen.
#![cfg(feature = "desktop")]

#[path = "support/look.rs"]
mod look;
#[path = "it/support/pictures.rs"]
#[expect(dead_code, reason = "this test needs only the camera's picture")]
mod pictures;
#[path = "support/town.rs"]
mod town;
#[path = "support/webview.rs"]
mod webview;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use look::Album;
use serde_json::json;
use town::Town;
use webview::Window;

const APP: &str = env!("CARGO_BIN_EXE_xieguan");
const SOON: Duration = Duration::from_secs(60);
const POSITION: &str = "30.66020,104.06010";

#[path = "support/hand.rs"]
mod hand;
#[path = "support/start.rs"]
mod start;

use hand::{answer, shoot, sign, tap, there, write};

/// The folder for pictures, when they are wanted.
fn folder() -> Option<PathBuf> {
    std::env::var_os("XIEGUAN_PICTURES").map(|folder| PathBuf::from(folder).join("phone"))
}

async fn open(town: &Town, data: &tempfile::TempDir, size: (u32, u32)) -> Result<Window> {
    let code = town.code()?;
    let data = data.path().to_string_lossy().into_owned();
    let webview = format!("{data}/webview");
    let env = [
        ("XIEGUAN_DATA", data.as_str()),
        ("XDG_DATA_HOME", webview.as_str()),
        ("XDG_CACHE_HOME", webview.as_str()),
        ("XIEGUAN_BUREAU", town.address.as_str()),
        ("XIEGUAN_CODE", code.as_str()),
        ("XIEGUAN_SIM_POSITION", POSITION),
    ];
    let mut window = Window::open(APP, size, &env).await?;
    start::agree(&mut window).await?;
    Ok(window)
}

async fn tab(window: &mut Window, n: usize) -> Result<()> {
    tap(window, &format!(".tabs button:nth-child({n})")).await?;
    there(window, &format!(".tabs button:nth-child({n})[aria-current=page]")).await
}

async fn walk(size: (u32, u32), language: &'static str) -> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = open(&town, &data, size).await?;
    let folder = folder();
    let mut album = Album::new(folder.as_deref(), size, language);
    let w = &mut window;
    if language == "en" {
        tab(w, 4).await?;
        tap(w, ".chips button:nth-child(2)").await?;
        w.wait_for("document.documentElement.lang === 'en'", SOON).await?;
        tab(w, 1).await?;
    }
    album.look(w, "today-new", "").await?;
    tap(w, "#to-enrol").await?;
    album.look(w, "enrol", "").await?;
    tap(w, "#enrol:not([disabled])").await?;
    w.wait_for("document.querySelectorAll('[data-site]').length > 5", SOON).await?;
    tab(w, 2).await?;
    album.look(w, "sites", "").await?;
    w.fill("#search", "石桥村").await?;
    w.wait_for("document.querySelectorAll('[data-site]').length === 1", SOON).await?;
    tap(w, "[data-site]").await?;
    album.look(w, "site", "").await?;
    tap(w, "#to-start").await?;
    tap(w, "#start:not([disabled])").await?;
    there(w, "#item-0-WR-21").await?;
    album.look(w, "sheet-new", "").await?;
    answer(w, 0, "WR-09", "ok", ".no").await?;
    write(w, "item-0-WR-15-value", "0.02").await?;
    shoot(w, "[data-camera=\"WR-09\"]", "IMG_0001.jpg", &pictures::camera_jpeg(1600, 1200, 6)).await?;
    there(w, "#item-0-WR-09 .ph img").await?;
    album.look(w, "sheet-failed", "#item-0-WR-09").await?;
    album.look(w, "sheet-number", "#item-0-WR-15").await?;
    let seen = album.close()?;
    ensure!(seen.len() > 6, "{seen:?}");
    let _ = (sign, json!(1));
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
