//! The real window on a phone that was just unpacked: consent first, then the app, and the way back.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/start.rs"]
mod start;
#[path = "support/webview.rs"]
mod webview;

use anyhow::{Result, ensure};
use hand::{SOON, tap, there as seen};
use serde_json::json;
use start::{POSITION, agree, look_all, new_phone, tab};
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
