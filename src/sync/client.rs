//! The bureau over HTTP: the phone's side of `wire::api`.
//!
//! It decides nothing about when; it takes no answer for the bureau's that does not name the bureau.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub use super::call_error::{CallError, Later};
use super::http::{Answer, Http, Lost, Request};
use super::trust::Trust;
use crate::domain::document::DocumentName;
use crate::domain::id::{BureauId, Digest, PhotoId};
use crate::wire::BUREAU_HEADER;
use crate::wire::api::{BureauApi, UploadPath};
use crate::wire::changes::{ChangesPage, Cursor};
use crate::wire::enrolment::{EnrolRequest, Enrolled, RescueKey};
use crate::wire::failure::Code;
use crate::wire::receipt::{ReceiptsPage, Stored};
use crate::wire::sealed::SealedDocument;
use crate::wire::tus;

/// A bureau's address with (after enrolment) this phone's token. Clones share connections and the byte count.
#[derive(Clone, Debug)]
pub struct Client {
    http: Http,
    base: Url,
    bearer: Option<HeaderValue>,
    bureau: Option<BureauId>,
}

/// The address cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// Not an http(s) address.
    #[error("not an http or https address")]
    NotHttp,
    /// Cleartext is allowed on loopback only.
    #[error("without encryption only this machine itself may be addressed")]
    Cleartext,
}

impl Client {
    /// A client for this address; `token` is absent before enrolment.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn new(base: &str, token: Option<&str>) -> Result<Self, BadAddress> {
        let base = address(base)?;
        // A token that is no header value was never a bureau's: without it, the bureau says “enrol”.
        let bearer = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
        let bearer = bearer.map(|mut bearer| {
            bearer.set_sensitive(true);
            bearer
        });
        let http = Http::new(Trust::public()).map_err(|_| BadAddress::NotHttp)?;
        Ok(Self { http, base, bearer, bureau: None })
    }

    /// Only these certificates (SHA-256 of the DER) are the bureau's from now on; with none, ordinary ones are.
    ///
    /// # Errors
    /// [`BadAddress`].
    pub fn pinned(self, pins: Vec<Digest>) -> Result<Self, BadAddress> {
        if pins.is_empty() { Ok(self) } else { self.trusting(Trust::pinned(pins)) }
    }

    /// Ordinary certificates, but by these roots (DER) in place of the public ones: a county with roots of its own.
    ///
    /// # Errors
    /// [`BadAddress`], also for a root that is none.
    pub fn with_roots(self, roots: Vec<Vec<u8>>) -> Result<Self, BadAddress> {
        self.trusting(Trust::by_roots(roots).ok_or(BadAddress::NotHttp)?)
    }

    fn trusting(mut self, trust: Trust) -> Result<Self, BadAddress> {
        let patience = self.http.patience();
        self.http = Http::new(trust).map_err(|_| BadAddress::NotHttp)?;
        self.http.set_patience(patience);
        Ok(self)
    }

    /// Other pins, also for clones; nothing where none are pinned.
    pub(super) fn pin(&self, pins: Vec<Digest>) {
        self.http.pin(pins);
    }

    /// Answers must be by this bureau from now on; any other's is as good as none.
    #[must_use]
    pub fn with_bureau(mut self, bureau: BureauId) -> Self {
        self.bureau = Some(bureau);
        self
    }

    /// How long a silent connection is waited for (thirty seconds unless told otherwise).
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.http.set_patience(patience);
        self
    }

    /// Bytes written to the network so far by this client and its clones: request lines, headers and bodies as
    /// HTTP/1.1 writes them, repeated attempts included. Not counted: TLS framing and handshakes. Of a broken
    /// connection, what was handed to it counts even if it was not written any more.
    pub fn bytes_sent(&self) -> u64 {
        self.http.bytes_sent()
    }

    /// One connection broke: others that rest are likely dead too, and their successors begin anew.
    pub(super) fn forget_connections(&self) {
        self.http.forget_connections();
    }

    /// One request; only a 2xx of our bureau comes back as an answer, with the bureau that gave it.
    async fn call(&self, request: Request) -> Result<(BureauId, Answer), CallError> {
        // A pooled connection may have died unnoticed. Except for a chunk (whose offset must be asked first)
        // every call may be made twice, so one break is not worth a back-off.
        let method = request.method.clone();
        let again = (method != Method::PATCH).then(|| request.clone());
        let answer = match (self.http.exchange(request).await, again) {
            (Err(Lost::Broken(_)), Some(request)) => self.http.exchange(request).await?,
            (answer, _) => answer?,
        };
        let bureau = self.signed_by(&answer)?;
        if !answer.status.is_success() {
            return Err(CallError::of(&answer));
        }
        if !means_done(&method, answer.status) {
            let status = answer.status;
            return Err(CallError::unreachable(format!("the bureau never answers {status} to {method}")));
        }
        Ok((bureau, answer))
    }

    fn signed_by(&self, answer: &Answer) -> Result<BureauId, CallError> {
        let named = answer.headers.get(BUREAU_HEADER).and_then(|id| id.to_str().ok()?.parse().ok());
        match named {
            None => Err(CallError::portal(format!("something else answered ({}): a portal?", answer.status))),
            Some(id) if self.bureau.is_some_and(|mine| mine != id) => {
                Err(CallError::unreachable(format!("another bureau answered: {id}")))
            }
            Some(id) => Ok(id),
        }
    }

    fn request(&self, method: Method, path: &str) -> Request {
        let mut headers = HeaderMap::new();
        if let Some(bearer) = &self.bearer {
            headers.insert(AUTHORIZATION, bearer.clone());
        }
        Request { method, url: self.url(path), headers, body: Vec::new() }
    }

    /// Only the path is ever taken from outside: the token cannot be led to another host.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
        url
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        since: Option<&str>,
    ) -> Result<(BureauId, T), CallError> {
        let mut request = self.request(Method::GET, path);
        if let Some(since) = since {
            request.url.query_pairs_mut().append_pair("since", since);
        }
        let (bureau, answer) = self.call(request).await?;
        Ok((bureau, parse(&answer)?))
    }

    async fn send<B: Serialize>(
        &self,
        method: Method,
        path: &str,
        body: &B,
    ) -> Result<(BureauId, Answer), CallError> {
        let mut request = self.request(method, path);
        request.body = serde_json::to_vec(body).map_err(|error| CallError::unreachable(error.to_string()))?;
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        self.call(request).await
    }

    fn tus(&self, method: Method, path: &str) -> Request {
        let mut request = self.request(method, path);
        put(&mut request, tus::header::RESUMABLE, tus::VERSION);
        request
    }
}

fn address(base: &str) -> Result<Url, BadAddress> {
    let mut base = Url::parse(base.trim()).map_err(|_| BadAddress::NotHttp)?;
    let loopback = match base.host_str().unwrap_or_default() {
        "localhost" => true,
        host => host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    };
    base.set_query(None);
    base.set_fragment(None);
    match base.scheme() {
        "https" => Ok(base),
        "http" if loopback => Ok(base),
        "http" => Err(BadAddress::Cleartext),
        _ => Err(BadAddress::NotHttp),
    }
}

/// Which success is one: what stands between may answer anything that looks like it.
fn means_done(method: &Method, status: StatusCode) -> bool {
    match (method, status.as_u16()) {
        (&Method::PATCH, status) => status == 204,
        (&Method::GET | &Method::HEAD, status) => status == 200,
        (_, status) => matches!(status, 200 | 201 | 204),
    }
}

/// Something half-read is as good as nothing: the link is to blame, and the call is made again.
fn parse<T: DeserializeOwned>(answer: &Answer) -> Result<T, CallError> {
    serde_json::from_slice(&answer.body)
        .map_err(|error| CallError::unreachable(format!("the answer cannot be read: {error}")))
}

fn put(request: &mut Request, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        request.headers.insert(HeaderName::from_static(name), value);
    }
}

fn held(answer: &Answer) -> Result<u64, CallError> {
    let offset =
        answer.headers.get(tus::header::OFFSET).and_then(|offset| offset.to_str().ok()?.parse().ok());
    offset.ok_or_else(|| CallError::unreachable("the answer names no offset"))
}

/// An upload that is not there any more has a code of its own: a new one helps.
fn gone(error: CallError) -> CallError {
    match error {
        CallError::Refused { code: Code::NotFound, detail } => {
            CallError::Refused { code: Code::UploadGone, detail }
        }
        other => other,
    }
}

fn same(answered: BureauId, named: BureauId) -> Result<(), CallError> {
    if answered == named { Ok(()) } else { Err(CallError::unreachable("two bureaus in one answer")) }
}

impl BureauApi for Client {
    type Error = CallError;

    async fn enrol(&self, request: &EnrolRequest) -> Result<Enrolled, CallError> {
        let (bureau, answer) = self.send(Method::POST, "/v1/enrol", request).await?;
        let enrolled: Enrolled = parse(&answer)?;
        same(bureau, enrolled.bureau.id)?;
        Ok(enrolled)
    }

    async fn put_rescue_key(&self, key: &RescueKey) -> Result<(), CallError> {
        self.send(Method::PUT, "/v1/rescue-key", key).await.map(drop)
    }

    async fn changes(&self, since: Option<&Cursor>) -> Result<ChangesPage, CallError> {
        let (bureau, page): (_, ChangesPage) =
            self.get("/v1/changes", since.map(|cursor| cursor.0.as_str())).await?;
        same(bureau, page.bureau)?;
        Ok(page)
    }

    async fn put_document(&self, name: DocumentName, document: &SealedDocument) -> Result<Stored, CallError> {
        let (_, answer) = self.send(Method::PUT, &name.path(), document).await?;
        parse(&answer)
    }

    async fn get_document(&self, name: DocumentName) -> Result<SealedDocument, CallError> {
        Ok(self.get(&name.path(), None).await?.1)
    }

    async fn receipts(&self, since: u64) -> Result<ReceiptsPage, CallError> {
        let (bureau, page): (_, ReceiptsPage) = self.get("/v1/receipts", Some(&since.to_string())).await?;
        same(bureau, page.bureau)?;
        Ok(page)
    }

    async fn has_photo(&self, id: PhotoId) -> Result<bool, CallError> {
        match self.call(self.request(Method::HEAD, &format!("/v1/photos/{id}"))).await {
            Ok(_) => Ok(true),
            Err(CallError::Refused { code: Code::NotFound, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn create_upload(&self, id: PhotoId, bytes: u64) -> Result<UploadPath, CallError> {
        let mut request = self.tus(Method::POST, "/v1/photos");
        put(&mut request, tus::header::LENGTH, &bytes.to_string());
        put(&mut request, tus::header::METADATA, &tus::encode_metadata(&[("sha256", &id.to_string())]));
        let (_, answer) = self.call(request).await?;
        let location = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let url = location.and_then(|location| self.base.join(location).ok());
        let url = url.ok_or_else(|| CallError::unreachable("the answer names no upload"))?;
        let own = url.path().strip_prefix(self.base.path().trim_end_matches('/'));
        Ok(UploadPath(own.unwrap_or(url.path()).to_owned()))
    }

    async fn upload_offset(&self, upload: &UploadPath) -> Result<u64, CallError> {
        let (_, answer) = self.call(self.tus(Method::HEAD, &upload.0)).await.map_err(gone)?;
        held(&answer)
    }

    async fn upload_chunk(&self, upload: &UploadPath, offset: u64, bytes: Vec<u8>) -> Result<u64, CallError> {
        let mut request = self.tus(Method::PATCH, &upload.0);
        put(&mut request, tus::header::OFFSET, &offset.to_string());
        put(&mut request, tus::header::CHECKSUM, &tus::encode_checksum(&Digest::of(&bytes).0));
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(tus::OFFSET_OCTET_STREAM));
        request.body = bytes;
        let (_, answer) = self.call(request).await.map_err(gone)?;
        held(&answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleartext_stays_on_this_machine() {
        for good in ["https://bureau.example", "http://127.0.0.1:8080/", "http://[::1]:1", "http://localhost"]
        {
            assert!(Client::new(good, None).is_ok(), "{good}");
        }
        for clear in ["http://bureau.example", "http://10.0.0.2", "http://localhost.example"] {
            assert_eq!(Client::new(clear, None).err(), Some(BadAddress::Cleartext), "{clear}");
        }
        for none in ["", "bureau.example", "ftp://127.0.0.1"] {
            assert_eq!(Client::new(none, None).err(), Some(BadAddress::NotHttp), "{none}");
        }
    }

    #[test]
    fn no_path_leads_to_another_host_and_no_log_holds_the_token() {
        let client = Client::new("https://bureau.example/xieguan/", Some("secret-token")).unwrap();
        for path in ["/v1/photos/1", "//elsewhere.example/v1", "@elsewhere.example"] {
            assert_eq!(client.url(path).host_str(), Some("bureau.example"), "{path}");
        }
        assert_eq!(client.url("/v1/changes").as_str(), "https://bureau.example/xieguan/v1/changes");
        assert!(!format!("{client:?}").contains("secret-token"));
    }
}
