//! The bureau's pages in a real browser, over a real bureau process, printing included.

#[path = "support/chrome.rs"]
mod chrome;
#[path = "support/county.rs"]
mod county;
#[path = "support/pages.rs"]
mod pages;
#[path = "support/reviewed.rs"]
mod reviewed;
#[path = "it/support/pictures.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod pictures;
#[path = "it/support/records.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod records;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use chrome::Chrome;
use county::{County, Sent, refusal};
use pages::{command, comment_on, log_in, look, press, stands, text};
use reviewed::{Reviewed, look_at_kept_words};
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable as _;
use xieguan::domain::id::Digest;

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
    let bytes = fetch(&chrome, &county, &format!("/records/{}/document", sent.digest)).await?;
    assert_eq!(bytes, (200, sent.document), "the signed bytes are not served verbatim");
    Ok(())
}

/// How many pictures a printed page has, and its words without the blanks between them.
fn on_paper(pdf: &[u8]) -> Result<(usize, String)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("page.pdf");
    std::fs::write(&path, pdf)?;
    let say = |program: &str, before: &[&str], after: &[&str]| -> Result<String> {
        let output =
            Command::new(program).args(before).arg(&path).args(after).output().context("poppler-utils")?;
        ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8(output.stdout)?)
    };
    let images = say("pdfimages", &["-list"], &[])?;
    let images = images.lines().filter(|line| line.split_whitespace().nth(2) == Some("image")).count();
    Ok((images, say("pdftotext", &[], &["-"])?.split_whitespace().collect()))
}

#[tokio::test]
async fn the_print_has_findings_photos_and_what_was_said_and_nothing_of_the_form() -> Result<()> {
    let county = County::open()?;
    let phone = county.phone(0).await?;
    let (visit, blobs) = phone.bad_visit(&phone.sites().await?[0])?;
    let sent = phone.send(visit, blobs).await?;
    let chrome = Chrome::open((1360, 900)).await?;
    log_in(&chrome, &county, "reviewer", &county.reviewer).await?;
    chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
    let (pictures, words) = on_paper(&chrome.print().await?)?;
    // Two photos, each at its finding and at its item.
    assert_eq!(pictures, 4, "photos are not printed");
    // Words of one form each in Unicode: others may come out of a PDF as the radicals that look like them.
    for said in ["WR-09", "设备停", "0.02mg/L", "张示例"] {
        assert!(words.contains(said), "{said} is not printed: {words}");
    }
    comment_on(&chrome, "WR-09", "请补拍设备铭牌").await?;
    press(&chrome, "return").await?;
    stands(&chrome, "returned").await?;
    let (_, after) = on_paper(&chrome.print().await?)?;
    // Beside the item and in the history.
    assert_eq!(after.matches("请补拍设备铭牌").count(), 2, "{after}");
    for form in ["写意见", "总的意见", "每一项下面", "收回后", "退出", "下一份待审核"]
    {
        assert!(!words.contains(form) && !after.contains(form), "{form} is printed");
    }
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

#[tokio::test]
async fn a_record_is_returned_with_comments_at_its_items_and_its_correction_accepted() -> Result<()> {
    let county = County::open()?;
    let phone = county.phone(0).await?;
    let sites = phone.sites().await?;
    let (visit, blobs) = phone.bad_visit(&sites[0])?;
    let id = visit.id;
    let sent = phone.send(visit, blobs).await?;
    let chrome = Chrome::open((1360, 900)).await?;
    log_in(&chrome, &county, "reviewer", &county.reviewer).await?;
    let record = |digest: &Digest| format!("{}/records/{digest}", county.address);
    chrome.goto(record(&sent.digest)).await?;
    stands(&chrome, "new").await?;
    press(&chrome, "return").await?;
    assert!(text(&chrome, "#notice").await?.contains("请至少写一条意见"), "returned without a word");
    assert_eq!(phone.review(id).await?, None);
    comment_on(&chrome, "WR-09", "请补拍设备铭牌").await?;
    comment_on(&chrome, "WR-15", "<b>换一支试剂再测</b>").await?;
    chrome.find(By::Id("comment")).await?.send_keys("两项改好就可以").await?;
    press(&chrome, "return").await?;
    stands(&chrome, "returned").await?;
    assert!(text(&chrome, "#standing").await?.contains("两项改好就可以"));
    assert!(text(&chrome, "[id='WR-09'] .remark").await?.contains("请补拍设备铭牌"));
    assert!(text(&chrome, "[id='WR-15'] .remark").await?.contains("<b>换一支试剂再测</b>"), "no text");
    let review = phone.review(id).await?.context("the phone hears nothing")?;
    let items: Vec<&str> = review.items.iter().map(|one| one.item.as_str()).collect();
    assert_eq!((review.comment.as_str(), items), ("两项改好就可以", vec!["WR-09", "WR-15"]));
    assert!(text(&chrome, "button[name=verdict]").await?.contains("收回"));

    let mut corrected = phone.correction(&sent)?;
    let reading = records::answer(&[("value", records::number("0.12"))]);
    corrected.sheets[0].answers.insert("WR-15".to_owned(), reading);
    let second = phone.send(corrected, Vec::new()).await?;
    assert_eq!(second.missing, 0, "photos that are held are asked for again");
    assert_eq!(phone.review(id).await?, None, "the correction does not end the return");
    chrome.goto(format!("{}/?state=returned", county.address)).await?;
    assert!(text(&chrome, ".message").await?.contains("没有符合这些条件"));
    chrome.goto(format!("{}/?state=corrected", county.address)).await?;
    assert!(text(&chrome, ".inbox tbody tr").await?.contains("已改好"));
    chrome.find(By::Css(".inbox .site a")).await?.click().await?;
    stands(&chrome, "corrected").await?;
    let changed = text(&chrome, "[data-changed='WR-15']").await?;
    assert!(changed.contains("0.02") && changed.contains("0.12"), "{changed}");
    assert!(
        text(&chrome, "[id='WR-15'] .remark").await?.contains("换一支试剂"),
        "what was asked is not there"
    );
    assert!(text(&chrome, "#changed").await?.contains("签字 有改动"));
    press(&chrome, "accept").await?;
    stands(&chrome, "accepted").await?;
    assert_eq!(chrome.find_all(By::Css("#history li")).await?.len(), 2);
    // The first revision stays readable and says that it is over.
    chrome.goto(record(&sent.digest)).await?;
    assert!(text(&chrome, "#standing").await?.contains("已有第 2 版"));
    assert!(chrome.find_all(By::Css("button[name=verdict]")).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn the_second_reviewer_sees_what_the_first_did_and_loses_no_word() -> Result<()> {
    let county = County::open()?;
    let second = county.account("second", "reviewer")?;
    let phone = county.phone(0).await?;
    let sites = phone.sites().await?;
    let sent = phone.send(phone.good_visit(&sites[0]), Vec::new()).await?;
    let (one, two) = (Chrome::open((1360, 900)).await?, Chrome::open((1360, 900)).await?);
    log_in(&one, &county, "reviewer", &county.reviewer).await?;
    log_in(&two, &county, "second", &second).await?;
    for chrome in [&one, &two] {
        chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
        stands(chrome, "new").await?;
    }
    press(&one, "accept").await?;
    stands(&one, "accepted").await?;
    comment_on(&two, "WR-05", "请写清楚").await?;
    press(&two, "return").await?;
    assert!(text(&two, "#notice").await?.contains("什么都没有覆盖"));
    stands(&two, "accepted").await?;
    assert_eq!(two.find_all(By::Css("#history li")).await?.len(), 1);
    assert!(text(&two, "#kept").await?.contains("请写清楚"), "the words are gone");
    press(&two, "take_back").await?;
    stands(&two, "new").await?;
    let field = two.query(By::Css("[name='item.0.WR-05']")).and_displayed().first().await?;
    assert_eq!(field.prop("value").await?.as_deref(), Some("请写清楚"), "the words are not in their field");
    press(&one, "take_back").await?;
    assert!(text(&one, "#notice").await?.contains("什么都没有覆盖"), "a decision is taken back twice");
    press(&two, "return").await?;
    stands(&two, "returned").await?;
    assert!(text(&two, "[id='WR-05'] .remark").await?.contains("请写清楚"));
    Ok(())
}

#[tokio::test]
async fn a_viewer_reads_the_review_and_has_no_buttons() -> Result<()> {
    let county = County::open()?;
    let password = county.account("onlooker", "viewer")?;
    let phone = county.phone(0).await?;
    let sites = phone.sites().await?;
    let sent = phone.send(phone.good_visit(&sites[0]), Vec::new()).await?;
    let chrome = Chrome::open((1360, 900)).await?;
    log_in(&chrome, &county, "onlooker", &password).await?;
    chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
    stands(&chrome, "new").await?;
    assert!(chrome.find_all(By::Css("[name=verdict], .remark-field, #comment")).await?.is_empty());
    assert!(text(&chrome, ".only-look").await?.contains("只能查看"));
    // Nor may it without the page: with its own session and its own form's token.
    let token = chrome.find(By::Css("form[action='/logout'] input[name=form]")).await?;
    let token = token.attr("value").await?.context("a token")?;
    let session = chrome.get_named_cookie("xieguan_session").await?;
    let request = reqwest::Client::new().post(format!("{}/records/{}/decision", county.address, sent.digest));
    let request = request.header("cookie", format!("xieguan_session={}", session.value));
    let kind = "application/x-www-form-urlencoded";
    let body = format!("form={token}&verdict=accept&seen=0.1");
    let answer = request.header("content-type", kind).body(body).send().await?;
    assert_eq!(answer.status().as_u16(), 403);
    chrome.refresh().await?;
    stands(&chrome, "new").await
}

#[tokio::test]
async fn two_copies_of_a_revision_stand_side_by_side_and_one_is_chosen() -> Result<()> {
    let county = County::open()?;
    let (phone, copy) = (county.phone(0).await?, county.phone(1).await?);
    let sites = phone.sites().await?;
    let first = phone.send(phone.good_visit(&sites[0]), Vec::new()).await?;
    let mut one = phone.correction(&first)?;
    one.guidance = "1. 第一台手机写的。".to_owned();
    let one = phone.send(one, Vec::new()).await?;
    let mut two = copy.correction(&first)?;
    let reading = records::answer(&[("value", records::number("0.45"))]);
    two.sheets[0].answers.insert("WR-15".to_owned(), reading);
    let two = copy.send(two, Vec::new()).await?;
    let chrome = Chrome::open((1360, 900)).await?;
    log_in(&chrome, &county, "reviewer", &county.reviewer).await?;
    assert_eq!(chrome.find_all(By::Css(".inbox tbody tr")).await?.len(), 1, "one visit, one row");
    assert!(text(&chrome, ".inbox tbody tr").await?.contains("同一版收到两份"));
    chrome.find(By::Css(format!(".site a[href='/records/{}']", one.digest))).await?.click().await?;
    assert_eq!(chrome.find_all(By::Css("#twins .twin")).await?.len(), 2);
    let twins = text(&chrome, "#twins").await?;
    assert!(twins.contains("0.45") && twins.contains("第一台手机写的"), "{twins}");
    assert!(twins.contains("没有写指导意见"), "an empty box says nothing: {twins}");
    assert_eq!(
        chrome.find_all(By::Css(".choose")).await?.len(),
        1,
        "the one that counts is not chosen again"
    );
    chrome.find(By::Id("comment")).await?.send_keys("选定以前写的话").await?;
    let other = format!("[data-twin='{}']", two.digest);
    chrome.find(By::Css(format!("{other} .choose button"))).await?.click().await?;
    chrome.query(By::Css(format!("{other} .tag.ok"))).first().await?;
    stands(&chrome, "corrected").await?;
    let words = chrome.find(By::Id("comment")).await?.prop("value").await?;
    assert_eq!(words.as_deref(), Some("选定以前写的话"), "the choice lost what was typed before it");
    chrome.goto(format!("{}/", county.address)).await?;
    chrome.query(By::Css(format!(".site a[href='/records/{}']", two.digest))).first().await?;
    chrome.goto(format!("{}/records/{}", county.address, one.digest)).await?;
    assert!(text(&chrome, "#standing").await?.contains("以另一份为准"));
    assert!(text(&chrome, "#history").await?.contains("选定以这份为准"));
    Ok(())
}

/// With XIEGUAN_PICTURES set the pages are kept as pictures; the looking is done either way.
#[tokio::test]
async fn no_page_is_wider_than_its_window() -> Result<()> {
    let folder = std::env::var_os("XIEGUAN_PICTURES").map(PathBuf::from);
    let county = County::open()?;
    let sent = filled(&county).await?;
    let reviewed = Reviewed::of(&county).await?;
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
        for (name, place, digest) in &reviewed.pages {
            chrome.goto(format!("{}/records/{digest}{place}", county.address)).await?;
            look(&chrome, &folder, name, width).await?;
        }
        let (_, _, returned) = reviewed.pages[0];
        chrome.goto(format!("{}/records/{returned}?lang=en", county.address)).await?;
        assert_eq!(text(&chrome, "button[name=verdict]").await?, "Take back");
        look(&chrome, &folder, "record-returned-en", width).await?;
        chrome.goto(format!("{}/?lang=zh", county.address)).await?;
        look_at_kept_words(&chrome, &folder, &county, &reviewed, width).await?;
        chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
        let dark = serde_json::json!({"features": [{"name": "prefers-color-scheme", "value": "dark"}]});
        command(&chrome, "Emulation.setEmulatedMedia", dark).await?;
        look(&chrome, &folder, "record-dark", width).await?;
        chrome.goto(format!("{}/", county.address)).await?;
        look(&chrome, &folder, "console-inbox-dark", width).await?;
    }
    Ok(())
}
