//! The real window: sites looked for among many, a visit begun, a place nobody has on file.
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
#[path = "support/webview.rs"]
mod webview;

use anyhow::{Result, ensure};
use hand::{SOON, gone, shoot, tap, there};
use serde_json::json;
use start::{enrol, look, look_all, phone, phone_at, tab};
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
    window.wait_for("document.querySelector('.top').innerText.includes('526')", SOON).await?;
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

/// A position as the sensor of the webview gives it, in place of the webview's own.
const SENSOR: &str = "Object.defineProperty(navigator, 'geolocation', { value: { clearWatch: () => {}, \
     watchPosition: (fix, none) => { window.sensor = { fix, none }; return 7; } } }); 0";

fn fix(lat: f64, lon: f64, accuracy: u32) -> String {
    format!(
        "window.sensor.fix({{ coords: {{ latitude: {lat}, longitude: {lon}, accuracy: {accuracy} }}, \
         timestamp: Date.now() }}); 0"
    )
}

async fn shows(window: &mut Window, selector: &str, text: &str) -> Result<()> {
    let condition =
        format!("document.querySelector({}).innerText.includes({})", json!(selector), json!(text));
    window.wait_for(&condition, SOON).await
}

#[tokio::test]
async fn today_names_what_is_due_and_its_one_big_button_leads_into_a_visit_of_the_whole_school() -> Result<()>
{
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    look_all(&mut window, "today-not-enrolled").await?;
    enrol(&mut window).await?;
    tab(&mut window, 0).await?;
    shows(&mut window, "h1", "今天 3 处要去").await?;
    shows(&mut window, "[data-first]", "石桥村供水站").await?;
    shows(&mut window, "[data-first]", "逾期 4 天").await?;
    shows(&mut window, "[data-first]", "末梢水余氯偏低").await?;
    window.wait_for("document.querySelector('[data-first] .far').innerText.endsWith(' km')", SOON).await?;
    look_all(&mut window, "today").await?;

    // The school: three checklists, one position, one signature, and somebody along.
    tab(&mut window, 1).await?;
    finds(&mut window, "中心小学", "中心小学").await?;
    tap(&mut window, "[data-site]").await?;
    there(&mut window, "#to-start").await?;
    ensure!(window.eval("document.querySelector('a.call').href").await? == json!("tel:000-0000-0006"));
    let way = "document.querySelector('#navigate').getAttribute('href').startsWith('geo:30.')";
    ensure!(window.eval(way).await? == json!(true));
    there(&mut window, "[data-validity]").await?;
    look_all(&mut window, "site").await?;
    tap(&mut window, "#to-start").await?;
    window
        .wait_for("document.querySelectorAll('[data-checklist][aria-pressed=true]').length === 3", SOON)
        .await?;
    shows(&mut window, "#where", "离登记位置").await?;
    look_all(&mut window, "start").await?;
    tap(&mut window, "[data-second]").await?;
    there(&mut window, "[data-second][aria-pressed=true]").await?;
    tap(&mut window, "#start:not([disabled])").await?;
    for sheet in 0..3 {
        there(&mut window, &format!("[data-sheet='{sheet}']")).await?;
    }
    window.kill();

    // What was begun is under way, and the school is no longer on the round.
    window.start().await?;
    start::go_on(&mut window).await?;
    tap(&mut window, ".back").await?;
    there(&mut window, "#to-start").await?;
    there(&mut window, "[data-draft]").await?;
    tap(&mut window, ".back").await?;
    there(&mut window, ".tabs").await?;
    tab(&mut window, 0).await?;
    shows(&mut window, "h1", "今天 2 处要去").await?;
    shows(&mut window, "[data-draft]", "中心小学 · 草稿").await?;
    look_all(&mut window, "today-draft").await?;
    tap(&mut window, "#next-step").await?;
    shows(&mut window, "h1", "石桥村供水站").await
}

#[tokio::test]
async fn with_few_sites_and_nothing_due_today_says_what_comes_next() -> Result<()> {
    let town = Town::open(|sites| sites.keep(2)).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    tab(&mut window, 0).await?;
    there(&mut window, "#nothing-due").await?;
    shows(&mut window, "#nothing-due", "下一处").await?;
    look_all(&mut window, "today-nothing-due").await?;
    tap(&mut window, "#to-sites").await?;
    cards(&mut window, 2).await?;
    look(&mut window, "sites-few").await
}

#[tokio::test]
async fn beyond_the_fence_a_sentence_and_without_a_fix_a_landmark_and_the_visit_begins_all_the_same()
-> Result<()> {
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone_at(&data, &town.address, &town.code()?, "").await?;
    enrol(&mut window).await?;
    tab(&mut window, 1).await?;
    finds(&mut window, "石桥村", "石桥村供水站").await?;
    window.eval(SENSOR).await?;
    tap(&mut window, "[data-site]").await?;
    tap(&mut window, "#to-start").await?;
    shows(&mut window, "#where", "正在定位").await?;
    window.wait_for("window.sensor", SOON).await?;
    window.eval("window.sensor.none({ code: 1 }); 0").await?;
    there(&mut window, "[data-where=nowhere] #landmark").await?;
    look_all(&mut window, "start-nowhere").await?;
    window.eval(&fix(30.70, 104.10, 40)).await?;
    there(&mut window, "#far-off").await?;
    shows(&mut window, "#where", "±40").await?;
    shows(&mut window, "#far-off", "可能走错了；照样可以开始").await?;
    look_all(&mut window, "start-far").await?;
    // A finer fix is shown as it comes.
    window.eval(&fix(30.70, 104.10, 5)).await?;
    shows(&mut window, "#where", "±5").await?;
    tap(&mut window, ".back").await?;
    there(&mut window, "#to-start").await?;

    window.eval("delete window.sensor; 0").await?;
    tap(&mut window, "#to-start").await?;
    window.wait_for("window.sensor", SOON).await?;
    window.eval("window.sensor.none({ code: 3 }); 0").await?;
    there(&mut window, "[data-where=nowhere] #landmark").await?;
    window.fill("#landmark", "村委会对面蓝色大门").await?;
    tap(&mut window, "#start:not([disabled])").await?;
    there(&mut window, "[data-no-fix=given]").await
}

#[tokio::test]
async fn a_place_without_a_name_is_noted_photographed_and_visited_at_once_and_outlives_a_kill() -> Result<()>
{
    let town = Town::open(|_| Ok(())).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    tab(&mut window, 1).await?;
    window.fill("#search", "村口拔牙摊").await?;
    there(&mut window, "#nothing-found").await?;
    tap(&mut window, "#add-site").await?;
    // What was looked for in vain is offered as its name; this place has none.
    window.wait_for("document.querySelector('#name').value === '村口拔牙摊'", SOON).await?;
    window.fill("#name", "").await?;
    there(&mut window, "#not-enough").await?;
    there(&mut window, "#where[data-where=here]").await?;
    window.fill("#nickname", "村口拔牙摊").await?;
    window.fill("#address", "小学对面大槐树下，逢赶集才来").await?;
    tap(&mut window, "[data-kind=SUSPECT_PLACE]").await?;
    gone(&mut window, "#not-enough").await?;
    // Nothing is kept yet, and still nothing is typed twice.
    there(&mut window, "[data-kind=SUSPECT_PLACE][aria-pressed=true]").await?;
    there(&mut window, "[data-unkept=false]").await?;
    window.kill();
    window.start().await?;
    there(&mut window, "#left-before").await?;
    window.wait_for("document.querySelector('#nickname').value === '村口拔牙摊'", SOON).await?;
    there(&mut window, "[data-kind=SUSPECT_PLACE][aria-pressed=true]").await?;
    gone(&mut window, "#not-enough").await?;
    look_all(&mut window, "new-site").await?;
    tap(&mut window, "#keep-and-start:not([disabled])").await?;
    there(&mut window, "[data-checklist=ILLEGAL_PRACTICE][aria-pressed=true]").await?;
    look_all(&mut window, "start-nameless").await?;
    shoot(&mut window, "#start-photo:not([disabled])", "IMG_0001.jpg", &pictures::camera_jpeg(1600, 1200, 1))
        .await?;
    there(&mut window, "[id^='item-0-']").await?;
    window.kill();

    window.start().await?;
    start::go_on(&mut window).await?;
    tap(&mut window, ".back").await?;
    shows(&mut window, "h1", "村口拔牙摊").await?;
    there(&mut window, "[data-draft]").await?;
    look(&mut window, "site-nameless").await?;
    tap(&mut window, ".back").await?;
    finds(&mut window, "cunkoubaya", "村口拔牙摊").await
}

#[tokio::test]
async fn a_network_that_returns_is_used_at_once() -> Result<()> {
    let town = Town::open(|sites| sites.keep(3)).await?;
    let data = tempfile::tempdir()?;
    let mut window = phone(&data, &town.address, &town.code()?).await?;
    enrol(&mut window).await?;
    window.wait_for("document.querySelectorAll('[data-site]').length === 3", SOON).await?;
    tab(&mut window, 2).await?;
    window.wait_for("document.querySelector('#standing').innerText === '都传完了'", SOON).await?;
    tab(&mut window, 1).await?;
    // By itself the phone would ask again in a quarter of an hour.
    town.rename_now("示例镇改名供水站")?;
    window.eval("window.dispatchEvent(new Event('online')); 0").await?;
    window.wait_for("document.body.innerText.includes('示例镇改名供水站')", SOON).await
}
