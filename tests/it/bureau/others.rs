//! Information reports and sites made in the field: the same promises as for records, and what they bring.

use chrono::Datelike as _;
use futures_util::future::join_all;
use uuid::Uuid;
use xieguan::bureau::storage::DATABASE;
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::id::ReportId;
use xieguan::domain::inspection::Clock;
use xieguan::domain::new_site::{self, NewSite};
use xieguan::domain::report::{Outcome, Report, ReportProblem, report};
use xieguan::domain::seal::{Signature, canonical};
use xieguan::domain::site::{Site, SiteSnapshot, Township};
use xieguan::wire::changes::{Change, ChangesPage, Known};
use xieguan::wire::failure::Code;
use xieguan::wire::receipt::{ReceiptKind, Stored};
use xieguan::wire::sealed::SealedDocument;

use super::office::{Office, Phone, refused, site, township};
use crate::support::records;
use crate::support::served::{run, text};

/// A signed document on its way.
pub(super) struct Paper {
    pub(super) name: DocumentName,
    pub(super) sealed: SealedDocument,
}

impl Phone {
    fn paper(&self, kind: DocumentKind, id: Uuid, text: String) -> Paper {
        let name = DocumentName::new(kind, ReportId(id), 1);
        Paper { name, sealed: SealedDocument::seal(text, self.id, &self.key, None) }
    }

    pub(super) fn report(&self, site: &Site, edit: impl FnOnce(&mut Report)) -> Paper {
        let enrolled = self.enrolled.as_ref().unwrap();
        let mut draft = records::draft(records::serious_sheet());
        draft.site = SiteSnapshot::from(site);
        draft.coordinators = vec![enrolled.coordinator.clone()];
        let facts = records::finishing(enrolled.bureau.id, self.id);
        let mut made = report(&draft, &records::reporting(1), &facts, &records::library()).unwrap();
        made.id = ReportId(Uuid::now_v7());
        made.attempts = vec![records::attempt(Outcome::Reached)];
        edit(&mut made);
        self.paper(DocumentKind::Report, made.id.0, canonical(&made).unwrap())
    }

    pub(super) fn new_site(&self, site: &Site) -> Paper {
        let enrolled = self.enrolled.as_ref().unwrap();
        let made = NewSite {
            schema: new_site::SCHEMA,
            revision: 1,
            parent: None,
            bureau: enrolled.bureau.id,
            site: site.clone(),
            made_at: records::moment(),
            fix: None,
            clock: Clock::default(),
            coordinators: vec![enrolled.coordinator.clone()],
            device: self.id,
            app_version: "0.1.0".to_owned(),
        };
        self.paper(DocumentKind::Site, site.id.0, canonical(&made).unwrap())
    }

    pub(super) async fn put_paper(&self, paper: &Paper) -> reqwest::Response {
        let address = format!("{}{}", self.base, paper.name.path());
        self.http.put(address).bearer_auth(self.token()).json(&paper.sealed).send().await.unwrap()
    }

    async fn changes(&self) -> Vec<Change> {
        let page: ChangesPage = self.get("/v1/changes").send().await.unwrap().json().await.unwrap();
        page.changes
    }

    async fn sites(&self) -> Vec<Site> {
        let changes = self.changes().await;
        let known = changes.iter().filter_map(|change| change.known());
        known.filter_map(|known| if let Known::Site(site) = known { Some(*site) } else { None }).collect()
    }
}

#[tokio::test]
async fn reports_and_sites_are_stored_once_receipted_and_given_back_like_records() {
    let office = Office::open().await;
    let (phone, other) = (office.phone(0).await, office.phone(1).await);
    let key = &office.bureau.storage().identity().public.signing_key;
    for paper in [phone.report(&office.site, |_| {}), phone.new_site(&site("新发现的水窖", township(0)))]
    {
        let answers = join_all((0..8).map(|_| phone.put_paper(&paper))).await;
        let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status().as_u16()).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [[200; 7].as_slice(), &[201]].concat(), "{:?}", paper.name);
        let bodies = join_all(answers.into_iter().map(|answer| answer.json::<Stored>())).await;
        let bodies: Vec<Stored> = bodies.into_iter().map(Result::unwrap).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]));
        let receipt = bodies[0].record.open_for(key, paper.sealed.digest()).unwrap();
        assert_eq!((receipt.inspection, receipt.revision), (paper.name.id, 1));
        let complete = bodies[0].complete.as_ref().unwrap().open(key).unwrap();
        assert_eq!(complete.kind, ReceiptKind::Complete);
        let back = phone.get(&paper.name.path()).send().await.unwrap();
        assert_eq!(back.json::<SealedDocument>().await.unwrap(), paper.sealed);
        assert_eq!(refused(other.get(&paper.name.path()).send().await.unwrap(), 403).await, Code::NotYours);
    }
    assert_eq!(office.held().await, 0, "neither is a record of a visit");
}

#[tokio::test]
async fn what_is_badly_sealed_or_at_another_kinds_address_is_refused_and_leaves_nothing() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let new = site("新发现的水窖", township(0));
    for paper in [phone.report(&office.site, |_| {}), phone.new_site(&new)] {
        let wrong = SealedDocument { seal: Signature([7; 64]), ..paper.sealed.clone() };
        let wrong = Paper { name: paper.name, sealed: wrong };
        assert_eq!(refused(phone.put_paper(&wrong).await, 422).await, Code::SealWrong);
        let elsewhere = DocumentName::new(DocumentKind::Inspection, paper.name.id, 1);
        let elsewhere = Paper { name: elsewhere, sealed: paper.sealed.clone() };
        assert_eq!(refused(phone.put_paper(&elsewhere).await, 422).await, Code::Unreadable);
        let later = DocumentName::new(paper.name.kind, paper.name.id, 2);
        let later = Paper { name: later, sealed: paper.sealed.clone() };
        assert_eq!(refused(phone.put_paper(&later).await, 400).await, Code::AddressMismatch);
        let absent = phone.get(&paper.name.path()).send().await.unwrap();
        assert_eq!(refused(absent, 404).await, Code::NotFound);
    }
    assert!(!phone.sites().await.iter().any(|known| known.id == new.id));
}

#[tokio::test]
async fn a_report_against_the_rules_is_stored_with_what_is_odd_and_listed_with_its_visit() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let odd = phone.report(&office.site, |report| {
        report.content = "长".repeat(501);
        report.category.clear();
    });
    assert_eq!(phone.put_paper(&odd).await.status(), 201);
    let (rows, count) = office.bureau.storage().reports(Default::default()).await.unwrap();
    assert_eq!(count, 1);
    let problems = &rows[0].problems;
    assert!(problems.contains(&ReportProblem::TooLong { chars: 501 }), "{problems:?}");
    assert!(problems.contains(&ReportProblem::NoCategory));
    assert_eq!(rows[0].content.chars().count(), 501, "what was signed is kept whole");
    let visit = rows[0].visit;
    let of_visit = office.bureau.storage().reports_of(visit).await.unwrap();
    assert_eq!(of_visit, rows);
}

#[tokio::test]
async fn a_site_made_in_the_field_reaches_the_townships_phones_and_never_overwrites_the_bureaus_file() {
    let office = Office::open().await;
    let (phone, colleague, far) = (office.phone(0).await, office.phone(0).await, office.phone(1).await);
    let new = site("新发现的水窖", township(0));
    phone.put_paper(&phone.new_site(&new)).await;
    assert!(colleague.sites().await.contains(&new));
    assert!(!far.sites().await.iter().any(|known| known.id == new.id));
    assert_eq!(office.bureau.storage().sites_made_in_field().await.unwrap(), [new.id]);

    let stolen = Site { name: "改了名的水站".to_owned(), ..office.site.clone() };
    assert_eq!(phone.put_paper(&phone.new_site(&stolen)).await.status(), 201, "the document is kept");
    assert!(colleague.sites().await.contains(&office.site), "the file is the bureau's");
}

#[tokio::test]
async fn a_record_of_an_unknown_site_makes_its_file_and_the_sites_own_document_completes_it() {
    let office = Office::open().await;
    let (phone, colleague) = (office.phone(0).await, office.phone(0).await);
    let mut new = site("新发现的水窖", township(0));
    new.nickname = "大柳树下".to_owned();
    let visit = phone.visit(&new, |_| {});
    assert_eq!(phone.put(&visit).await.status(), 201);
    let made = colleague.sites().await.into_iter().find(|known| known.id == new.id).unwrap();
    assert_eq!((made.name.as_str(), made.nickname.as_str()), (new.name.as_str(), ""));
    assert_eq!(made.last_visit.as_ref().unwrap().inspection, visit.id);
    assert_eq!(office.bureau.storage().sites_made_in_field().await.unwrap(), [new.id]);

    phone.put_paper(&phone.new_site(&new)).await;
    let known = colleague.sites().await.into_iter().find(|known| known.id == new.id).unwrap();
    assert_eq!(known.nickname, new.nickname);
    assert_eq!(known.last_visit, made.last_visit, "the visit stays on the file");
}

#[tokio::test]
async fn a_document_makes_no_site_beyond_its_phones_townships_and_no_township() {
    let office = Office::open().await;
    let (mut phone, far) = (office.phone(0).await, office.phone(1).await);
    let storage = office.bureau.storage();
    let before = (storage.townships().await.unwrap(), far.changes().await);
    let named = |code: &str| Township { code: code.to_owned(), name: township(0).name };
    for stranger in [named(""), named("0"), township(1)] {
        let (visited, made) = (site("新发现的水窖", stranger.clone()), site("新发现的水井", stranger));
        let visit = phone.visit(&visited, |_| {});
        let answer = phone.put(&visit).await;
        assert_eq!(answer.status(), 201, "{:?}", visited.township);
        assert!(answer.json::<Stored>().await.unwrap().complete.is_some());
        assert_eq!(phone.put_paper(&phone.new_site(&made)).await.status(), 201);
        let received = storage.received(visit.sealed.digest()).await.unwrap().unwrap();
        assert_eq!(received.row.township, visited.township, "the reviewer sees what the document says");
    }
    assert_eq!(storage.townships().await.unwrap(), before.0);
    let heard: Vec<_> = far.changes().await.into_iter().filter(|change| !before.1.contains(change)).collect();
    assert_eq!(heard, []);
    assert!(storage.sites_made_in_field().await.unwrap().is_empty());

    // What its first coordinator made there goes up also when the phone is in another's hands.
    phone.enrolled = Some(phone.enrol(&office.code(1, 600).await).await.json().await.unwrap());
    let new = site("新发现的水窖", Township { name: "随便写的".to_owned(), ..township(0) });
    assert_eq!(phone.put_paper(&phone.new_site(&new)).await.status(), 201);
    assert_eq!(storage.sites_made_in_field().await.unwrap(), [new.id]);
    let known = office.phone(0).await.sites().await.into_iter().find(|known| known.id == new.id).unwrap();
    assert_eq!(known.township, township(0), "called as the bureau calls it");
}

#[tokio::test]
async fn a_site_that_the_bureau_removed_stays_removed() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    office.bureau.storage().remove_site(office.site.id).await.unwrap();
    assert_eq!(phone.put(&phone.visit(&office.site, |_| {})).await.status(), 201);
    assert_eq!(phone.put_paper(&phone.new_site(&office.site)).await.status(), 201);
    assert!(!phone.sites().await.iter().any(|known| known.id == office.site.id));
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "stands for another program")]
async fn documents_of_another_age_spoil_no_page_and_no_export() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let cookie = staff(&office, None).await;
    let mut pages = vec!["/".to_owned(), "/reports".to_owned()];
    assert_eq!(phone.put(&phone.visit(&office.site, |_| {})).await.status(), 201);
    for year in [12_026, -3] {
        let at = records::moment().with_year(year).unwrap();
        let visit = phone.visit(&office.site, |draft| draft.started_at = at);
        assert_eq!(phone.put(&visit).await.status(), 201);
        let report =
            phone.report(&office.site, |report| (report.discovered_at, report.reported_at) = (at, at));
        assert_eq!(phone.put_paper(&report).await.status(), 201);
        pages.push(format!("/records/{}", visit.sealed.digest()));
        pages.push(format!("/reports/{}", report.sealed.digest()));
    }
    let all_is_read = async || {
        for page in &pages {
            let request = phone.http.get(format!("{}{page}", office.base)).header("cookie", &cookie);
            assert_eq!(request.send().await.unwrap().status(), 200, "{page}");
        }
        let export = run("export", office.folder(), &["records", "-"]);
        assert_eq!(text(&export.stdout).lines().count(), 4, "{}", text(&export.stderr));
    };
    all_is_read().await;
    // As an earlier version of the program kept them.
    let db = rusqlite::Connection::open(office.folder().join(DATABASE)).unwrap();
    for (now, before) in [("9999-", "+12026-"), ("0000-", "-0003-")] {
        const AGED: &str = "update document set started_at = ?2 || substr(started_at, 6),
            finished_at = ?2 || substr(finished_at, 6) where started_at like ?1 || '%'";
        assert_eq!(db.execute(AGED, [now, before]).unwrap(), 2, "{now}");
    }
    all_is_read().await;
}

/// Logs in at the console; gives the session's cookie.
async fn staff(office: &Office, township: Option<usize>) -> String {
    use xieguan::bureau::storage::accounts::{Account, Role};
    let name = if township.is_some() { "li" } else { "wang" };
    let township = township.map(super::office::township);
    let account =
        Account { name: name.to_owned(), shown_as: "示例".to_owned(), role: Role::Viewer, township };
    let hash = xieguan::bureau::password::hash("horse".to_owned()).await.unwrap();
    office.bureau.storage().add_account(account, hash, 0).await.unwrap();
    let http =
        reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let address = format!("{}/login", office.base);
    let cookie = |answer: &reqwest::Response, name: &str| {
        let all = answer.headers().get_all("set-cookie").into_iter().map(|value| value.to_str().unwrap());
        let found = all.map(|value| value.split(';').next().unwrap()).find(|value| value.starts_with(name));
        found.unwrap().to_owned()
    };
    let form = cookie(&http.get(&address).send().await.unwrap(), "xieguan_form=");
    let token = form.split_once('=').unwrap().1.to_owned();
    let body = format!("account={name}&password=horse&form={token}");
    let request = http.post(&address).header("cookie", form);
    let kind = "application/x-www-form-urlencoded";
    let answer = request.header("content-type", kind).body(body).send().await.unwrap();
    cookie(&answer, "xieguan_session=")
}

#[tokio::test]
async fn the_console_lists_a_report_shows_it_and_links_it_with_its_visits_record() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let visit = phone.visit(&office.site, |_| {});
    let paper = phone.report(&office.site, |report| {
        report.inspection = visit.id;
        report.content = "<b>水有异味</b>，三户腹泻".to_owned();
    });
    let (all, elsewhere) = (staff(&office, None).await, staff(&office, Some(1)).await);
    let get = async |cookie: &str, path: &str| {
        let request = phone.http.get(format!("{}{path}", office.base)).header("cookie", cookie);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert!(get(&all, "/reports").await.1.contains("还没有信息报告"));
    phone.put_paper(&paper).await;
    let page = format!("/reports/{}", paper.sealed.digest());
    let (status, list) = get(&all, "/reports?level=A&text=异味").await;
    assert_eq!(status, 200);
    for word in [page.as_str(), "A 立即报告", "饮用水卫生", &office.site.name, "王示例", "联系 1 次"]
    {
        assert!(list.contains(word), "{word}");
    }
    assert!(!get(&all, "/reports?level=B").await.1.contains(&page));
    let (_, shown) = get(&all, &page).await;
    for word in ["水有异味", "打通了", "000-0000-0120", "记录还在路上", "WR-20"] {
        assert!(shown.contains(word), "{word}");
    }
    assert!(!shown.contains("<b>"), "what was typed is text");
    phone.put(&visit).await;
    let record = format!("/records/{}", visit.sealed.digest());
    assert!(get(&all, &page).await.1.contains(&record));
    assert!(get(&all, &record).await.1.contains(&page));
    assert_eq!(get(&all, &format!("{page}/document")).await.1, paper.sealed.document);
    // Another township's staff see neither line nor page.
    assert!(!get(&elsewhere, "/reports").await.1.contains(&page));
    assert_eq!(get(&elsewhere, &page).await.0, 404);
}
