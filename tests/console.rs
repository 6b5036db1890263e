//! The bureau's pages in a real browser, printing included.

#[path = "support/chrome.rs"]
mod chrome;

use anyhow::Result;
use chrome::Chrome;

#[tokio::test]
async fn the_browser_opens_a_page_and_prints_it() -> Result<()> {
    let chrome = Chrome::open((1280, 900)).await?;
    chrome.goto("data:text/html,<title>page</title><p>words").await?;
    assert_eq!(chrome.title().await?, "page");
    assert!(chrome.print().await?.starts_with(b"%PDF"));
    Ok(())
}
