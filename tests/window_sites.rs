//! The real window: sites looked for among many, a visit begun, a place nobody has on file.
#![cfg(feature = "desktop")]

#[path = "support/hand.rs"]
mod hand;
#[path = "support/start.rs"]
mod start;
#[path = "support/town.rs"]
mod town;
#[path = "support/webview.rs"]
mod webview;

use anyhow::Result;
use hand::{SOON, gone, tap, there};
use serde_json::json;
use start::{enrol, look, look_all, phone, tab};
use town::Town;
use webview::Window;

/// Waits for so many cards.
async fn cards(window: &mut Window, count: usize) -> Result<()> {
    window.wait_for(&format!("document.querySelectorAll('[data-site]').length === {count}"), SOON).await
}

/// Types, and waits until the first card shows this.
async fn finds(window: &mut Window, typed: &str, first: &str) -> Result<()> {
    window.fill("#search", typed).await?;
    let shown = format!(
        "(card => card && card.innerText.includes({}))(document.querySelector('[data-site]'))",
        json!(first)
    );
    window.wait_for(&shown, SOON).await
}

#[tokio::test]
async fn among_five_hundred_sites_one_is_found_as_one_types_and_the_rest_is_counted() -> Result<()> {
    let long =
        "示例镇名字特别特别长的农村集中式供水管理服务中心柳树村第三供水分站（含两处取水口与一座清水池）";
    let town = Town::open(|sites| {
        sites.grow(500, |n| match n {
            7 => long.to_owned(),
            _ => format!("样例{n}号供水点"),
        })
    })
    .await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    tab(&mut window, 1).await?;
    there(&mut window, "#sites .empty").await?;
    look(&mut window, "sites-none").await?;
    tab(&mut window, 0).await?;
    enrol(&mut window).await?;
    there(&mut window, ".tabs").await?;
    tab(&mut window, 1).await?;
    window.wait_for("document.querySelector('.top').innerText.includes('524')", SOON).await?;
    cards(&mut window, 50).await?;
    look_all(&mut window, "sites-500").await?;
    tap(&mut window, "#more").await?;
    cards(&mut window, 100).await?;

    finds(&mut window, "石", "石桥村供水站").await?;
    finds(&mut window, "石桥", "石桥村供水站").await?;
    finds(&mut window, "shiqiao", "石桥村供水站").await?;
    finds(&mut window, "sqcgsz", "石桥村供水站").await?;
    finds(&mut window, "样例321号", "样例321号供水点").await?;
    finds(&mut window, "mztbtb", "名字特别特别长").await?;
    look_all(&mut window, "sites-long-name").await?;
    window.fill("#search", "没有这个地方").await?;
    there(&mut window, "#nothing-found").await?;
    look(&mut window, "sites-nothing").await?;

    tap(&mut window, "#clear").await?;
    cards(&mut window, 50).await?;
    tap(&mut window, "[data-kind=SCHOOL]").await?;
    cards(&mut window, 2).await?;
    tap(&mut window, "[data-kind='']").await?;
    tap(&mut window, "#how-far").await?;
    tap(&mut window, "[data-within='1000']").await?;
    window.wait_for("document.querySelector('.far')", SOON).await?;
    let far = "[...document.querySelectorAll('.far')].every(far => far.innerText.endsWith(' m'))";
    window.wait_for(far, SOON).await?;
    look(&mut window, "sites-near").await?;

    // What was looked for is still there after a look at a site.
    tap(&mut window, "[data-site]").await?;
    there(&mut window, ".back").await?;
    tap(&mut window, ".back").await?;
    there(&mut window, "[data-within='1000'][aria-pressed=true]").await?;
    gone(&mut window, "#nothing-found").await
}
