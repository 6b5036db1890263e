//! The real window under Xvfb: what a person would see and touch, on the desktop build of the app.
#![cfg(feature = "desktop")]

#[path = "support/webview.rs"]
mod webview;

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use webview::Window;

const APP: &str = env!("CARGO_BIN_EXE_xieguan");

#[tokio::test]
async fn the_window_opens_and_its_page_can_be_read() -> Result<()> {
    let data = tempfile::tempdir()?;
    let mut window =
        Window::open(APP, (390, 844), &[("XIEGUAN_DATA", &data.path().to_string_lossy())]).await?;
    window.wait_for("document.body.innerText.trim() !== ''", Duration::from_secs(30)).await?;
    assert_eq!(window.eval("Promise.resolve([1 + 1, window.innerWidth])").await?, json!([2, 390]));
    assert_eq!(window.eval("({ a: 'b' })").await?, json!({ "a": "b" }));
    let thrown = window.eval("missing()").await.expect_err("it throws");
    assert!(format!("{thrown:#}").contains("missing"), "{thrown:#}");

    let picture = data.path().join("window.png");
    window.screenshot(&picture).await?;
    assert!(std::fs::metadata(&picture)?.len() > 1000);

    window.kill();
    window.start().await?;
    window.wait_for("document.body.innerText.trim() !== ''", Duration::from_secs(30)).await
}
