//! What a reviewer typed outlives whatever stands between the form and its answer: a session that ended, a page that
//! grew old, a full disk. Nothing is decided on the way.

use reqwest::StatusCode;
use reqwest::header::COOKIE;
use xieguan::bureau::auth::token_hash;
use xieguan::domain::id::Digest;

use super::decisions::received;
use super::decisions_page::{Fields, ITEM, Page, Reviewer, TYPED, WHOLE, action, encoded, new_record, with};
use super::office::{Office, township};

async fn end_session(office: &Office, reviewer: &Reviewer) {
    let cookie = reviewer.cookies.split_once("xieguan_session=").unwrap().1.to_owned();
    office.bureau.storage().end_session(token_hash(&cookie)).await.unwrap();
}

fn returned() -> Vec<(&'static str, &'static str)> {
    [&TYPED[..], &[("verdict", "return")]].concat()
}

fn assert_in_their_fields(page: &Page) {
    assert_eq!(page.written("comment").as_deref(), Some(WHOLE), "{}", page.html);
    assert_eq!(page.written("item.0.WR-05").as_deref(), Some(ITEM));
}

/// Words were typed, the session ended, then the button was pressed: what came back.
async fn session_ended_over_words() -> (Office, Reviewer, Digest, Page) {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let reviewer = Reviewer::at(&office, "li").await;
    let open = reviewer.record(digest).await;
    end_session(&office, &reviewer).await;
    let answer = reviewer.say(&open, digest, &returned()).await;
    (office, reviewer, digest, answer)
}

#[tokio::test]
async fn words_outlive_the_session_they_were_typed_in_and_decide_nothing_at_the_log_in() {
    let (office, mut reviewer, digest, answer) = session_ended_over_words().await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(
        answer.part("id=\"kept\"", "</section>").contains("WR-05")
            && answer.html.contains("您写的意见都还在")
    );
    assert!(!answer.html.contains("再看<b>一次"), "what was typed is no text");
    assert!(!answer.html.contains(&office.site.name), "a stranger reads of the record");

    // A log-in that fails loses nothing either.
    reviewer.cookies = answer.cookies.iter().find(|one| one.starts_with("xieguan_form=")).unwrap().clone();
    let wrong = with(answer.form("/login"), &[("account", "li"), ("password", "wrong")]);
    let again = reviewer.post("/login", &wrong).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let entered = reviewer.log_in(&again).await;
    assert_eq!(entered.status, StatusCode::OK);
    assert_in_their_fields(&entered);
    assert!(entered.part("id=\"notice\"", "</p>").contains("还没有作出任何决定"));
    assert_eq!(received(&office, digest).await.decisions, [], "the log-in decided");
    let done = reviewer.say(&entered, digest, &[("verdict", "return")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER);
    assert_eq!(received(&office, digest).await.decisions[0].comment, WHOLE);
}

#[tokio::test]
async fn words_do_not_open_the_record_to_an_account_that_may_not_see_it() {
    let (office, mut reviewer, _, answer) = session_ended_over_words().await;
    Reviewer::of(&office, "wu", Some(township(1))).await;
    reviewer.name = "wu";
    let entered = reviewer.log_in(&answer).await;
    assert_eq!(entered.status, StatusCode::NOT_FOUND);
    assert!(entered.part("id=\"kept\"", "</section>").contains("水池盖没盖好"));
    assert!(!entered.html.contains(&office.site.name), "another township's record is shown");
}

#[tokio::test]
async fn words_of_a_form_that_grew_old_stand_in_its_successor() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let reviewer = Reviewer::at(&office, "li").await;
    let open = reviewer.record(digest).await;
    let unknown = ("item.0.WR-99", "这一项后来没有了");
    let old = [&returned()[..], &[("form", "of another session"), unknown]].concat();
    let answer = reviewer.say(&open, digest, &old).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_in_their_fields(&answer);
    let kept = answer.part("id=\"kept\"", "</section>");
    assert!(kept.contains(unknown.1) && !kept.contains("WR-05"), "an item without a field: {kept}");
    assert_eq!(received(&office, digest).await.decisions, []);
    assert_eq!(reviewer.say(&answer, digest, &[("verdict", "return")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn words_that_a_full_disk_cannot_take_stay_on_the_page() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let reviewer = Reviewer::at(&office, "li").await;
    let open = reviewer.record(digest).await;
    office.bureau.storage().limit_pages(1).await.unwrap();
    // More than a page of the database, however much of its last one is free.
    let long = "长".repeat(1000);
    let mut fields = with(open.form(&action(digest)), &returned());
    for n in 6..=20 {
        let text = "写".repeat(500);
        fields = with(fields, &[(&format!("item.0.WR-{n:02}"), &text), ("comment", &long)]);
    }
    let answer = reviewer.post(&action(digest), &fields).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.written("comment"), Some(long));
    assert_eq!(answer.written("item.0.WR-05").as_deref(), Some(ITEM));
    office.bureau.storage().limit_pages(0).await.unwrap();
    assert_eq!(received(&office, digest).await.decisions, []);
    assert_eq!(reviewer.say(&answer, digest, &[("verdict", "return")]).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn no_other_site_and_no_flood_puts_words_on_the_log_in_page() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let fields: Fields = with(Vec::new(), &returned());
    let address = format!("{}{}", office.base, action(digest));
    let http =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for (from, status) in [("cross-site", 303), ("same-site", 303), ("same-origin", 200)] {
        let request = encoded(http.post(&address), &fields).header("sec-fetch-site", from);
        assert_eq!(request.send().await.unwrap().status(), status, "{from}");
    }
    let flood = with(fields, &[("item.0.WR-06", &"写".repeat(40_000))]);
    let answer = encoded(http.post(&address), &flood).header(COOKIE, "").send().await.unwrap();
    assert_eq!(answer.headers()["location"], format!("/login?next=/records/{digest}"));
}
