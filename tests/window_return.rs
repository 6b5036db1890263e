//! The real window: a record that the bureau sent back is corrected with everything filled in, over a kill.
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
#[path = "support/walk.rs"]
mod walk;
#[path = "support/webview.rs"]
mod webview;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use hand::{ALL_SENT, SOON, answer, shoot, sign, tap, there, write};
use serde_json::json;
use start::{enrol, look_all, phone, tab};
use town::Town;
use webview::Window;
use xieguan::domain::inspection::Inspection;

/// A waterworks with one failed item and its photo, finished and received.
async fn first_visit(w: &mut Window) -> Result<()> {
    tab(w, 1).await?;
    there(w, "#search").await?;
    walk::start(w, "石桥村", "WR-21").await?;
    walk::fill(w, 0, "WATER_RURAL").await?;
    answer(w, 0, "WR-09", "ok", ".no").await?;
    answer(w, 0, "WR-09", "substitute", "[data-choice=manual]").await?;
    shoot(w, "[data-camera=\"WR-09\"]", "IMG_0001.jpg", &pictures::camera_jpeg(1600, 1200, 1)).await?;
    there(w, "#item-0-WR-09 .ph img").await?;
    tap(w, "#next").await?;
    finish(w).await
}

async fn finish(w: &mut Window) -> Result<()> {
    there(w, "#review").await?;
    sign(w, "钱示例").await?;
    tap(w, "#finish:not([disabled])").await?;
    there(w, "#done").await?;
    tap(w, "#to-outbox").await?;
    w.wait_for(ALL_SENT, 2 * SOON).await
}

/// What a reviewer remarks while accepting is read where the record is looked up.
async fn accepted_with_a_remark(w: &mut Window, town: &Town) -> Result<()> {
    town.accept("可以了", &[("WR-14", "下次换一支试剂")]).await?;
    w.kill();
    w.start().await?;
    there(w, ".tabs").await?;
    tab(w, 2).await?;
    tap(w, "[data-review=accepted]").await?;
    shows(w, "#verdict[data-review=accepted]", "可以了").await?;
    shows(w, "[data-comment=\"WR-14\"]", "出厂水余氯").await?;
    shows(w, "[data-comment=\"WR-14\"]", "下次换一支试剂").await?;
    look_all(w, "receipt-accepted").await
}

/// Whoever needs the largest letters sees without scrolling that something came back, and what.
async fn stands_in_the_first_screen(w: &mut Window) -> Result<()> {
    const SEEN: &str = "(() => { \
        const low = document.querySelector('#today').getBoundingClientRect().bottom; \
        const box = e => document.querySelector(e).getBoundingClientRect(); \
        return document.documentElement.dataset.size === '2' && box('.top .sent-back').bottom < low \
            && box('[data-returned] .t1').bottom < low; })()";
    shows(w, ".top .sent-back", "退回 1 份").await?;
    w.eval("document.documentElement.dataset.size = '2'; 0").await?;
    let seen = w.wait_for(SEEN, SOON).await;
    w.eval("document.documentElement.dataset.size = '0'; 0").await?;
    seen
}

/// Left half done, and found again through the receipt: the way leads on with it.
async fn goes_on_from_the_receipt(w: &mut Window) -> Result<()> {
    tap(w, ".back").await?;
    there(w, ".tabs").await?;
    tab(w, 2).await?;
    tap(w, "[data-record]").await?;
    shows(w, "#verdict[data-review=returned]", "正在改").await?;
    tap(w, "#verdict button").await?;
    shows(w, "[data-comment=\"WR-15\"]", "换一支试剂再测").await?;
    shows(w, "#correct", "接着改").await?;
    tap(w, "#correct").await?;
    there(w, "#returned-note").await?;
    w.wait_for("document.getElementById('item-0-WR-15-value').value === '0.42'", SOON).await
}

async fn shows(w: &mut Window, selector: &str, text: &str) -> Result<()> {
    let found = format!("document.querySelector({})?.innerText.includes({})", json!(selector), json!(text));
    w.wait_for(&found, SOON).await
}

fn records(town: &Town) -> Result<Vec<Inspection>> {
    let (visits, _) = town.received()?;
    visits.into_iter().map(|one| Ok(serde_json::from_value(one)?)).collect()
}

fn photos(record: &Inspection) -> BTreeSet<String> {
    record.photos.iter().flat_map(|photo| [photo.original.to_string(), photo.derived.to_string()]).collect()
}

#[tokio::test]
async fn a_returned_record_is_corrected_at_its_comments_with_photo_and_answers_there_already_over_a_kill()
-> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    let w = &mut window;
    enrol(w).await?;
    there(w, ".tabs").await?;
    first_visit(w).await?;
    town.give_back("两处改好就可以", &[("WR-09", "请写清停用了几天"), ("WR-15", "换一支试剂再测")]).await?;

    // The app hears of it when it comes back to the front, as it does when a coordinator opens it in the evening.
    w.kill();
    w.start().await?;
    there(w, ".tabs").await?;
    tab(w, 0).await?;
    there(w, "[data-returned]").await?;
    stands_in_the_first_screen(w).await?;
    tap(w, "[data-returned]").await?;
    shows(w, "#whole-comment", "两处改好就可以").await?;
    shows(w, "[data-comment=\"WR-15\"]", "换一支试剂再测").await?;
    tap(w, "#correct").await?;
    there(w, "#returned-note").await?;
    tap(w, "#first-comment").await?;
    shows(w, "#item-0-WR-09 .at-item", "请写清停用了几天").await?;
    there(w, "#item-0-WR-09 .ph img").await?;
    tap(w, "#item-0-WR-09 .next-comment").await?;
    write(w, "item-0-WR-15-value", "0.42").await?;

    w.kill();
    w.start().await?;
    shows(w, "#item-0-WR-15 .at-item", "换一支试剂再测").await?;
    w.wait_for("document.getElementById('item-0-WR-15-value').value === '0.42'", SOON).await?;
    goes_on_from_the_receipt(w).await?;
    tap(w, "#next").await?;
    finish(w).await?;

    let received = records(&town)?;
    let revision = |n: u32| received.iter().find(|record| record.revision == n).context(n);
    let (first, second) = (revision(1)?, revision(2)?);
    ensure!(received.len() == 2 && first.id == second.id && second.parent.is_some());
    ensure!(photos(first) == photos(second) && !photos(first).is_empty(), "the photo came along");
    ensure!(serde_json::to_string(second)?.contains("0.42"));
    tab(w, 0).await?;
    w.wait_for("!document.querySelector('[data-returned]')", SOON).await?;
    accepted_with_a_remark(w, &town).await
}
