//! `bureau phones`: the list, and a lost phone that is withdrawn while the bureau serves.

use xieguan::wire::failure::Code;

use super::office::{Phone, refused};
use super::process::{first_site, phones};
use crate::support::served::{Served, county, run, said, text};

/// The line about a phone.
fn line(list: &str, phone: &Phone) -> String {
    list.lines().find(|line| line.starts_with(&phone.id.to_string())).unwrap().to_owned()
}

#[tokio::test]
async fn phones_are_listed_and_a_lost_one_is_withdrawn_at_once() {
    let folder = county();
    assert!(said("phones", folder.path(), &[]).contains("No phone yet"));
    let serving = Served::start(folder.path(), &[]);
    let phones = phones(folder.path(), &serving.base, 2).await;
    let [lost, kept] = &phones[..] else { panic!("two were asked for") };
    let list = said("phones", folder.path(), &[]);
    assert_eq!(list.lines().count(), 2, "{list}");
    assert!(line(&list, lost).contains("no record yet, in use since 20"), "{list}");
    let site = first_site(lost).await;
    assert_eq!(lost.put(&lost.visit(&site, |_| {})).await.status(), 201);
    assert!(line(&said("phones", folder.path(), &[]), lost).contains("last record 20"));

    let told = said("phones", folder.path(), &["--withdraw", &lost.id.to_string()]);
    assert!(told.contains("What it has sent stays"), "{told}");
    assert_eq!(refused(lost.put(&lost.visit(&site, |_| {})).await, 403).await, Code::Revoked);
    assert_eq!(kept.put(&kept.visit(&site, |_| {})).await.status(), 201);
    let list = said("phones", folder.path(), &[]);
    assert!(
        line(&list, lost).contains("withdrawn 20") && line(&list, kept).contains("in use since"),
        "{list}"
    );

    let nobody = Phone::new(&serving.base).id.to_string();
    for (wrong, words) in [(nobody.as_str(), "no phone"), ("seven", "invalid value")] {
        let refused = run("phones", folder.path(), &["--withdraw", wrong]);
        let said = text(&refused.stderr);
        assert!(!refused.status.success() && said.contains(words), "{said}");
    }
    assert_eq!(said("phones", folder.path(), &[]), list);
}
