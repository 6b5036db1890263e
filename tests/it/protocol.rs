//! The protocol page keeps to the code: its list of failures, and test vectors that our code and another one agree
//! on. `XIEGUAN_VECTORS=write` writes the vectors anew, after a change that is meant.

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use rand::{CryptoRng, RngCore};
use serde_json::{Value, json};
use sha1::Digest as _;
use uuid::Uuid;
use xieguan::domain::answer::{PartValue, Sheet};
use xieguan::domain::confidential::Secret;
use xieguan::domain::document::{DocumentKind, DocumentName};
use xieguan::domain::finding::findings;
use xieguan::domain::id::{BureauId, DeviceId, Digest, Epoch, SiteId};
use xieguan::domain::new_site::{self, NewSite};
use xieguan::domain::report::{Outcome, report};
use xieguan::domain::seal::{PublicKey, Purpose, canonical, public_key, sign, verify};
use xieguan::domain::site::Site;
use xieguan::wire::enrolment::EnrolRequest;
use xieguan::wire::failure::{Code, Facts};
use xieguan::wire::pins::{Pins, SignedPins};
use xieguan::wire::receipt::{Held, Receipt, ReceiptKind, SignedReceipt};
use xieguan::wire::sealed::SealedDocument;
use xieguan::wire::sidecar::{open_secrets, seal_secrets, sealing_public_key};
use xieguan::wire::tus;

use crate::support::clients::{python, run};
use crate::support::records;

const DEVICE_SEED: [u8; 32] = [1; 32];
const DEVICE_SECRET: [u8; 32] = [2; 32];
const BUREAU_SEED: [u8; 32] = [3; 32];
const BUREAU_SECRET: [u8; 32] = [4; 32];
const EPHEMERAL: [u8; 32] = [5; 32];
const CONTENT: &str = "the bytes of a photo";
const CODE: &str = "abcd-efgh";

fn docs(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file)
}

fn device() -> DeviceId {
    DeviceId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00d1))
}

fn bureau() -> BureauId {
    BureauId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00b1))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// “Randomness” that is always the same, so that a sealed box can be made again.
struct Fixed([u8; 32]);

impl RngCore for Fixed {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes([self.0[0]; 4])
    }
    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes([self.0[0]; 8])
    }
    fn fill_bytes(&mut self, to: &mut [u8]) {
        for (byte, fixed) in to.iter_mut().zip(self.0.iter().cycle()) {
            *byte = *fixed;
        }
    }
    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(to);
        Ok(())
    }
}

impl CryptoRng for Fixed {}

fn secrets() -> Vec<Secret> {
    vec![Secret {
        item: "IM-15".to_owned(),
        part: "informant".to_owned(),
        salt: *b"sixteen bytes ok",
        text: "示例 000-0000-0001".to_owned(),
    }]
}

/// Small documents of each kind, as this version writes them.
fn documents() -> Vec<(DocumentName, String)> {
    let facts = records::finishing(bureau(), device());
    let mut serious = records::draft(records::serious_sheet());
    serious.guidance = "请把蓄水池盖好并上锁。".to_owned();
    let reported = report(&serious, &records::reporting(1), &facts, &records::library());
    let mut reported = reported.unwrap();
    reported.attempts = vec![records::attempt(Outcome::NoAnswer)];

    let mut sheet = Sheet::new(records::shipped("ILLEGAL_PRACTICE").0);
    sheet.answers.insert("IM-01".to_owned(), records::answer(&[("place", records::one("clinic"))]));
    let digest = secrets()[0].digest();
    sheet
        .answers
        .insert("IM-15".to_owned(), records::answer(&[("informant", PartValue::Confidential { digest })]));
    let inspection = records::draft(sheet).finish(facts.clone(), &records::library());
    let site = Site {
        id: SiteId(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00a2)),
        name: String::new(),
        nickname: "村口的水窖".to_owned(),
        kinds: vec!["WATER_RURAL".to_owned()],
        address: "示例镇石桥村口".to_owned(),
        township: inspection.site.township.clone(),
        place: inspection.site.place,
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    };
    let made = NewSite {
        schema: new_site::SCHEMA,
        revision: 1,
        parent: None,
        bureau: bureau(),
        site,
        made_at: records::moment(),
        fix: inspection.fixes.first().cloned(),
        clock: facts.clock,
        coordinators: inspection.coordinators.clone(),
        device: device(),
        app_version: "0.1.0".to_owned(),
    };
    vec![
        (DocumentName::new(DocumentKind::Inspection, inspection.id, 1), canonical(&inspection).unwrap()),
        (DocumentName::new(DocumentKind::Report, reported.id, 1), canonical(&reported).unwrap()),
        (DocumentName::new(DocumentKind::Site, made.site.id, 1), canonical(&made).unwrap()),
    ]
}

fn signed(purpose: &str, text: &str) -> String {
    hex(&[purpose.as_bytes(), b"\n", &Digest::of(text.as_bytes()).0].concat())
}

fn vectors() -> Value {
    let (phone, office) = (SigningKey::from_bytes(&DEVICE_SEED), SigningKey::from_bytes(&BUREAU_SEED));
    let bureau_key = sealing_public_key(&BUREAU_SECRET);
    let sealed = seal_secrets(&secrets(), &bureau_key, &mut Fixed(EPHEMERAL)).unwrap().unwrap();
    let plain = serde_json::to_string(&secrets()).unwrap();
    let documents = documents();
    let seals = documents.iter().enumerate().map(|(n, (name, text))| {
        let sidecar = (n == 0).then(|| sealed.clone());
        let envelope = SealedDocument::seal(text.clone(), device(), &phone, sidecar);
        json!({
            "kind": name.kind.plural(),
            "path": name.path(),
            "sha256": envelope.digest(),
            "signed": signed("xieguan document seal v1", text),
            "envelope": envelope,
        })
    });
    let first = Digest::of(documents[0].1.as_bytes());
    let receipts = [(ReceiptKind::Record, 1), (ReceiptKind::Complete, 2)].map(|(kind, sequence)| {
        let receipt = Receipt {
            kind,
            document: first,
            inspection: documents[0].0.id,
            revision: 1,
            number: "2026-000001".to_owned(),
            received_at: records::moment() + chrono::Duration::minutes(30),
            sequence,
            bureau: bureau(),
            epoch: Epoch(Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_00e1)),
        };
        let signed_receipt = receipt.sign(&office).unwrap();
        let over = signed("xieguan bureau receipt v1", &signed_receipt.receipt);
        json!({ "kind": kind, "signed": over, "signed_receipt": signed_receipt })
    });
    let request = EnrolRequest {
        code: CODE.to_owned(),
        device: device(),
        signing_key: public_key(&phone),
        sealing_key: sealing_public_key(&DEVICE_SECRET),
        proof: sign(&phone, Purpose::Enrolment, &EnrolRequest::proven(CODE, device())),
        app_version: "0.1.0".to_owned(),
    };
    let held = [(first, false), (first, true)];
    let photo = Digest::of(CONTENT.as_bytes());
    json!({
        "about": "Test vectors of docs/protocol.md. Seeds and secrets are hex, keys and signatures base64.",
        "keys": {
            "device": {
                "id": device(),
                "signing_seed": hex(&DEVICE_SEED),
                "signing_key": public_key(&phone),
                "sealing_secret": hex(&DEVICE_SECRET),
                "sealing_key": sealing_public_key(&DEVICE_SECRET),
            },
            "bureau": {
                "id": bureau(),
                "signing_seed": hex(&BUREAU_SEED),
                "signing_key": public_key(&office),
                "sealing_secret": hex(&BUREAU_SECRET),
                "sealing_key": bureau_key,
            },
        },
        "enrolment": {
            "proven": String::from_utf8(EnrolRequest::proven(CODE, device())).unwrap(),
            "request": request,
        },
        "seals": seals.collect::<Vec<_>>(),
        "receipts": receipts,
        "held": {
            "receipts": held.map(|(document, complete)| json!({ "document": document, "complete": u8::from(complete) })),
            "digest": Held::of(held).digest,
        },
        "sidecar": {
            "plain": plain,
            "plain_sha256": Digest::of(plain.as_bytes()),
            "ephemeral_secret": hex(&EPHEMERAL),
            "sealed": sealed,
            "digests": secrets().iter().map(Secret::digest).collect::<Vec<_>>(),
        },
        "certificates": certificates(&office),
        "findings": judged(),
        "upload": {
            "content": CONTENT,
            "sha256": photo,
            "metadata": tus::encode_metadata(&[("sha256", &photo.to_string())]),
            "checksums": {
                "sha1": format!("sha1 {}", STANDARD.encode(sha1::Sha1::digest(CONTENT))),
                "sha256": tus::encode_checksum(&photo.0),
            },
        },
    })
}

fn certificates(office: &SigningKey) -> Value {
    let certificates = vec![Digest::of(b"in use"), Digest::of(b"next")];
    let signed_pins = Pins { bureau: bureau(), sequence: 2, certificates }.sign(office).unwrap();
    json!({ "signed": signed("xieguan bureau certificates v1", &signed_pins.pins), "signed_pins": signed_pins })
}

fn judged() -> Vec<Value> {
    let mut chlorine = records::compliant_sheet();
    chlorine.answers.insert("WR-14".to_owned(), records::answer(&[("value", records::number("0.030"))]));
    let sheets = [records::compliant_sheet(), records::serious_sheet(), chlorine];
    let judged = sheets.map(|sheet| {
        let found = findings(&records::water_rural().1, &sheet, records::day());
        json!({ "sheet": sheet, "day": records::day(), "findings": found })
    });
    judged.into()
}

fn read() -> Value {
    let path = docs("protocol-vectors.json");
    if std::env::var("XIEGUAN_VECTORS").as_deref() == Ok("write") {
        fs::write(&path, serde_json::to_string_pretty(&vectors()).unwrap() + "\n").unwrap();
    }
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn parsed<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn the_vectors_fit_our_code_and_are_made_by_it_again() {
    let given = read();
    let key: PublicKey = parsed(&given["keys"]["device"]["signing_key"]);
    let phone = SigningKey::from_bytes(&DEVICE_SEED);
    let seals = given["seals"].as_array().unwrap();
    assert_eq!(seals.len(), DocumentKind::ALL.len());
    for vector in seals {
        let envelope: SealedDocument = parsed(&vector["envelope"]);
        let kind = DocumentKind::ALL.into_iter().find(|kind| kind.plural() == vector["kind"]).unwrap();
        let opened = envelope.open_as(kind, &key).unwrap();
        assert_eq!(
            (opened.name().path().as_str(), opened.device()),
            (vector["path"].as_str().unwrap(), device())
        );
        assert_eq!(envelope.digest().to_string(), vector["sha256"]);
        let again =
            SealedDocument::seal(envelope.document.clone(), device(), &phone, envelope.sidecar.clone());
        assert_eq!(again, envelope);
    }
    let first = parsed::<SealedDocument>(&seals[0]["envelope"]);
    let office: PublicKey = parsed(&given["keys"]["bureau"]["signing_key"]);
    for vector in given["receipts"].as_array().unwrap() {
        let sealed: SignedReceipt = parsed(&vector["signed_receipt"]);
        let receipt = sealed.open_for(&office, first.digest()).unwrap();
        assert_eq!(receipt.sign(&SigningKey::from_bytes(&BUREAU_SEED)).unwrap(), sealed);
    }
    let request: EnrolRequest = parsed(&given["enrolment"]["request"]);
    let proven = EnrolRequest::proven(&request.code, request.device);
    verify(&request.signing_key, Purpose::Enrolment, &proven, &request.proof).unwrap();

    let statement: SignedPins = parsed(&given["certificates"]["signed_pins"]);
    assert_eq!(statement.open(&office, bureau()).unwrap().sequence, 2);

    let sealed = given["sidecar"]["sealed"].as_str().unwrap();
    assert_eq!(first.sidecar.as_deref(), Some(sealed));
    assert!(open_secrets(&BUREAU_SECRET, sealed).unwrap() == secrets());
    let again = seal_secrets(&secrets(), &sealing_public_key(&BUREAU_SECRET), &mut Fixed(EPHEMERAL));
    assert_eq!(again.unwrap().as_deref(), Some(sealed));

    // Everything that is no document is made anew and is the same; documents may gain fields.
    let made = vectors();
    for name in ["keys", "enrolment", "sidecar", "certificates", "findings", "upload"] {
        assert_eq!(given[name], made[name], "{name}");
    }
}

#[tokio::test]
async fn the_vectors_fit_libsodium() {
    let mut command = python("vectors.py");
    command.arg(docs("protocol-vectors.json")).arg(docs("../assets/checklists"));
    assert_eq!(run(command, Vec::new()).await.unwrap(), "all vectors fit\n");
}

#[test]
fn the_protocol_page_lists_exactly_the_failures_there_are() {
    let page = fs::read_to_string(docs("protocol.md")).unwrap();
    let listed: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("| `") && (line.contains("` | 4") || line.contains("` | 5")))
        .collect();
    let rows = Code::ALL.map(|code| {
        let Facts { name, status, title, next } = code.facts();
        format!("| `{name}` | {status} | {title} | {next} |")
    });
    assert_eq!(listed, rows, "on the left the page, on the right what it should say:\n{}\n", rows.join("\n"));
    for word in [tus::EXTENSIONS, tus::OFFSET_OCTET_STREAM, "protocol-vectors.json", "/v1/openapi.json"] {
        assert!(page.contains(word), "{word}");
    }
}
