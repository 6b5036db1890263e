//! The encrypted way between phone and bureau: the real program, its own certificate and ordinary ones, impostors.

#![expect(clippy::unwrap_used, reason = "helpers of tests; a test that cannot go on says where")]

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::ring::default_provider;
use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ProtocolVersion, RootCertStore, ServerConfig, SupportedProtocolVersion};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::domain::id::Digest;
use xieguan::domain::seal::{Purpose, public_key, sign};
use xieguan::store::outbox::OutboxKind;
use xieguan::sync::client::{CallError, Client};
use xieguan::sync::pins;
use xieguan::wire::api::BureauApi as _;
use xieguan::wire::enrolment::EnrolRequest;
use xieguan::wire::sidecar::sealing_public_key;

use crate::support::phone::{Enrolment, Phone, until};
use crate::support::served::{Served, bureau, code, county, run, said};
use crate::support::trouble::{Mode, Trouble};

fn request(phone: &Phone, code: &str) -> EnrolRequest {
    EnrolRequest {
        code: code.to_owned(),
        device: phone.device,
        signing_key: public_key(&phone.key),
        sealing_key: sealing_public_key(&[4; 32]),
        proof: sign(&phone.key, Purpose::Enrolment, &EnrolRequest::proven(code, phone.device)),
        app_version: "0.1.0".to_owned(),
    }
}

fn pinned(base: &str, certificate: Digest) -> Client {
    Client::new(base, Some("token")).unwrap().pinned(vec![certificate]).unwrap()
}

/// Whether the other end is taken for the bureau; an answer of any kind proves it.
async fn believes(client: &Client) -> bool {
    match client.changes(None).await {
        Err(CallError::Later(later)) if later.code.is_none() => {
            assert!(later.stranger, "{later:?}");
            false
        }
        _ => true,
    }
}

/// Somebody else's server: counts what it could read of what phones would tell it.
struct Impostor {
    address: SocketAddr,
    certificate: Digest,
    read: JoinHandle<(usize, usize)>,
}

impl Impostor {
    /// Takes one connection.
    async fn waits() -> Self {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let certificate = Digest::of(made.cert.der());
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let read = tokio::spawn(async move {
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let (stream, _) = listener.accept().await.unwrap();
            let Ok(mut stream) = acceptor.accept(stream).await else { return (0, 0) };
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes).await;
            (1, bytes.len())
        });
        Self { address, certificate, read }
    }
}

#[tokio::test]
async fn a_phone_believes_the_pinned_certificate_and_tells_an_impostor_nothing() {
    let folder = county();
    let served = Served::start(folder.path(), &["--self-signed"]);
    let certificate = served.fingerprint.unwrap();
    assert!(believes(&pinned(&served.base, certificate)).await);
    assert!(!believes(&pinned(&served.base, Digest::of(b"another"))).await);
    assert!(!believes(&Client::new(&served.base, Some("token")).unwrap()).await, "nor an ordinary client");

    for pin in [Some(certificate), None] {
        let impostor = Impostor::waits().await;
        let base = format!("https://{}", impostor.address);
        let client = Client::new(&base, Some("secret-token")).unwrap();
        let client = client.pinned(pin.into_iter().collect()).unwrap();
        assert!(!believes(&client).await);
        assert_eq!(client.bytes_sent(), 0, "{pin:?}");
        drop(client);
        let (_, bytes) = impostor.read.await.unwrap();
        assert_eq!(bytes, 0, "an impostor read something: {pin:?}");
    }
    // The same server would have read the request of a phone that had pinned it.
    let impostor = Impostor::waits().await;
    let client = pinned(&format!("https://{}", impostor.address), impostor.certificate);
    let asked =
        tokio::spawn(async move { client.with_patience(Duration::from_millis(300)).changes(None).await });
    let _ = asked.await.unwrap();
    let (shaken, bytes) = impostor.read.await.unwrap();
    assert!(shaken == 1 && bytes > 50, "{bytes}");
}

#[cfg(unix)]
#[tokio::test]
async fn key_and_certificate_are_made_once_and_only_their_owner_reads_them() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = county();
    let first = Served::start(folder.path(), &["--self-signed"]).fingerprint;
    assert_eq!(Served::start(folder.path(), &["--self-signed"]).fingerprint, first);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let file = folder.path().join("tls/current.pem");
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
}

#[test]
fn cleartext_beyond_loopback_is_refused_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run("serve", folder.path(), &["--listen", "0.0.0.0:0"]);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("--self-signed"), "{words}");
    let demo = county();
    let refused = run("serve", demo.path(), &["--listen", "0.0.0.0:0", "--self-signed"]);
    assert!(!refused.status.success(), "a demo bureau stays at home");
    let no = run("serve", folder.path(), &["--tls-cert", "none.pem", "--tls-key", "none.pem"]);
    let words = String::from_utf8(no.stderr).unwrap();
    assert!(words.contains("none.pem cannot be read"), "{words}");
    let none = run("rotate-certificate", demo.path(), &[]);
    let words = String::from_utf8(none.stderr).unwrap();
    assert!(words.contains("no certificate of its own"), "{words}");
}

#[tokio::test]
async fn a_later_word_about_certificates_counts_also_after_the_clock_was_set_back() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
    let identity = &storage.identity().public;
    let (first, second) = (Digest::of(b"first"), Digest::of(b"second"));
    assert_eq!(storage.announced_certificates().await.unwrap(), None);
    let mut last = 0;
    let words = [(vec![first], 9_000, true), (vec![first], 9_500, false), (vec![first, second], 50, true)];
    for (certificates, now_ms, is_news) in words {
        let told = storage.announce_certificates(certificates.clone(), now_ms).await.unwrap();
        assert_eq!(told, is_news, "{certificates:?}");
        let signed = storage.change_settings(now_ms, |_| ()).await.unwrap().certificates.unwrap();
        let said = signed.open(&identity.signing_key, identity.id).unwrap();
        assert_eq!(said.certificates, certificates);
        assert_eq!(said.sequence > last, is_news, "{} after {last}", said.sequence);
        last = said.sequence;
    }
    storage.close();
}

/// Waits for what comes within seconds.
async fn soon(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let began = Instant::now();
    while !is().await {
        assert!(began.elapsed() < Duration::from_secs(60), "{what} never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn a_certificate_changes_in_the_middle_of_an_upload_and_nothing_is_sent_again() {
    let folder = county();
    let served = Served::start(folder.path(), &["--self-signed"]);
    let old = served.fingerprint.unwrap();
    let link = Trouble::to(served.address()).await;
    let base = link.url().replace("http://", "https://");
    let phone = Phone::new();
    let enrolled = pinned(&base, old).enrol(&request(&phone, &code(folder.path()))).await.unwrap();
    let enrolment = Enrolment {
        bureau: enrolled.bureau.id,
        bureau_key: enrolled.bureau.signing_key,
        token: enrolled.token,
    };
    let (name, value) = pins::setting(vec![old]).unwrap();
    phone.store().put_setting(name, value.as_deref()).unwrap();
    let (_, needed) = phone.finish(enrolment.bureau, &[(30_000, 4_000_000)]);
    let client = Phone::hasty(&base, &enrolment).pinned(vec![old]).unwrap();
    let pins = || pins::pinned(&phone.store()).unwrap();

    let breaks_after = async |bytes: u64| {
        soon("so many bytes", async || link.bytes_up() >= bytes).await;
        link.set(Mode::Reset);
    };
    let goal = link.bytes_up() + 500_000;
    link.set(Mode::StallAt(goal));
    let worker = phone.worker(client.clone(), &enrolment);
    breaks_after(goal).await;
    until(&worker, |standing| standing.waiting.is_some()).await;
    let kinds: Vec<_> = phone.store().outbox().unwrap().iter().map(|row| row.kind).collect();
    assert_eq!(kinds, [OutboxKind::Original]);

    let told = said("rotate-certificate", folder.path(), &[]);
    let next: Digest =
        told.lines().next().unwrap().strip_prefix("next fingerprint: ").unwrap().parse().unwrap();
    let goal = link.bytes_up() + 500_000;
    link.set(Mode::StallAt(goal));
    phone.retry(&worker);
    soon("the next pin", async || pins() == [old, next]).await;
    breaks_after(goal).await;
    until(&worker, |standing| standing.waiting.is_some()).await;
    assert!(phone.record().complete_receipt.is_none());

    // The phone knows it, and could not say so yet.
    let refused = run("rotate-certificate", folder.path(), &["--switch"]);
    let words = String::from_utf8(refused.stderr).unwrap();
    assert!(!refused.status.success() && words.contains("1 of 1 phones do not know"), "{words}");
    said("rotate-certificate", folder.path(), &["--switch", "--anyway"]);
    served.hang_up();
    soon("the next certificate", async || believes(&pinned(&served.base, next)).await).await;
    assert!(!believes(&pinned(&served.base, old)).await);
    link.set(Mode::Pass);
    phone.retry(&worker);
    let last = until(&worker, |standing| standing.idle).await;
    assert!(!last.stranger && phone.record().complete_receipt.is_some());
    soon("the end of the old pin", async || {
        worker.wake();
        pins() == [next]
    })
    .await;
    let sent = client.bytes_sent();
    assert!(sent < needed + 600_000, "{sent} for {needed}");
}

/// A county's own roots, and certificates by them.
struct Roots(CertifiedIssuer<'static, KeyPair>);

impl Roots {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes a certificate for this name into these files; its fingerprint.
    fn write(&self, name: &str, certificate: &Path, key: &Path) -> Digest {
        let own = KeyPair::generate().unwrap();
        let made = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&own, &self.0).unwrap();
        fs::write(key, own.serialize_pem()).unwrap();
        fs::write(certificate, made.pem()).unwrap();
        Digest::of(made.der())
    }

    fn der(&self) -> Vec<u8> {
        self.0.der().to_vec()
    }
}

#[tokio::test]
async fn an_ordinary_certificate_is_believed_by_its_roots_and_its_name_and_read_again_when_it_changes() {
    let (folder, roots) = (county(), Roots::new());
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    let first = roots.write("127.0.0.1", &certificate, &key);
    let paths = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let log = folder.path().join("log");
    let mut serve = bureau("serve", folder.path(), &["--listen", "127.0.0.1:0"]);
    serve.args(paths);
    let served = Served::start_logging(serve, File::create(&log).unwrap());
    assert_eq!(served.fingerprint, Some(first));
    let by = |roots: &Roots| {
        Client::new(&served.base, Some("token")).unwrap().with_roots(vec![roots.der()]).unwrap()
    };
    assert!(believes(&by(&roots)).await);
    assert!(!believes(&by(&Roots::new())).await, "other roots");
    assert!(!believes(&Client::new(&served.base, None).unwrap()).await, "the public roots");
    assert!(!believes(&pinned(&served.base, Digest::of(b"another"))).await, "a pinned phone");

    // A key that is not the certificate's is passed over, and the old pair goes on being shown.
    let whole = fs::read(&key).unwrap();
    fs::write(&key, KeyPair::generate().unwrap().serialize_pem()).unwrap();
    served.hang_up();
    let passed_over = async || fs::read_to_string(&log).unwrap().contains("the certificate stays as it was");
    soon("a look at the wrong key", passed_over).await;
    assert!(believes(&by(&roots)).await);
    fs::write(&key, whole).unwrap();

    let second = roots.write("127.0.0.1", &certificate, &key);
    served.hang_up();
    soon("the new certificate", async || believes(&pinned(&served.base, second)).await).await;
    assert!(believes(&by(&roots)).await);
    roots.write("bureau.example", &certificate, &key);
    served.hang_up();
    soon("the other name", async || !believes(&by(&roots)).await).await;
}

async fn shake(
    address: SocketAddr,
    roots: &Roots,
    version: &'static SupportedProtocolVersion,
) -> ProtocolVersion {
    let mut store = RootCertStore::empty();
    store.add(roots.der().into()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(&[version])
        .unwrap()
        .with_root_certificates(store)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let ask = "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n";
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    stream.get_ref().1.protocol_version().unwrap()
}

#[tokio::test]
async fn both_versions_are_spoken_and_who_never_shakes_hands_holds_up_nobody() {
    let (folder, roots) = (county(), Roots::new());
    let (certificate, key) = (folder.path().join("c.pem"), folder.path().join("k.pem"));
    roots.write("127.0.0.1", &certificate, &key);
    let paths = ["--tls-cert", certificate.to_str().unwrap(), "--tls-key", key.to_str().unwrap()];
    let served = Served::start(folder.path(), &paths);
    let mut silent = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(served.address()).await.unwrap();
        stream.write_all(&[22, 3]).await.unwrap();
        silent.push(stream);
    }
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        assert_eq!(shake(served.address(), &roots, version).await, version.version);
    }
    let mut clear = TcpStream::connect(served.address()).await.unwrap();
    clear.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = clear.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"), "cleartext got an answer");
}
