//! The coordinator's hand on the glass: touches, types, signs, and holds the camera.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses its part")]

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::webview::Window;

/// Long enough for a busy machine; nothing here measures time.
pub(crate) const SOON: Duration = Duration::from_secs(60);
/// Everything that was given is durable.
pub(crate) const SAVED: &str = "document.querySelector('#saving').dataset.state === 'saved'";

/// Every document of this phone has its receipt for all that it names; there is at least one.
pub(crate) const ALL_SENT: &str = "document.querySelector('[data-record]') && \
     !document.querySelector('[data-record]:not([data-state=complete])')";

/// Touches what the selector finds, once it is there.
pub(crate) async fn tap(window: &mut Window, selector: &str) -> Result<()> {
    there(window, selector).await?;
    window.click(selector).await
}

/// Waits until the selector finds something.
pub(crate) async fn there(window: &mut Window, selector: &str) -> Result<()> {
    window.wait_for(&format!("document.querySelector({})", json!(selector)), SOON).await
}

/// Waits until the selector finds nothing.
pub(crate) async fn gone(window: &mut Window, selector: &str) -> Result<()> {
    window.wait_for(&format!("!document.querySelector({})", json!(selector)), SOON).await
}

/// The selector of a part of an item of the `sheet`-th sheet.
pub(crate) fn part(sheet: usize, item: &str, part: &str) -> String {
    format!("#item-{sheet}-{item} [data-part=\"{part}\"]")
}

/// Turns to the sheet of this title and gives its number.
pub(crate) async fn turn(window: &mut Window, title: &str) -> Result<usize> {
    let find =
        format!("[...document.querySelectorAll('[data-sheet]')].find(b => b.innerText.includes('{title}'))");
    window.wait_for(&find, SOON).await?;
    let number = window.eval(&format!("{find}.dataset.sheet")).await?;
    let number = number.as_str().context("its number")?.parse()?;
    window.eval(&format!("{find}.click(); 0")).await?;
    there(window, &format!("[data-sheet=\"{number}\"][aria-pressed=true]")).await?;
    there(window, &format!("[id^=\"item-{number}-\"]")).await?;
    Ok(number)
}

/// Touches one of the answer's buttons: `.ok`, `.no`, `.na`, `[data-choice="…"]`; waits until it is durable.
pub(crate) async fn answer(
    window: &mut Window,
    sheet: usize,
    item: &str,
    key: &str,
    button: &str,
) -> Result<()> {
    let button = format!("{} {button}", part(sheet, item, key));
    tap(window, &button).await?;
    there(window, &format!("{button}[aria-pressed=\"true\"]")).await?;
    window.wait_for(SAVED, SOON).await
}

/// Types into the field of this id and leaves it; waits until it is durable.
pub(crate) async fn write(window: &mut Window, id: &str, text: &str) -> Result<()> {
    window.wait_for(&format!("document.getElementById({})", json!(id)), SOON).await?;
    window.fill(&format!("[id={}]", json!(id)), text).await?;
    window.eval(&format!("document.getElementById({}).blur()", json!(id))).await?;
    // Saved after this very text: a save that was already shown would do otherwise.
    window.wait_for("document.querySelector('#saving').dataset.state !== 'open'", SOON).await?;
    window.wait_for(SAVED, SOON).await
}

/// Opens the camera by touching `button` and hands it a file, as the camera does.
pub(crate) async fn shoot(window: &mut Window, button: &str, name: &str, bytes: &[u8]) -> Result<()> {
    window.eval("window.pieces = []; 0").await?;
    for piece in bytes.chunks(3 * 8 * 1024) {
        window.eval(&format!("window.pieces.push('{}')", STANDARD.encode(piece))).await?;
    }
    // Nobody is here to work the system's file chooser, so it stays shut; everything else of the input is the app's.
    window.eval("HTMLInputElement.prototype.click = () => {}; 0").await?;
    tap(window, button).await?;
    there(window, "#camera-input").await?;
    let feed = format!(
        "(() => {{ const parts = window.pieces.map(p => Uint8Array.from(atob(p), c => c.charCodeAt(0))); \
         const data = new DataTransfer(); data.items.add(new File(parts, {}, {{ type: 'image/jpeg' }})); \
         const input = document.getElementById('camera-input'); input.files = data.files; \
         input.dispatchEvent(new Event('change')); return input.files.length; }})()",
        json!(name)
    );
    ensure!(window.eval(&feed).await? == json!(1), "the camera's input took no file");
    Ok(())
}

/// Signs on the glass.
pub(crate) async fn sign(window: &mut Window, name: &str) -> Result<()> {
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
    window.fill("#signer", name).await?;
    window.wait_for(SAVED, SOON).await
}
