//! Codes, tokens, throttling, and what every answer carries.

use xieguan::domain::id::Digest;
use xieguan::domain::seal::{PublicKey, public_key};
use xieguan::wire::changes::ChangesPage;
use xieguan::wire::enrolment::Enrolled;
use xieguan::wire::failure::Code;

use super::office::{Office, Phone, refused, township};

#[tokio::test]
async fn a_code_enrols_one_phone_and_the_same_phone_again_with_a_new_token() {
    let office = Office::open().await;
    let code = office.code(0, 600).await;
    let phone = Phone::new(&office.base);
    let first: Enrolled = phone.enrol(&code.to_lowercase().replace('-', " ")).await.json().await.unwrap();
    let again: Enrolled = phone.enrol(&code).await.json().await.unwrap();
    assert_ne!(first.token, again.token);
    assert_eq!(first.coordinator, office.coordinators[0]);
    assert_eq!(first.townships, vec![township(0)]);
    assert_eq!(&first.bureau, &office.bureau.storage().identity().public);

    let other = Phone::new(&office.base);
    assert_eq!(refused(other.enrol(&code).await, 403).await, Code::CodeUsed);
    let ask = |token: &str| office.http.get(format!("{}/v1/changes", office.base)).bearer_auth(token).send();
    assert_eq!(refused(ask(&first.token).await.unwrap(), 401).await, Code::NotEnrolled);
    assert_eq!(ask(&again.token).await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_withdrawn_phone_comes_back_by_a_new_code_only() {
    let office = Office::open().await;
    let (code, unused) = (office.code(0, 600).await, office.code(0, 600).await);
    let phone = Phone::new(&office.base);
    let first: Enrolled = phone.enrol(&code).await.json().await.unwrap();
    let ask = |token: &str| office.http.get(format!("{}/v1/changes", office.base)).bearer_auth(token).send();
    assert!(office.bureau.storage().revoke_device(phone.id, 1).await.unwrap());
    assert_eq!(refused(phone.enrol(&code).await, 403).await, Code::CodeUsed);
    assert_eq!(refused(ask(&first.token).await.unwrap(), 403).await, Code::Revoked);
    let back: Enrolled = phone.enrol(&unused).await.json().await.unwrap();
    assert_eq!(ask(&back.token).await.unwrap().status(), 200);
    let repeated: Enrolled = phone.enrol(&unused).await.json().await.unwrap();
    assert_eq!(ask(&repeated.token).await.unwrap().status(), 200, "its answer may have been lost");
}

#[tokio::test]
async fn what_a_phone_heard_of_certificates_counts_no_more_once_it_enrols_again() {
    let office = Office::open().await;
    let storage = office.bureau.storage();
    assert!(storage.announce_certificates(vec![Digest([1; 32]), Digest([2; 32])], 1).await.unwrap());
    let knows = async || storage.phones().await.unwrap()[0].knows_settings;
    let mut phone = office.phone(0).await;
    for _ in 0..2 {
        assert!(!knows().await);
        let page: ChangesPage = phone.get("/v1/changes").send().await.unwrap().json().await.unwrap();
        phone.get(&format!("/v1/changes?since={}", page.cursor.0)).send().await.unwrap();
        assert!(knows().await);
        let code = office.code(0, 600).await;
        phone.enrolled = Some(phone.enrol(&code).await.json().await.unwrap());
    }
}

#[tokio::test]
async fn every_coordinator_of_a_shared_phone_keeps_a_token_until_the_phone_is_withdrawn() {
    let office = Office::open().await;
    let phone = Phone::new(&office.base);
    let one: Enrolled = phone.enrol(&office.code(0, 600).await).await.json().await.unwrap();
    let two: Enrolled = phone.enrol(&office.code(1, 600).await).await.json().await.unwrap();
    let ask = |token: &str| office.http.get(format!("{}/v1/changes", office.base)).bearer_auth(token).send();
    for token in [&one.token, &two.token] {
        assert_eq!(ask(token).await.unwrap().status(), 200);
    }
    assert!(office.bureau.storage().revoke_device(phone.id, 1).await.unwrap());
    for token in [&one.token, &two.token] {
        assert_eq!(refused(ask(token).await.unwrap(), 403).await, Code::Revoked);
    }
    let back: Enrolled = phone.enrol(&office.code(0, 600).await).await.json().await.unwrap();
    assert_eq!(ask(&back.token).await.unwrap().status(), 200);
    assert_eq!(
        refused(ask(&two.token).await.unwrap(), 401).await,
        Code::NotEnrolled,
        "only one was taken back"
    );
}

#[tokio::test]
async fn wrong_and_expired_codes_and_a_borrowed_key_do_not_enrol() {
    let office = Office::open().await;
    let phone = Phone::new(&office.base);
    assert_eq!(refused(phone.enrol("ABCDE-FGHJK").await, 403).await, Code::CodeWrong);
    let expired = office.code(0, -1).await;
    assert_eq!(refused(phone.enrol(&expired).await, 403).await, Code::CodeExpired);

    let code = office.code(0, 600).await;
    let mut request = phone.request(&code);
    request.signing_key = PublicKey([1; 32]);
    let send = |request| office.http.post(format!("{}/v1/enrol", office.base)).json(&request).send();
    assert_eq!(refused(send(request).await.unwrap(), 422).await, Code::SealWrong);

    let known = office.phone(0).await;
    let mut thief = Phone::new(&office.base);
    thief.id = known.id;
    let code = office.code(1, 600).await;
    assert_eq!(refused(thief.enrol(&code).await, 422).await, Code::SealWrong);
    assert_ne!(public_key(&thief.key), public_key(&known.key));
    assert_eq!(known.get("/v1/changes").send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn guessing_codes_is_throttled_per_phone_and_not_for_others() {
    let office = Office::open().await;
    let phone = Phone::new(&office.base);
    for n in 0..5 {
        assert_eq!(refused(phone.enrol(&format!("WRONG-0000{n}")).await, 403).await, Code::CodeWrong);
    }
    let code = office.code(0, 600).await;
    let throttled = phone.enrol(&code).await;
    assert!(throttled.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap() > 0);
    assert_eq!(refused(throttled, 429).await, Code::TooManyTries);
    assert_eq!(Phone::new(&office.base).enrol(&code).await.status(), 200);
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered_and_a_withdrawn_phone_is_told_so() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let paths = ["/v1/changes", "/v1/receipts", "/v1/inspections/0193e000-0000-7000-8000-000000000001/1"];
    for path in paths {
        let address = format!("{}{path}", office.base);
        let none = office.http.get(&address).send().await.unwrap();
        assert_eq!(refused(none, 401).await, Code::NotEnrolled, "{path}");
        let wrong = office.http.get(&address).bearer_auth("nonsense").send().await.unwrap();
        assert_eq!(refused(wrong, 401).await, Code::NotEnrolled, "{path}");
    }
    assert!(office.bureau.storage().revoke_device(phone.id, 1).await.unwrap());
    assert_eq!(refused(phone.get("/v1/changes").send().await.unwrap(), 403).await, Code::Revoked);
}

#[tokio::test]
async fn every_answer_names_the_bureau_also_to_nonsense() {
    let office = Office::open().await;
    let id = office.bureau.storage().identity().public.id.to_string();
    for (method, path, status) in [
        ("GET", "/healthz", 200),
        ("GET", "/v1/nothing", 404),
        ("GET", "/v1/reports/%FF/1", 401),
        ("DELETE", "/v1/enrol", 405),
        ("POST", "/v1/enrol", 422),
        ("OPTIONS", "/v1/photos", 204),
        ("GET", "/elsewhere", 404),
    ] {
        let address = format!("{}{path}", office.base);
        let response = office.http.request(method.parse().unwrap(), address).send().await.unwrap();
        assert_eq!(response.headers()["x-xieguan-bureau"], id.as_str(), "{method} {path}");
        assert_eq!(response.status(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn a_rescue_key_is_kept_and_an_endless_one_is_not() {
    let office = Office::open().await;
    let phone = office.phone(0).await;
    let put = |key: String| {
        let address = format!("{}/v1/rescue-key", office.base);
        let body = serde_json::json!({ "sealed_database_key": key });
        phone.http.put(address).bearer_auth(phone.token()).json(&body).send()
    };
    assert_eq!(put("c2VhbGVk".to_owned()).await.unwrap().status(), 204);
    assert_eq!(refused(put("x".repeat(5000)).await.unwrap(), 413).await, Code::TooLarge);
    assert_eq!(refused(put("x".repeat(100_000)).await.unwrap(), 413).await, Code::TooLarge);
}
