//! What reviewers said can be read afterwards: on the record's page, and in an export.

use reqwest::StatusCode;
use serde_json::Value;
use xieguan::bureau::storage::decisions::{Decided, NewDecision};
use xieguan::domain::id::Digest;
use xieguan::domain::review::{ItemComment, Verdict};

use super::decisions::{decide, decision, received, say};
use super::decisions_page::{ITEM, Reviewer, TYPED, WHOLE, new_record};
use super::office::{Office, site, township};
use crate::support::served::{run, text};

#[tokio::test]
async fn what_was_said_stays_in_the_history_when_it_is_taken_back() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let reviewer = Reviewer::at(&office, "li").await;
    let said = [&TYPED[..], &[("verdict", "return")]].concat();
    assert_eq!(
        reviewer.say(&reviewer.record(digest).await, digest, &said).await.status,
        StatusCode::SEE_OTHER
    );
    say(&office, digest, Verdict::TakeBack).await;
    let page = reviewer.record(digest).await;
    assert_eq!(page.part("class=\"remark\"", "</div>"), "", "what was taken back still asks for something");
    let history = page.text("id=\"history\"", "</section>");
    assert!(history.contains(WHOLE) && history.contains("WR-05") && history.contains(ITEM), "{history}");
}

/// A return with words, by somebody who has seen everything.
async fn give_back(office: &Office, digest: Digest) {
    let new = NewDecision {
        comment: "=1+1 再看一次".to_owned(),
        items: vec![ItemComment {
            sheet: 0, item: "WR-05".to_owned(), text: "@铭牌\n看不清".to_owned()
        }],
        ..decision(digest, Verdict::Return, received(office, digest).await.seen)
    };
    assert_eq!(decide(office, new).await, Decided::Done);
}

#[tokio::test]
async fn decisions_are_exported_with_every_word_and_noted_before_they_leave() {
    let office = Office::open().await;
    let (_, near) = new_record(&office).await;
    let phone = office.phone(1).await;
    let visit = phone.visit(&site("样板乡高坡村水厂", township(1)), |_| {});
    phone.put(&visit).await;
    let far = visit.sealed.digest();
    give_back(&office, near).await;
    say(&office, near, Verdict::TakeBack).await;
    say(&office, far, Verdict::Accept).await;
    let export = |more: &[&str]| {
        let done = run("export", office.folder(), &[&["decisions"], more, &["-"]].concat());
        assert!(done.status.success(), "{}", text(&done.stderr));
        text(&done.stdout)
    };
    let all = export(&[]);
    let rows: Vec<&str> = all.split("\r\n").filter(|row| !row.is_empty()).collect();
    assert_eq!(rows.len(), 1 + 4, "{all}");
    assert!(rows[0].starts_with("\u{feff}\"编号\",\"版次\","), "{all}");
    assert!(rows.iter().all(|row| row.split("\",\"").count() == 13), "{all}");
    assert!(rows[1].contains("\"退回\"") && rows[1].contains("\"'=1+1 再看一次\""), "{all}");
    assert!(rows[2].contains("\"WR-05\",\"'@铭牌\n看不清\""), "{all}");
    assert!(rows[3].contains("\"收回决定\"") && rows[3].contains("\"李示例\",\"li\""), "{all}");
    let number = received(&office, near).await.row.number;
    assert!(rows[1..4].iter().all(|row| row.contains(&number) && row.contains(&near.to_string())));

    let own = export(&["--township", "样板乡", "--format", "jsonl"]);
    let line: Value = serde_json::from_str(own.trim_end()).unwrap();
    assert_eq!(
        (line["verdict"].as_str(), line["document"].as_str()),
        (Some("accept"), Some(&*far.to_string()))
    );
    let words = export(&["--format", "jsonl"]);
    let first: Value = serde_json::from_str(words.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["comment"], &first["items"][0]["text"]),
        (&"=1+1 再看一次".into(), &"@铭牌\n看不清".into())
    );
    assert_eq!(export(&["--until", "2020-01-01", "--english"]).lines().count(), 1);
    let log = office.bureau.storage().audit_log(50).await.unwrap();
    let noted: Vec<&str> = log.iter().filter(|l| l.action == "export").map(|l| l.subject.as_str()).collect();
    assert_eq!(noted, ["decisions up to sequence 3, -"; 4]);
}

#[tokio::test]
async fn an_export_of_decisions_goes_past_its_first_page() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    for _ in 0..255 {
        say(&office, digest, Verdict::Accept).await;
        say(&office, digest, Verdict::TakeBack).await;
    }
    let done = run("export", office.folder(), &["decisions", "--format", "jsonl", "-"]);
    let lines = text(&done.stdout);
    let sequence = |line: &str| serde_json::from_str::<Value>(line).unwrap()["sequence"].as_u64().unwrap();
    assert_eq!(lines.lines().map(sequence).collect::<Vec<_>>(), (1..=510).collect::<Vec<_>>());
}
