//! Sites for the screens.

use super::{Device, Error};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Checklist;
use crate::domain::id::SiteId;
use crate::domain::site::Site;

impl Device {
    /// Sites that hold the text, or all; best matches first.
    pub async fn sites(&self, text: &str, limit: u32) -> Result<Vec<Site>, Error> {
        let text = text.trim().to_owned();
        self.read(move |_, store| Ok(store.sites(&text, limit)?)).await
    }

    /// One site.
    pub async fn site(&self, id: SiteId) -> Result<Option<Site>, Error> {
        self.read(move |_, store| Ok(store.site(id)?)).await
    }

    /// The checklists offered for a site's kinds.
    pub async fn checklists_for(&self, site: &Site) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        let kinds = site.kinds.clone();
        self.read(move |_, store| {
            let mut offered = store.offered_checklists()?;
            offered.retain(|(_, checklist)| checklist.site_kinds.iter().any(|kind| kinds.contains(kind)));
            Ok(offered)
        })
        .await
    }
}
