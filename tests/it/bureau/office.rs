//! A bureau at work with two townships, and phones that speak plain HTTP to it.

use std::path::Path;
use std::sync::Arc;

use chrono::{Duration, Utc};
use ed25519_dalek::SigningKey;
use rand::rngs::OsRng;
use reqwest::{Client, RequestBuilder, Response};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use uuid::Uuid;
use xieguan::bureau::photos::{BlobStore, Folder};
use xieguan::bureau::storage::Storage;
use xieguan::bureau::storage::enrolment::NewCode;
use xieguan::bureau::storage::seed::County;
use xieguan::bureau::storage::setup::Fresh;
use xieguan::bureau::uploads::Limits;
use xieguan::bureau::{Bureau, serve};
use xieguan::domain::id::{CoordinatorId, DeviceId, Digest, InspectionId, PhotoId, SiteId};
use xieguan::domain::inspection::{Clock, Coordinator, Draft, Finishing, Photo, PhotoSource};
use xieguan::domain::seal::{PublicKey, Purpose, canonical, public_key, sign};
use xieguan::domain::site::{Site, SiteSnapshot, Township};
use xieguan::wire::enrolment::{EnrolRequest, Enrolled, plain_code};
use xieguan::wire::failure::{Code, Failure};
use xieguan::wire::sealed::SealedDocument;

use crate::support::records;

pub(super) struct Office {
    pub(super) bureau: Bureau,
    pub(super) base: String,
    pub(super) coordinators: [Coordinator; 2],
    pub(super) site: Site,
    pub(super) http: Client,
    folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    served: Option<JoinHandle<std::io::Result<()>>>,
}

pub(super) fn township(n: usize) -> Township {
    [("000000101", "示例镇"), ("000000102", "样板乡")]
        .map(|(code, name)| Township { code: code.to_owned(), name: name.to_owned() })[n]
        .clone()
}

pub(super) fn site(name: &str, township: Township) -> Site {
    Site {
        id: SiteId(Uuid::now_v7()),
        name: name.to_owned(),
        nickname: String::new(),
        kinds: vec!["WATER_RURAL".to_owned()],
        address: "示例镇示例路1号".to_owned(),
        township,
        place: None,
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    }
}

/// A client that says nothing of its own and never meets a proxy.
pub(super) fn client() -> Client {
    // Another test may have installed it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

impl Office {
    pub(super) async fn open() -> Self {
        Self::open_with(|folder| Arc::new(folder)).await
    }

    /// With other limits of uploads.
    pub(super) async fn open_limited(limits: Limits) -> Self {
        Self::open_so(|folder| Arc::new(folder), limits).await
    }

    /// With something between the bureau and its photo folder.
    pub(super) async fn open_with(wrap: impl FnOnce(Folder) -> Arc<dyn BlobStore>) -> Self {
        Self::open_so(wrap, Limits::default()).await
    }

    async fn open_so(wrap: impl FnOnce(Folder) -> Arc<dyn BlobStore>, limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::open(folder.path(), &Fresh::default()).unwrap();
        let photos = wrap(Folder::open(&folder.path().join("photos")).unwrap());
        Self::over(folder, storage, photos, limits).await
    }

    /// Over a database and a photo folder that were opened in a particular way.
    pub(super) async fn over(
        folder: TempDir,
        storage: Storage,
        photos: Arc<dyn BlobStore>,
        limits: Limits,
    ) -> Self {
        let bureau = Bureau::new(storage, photos);
        bureau.limit_uploads(limits);
        let coordinator = |name: &str| Coordinator {
            id: CoordinatorId(Uuid::now_v7()),
            name: name.to_owned(),
            organisation: "示例镇卫生院".to_owned(),
        };
        let coordinators = [coordinator("王示例"), coordinator("李示例")];
        let site = site("示例镇石桥村集中供水站", township(0));
        let county = County {
            townships: vec![township(0), township(1)],
            coordinators: vec![
                (coordinators[0].clone(), vec![township(0).code]),
                (coordinators[1].clone(), vec![township(1).code]),
            ],
            sites: vec![site.clone()],
            logins: Vec::new(),
        };
        bureau.storage().fill(county, 0).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(serve(listener, bureau.clone(), async {
            let _ = stopped.await;
        }));
        let (stop, served) = (Some(stop), Some(served));
        Self { bureau, base, coordinators, site, http: client(), folder, stop, served }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Tells the server to stop and waits until it has.
    pub(super) async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.served.take().unwrap().await.unwrap().unwrap();
    }

    /// A code for a coordinator that ends after so many seconds.
    pub(super) async fn code(&self, coordinator: usize, seconds: i64) -> String {
        let code = xieguan::bureau::secret::readable(2);
        let new = NewCode {
            hash: Digest::of(plain_code(&code).as_bytes()).0,
            coordinator: self.coordinators[coordinator].id,
            expires_ms: (Utc::now() + Duration::seconds(seconds)).timestamp_millis(),
        };
        self.bureau.storage().add_codes(vec![new], 0).await.unwrap();
        code
    }

    /// An enrolled phone of a coordinator.
    pub(super) async fn phone(&self, coordinator: usize) -> Phone {
        let code = self.code(coordinator, 600).await;
        Phone::enrolled(&self.base, &code).await
    }

    /// How many documents, receipts and blobs are held.
    pub(super) async fn held(&self) -> u64 {
        self.bureau.storage().inbox_counts(None, 0).await.unwrap().total
    }
}

pub(super) struct Phone {
    pub(super) id: DeviceId,
    pub(super) key: SigningKey,
    pub(super) enrolled: Option<Enrolled>,
    pub(super) base: String,
    pub(super) http: Client,
}

impl Phone {
    pub(super) fn new(base: &str) -> Self {
        let key = SigningKey::generate(&mut OsRng);
        Self { id: DeviceId(Uuid::now_v7()), key, enrolled: None, base: base.to_owned(), http: client() }
    }

    pub(super) async fn enrolled(base: &str, code: &str) -> Self {
        let mut phone = Self::new(base);
        let response = phone.enrol(code).await;
        assert_eq!(response.status(), 200);
        phone.enrolled = Some(response.json().await.unwrap());
        phone
    }

    pub(super) fn request(&self, code: &str) -> EnrolRequest {
        let proven = EnrolRequest::proven(code, self.id);
        EnrolRequest {
            code: code.to_owned(),
            device: self.id,
            signing_key: public_key(&self.key),
            sealing_key: PublicKey([9; 32]),
            proof: sign(&self.key, Purpose::Enrolment, &proven),
            app_version: "0.1.0".to_owned(),
        }
    }

    pub(super) async fn enrol(&self, code: &str) -> Response {
        let address = format!("{}/v1/enrol", self.base);
        self.http.post(address).json(&self.request(code)).send().await.unwrap()
    }

    pub(super) fn token(&self) -> &str {
        &self.enrolled.as_ref().unwrap().token
    }

    pub(super) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).bearer_auth(self.token())
    }

    /// A finished visit to a site, sealed by this phone.
    pub(super) fn visit(&self, site: &Site, edit: impl FnOnce(&mut Draft)) -> Visit {
        let enrolled = self.enrolled.as_ref().unwrap();
        let mut draft = records::draft(records::compliant_sheet());
        draft.id = InspectionId(Uuid::now_v7());
        draft.site = SiteSnapshot::from(site);
        draft.coordinators = vec![enrolled.coordinator.clone()];
        edit(&mut draft);
        let finishing = Finishing {
            finished_at: draft.started_at + Duration::minutes(6),
            clock: Clock::default(),
            bureau: enrolled.bureau.id,
            device: self.id,
            app_version: "0.1.0".to_owned(),
        };
        let document = draft.finish(finishing, &records::library());
        let (id, revision) = (document.id, document.revision);
        let sealed = SealedDocument::seal(canonical(&document).unwrap(), self.id, &self.key, None);
        Visit { id, revision, sealed }
    }

    pub(super) async fn put(&self, visit: &Visit) -> Response {
        self.put_as(visit, serde_json::to_string(&visit.sealed).unwrap()).await
    }

    pub(super) async fn put_as(&self, visit: &Visit, body: String) -> Response {
        let address = format!("{}{}", self.base, visit.path());
        self.http.put(address).bearer_auth(self.token()).body(body).send().await.unwrap()
    }

    /// A tus request.
    pub(super) fn tus(&self, method: &str, path: &str) -> RequestBuilder {
        self.http
            .request(method.parse().unwrap(), format!("{}{path}", self.base))
            .bearer_auth(self.token())
            .header("tus-resumable", "1.0.0")
    }

    /// Creates an upload and gives its path.
    pub(super) async fn create(&self, id: PhotoId, length: usize) -> String {
        let metadata = xieguan::wire::tus::encode_metadata(&[("sha256", &id.to_string())]);
        let request = self.tus("POST", "/v1/photos").header("upload-metadata", metadata);
        let response = request.header("upload-length", length).send().await.unwrap();
        assert_eq!(response.status(), 201);
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    pub(super) fn patch(&self, path: &str, offset: usize, bytes: &[u8]) -> RequestBuilder {
        self.tus("PATCH", path)
            .header("upload-offset", offset)
            .header("content-type", "application/offset+octet-stream")
            .body(bytes.to_vec())
    }

    pub(super) async fn offset(&self, path: &str) -> usize {
        let response = self.tus("HEAD", path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        response.headers()["upload-offset"].to_str().unwrap().parse().unwrap()
    }

    /// Uploads bytes whole.
    pub(super) async fn upload(&self, bytes: &[u8]) -> PhotoId {
        let id = Digest::of(bytes);
        let path = self.create(id, bytes.len()).await;
        let response = self.patch(&path, 0, bytes).send().await.unwrap();
        assert_eq!(response.status(), 204);
        id
    }

    pub(super) async fn has(&self, id: PhotoId) -> bool {
        let address = format!("{}/v1/photos/{id}", self.base);
        self.http.head(address).bearer_auth(self.token()).send().await.unwrap().status() == 200
    }
}

pub(super) struct Visit {
    pub(super) id: InspectionId,
    pub(super) revision: u32,
    pub(super) sealed: SealedDocument,
}

impl Visit {
    pub(super) fn path(&self) -> String {
        format!("/v1/inspections/{}/{}", self.id, self.revision)
    }
}

/// A photo of these bytes, `original` and `derived`.
pub(super) fn photo(original: &[u8], derived: &[u8]) -> Photo {
    Photo {
        original: Digest::of(original),
        original_bytes: original.len() as u64,
        derived: Digest::of(derived),
        derived_bytes: derived.len() as u64,
        item: None,
        taken_at: records::moment(),
        source: PhotoSource::Camera,
        fix: None,
    }
}

/// The code of a refusal, after checking its form.
pub(super) async fn refused(response: Response, status: u16) -> Code {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    assert!(response.headers().contains_key("x-xieguan-bureau"));
    assert_eq!(response.status(), status);
    let failure: Failure = response.json().await.unwrap();
    assert_eq!(failure.status, status);
    failure.code
}
