//! A site made in the field: on the phone and on its way to the bureau in one transaction, and visited at once.

use super::vault::uuid_at;
use super::visit::{APP_VERSION, OfferedFix, moment};
use super::{Device, Error, Inner, enrol, network};
use crate::domain::document::{DocumentKind, DocumentName};
use crate::domain::id::SiteId;
use crate::domain::inspection::Clock;
use crate::domain::new_site::{NewSite, SCHEMA};
use crate::domain::seal::canonical;
use crate::domain::site::{Site, Township};
use crate::store::Store;
use crate::store::record::QueuedDocument;
use crate::wire::sealed::SealedDocument;

/// What a coordinator knows of a place that nobody has on file.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSite {
    /// What stands over its door; may be empty.
    pub name: String,
    /// What people call it; may be empty.
    pub nickname: String,
    /// Kinds; at least one.
    pub kinds: Vec<String>,
    /// One of the coordinator's townships.
    pub township: Township,
    /// As people say it; may be empty.
    pub address: String,
    /// Where the phone is.
    pub fix: Option<OfferedFix>,
}

impl Device {
    /// Adds a site; durable, found by search and queued for the bureau when ready.
    ///
    /// # Errors
    /// [`Error::NoTitle`] when it has neither name, nickname nor address, or no kind; [`Error::NotEnrolled`];
    /// [`Error::NoPlace`].
    pub async fn add_site(&self, new: FieldSite) -> Result<SiteId, Error> {
        self.write(move |inner, store| {
            let id = add(inner, store, &new)?;
            network::wake(inner)?;
            Ok(id)
        })
        .await
    }
}

fn add(inner: &Inner, store: &mut Store, new: &FieldSite) -> Result<SiteId, Error> {
    let enrolled = enrol::kept_profile(store)?.ok_or(Error::NotEnrolled)?.enrolled;
    let now = moment(inner);
    let fix = match &new.fix {
        Some(offered) => Some(offered.to_fix(now.wall).ok_or(Error::NoPlace)?),
        None => None,
    };
    let site = Site {
        id: SiteId(uuid_at(now.wall_ms)),
        name: new.name.trim().to_owned(),
        nickname: new.nickname.trim().to_owned(),
        kinds: new.kinds.clone(),
        address: new.address.trim().to_owned(),
        township: new.township.clone(),
        place: fix.as_ref().map(|fix| fix.place),
        credit_code: String::new(),
        licences: Vec::new(),
        contacts: Vec::new(),
        last_visit: None,
    };
    if site.title().is_empty() || site.kinds.is_empty() {
        return Err(Error::NoTitle);
    }
    let document = NewSite {
        schema: SCHEMA,
        revision: 1,
        parent: None,
        bureau: enrolled.bureau.id,
        site: site.clone(),
        made_at: now.wall,
        fix,
        clock: Clock { offset_s: network::offset_s(inner, store)?, elapsed_s: 0, jumps: Vec::new() },
        coordinators: vec![enrolled.coordinator],
        device: inner.secrets.device,
        app_version: APP_VERSION.to_owned(),
    };
    let sealed =
        SealedDocument::seal(canonical(&document)?, inner.secrets.device, &inner.secrets.signing_key(), None);
    let queued = QueuedDocument {
        name: DocumentName::new(DocumentKind::Site, site.id, document.revision),
        digest: sealed.digest(),
        document: sealed.document.clone(),
        envelope: serde_json::to_string(&sealed)?,
        visit: None,
        site: site.id,
        site_title: site.title().to_owned(),
        made_at: document.made_at,
        level: None,
    };
    store.add_field_site(&site, &queued)?;
    Ok(site.id)
}
