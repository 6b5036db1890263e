//! From an unpacked phone to the first tab, and on after a new start: what every window test does first.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use anyhow::{Result, ensure};
use serde_json::json;

use crate::hand::{SOON, tap};
use crate::webview::Window;

pub const APP: &str = env!("CARGO_BIN_EXE_xieguan");
pub const PHONE: (u32, u32) = (390, 844);
/// Somewhere in the sample county.
pub const POSITION: &str = "30.66020,104.06010";

/// A new phone as it is unpacked: nothing agreed to yet. An empty position leaves the webview's own.
pub async fn new_phone(
    data: &tempfile::TempDir,
    address: &str,
    code: &str,
    position: &str,
) -> Result<Window> {
    phone_of(PHONE, data, address, code, position).await
}

/// The same of another size.
pub async fn phone_of(
    size: (u32, u32),
    data: &tempfile::TempDir,
    address: &str,
    code: &str,
    position: &str,
) -> Result<Window> {
    let data = data.path().to_string_lossy().into_owned();
    // The webview keeps a copy of language and looks there; a developer's own are not the test's.
    let webview = format!("{data}/webview");
    let env = [
        ("XIEGUAN_DATA", data.as_str()),
        ("XDG_DATA_HOME", webview.as_str()),
        ("XDG_CACHE_HOME", webview.as_str()),
        ("XIEGUAN_BUREAU", address),
        ("XIEGUAN_CODE", code),
        ("XIEGUAN_SIM_POSITION", position),
    ];
    let mut window = Window::open(APP, size, &env).await?;
    window.wait_for("document.querySelector('.screen:not(.splash)')", SOON).await?;
    Ok(window)
}

/// A phone at the first tab, its privacy notice agreed to, with the address and code a bureau gave.
pub async fn phone(data: &tempfile::TempDir, address: &str, code: &str) -> Result<Window> {
    phone_at(data, address, code, POSITION).await
}

/// The same with a simulated position, or with an empty one the webview's own.
pub async fn phone_at(data: &tempfile::TempDir, address: &str, code: &str, position: &str) -> Result<Window> {
    let mut window = new_phone(data, address, code, position).await?;
    agree(&mut window).await?;
    Ok(window)
}

/// Agrees to the privacy notice, if it is asked about.
pub async fn agree(window: &mut Window) -> Result<()> {
    window.wait_for("document.querySelector('#consent, .tabs')", SOON).await?;
    if window.eval("document.querySelector('#consent') !== null").await? == json!(true) {
        window.click("#consent").await?;
    }
    window.wait_for("document.querySelector('.tabs')", SOON).await
}

/// After a new start: the app opens in the visit where it was; from a list, the first draft is gone on with.
pub async fn go_on(window: &mut Window) -> Result<()> {
    window.wait_for("document.querySelector('#sheet, [data-draft]')", SOON).await?;
    if window.eval("document.querySelector('#sheet') === null").await? == json!(true) {
        window.click("[data-draft]").await?;
    }
    window.wait_for("document.querySelector('#sheet')", SOON).await
}

/// Goes to one of the four tabs, counted from 0.
pub async fn tab(window: &mut Window, n: usize) -> Result<()> {
    tap(window, &format!(".tabs button:nth-child({})", n + 1)).await?;
    let here = format!(".tabs button:nth-child({})[aria-current=page]", n + 1);
    window.wait_for(&format!("document.querySelector({})", json!(here)), SOON).await
}

/// Enrols with what the start of the program offered.
pub async fn enrol(window: &mut Window) -> Result<()> {
    tap(window, "#to-enrol").await?;
    tap(window, "#enrol:not([disabled])").await
}

/// What a person sees now, looked at: nothing wider than the phone, nothing too small to touch; with
/// XIEGUAN_PICTURES set, also kept as a picture.
pub async fn look(window: &mut Window, name: &str) -> Result<()> {
    let wide = window.eval("document.documentElement.scrollWidth - window.innerWidth").await?;
    ensure!(wide.as_i64().is_some_and(|over| over <= 0), "{name} is {wide} pixels wider than the phone");
    let small = window
        .eval(
            "[...document.querySelectorAll('button, a, input, select, textarea, summary')].filter(e => { \
             const box = e.getBoundingClientRect(); \
             return box.height > 0 && box.height < 47.5 && getComputedStyle(e).visibility === 'visible' \
             && e.id !== 'camera-input'; }) \
             .map(e => e.outerHTML.slice(0, 90) + ' ' + Math.round(e.getBoundingClientRect().height)).join('; ')",
        )
        .await?;
    ensure!(small == json!(""), "too small to touch in {name}: {small}");
    picture(window, name).await
}

/// Every way a screen is seen: light and dark, large text, and (named so) the other language is up to the caller.
pub async fn look_all(window: &mut Window, name: &str) -> Result<()> {
    look(window, name).await?;
    window.eval("document.documentElement.dataset.theme = 'dark'; 0").await?;
    look(window, &format!("{name}-dark")).await?;
    window.eval("document.documentElement.dataset.theme = 'light'; 0").await?;
    window.eval("document.documentElement.dataset.size = '2'; 0").await?;
    look(window, &format!("{name}-200")).await?;
    window.eval("document.documentElement.dataset.size = '0'; 0").await?;
    Ok(())
}

/// Keeps a picture where XIEGUAN_PICTURES says.
pub async fn picture(window: &mut Window, name: &str) -> Result<()> {
    if let Some(folder) = std::env::var_os("XIEGUAN_PICTURES") {
        window.screenshot(&std::path::Path::new(&folder).join(format!("{name}.png"))).await?;
    }
    Ok(())
}
