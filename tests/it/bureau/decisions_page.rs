//! The record's page as reviewers use it, form by form as it stands on it: whatever becomes of a decision, no word that
//! was typed for it is lost.

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, StatusCode, redirect};
use xieguan::bureau::password;
use xieguan::bureau::storage::accounts::{Account, Role};
use xieguan::bureau::storage::decisions::Decision;
use xieguan::domain::id::Digest;
use xieguan::domain::review::Verdict;
use xieguan::domain::site::Township;

use super::decisions::{corrected, last_reading, received, state};
use super::office::{Office, Phone, Visit, client};
use crate::support::records;

const PASSWORD: &str = "correct horse";

pub(super) type Fields = Vec<(String, String)>;

/// A reviewer at a browser.
pub(super) struct Reviewer {
    pub(super) name: &'static str,
    pub(super) cookies: String,
    base: String,
    http: Client,
}

/// A page that came as an answer.
pub(super) struct Page {
    pub(super) status: StatusCode,
    pub(super) to: String,
    pub(super) cookies: Vec<String>,
    pub(super) html: String,
}

impl Page {
    async fn of(answer: Response) -> Self {
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap().to_owned();
        let cookies = answer.headers().get_all(SET_COOKIE).iter().map(text);
        let cookies = cookies.map(|cookie| cookie.split(';').next().unwrap().to_owned()).collect();
        let to = answer.headers().get(LOCATION).map(text).unwrap_or_default();
        Self { status: answer.status(), to, cookies, html: answer.text().await.unwrap() }
    }

    /// The part between two marks.
    pub(super) fn part(&self, from: &str, to: &str) -> &str {
        let Some((_, rest)) = self.html.split_once(from) else { return "" };
        rest.split_once(to).map_or(rest, |(part, _)| part)
    }

    /// The same as people read it.
    pub(super) fn text(&self, from: &str, to: &str) -> String {
        plain(self.part(from, to))
    }

    /// What a browser sends of the form with this address: its own inputs, and fields that name it from afar.
    pub(super) fn form(&self, action: &str) -> Fields {
        let own = self.part(&format!("action=\"{action}\""), "</form>");
        let mut fields: Fields = Vec::new();
        for input in own.split("<input").skip(1) {
            let input = input.split('>').next().unwrap();
            fields.push((attribute(input, "name"), attribute(input, "value")));
        }
        if own.contains("id=\"comment\"") {
            for area in self.html.split("<textarea").skip(1) {
                let (tag, rest) = area.split_once('>').unwrap();
                let text = rest.split("</textarea>").next().unwrap();
                fields.push((attribute(tag, "name"), plain(text)));
            }
        }
        assert!(fields.iter().any(|(name, _)| name == "form"), "no form to {action} in {}", self.html);
        fields
    }

    /// The words that stand in a field.
    pub(super) fn written(&self, name: &str) -> Option<String> {
        let area = self.html.split("<textarea").find(|area| area.contains(&format!("name=\"{name}\"")))?;
        Some(plain(area.split_once('>')?.1.split("</textarea>").next()?))
    }
}

fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    plain(value.unwrap_or_default())
}

fn plain(text: &str) -> String {
    let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#34;", "\"").replace("&#39;", "'");
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#38;", "&").replace("&amp;", "&")
}

/// The fields with these set, added where they are not there.
pub(super) fn with(mut fields: Fields, set: &[(&str, &str)]) -> Fields {
    for (name, value) in set {
        fields.retain(|(own, _)| own != name);
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    fields
}

/// A form as a browser sends it, every byte of it written as a number.
pub(super) fn encoded(request: RequestBuilder, fields: &Fields) -> RequestBuilder {
    let text = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = fields.iter().map(|(name, value)| format!("{}={}", text(name), text(value)));
    let body = pairs.collect::<Vec<_>>().join("&");
    request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body)
}

impl Reviewer {
    pub(super) async fn at(office: &Office, name: &'static str) -> Self {
        Self::of(office, name, None).await
    }

    /// Who sees this township only.
    pub(super) async fn of(office: &Office, name: &'static str, township: Option<Township>) -> Self {
        let shown_as = format!("{name} 示例");
        let account = Account { name: name.to_owned(), shown_as, role: Role::Reviewer, township };
        let hash = password::hash(PASSWORD.to_owned()).await.unwrap();
        office.bureau.storage().add_account(account, hash, 0).await.unwrap();
        drop(client());
        let http = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        let mut new = Self { name, cookies: String::new(), base: office.base.clone(), http };
        let form = new.get("/login").await;
        let entered = new.log_in(&form).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER);
        new
    }

    /// Fills the log-in form of a page and sends it with everything else that it holds.
    pub(super) async fn log_in(&mut self, page: &Page) -> Page {
        if let Some(cookie) = page.cookies.iter().find(|cookie| cookie.starts_with("xieguan_form=")) {
            self.cookies = cookie.clone();
        }
        let fields = with(page.form("/login"), &[("account", self.name), ("password", PASSWORD)]);
        let entered = self.post("/login", &fields).await;
        if let Some(cookie) = entered.cookies.iter().find(|cookie| cookie.starts_with("xieguan_session=")) {
            self.cookies = cookie.clone();
        }
        entered
    }

    pub(super) async fn get(&self, path: &str) -> Page {
        let request = self.http.get(format!("{}{path}", self.base)).header(COOKIE, &self.cookies);
        Page::of(request.send().await.unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, fields: &Fields) -> Page {
        let request = self.http.post(format!("{}{path}", self.base)).header(COOKIE, &self.cookies);
        Page::of(encoded(request, fields).send().await.unwrap()).await
    }

    pub(super) async fn record(&self, digest: Digest) -> Page {
        let page = self.get(&format!("/records/{digest}")).await;
        assert_eq!(page.status, StatusCode::OK);
        page
    }

    /// Sends the form to this record that a page holds.
    pub(super) async fn say(&self, page: &Page, digest: Digest, set: &[(&str, &str)]) -> Page {
        let action = action(digest);
        self.post(&action, &with(page.form(&action), set)).await
    }
}

pub(super) fn action(digest: Digest) -> String {
    format!("/records/{digest}/decision")
}

async fn decisions(office: &Office, digest: Digest) -> Vec<Decision> {
    received(office, digest).await.decisions
}

/// A record that is to be reviewed.
pub(super) async fn new_record(office: &Office) -> (Visit, Digest) {
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    assert_eq!(phone.put(&visit).await.status(), 201);
    let digest = visit.sealed.digest();
    (visit, digest)
}

/// Words that a page must neither run nor change.
pub(super) const WHOLE: &str = "总的还好\n\"再看<b>一次";
pub(super) const ITEM: &str = "水池盖没盖好 & 铭牌看不清";
pub(super) const TYPED: [(&str, &str); 2] = [("comment", WHOLE), ("item.0.WR-05", ITEM)];

#[tokio::test]
async fn words_for_a_record_that_somebody_else_decided_are_shown_and_stand_in_their_fields_after_it_is_taken_back()
 {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let (one, two) = (Reviewer::at(&office, "li").await, Reviewer::at(&office, "wu").await);
    let open = two.record(digest).await;
    let accepted = one.say(&one.record(digest).await, digest, &[("verdict", "accept")]).await;
    assert_eq!(accepted.status, StatusCode::SEE_OTHER);
    let refused = two.say(&open, digest, &[&TYPED[..], &[("verdict", "return")]].concat()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let kept = plain(refused.part("id=\"kept\"", "</section>"));
    assert!(kept.contains(WHOLE) && kept.contains("WR-05") && kept.contains(ITEM), "{kept}");
    assert!(refused.part("id=\"notice\"", "</p>").contains("您写的意见都还在下面"));
    assert!(!refused.html.contains("再看<b>一次"), "what was typed is no text");

    let taken_back = two.say(&refused, digest, &[("verdict", "take_back")]).await;
    assert_eq!(taken_back.status, StatusCode::OK);
    assert_eq!(taken_back.written("comment").as_deref(), Some(WHOLE));
    assert_eq!(taken_back.written("item.0.WR-05").as_deref(), Some(ITEM));
    assert_eq!(taken_back.part("id=\"kept\"", "</section>"), "", "the same words stand twice");
    let returned = two.say(&taken_back, digest, &[("verdict", "return")]).await;
    assert_eq!(returned.status, StatusCode::SEE_OTHER);
    let last = decisions(&office, digest).await.pop().unwrap();
    assert_eq!((last.verdict, last.account.as_str(), last.comment.as_str()), (Verdict::Return, "wu", WHOLE));
    assert_eq!((last.items[0].item.as_str(), last.items[0].text.as_str()), ("WR-05", ITEM));
}

#[tokio::test]
async fn words_for_a_record_that_was_corrected_meanwhile_are_shown_and_go_along_to_the_correction() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let digest = visit.sealed.digest();
    let reviewer = Reviewer::at(&office, "li").await;
    let open = reviewer.record(digest).await;
    let second = corrected(&phone, &office, &visit, "0.30");
    phone.put(&second).await;
    let refused = reviewer.say(&open, digest, &[&TYPED[..], &[("verdict", "return")]].concat()).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    let kept = plain(refused.part("id=\"kept\"", "</section>"));
    assert!(kept.contains(WHOLE) && kept.contains(ITEM), "{kept}");

    let second = second.sealed.digest();
    let brought = reviewer.say(&refused, second, &[]).await;
    assert_eq!(brought.status, StatusCode::OK);
    assert_eq!(brought.written("comment").as_deref(), Some(WHOLE));
    assert_eq!(brought.written("item.0.WR-05").as_deref(), Some(ITEM));
    assert_eq!(decisions(&office, digest).await.len(), 0, "words alone decided something");
    let returned = reviewer.say(&brought, second, &[("verdict", "return")]).await;
    assert_eq!(returned.status, StatusCode::SEE_OTHER);
    assert_eq!(decisions(&office, digest).await[0].comment, WHOLE);
}

/// Two phones correct the same visit; the second phone, and both corrections.
async fn corrected_twice(office: &Office) -> (Phone, Visit, Visit) {
    let (phone, copy) = (office.phone(0).await, office.phone(0).await);
    let visit = phone.visit(&office.site, |_| {});
    phone.put(&visit).await;
    let (one, two) = (corrected(&phone, office, &visit, "0.30"), corrected(&copy, office, &visit, "0.45"));
    phone.put(&one).await;
    copy.put(&two).await;
    (copy, one, two)
}

#[tokio::test]
async fn a_choice_takes_the_words_along_that_were_typed_before_it() {
    let office = Office::open().await;
    let (_, one, two) = corrected_twice(&office).await;
    let (one, two) = (one.sealed.digest(), two.sealed.digest());
    let reviewer = Reviewer::at(&office, "li").await;
    let open = reviewer.record(one).await;
    let button = open.part("class=\"choose\"", "</button>");
    let meant = format!("formaction=\"{}\"", action(two));
    assert!(button.contains("form=\"decision\"") && button.contains(&meant), "{button}");
    let fields = with(open.form(&action(one)), &[&TYPED[..], &[("verdict", "choose")]].concat());
    let chosen = reviewer.post(&action(two), &fields).await;
    assert_eq!(chosen.status, StatusCode::OK);
    assert!(state(&office, two).await.1, "the choice was not made");
    assert_eq!(chosen.written("comment").as_deref(), Some(WHOLE));
    assert_eq!(chosen.written("item.0.WR-05").as_deref(), Some(ITEM));
    assert_eq!(decisions(&office, two).await[0].comment, "", "a choice says nothing to the coordinator");
    // Without words the choice is as plain as any other.
    let back = reviewer.record(two).await;
    let fields = with(back.form(&action(two)), &[("verdict", "choose")]);
    assert_eq!(reviewer.post(&action(one), &fields).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_button_that_was_pressed_twice_did_what_it_says_once() {
    let office = Office::open().await;
    let (_, digest) = new_record(&office).await;
    let (one, two) = (Reviewer::at(&office, "li").await, Reviewer::at(&office, "wu").await);
    let (open, theirs) = (one.record(digest).await, two.record(digest).await);
    let said = [&TYPED[..], &[("verdict", "return")]].concat();
    for _ in 0..2 {
        let answer = one.say(&open, digest, &said).await;
        assert_eq!((answer.status, answer.to), (StatusCode::SEE_OTHER, format!("/records/{digest}")));
    }
    assert_eq!(decisions(&office, digest).await.len(), 1);
    let other_words = with(open.form(&action(digest)), &[("comment", "别的话"), ("verdict", "return")]);
    assert_eq!(one.post(&action(digest), &other_words).await.status, StatusCode::CONFLICT);
    assert_eq!(two.say(&theirs, digest, &said).await.status, StatusCode::CONFLICT, "it was somebody else");
    assert_eq!(decisions(&office, digest).await.len(), 1);
}

#[tokio::test]
async fn a_choice_of_a_document_that_has_a_correction_shows_the_correction_at_the_site() {
    let office = Office::open().await;
    let (copy, one, two) = corrected_twice(&office).await;
    let reviewer = Reviewer::at(&office, "li").await;
    let choose = async |from: &Visit, chosen: &Visit| {
        let (from, chosen) = (from.sealed.digest(), chosen.sealed.digest());
        let page = reviewer.record(from).await;
        let fields = with(page.form(&action(from)), &[("verdict", "choose")]);
        reviewer.post(&action(chosen), &fields).await
    };
    assert_eq!(choose(&one, &two).await.status, StatusCode::SEE_OTHER);
    assert_eq!(choose(&two, &one).await.status, StatusCode::SEE_OTHER);
    let third = corrected(&copy, &office, &two, "0.46");
    copy.put(&third).await;
    assert_eq!(last_reading(&office).await.1, records::number("0.30"), "what was passed over counts");
    let answer = choose(&one, &two).await;
    let third = third.sealed.digest();
    assert!(state(&office, third).await.1);
    assert_eq!(
        last_reading(&office).await.1,
        records::number("0.46"),
        "phones still see the passed-over one"
    );
    assert_eq!(answer.to, format!("/records/{third}"), "the reviewer is left on one that does not count");
}
