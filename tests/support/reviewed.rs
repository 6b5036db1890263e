//! Records in every state of a review, so that each state's page is looked at.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use thirtyfour::By;
use thirtyfour::extensions::query::ElementQueryable as _;
use xieguan::domain::id::Digest;
use xieguan::domain::site::Site;

use crate::chrome::Chrome;
use crate::county::{County, Phone, Sent};
use crate::pages::{comment_on, enter, log_in, look, press, stands, text};
use crate::records;

/// Records in every state of a review, each by its name as a picture, a place on its page and its digest; a reviewer at
/// another desk; and a phone that sends more.
pub(crate) struct Reviewed {
    pub(crate) pages: Vec<(&'static str, &'static str, Digest)>,
    desk: Chrome,
    phone: Phone,
    sites: Vec<Site>,
}

impl Reviewed {
    pub(crate) async fn of(county: &County) -> Result<Self> {
        let (phone, copy) = (county.phone(2).await?, county.phone(3).await?);
        let sites = phone.sites().await?;
        ensure!(sites.len() >= 2, "the demo has too few waterworks");
        let desk = Chrome::open((1360, 900)).await?;
        log_in(&desk, county, "reviewer", &county.reviewer).await?;
        // Two of a kind, so that one is still returned when the other is corrected.
        let returned = give_back(&desk, county, &phone, &sites[0]).await?;
        let first = give_back(&desk, county, &phone, &sites[0]).await?;
        let mut corrected = phone.correction(&first)?;
        let mut reading = records::answer(&[("value", records::number("0.12"))]);
        reading.note = "取样点：村口末梢龙头，换试剂后复测。".to_owned();
        corrected.sheets[0].answers.insert("WR-15".to_owned(), reading);
        corrected.guidance = "1. 请尽快恢复消毒设备运转。".to_owned();
        let second = phone.send(corrected, Vec::new()).await?;
        let twins = phone.send(phone.good_visit(&sites[1]), Vec::new()).await?;
        let mut one = phone.correction(&twins)?;
        one.guidance = "1. 请把水池盖好。".to_owned();
        let one = phone.send(one, Vec::new()).await?;
        copy.send(copy.correction(&twins)?, Vec::new()).await?;
        let pages = vec![
            ("record-returned", "", returned.digest),
            ("record-returned-item", "#WR-09", returned.digest),
            ("record-history", "#history", returned.digest),
            ("record-over", "", first.digest),
            ("record-corrected", "", second.digest),
            ("record-review", "#comment", second.digest),
            ("record-twins", "", one.digest),
        ];
        Ok(Self { pages, desk, phone, sites })
    }

    /// A new record, open at this browser with words in its fields.
    async fn begun(&self, chrome: &Chrome, county: &County) -> Result<Sent> {
        let sent = self.phone.send(self.phone.good_visit(&self.sites[1]), Vec::new()).await?;
        chrome.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
        comment_on(chrome, "WR-05", "请写清楚是哪一天消毒的，登记本上看不出来。").await?;
        chrome.find(By::Id("comment")).await?.send_keys("其余没有问题。").await?;
        Ok(sent)
    }
}

/// A record that was returned with comments.
async fn give_back(desk: &Chrome, county: &County, phone: &Phone, site: &Site) -> Result<Sent> {
    let (visit, blobs) = phone.bad_visit(site)?;
    let sent = phone.send(visit, blobs).await?;
    desk.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
    comment_on(desk, "WR-09", "请补拍设备铭牌，现在这张看不清型号。").await?;
    comment_on(desk, "WR-15", "读数偏低，请换一支试剂再测一次，并写明取样点。").await?;
    desk.find(By::Id("comment")).await?.send_keys("两项改好就可以，其余没有问题。").await?;
    press(desk, "return").await?;
    stands(desk, "returned").await?;
    Ok(sent)
}

/// The pages that only come when something went otherwise than a reviewer meant.
pub(crate) async fn look_at_kept_words(
    chrome: &Chrome,
    folder: &Option<PathBuf>,
    county: &County,
    reviewed: &Reviewed,
    width: u32,
) -> Result<()> {
    let sent = reviewed.begun(chrome, county).await?;
    reviewed.desk.goto(format!("{}/records/{}", county.address, sent.digest)).await?;
    press(&reviewed.desk, "accept").await?;
    stands(&reviewed.desk, "accepted").await?;
    press(chrome, "return").await?;
    assert!(text(chrome, "#kept").await?.contains("登记本上看不出来"), "the words are gone");
    look(chrome, folder, "record-overtaken", width).await?;

    reviewed.begun(chrome, county).await?;
    chrome.delete_cookie("xieguan_session").await?;
    press(chrome, "return").await?;
    assert!(text(chrome, "#kept").await?.contains("登记本上看不出来"), "the words end with the session");
    look(chrome, folder, "console-login-words", width).await?;
    enter(chrome, "reviewer", &county.reviewer).await?;
    stands(chrome, "new").await?;
    let field = chrome.query(By::Css("[name='item.0.WR-05']")).and_displayed().first().await?;
    assert!(field.prop("value").await?.unwrap_or_default().contains("登记本上看不出来"));
    look(chrome, folder, "record-words-back", width).await
}
