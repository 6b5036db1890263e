//! The bureau's pages in a real browser, over a real bureau process, printing included.

#[path = "support/chrome.rs"]
mod chrome;
#[path = "support/county.rs"]
mod county;
#[path = "it/support/pictures.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pictures;
#[path = "it/support/records.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod records;

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use chrome::Chrome;
use county::{County, Sent, refusal};
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable as _;

async fn log_in(chrome: &Chrome, county: &County, account: &str, password: &str) -> Result<()> {
    chrome.goto(format!("{}/login", county.address)).await?;
    chrome.find(By::Id("account")).await?.clear().await?;
    chrome.find(By::Id("account")).await?.send_keys(account).await?;
    chrome.find(By::Id("password")).await?.send_keys(password).await?;
    chrome.find(By::Css("button.primary")).await?.click().await?;
    // The click may return before the form's answer, which takes a password's time to work out, is there.
    chrome.query(By::Css(".inbox tbody tr, [role=alert]")).first().await?;
    Ok(())
}

async fn text(chrome: &Chrome, css: &str) -> Result<String> {
    Ok(chrome.query(By::Css(css)).first().await?.text().await?)
}

/// Five records, the last of them with both photos and all four blobs.
async fn filled(county: &County) -> Result<Sent> {
    let phone = county.phone(0).await?;
    let sites = phone.sites().await?;
    ensure!(sites.len() >= 3, "the demo has too few waterworks");
    phone.send(phone.good_visit(&sites[0]), Vec::new()).await?;
    let mut refused = phone.good_visit(&sites[1]);
    refused.attestation = Some(refusal());
    refused.fixes[0].place.lat_e7 += 60_000;
    refused.sheets[0].answers.insert("WR-20".to_owned(), records::answer(&[("ok", records::yes_no(false))]));
    phone.send(refused, Vec::new()).await?;
    let (waiting, mut blobs) = phone.bad_visit(&sites[2])?;
    blobs.truncate(1);
    phone.send(waiting, blobs).await?;
    let elsewhere = county.phone(1).await?;
    let other = elsewhere.sites().await?;
    let mut unnamed = elsewhere.good_visit(&other[0]);
    unnamed.site.title = format!("<script>alert(1)</script>\u{202e}{}", "很长的名字".repeat(20));
    elsewhere.send(unnamed, Vec::new()).await?;
    let (visit, blobs) = phone.bad_visit(&sites[0])?;
    phone.send(visit, blobs).await
}

#[tokio::test]
async fn a_reviewer_logs_in_and_reads_a_whole_record() -> Result<()> {
    let county = County::open()?;
    let sent = filled(&county).await?;
    assert_eq!(sent.missing, 0);
    let chrome = Chrome::open((1360, 900)).await?;
    log_in(&chrome, &county, "reviewer", &county.reviewer).await?;
    assert_eq!(text(&chrome, "h1").await?, "收件");
    assert_eq!(chrome.find_all(By::Css(".inbox tbody tr")).await?.len(), 5);
    let first = text(&chrome, ".inbox tbody tr").await?;
    assert!(first.contains("B 1") && first.contains("C 1") && first.contains("齐全"), "{first}");

    chrome.find(By::Css(format!(".site a[href='/records/{}']", sent.digest))).await?.click().await?;
    let head = text(&chrome, ".head").await?;
    for said in ["签名有效", "2 张原图齐全、哈希一致", "时间已校准", "定位来源未知", "王示例"]
    {
        assert!(head.contains(said), "{said} is missing in {head}");
    }
    assert!(text(&chrome, "#findings").await?.contains("设备停用"));
    for image in chrome.find_all(By::Css(".photo img")).await? {
        let loaded = chrome
            .execute(
                "return arguments[0].decode().then(() => arguments[0].naturalWidth)",
                vec![image.to_json()?],
            )
            .await?;
        assert!(loaded.json().as_u64().unwrap_or(0) > 100, "a photo did not load");
    }
    let pdf = chrome.print().await?;
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 20_000, "the print has no pictures");

    let bytes = fetch(&chrome, &county, &format!("/records/{}/document", sent.digest)).await?;
    assert_eq!(bytes, (200, sent.document), "the signed bytes are not served verbatim");
    Ok(())
}

/// Status and text of an address, with the browser's session.
async fn fetch(chrome: &Chrome, county: &County, path: &str) -> Result<(u16, String)> {
    let session = chrome.get_named_cookie("xieguan_session").await?;
    let request = reqwest::Client::new().get(format!("{}{path}", county.address));
    let answer = request.header("cookie", format!("xieguan_session={}", session.value)).send().await?;
    Ok((answer.status().as_u16(), answer.text().await?))
}

#[tokio::test]
async fn a_clerk_sees_her_township_only_and_a_wrong_password_nothing() -> Result<()> {
    let county = County::open()?;
    let sent = filled(&county).await?;
    let chrome = Chrome::open((390, 844)).await?;
    chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
    assert_eq!(text(&chrome, "h1").await?, "登录", "a record is shown without a session");
    log_in(&chrome, &county, "clerk", "wrong").await?;
    assert!(text(&chrome, "[role=alert]").await?.contains("账号或密码不对"));
    log_in(&chrome, &county, "clerk", &county.clerk).await?;
    let rows = chrome.find_all(By::Css(".inbox tbody tr")).await?;
    assert_eq!(rows.len(), 1, "another township's records are listed");
    assert!(rows[0].text().await?.contains("<script>alert(1)</script>"), "a name is no text");
    for path in [
        format!("/records/{}", sent.digest),
        format!("/photos/{}", sent.derived[0]),
        format!("/photos/{}/thumbnail", sent.derived[0]),
    ] {
        chrome.goto(format!("{}{path}", county.address)).await?;
        assert!(text(&chrome, "h1").await?.contains("没有找到"), "{path} is open to another township");
    }
    chrome.goto(format!("{}/?lang=en", county.address)).await?;
    assert_eq!(text(&chrome, "h1").await?, "Inbox");
    chrome.find(By::Css("form[action='/logout'] button")).await?.click().await?;
    assert!(text(&chrome, "[role=status]").await?.contains("logged out"));
    chrome.goto(format!("{}/", county.address)).await?;
    assert_eq!(text(&chrome, "h1").await?, "Log in");
    Ok(())
}

/// With XIEGUAN_PICTURES set the pages are kept as pictures; the looking is done either way.
#[tokio::test]
async fn no_page_is_wider_than_its_window() -> Result<()> {
    let folder = std::env::var_os("XIEGUAN_PICTURES").map(PathBuf::from);
    let county = County::open()?;
    let sent = filled(&county).await?;
    for (width, height) in [(1360, 900), (390, 844), (320, 640)] {
        let chrome = Chrome::open((width, height)).await?;
        // A desktop window has a least width; the page's own is what counts.
        let metrics = serde_json::json!({
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false
        });
        command(&chrome, "Emulation.setDeviceMetricsOverride", metrics).await?;
        chrome.goto(format!("{}/login", county.address)).await?;
        look(&chrome, &folder, "console-login", width).await?;
        log_in(&chrome, &county, "reviewer", &county.reviewer).await?;
        look(&chrome, &folder, "console-inbox", width).await?;
        chrome.goto(format!("{}/?level=A&text=%E6%B2%A1%E6%9C%89", county.address)).await?;
        look(&chrome, &folder, "console-none", width).await?;
        chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
        look(&chrome, &folder, "record", width).await?;
        let dark = serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        command(&chrome, "Emulation.setEmulatedMedia", dark).await?;
        look(&chrome, &folder, "record-dark", width).await?;
        chrome.goto(format!("{}/", county.address)).await?;
        look(&chrome, &folder, "console-inbox-dark", width).await?;
    }
    Ok(())
}

/// A command of Chromium's own protocol, through chromedriver.
async fn command(chrome: &Chrome, name: &str, params: serde_json::Value) -> Result<()> {
    let (server, session) = (chrome.handle().server_url(), chrome.handle().session_id());
    let address = format!("{}session/{session}/goog/cdp/execute", server);
    let body = serde_json::json!({ "cmd": name, "params": params });
    reqwest::Client::new().post(address).json(&body).send().await?.error_for_status()?;
    Ok(())
}

async fn look(chrome: &Chrome, folder: &Option<PathBuf>, name: &str, width: u32) -> Result<()> {
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
    let script =
        format!("{}; return {}('html')", std::fs::read_to_string(axe)?, include_str!("support/axe.js"));
    Ok(serde_json::from_value(chrome.execute(script, Vec::new()).await?.json().clone())?)
}
