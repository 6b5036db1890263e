//! The bureau's certificate: an ordinary one from files, or one made here; shown to phones, read again when it changes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::crypto::ring::default_provider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::Notify;

use crate::domain::id::Digest;

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(2);

/// Where certificate (with its chain) and key stand; may be one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The certificate and those it depends on, PEM.
    pub certificate: PathBuf,
    /// Its key, PEM.
    pub key: PathBuf,
}

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadCertificate {
    /// A file cannot be read.
    #[error("{0} cannot be read: {1}")]
    File(PathBuf, io::Error),
    /// No certificate or no key is in it.
    #[error("{0} holds no PEM of a certificate or key: {1}")]
    Pem(PathBuf, String),
    /// The key is not the certificate's, or of a kind that is not spoken.
    #[error("certificate and key cannot be used: {0}")]
    Pair(rustls::Error),
}

/// The certificate as it is shown; clones of the `Arc` see a change.
#[derive(Debug)]
pub struct Certificates {
    source: Source,
    shown: RwLock<Arc<CertifiedKey>>,
    /// The files as they were when what is shown was read.
    read_at: Mutex<Stamp>,
}

/// When the files were written, and how long they were.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Certificates {
    /// Reads the files. Blocking.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn open(source: Source) -> Result<Self, BadCertificate> {
        let stamp = stamp(&source);
        let shown = RwLock::new(Arc::new(read(&source)?));
        Ok(Self { source, shown, read_at: Mutex::new(stamp) })
    }

    /// SHA-256 of the certificate shown.
    pub fn fingerprint(&self) -> Option<Digest> {
        self.shown().cert.first().map(|certificate| Digest::of(certificate))
    }

    /// Reads the files again if they have changed; `true` when another certificate is shown from now on. One that
    /// cannot be used leaves the old one, and is tried again: who may read a file changes without a mark on it. Blocking.
    ///
    /// # Errors
    /// [`BadCertificate`].
    pub fn read_again(&self) -> Result<bool, BadCertificate> {
        let mut read_at = self.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = stamp(&self.source);
        if *read_at == now {
            return Ok(false);
        }
        let fresh = read(&self.source)?;
        *read_at = now;
        let other = fresh.cert.first() != self.shown().cert.first();
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(fresh);
        Ok(other)
    }

    /// TLS 1.2 and 1.3 as the bureau speaks it.
    pub(super) fn config(self: &Arc<Self>) -> ServerConfig {
        let shown: Arc<dyn ResolvesServerCert> = Arc::clone(self) as _;
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring offers the cipher suites of TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(shown);
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config
    }

    /// Looks at the files until it is dropped; `told` wakes it before its time.
    pub async fn keep_fresh(self: Arc<Self>, told: Arc<Notify>) {
        // A failure is told once, not every time it is looked.
        let mut told_of = None;
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = told.notified() => {}
            }
            let own = Arc::clone(&self);
            let failure = match tokio::task::spawn_blocking(move || own.read_again()).await {
                Ok(Ok(other)) => {
                    if other {
                        tracing::info!("another certificate is shown from now on");
                    }
                    None
                }
                Ok(Err(error)) => Some(error.to_string()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(error) = failure.as_ref().filter(|_| failure != told_of) {
                tracing::error!(%error, "the certificate stays as it was");
            }
            told_of = failure;
        }
    }

    fn shown(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.shown())
    }
}

fn stamp(source: &Source) -> Stamp {
    let of = |path: &Path| {
        let meta = fs::metadata(path).ok()?;
        Some((meta.modified().ok()?, meta.len()))
    };
    [of(&source.certificate), of(&source.key)]
}

fn read(source: &Source) -> Result<CertifiedKey, BadCertificate> {
    let text = |path: &Path| fs::read(path).map_err(|error| BadCertificate::File(path.to_owned(), error));
    let bad = |path: &Path, error: String| BadCertificate::Pem(path.to_owned(), error);
    let (certificate, key) = (text(&source.certificate)?, text(&source.key)?);
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&certificate)
        .collect::<Result<_, _>>()
        .map_err(|error| bad(&source.certificate, error.to_string()))?;
    if chain.is_empty() {
        return Err(bad(&source.certificate, "no certificate".to_owned()));
    }
    let key = PrivateKeyDer::from_pem_slice(&key).map_err(|error| bad(&source.key, error.to_string()))?;
    CertifiedKey::from_der(chain, key, &default_provider()).map_err(BadCertificate::Pair)
}

/// SHA-256 of the first certificate in a PEM file. Blocking.
///
/// # Errors
/// [`BadCertificate`].
pub fn fingerprint(path: &Path) -> Result<Digest, BadCertificate> {
    let text = fs::read(path).map_err(|error| BadCertificate::File(path.to_owned(), error))?;
    let certificate = CertificateDer::from_pem_slice(&text)
        .map_err(|error| BadCertificate::Pem(path.to_owned(), error.to_string()))?;
    Ok(Digest::of(&certificate))
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::super::self_signed::SelfSigned;
    use super::*;

    #[test]
    fn a_certificate_that_cannot_be_read_is_tried_again_without_a_mark_that_it_can() {
        let folder = tempfile::tempdir().unwrap();
        let own = SelfSigned::of(folder.path());
        let source = own.require().unwrap();
        let certificates = Certificates::open(source.clone()).unwrap();
        let old = certificates.fingerprint();
        let next = own.make_next().unwrap();
        own.switch().unwrap();
        let whole = fs::read(&source.key).unwrap();
        let at = SystemTime::now() + Duration::from_secs(60);
        let put = |bytes: &[u8]| {
            fs::write(&source.key, bytes).unwrap();
            File::options().write(true).open(&source.key).unwrap().set_modified(at).unwrap();
        };
        // As good as unreadable: a root that runs tests reads everything.
        put(&vec![b'-'; whole.len()]);
        assert!(certificates.read_again().is_err() && certificates.read_again().is_err());
        assert_eq!(certificates.fingerprint(), old);
        put(&whole);
        assert!(certificates.read_again().unwrap());
        assert_eq!(certificates.fingerprint(), Some(next));
        assert!(!certificates.read_again().unwrap());
    }
}
