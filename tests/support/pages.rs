//! What a person does on the console's pages in a browser, and what is looked at on each.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable as _;

use crate::chrome::Chrome;
use crate::county::County;

/// Opens the log-in page and fills it.
pub(crate) async fn log_in(chrome: &Chrome, county: &County, account: &str, password: &str) -> Result<()> {
    chrome.goto(format!("{}/login", county.address)).await?;
    enter(chrome, account, password).await?;
    // The click may return before the form's answer, which takes a password's time to work out, is there.
    chrome.query(By::Css(".inbox tbody tr, [role=alert]")).first().await?;
    Ok(())
}

/// Fills the log-in form of the page.
pub(crate) async fn enter(chrome: &Chrome, account: &str, password: &str) -> Result<()> {
    chrome.find(By::Id("account")).await?.clear().await?;
    chrome.find(By::Id("account")).await?.send_keys(account).await?;
    chrome.find(By::Id("password")).await?.send_keys(password).await?;
    chrome.find(By::Css(".login button.primary")).await?.click().await?;
    Ok(())
}

/// What stands there.
pub(crate) async fn text(chrome: &Chrome, css: &str) -> Result<String> {
    Ok(chrome.query(By::Css(css)).first().await?.text().await?)
}

/// Types into the comment field of an item, opening it first as a person would.
pub(crate) async fn comment_on(chrome: &Chrome, item: &str, text: &str) -> Result<()> {
    let field = format!("[name='item.0.{item}']");
    let summary = chrome.query(By::Css(format!("[id='{item}'] .remark-field summary"))).first().await?;
    summary.scroll_into_view().await?;
    summary.click().await?;
    chrome.query(By::Css(&field)).and_displayed().first().await?.send_keys(text).await?;
    Ok(())
}

/// Presses the button of a decision.
pub(crate) async fn press(chrome: &Chrome, verdict: &str) -> Result<()> {
    let button = chrome.query(By::Css(format!("button[name=verdict][value={verdict}]"))).first().await?;
    button.scroll_into_view().await?;
    button.click().await?;
    Ok(())
}

/// Waits until the page is of a record that stands so.
pub(crate) async fn stands(chrome: &Chrome, standing: &str) -> Result<()> {
    chrome.query(By::Css(format!("#standing[data-standing={standing}]"))).first().await?;
    Ok(())
}

/// A command of Chromium's own protocol, through chromedriver.
pub(crate) async fn command(chrome: &Chrome, name: &str, params: serde_json::Value) -> Result<()> {
    let (server, session) = (chrome.handle().server_url(), chrome.handle().session_id());
    let address = format!("{}session/{session}/goog/cdp/execute", server);
    let body = serde_json::json!({ "cmd": name, "params": params });
    reqwest::Client::new().post(address).json(&body).send().await?.error_for_status()?;
    Ok(())
}

/// That a page is no wider than its window and without barriers; kept as a picture where a folder is named.
pub(crate) async fn look(chrome: &Chrome, folder: &Option<PathBuf>, name: &str, width: u32) -> Result<()> {
    let wide = chrome.execute("return document.documentElement.scrollWidth", Vec::new()).await?;
    let wide = wide.json().as_u64().context("a width")?;
    assert!(wide <= u64::from(width), "{name} is {wide} pixels wide in a window of {width}");
    let barriers = barriers(chrome).await?;
    assert!(barriers.is_empty(), "{name} at {width}: {barriers:#?}");
    if let Some(folder) = folder.as_ref().filter(|_| width != 320) {
        std::fs::write(folder.join(format!("{name}-{width}.png")), chrome.screenshot_as_png().await?)?;
    }
    Ok(())
}

/// What axe-core calls serious or worse; nothing without XIEGUAN_AXE. Asked over Chromium's own protocol, because the
/// pages let no script in.
async fn barriers(chrome: &Chrome) -> Result<Vec<String>> {
    let Some(axe) = std::env::var_os("XIEGUAN_AXE") else { return Ok(Vec::new()) };
    let script = format!("{}; return {}('html')", std::fs::read_to_string(axe)?, include_str!("axe.js"));
    Ok(serde_json::from_value(chrome.execute(script, Vec::new()).await?.json().clone())?)
}
