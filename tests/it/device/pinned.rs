//! A bureau with a certificate of its own: enrolment by its QR code, and a phone that missed a change.

use std::path::Path;

use xieguan::device::{Device, EnrolError, Error, Ticket};
use xieguan::domain::inspection::Origin;

use super::enrol::start;
use super::{Phone, fill};
use crate::support::records;
use crate::support::served::{Served, county, said};

/// What the QR code of a new code says.
async fn ticket(device: &Device, folder: &Path, base: &str) -> Ticket {
    let to = tempfile::tempdir().unwrap();
    said("enrol", folder, &["--address", base, "--qr", to.path().to_str().unwrap()]);
    let file = std::fs::read_dir(to.path()).unwrap().next().unwrap().unwrap().path();
    device.read_ticket(std::fs::read(file).unwrap()).await.unwrap()
}

async fn enrol(device: &Device, ticket: &Ticket) -> Result<(), Error> {
    device.enrol_pinned(&ticket.address, &ticket.code, ticket.certificate()).await.map(drop)
}

#[tokio::test]
async fn a_qr_code_pins_the_certificate_and_a_typed_address_alone_does_not_spend_the_code() {
    let folder = county();
    let served = Served::start(folder.path(), &["--self-signed"]);
    let phone = Phone::new();
    let device = start(&phone).await;
    let ticket = ticket(&device, folder.path(), &served.base).await;
    assert_eq!(ticket.certificate(), served.fingerprint);
    let typed = device.enrol(&ticket.address, &ticket.code).await;
    assert!(matches!(typed, Err(Error::Enrol(EnrolError::Certificate(_)))), "{typed:?}");
    enrol(&device, &ticket).await.unwrap();
    let pins: Vec<_> = served.fingerprint.into_iter().collect();
    assert_eq!(device.profile().await.unwrap().unwrap().pins, pins);
    assert!(!device.sites("", 5).await.unwrap().is_empty(), "the sites came the encrypted way");
    device.close().await;

    let device = start(&phone).await;
    assert_eq!(device.profile().await.unwrap().unwrap().pins, pins);
    device.retry().await.unwrap();
    let mut standing = device.standing();
    standing.wait_for(|standing| standing.contact_ms.is_some()).await.unwrap();
    // A code typed later for the same address is under the same pin.
    let again = said("enrol", folder.path(), &["--json"]);
    let again: Vec<xieguan::wire::enrolment::EnrolmentCode> = serde_json::from_str(&again).unwrap();
    device.enrol(&ticket.address, &again[0].code).await.unwrap();
    assert_eq!(device.profile().await.unwrap().unwrap().pins, pins);
}

#[tokio::test]
async fn a_phone_that_missed_the_change_keeps_its_work_and_sends_it_after_a_new_qr_code() {
    let folder = county();
    let served = Served::start(folder.path(), &["--self-signed"]);
    let phone = Phone::new();
    let device = start(&phone).await;
    let first = ticket(&device, folder.path(), &served.base).await;
    enrol(&device, &first).await.unwrap();
    device.pause(true).await.unwrap();
    let site = device.sites("供水", 1).await.unwrap().remove(0).id;
    let (checklist, _) = records::water_rural();
    let visit = device.start_visit(site, &[checklist], Origin::Routine).await.unwrap();
    fill(&device, visit, &phone.clock).await;
    device.finish(visit).await.unwrap();
    device.close().await;

    said("rotate-certificate", folder.path(), &[]);
    said("rotate-certificate", folder.path(), &["--switch", "--anyway"]);
    drop(served);
    let served = Served::start(folder.path(), &["--self-signed"]);
    assert_ne!(served.fingerprint, first.certificate());
    let device = start(&phone).await;
    let second = ticket(&device, folder.path(), &served.base).await;
    // The same machine on another port: only the certificate tells it from anybody's.
    let stranger = device.enrol_pinned(&second.address, &second.code, first.certificate()).await;
    assert!(matches!(stranger, Err(Error::Enrol(EnrolError::Certificate(_)))), "{stranger:?}");
    assert_eq!(device.documents().await.unwrap().len(), 1);
    enrol(&device, &second).await.unwrap();
    device.pause(false).await.unwrap();
    let mut changes = device.changes();
    while device.documents().await.unwrap()[0].complete_receipt.is_none() {
        changes.changed().await.unwrap();
    }
}

#[tokio::test]
async fn a_new_enrolment_in_the_middle_of_a_rotation_forgets_no_certificate() {
    let folder = county();
    let served = Served::start(folder.path(), &["--self-signed"]);
    let phone = Phone::new();
    let device = start(&phone).await;
    enrol(&device, &ticket(&device, folder.path(), &served.base).await).await.unwrap();
    let told = said("rotate-certificate", folder.path(), &[]);
    let next = told.lines().next().unwrap().strip_prefix("next fingerprint: ").unwrap().parse().unwrap();
    let pins = vec![served.fingerprint.unwrap(), next];
    let mut changes = device.changes();
    device.retry().await.unwrap();
    while device.profile().await.unwrap().unwrap().pins != pins {
        changes.changed().await.unwrap();
    }
    let again = ticket(&device, folder.path(), &served.base).await;
    // No pull can bring it back while the enrolment is not over.
    let (address, certificate) = (again.address.clone(), again.certificate());
    let profile = device.enrol_pinned(&address, &again.code, certificate).await.unwrap();
    assert_eq!(profile.pins, pins, "the QR code names the old one only");
}
