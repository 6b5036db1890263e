//! The description of the interface: valid, whole, and true of what a real bureau answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use xieguan::domain::id::Digest;
use xieguan::domain::seal::canonical;
use xieguan::wire::failure::Code;
use xieguan::wire::tus::{OFFSET_OCTET_STREAM, encode_metadata};

use super::office::{Office, Phone, photo, site, township};
use super::openapi_codes::failures;
use super::openapi_values::values;
use crate::support::clients::{python, run};

/// Questions and answers as they were.
#[derive(Default)]
pub(super) struct Recorder {
    samples: Vec<Value>,
    pub(super) codes: BTreeSet<String>,
}

impl Recorder {
    /// Asks and remembers; `path` as the description has it.
    pub(super) async fn ask(&mut self, method: &str, path: &str, request: RequestBuilder) -> Value {
        self.note(method, path, request.send().await.unwrap(), None).await
    }

    /// As [`Recorder::ask`] with a body, which is remembered too.
    pub(super) async fn tell(
        &mut self,
        method: &str,
        path: &str,
        request: RequestBuilder,
        body: Value,
    ) -> Value {
        let answer = request.json(&body).send().await.unwrap();
        self.note(method, path, answer, Some(body)).await
    }

    async fn note(&mut self, method: &str, path: &str, answer: Response, request: Option<Value>) -> Value {
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let names: Vec<&str> = headers.keys().map(|name| name.as_str()).collect();
        let media = headers.get("content-type").map(|media| media.to_str().unwrap());
        let text = answer.text().await.unwrap();
        let body: Value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        if let Some(code) = body["code"].as_str().filter(|_| status >= 400) {
            self.codes.insert(code.to_owned());
        }
        let path = format!("/v1{path}");
        self.samples.push(json!({
            "method": method, "path": path, "request": request,
            "status": status, "headers": names, "media": media, "body": body,
        }));
        body
    }
}

/// Every route once or more, as phones use it.
async fn successes(office: &Office, seen: &mut Recorder) -> Value {
    let phone = {
        let code = office.code(0, 600).await;
        let mut phone = Phone::new(&office.base);
        let request = phone.http.post(format!("{}/v1/enrol", office.base));
        let body = json!(phone.request(&code));
        phone.enrolled = serde_json::from_value(seen.tell("POST", "/enrol", request, body).await).unwrap();
        phone
    };
    let at = |path: &str| format!("{}{path}", office.base);
    let rescue = phone.http.put(at("/v1/rescue-key")).bearer_auth(phone.token());
    seen.tell("PUT", "/rescue-key", rescue, json!({ "sealed_database_key": "c2VhbGVk" })).await;

    let visit = phone.visit(&office.site, |draft| draft.photos = vec![photo(b"original", b"copy")]);
    let report = phone.report(&office.site, |_| {});
    let place = phone.new_site(&site("新发现的水窖", township(0)));
    let mut visit_sealed = visit.sealed.clone();
    visit_sealed.sidecar = Some("c2lkZWNhcg==".to_owned());
    let papers = [
        ("inspections", visit.path(), visit_sealed),
        ("reports", report.name.path(), report.sealed),
        ("sites", place.name.path(), place.sealed),
    ];
    let mut receipt = Value::Null;
    for (kind, address, sealed) in papers {
        let path = format!("/{kind}/{{id}}/{{revision}}");
        for _ in 0..2 {
            let put = phone.http.put(at(&address)).bearer_auth(phone.token());
            receipt = seen.tell("PUT", &path, put, json!(sealed)).await["record"]["receipt"].clone();
        }
        seen.ask("GET", &path, phone.get(&address)).await;
    }
    photos(&phone, seen).await;
    seen.ask("GET", "/receipts", phone.get("/v1/receipts")).await;
    let page = seen.ask("GET", "/changes", phone.get("/v1/changes")).await;
    let cursor = page["cursor"].as_str().unwrap();
    seen.ask("GET", "/changes", phone.get(&format!("/v1/changes?since={cursor}"))).await;
    serde_json::from_str(receipt.as_str().unwrap()).unwrap()
}

async fn photos(phone: &Phone, seen: &mut Recorder) {
    let (all, one) = ("/photos", "/photos/uploads/{id}");
    let bytes = |request: RequestBuilder, offset: usize, bytes: &'static [u8]| {
        request.header("upload-offset", offset).header("content-type", OFFSET_OCTET_STREAM).body(bytes)
    };
    seen.ask("OPTIONS", all, phone.tus("OPTIONS", "/v1/photos")).await;
    let whole: &'static [u8] = b"original";
    let metadata = encode_metadata(&[("sha256", &Digest::of(whole).to_string())]);
    let create = phone.tus("POST", "/v1/photos").header("upload-length", whole.len());
    seen.ask("POST", all, create.header("upload-metadata", metadata)).await;
    let path = phone.create(Digest::of(whole), whole.len()).await;
    seen.ask("OPTIONS", one, phone.tus("OPTIONS", &path)).await;
    seen.ask("PATCH", one, bytes(phone.tus("PATCH", &path), 0, &whole[..3])).await;
    seen.ask("HEAD", one, phone.tus("HEAD", &path)).await;
    let post = |method: &str| phone.tus("POST", &path).header("x-http-method-override", method);
    seen.ask("POST", one, post("HEAD")).await;
    seen.ask("POST", one, bytes(post("PATCH"), 3, &whole[3..])).await;
    seen.ask("DELETE", one, phone.tus("DELETE", &path)).await;
    let there = format!("{}/v1/photos/{}", phone.base, Digest::of(whole));
    seen.ask("HEAD", "/photos/{sha256}", phone.http.head(there).bearer_auth(phone.token())).await;
    phone.upload(b"copy").await;
}

#[tokio::test]
async fn the_description_is_valid_and_true_of_every_route_type_and_failure() {
    let office = Office::open().await;
    let mut seen = Recorder::default();
    let description = office.http.get(format!("{}/v1/openapi.json", office.base));
    let document = seen.ask("GET", "/openapi.json", description).await;
    let receipt = successes(&office, &mut seen).await;
    failures(&mut seen).await;

    let codes: BTreeSet<String> = Code::ALL.iter().map(|code| code.facts().name.to_owned()).collect();
    assert_eq!(seen.codes, codes, "codes that a bureau gave on the left, those of the table on the right");
    let mut values = values();
    values.push(json!({ "schema": "Receipt", "value": receipt }));
    let given = json!({ "document": document, "samples": seen.samples, "values": values });
    check(&given).await.unwrap();
    planted(&given).await;
}

async fn check(given: &Value) -> Result<String, String> {
    run(python("openapi.py"), canonical(given).unwrap().into_bytes()).await
}

/// What does not fit is found: what makes no description by itself, then everything that a description can lie about.
async fn planted(given: &Value) {
    let failures = "/document/paths/~1v1~1photos/post/responses/413/content/application~1problem+json/schema";
    let enumerated = format!("{failures}/properties/code/enum");
    let alone = [
        ("/document/info", json!({}), "'title' is a required property"),
        ("/document/paths/~1v1~1changes/get/responses", json!([]), "[] is not of type 'object'"),
        ("/values", json!([]), "no sample shows Review.comment"),
    ];
    let together = [
        (
            "/document/components/schemas/Held/properties",
            json!({ "receipts": {} }),
            "digest is not described",
        ),
        ("/document/components/schemas/Stored/required", json!(["later"]), "'later' is a required property"),
        (&*enumerated, json!([]), "'too_large' is not one of []"),
        ("/samples/0/status", json!(299), "such an answer is not described"),
        ("/samples/1/headers", json!([]), "no x-xieguan-bureau"),
        ("/samples/2/path", json!("/v1/elsewhere"), "/v1/elsewhere → 204: not described"),
        ("/values/0/value/zone_minutes", json!("480"), "is not of type 'integer'"),
    ];
    let mut all = given.clone();
    for (place, put, _) in &together {
        *all.pointer_mut(place).unwrap() = put.clone();
    }
    let said = check(&all).await.err().unwrap_or_default();
    for (place, _, word) in together {
        assert!(said.contains(word), "{place} changed, this was said: {said}");
    }
    for (place, put, word) in alone {
        let mut changed = given.clone();
        *changed.pointer_mut(place).unwrap() = put;
        let said = check(&changed).await.err().unwrap_or_default();
        assert!(said.contains(word), "{place} changed, this was said: {said}");
    }
}

#[tokio::test]
async fn every_described_route_is_there_and_no_route_is_made_elsewhere() {
    let office = Office::open().await;
    let document: Value = office
        .http
        .get(format!("{}/v1/openapi.json", office.base))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut routes = 0;
    for (path, operations) in paths {
        let address = path
            .replace("{id}", "0193bd1e-0000-7000-8000-000000000001")
            .replace("{revision}", "1")
            .replace("{sha256}", &Digest::of(b"").to_string());
        for method in operations.as_object().unwrap().keys() {
            let method: reqwest::Method = method.to_uppercase().parse().unwrap();
            let request = office.http.request(method.clone(), format!("{}{address}", office.base));
            let status = request.header("tus-resumable", "1.0.0").send().await.unwrap().status().as_u16();
            // Without a token each says so, or does what needs none.
            assert!([200, 204, 401, 422].contains(&status), "{method} {path}: {status}");
            routes += 1;
        }
    }
    assert!(routes >= 19, "{routes}");
    // The router is built from the table; beside it stand only addresses that are not the phones'.
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bureau/api");
    let mut made = BTreeSet::new();
    for file in fs::read_dir(source).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(file).unwrap();
        let calls = text.split(".route(").skip(1);
        made.extend(calls.map(|rest| rest.split(',').next().unwrap().trim().to_owned()));
    }
    made.remove(r#""/healthz""#);
    made.remove(r#""/metrics""#);
    assert_eq!(made.into_iter().collect::<Vec<_>>(), ["&route.path"]);
}
