//! Whom the phone believes to be the bureau: an ordinary certificate by the public roots, or exactly the pinned ones.
//!
//! Our own roots and provider: no platform verifier, which on Android would need the app's JVM.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::domain::id::Digest;

/// Clones share the pins: a rotation reaches every client of the enrolment.
#[derive(Clone, Debug)]
pub(super) enum Trust {
    /// Any certificate that leads to one of these roots, has the host's name and has not ended.
    Roots(Arc<RootCertStore>),
    /// One of these certificates (SHA-256 of its DER) and no other, whatever name and dates are in it: a phone's
    /// clock may be wrong, and a county without a domain has no name.
    Pinned(Arc<RwLock<Vec<Digest>>>),
}

impl Trust {
    /// The public roots.
    pub(super) fn public() -> Self {
        Self::Roots(Arc::new(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() }))
    }

    /// These roots; none when one of them is no certificate.
    pub(super) fn by_roots(roots: Vec<Vec<u8>>) -> Option<Self> {
        let mut store = RootCertStore::empty();
        roots.into_iter().try_for_each(|root| store.add(root.into())).ok()?;
        Some(Self::Roots(Arc::new(store)))
    }

    pub(super) fn pinned(pins: Vec<Digest>) -> Self {
        Self::Pinned(Arc::new(RwLock::new(pins)))
    }

    /// Other pins from now on, for new connections; nothing where none are pinned.
    pub(super) fn pin(&self, pins: Vec<Digest>) {
        if let Self::Pinned(pinned) = self {
            *pinned.write().unwrap_or_else(PoisonError::into_inner) = pins;
        }
    }

    /// TLS as the client speaks it.
    pub(super) fn config(&self) -> ClientConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .expect("ring offers the cipher suites of TLS 1.2 and 1.3");
        match self {
            Self::Roots(roots) => builder.with_root_certificates(Arc::clone(roots)).with_no_client_auth(),
            Self::Pinned(pins) => {
                let pinned = Pinned { pins: Arc::clone(pins), provider };
                let mut config = builder
                    .dangerous()
                    .with_custom_certificate_verifier(Arc::new(pinned))
                    .with_no_client_auth();
                // A resumed session is not verified again, and would outlive the pin that let it begin.
                config.resumption = Resumption::disabled();
                config
            }
        }
    }
}

#[derive(Debug)]
struct Pinned {
    pins: Arc<RwLock<Vec<Digest>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = Digest::of(end_entity);
        if self.pins.read().unwrap_or_else(PoisonError::into_inner).contains(&shown) {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    // That the other end holds the certificate's key is proven as ever.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
