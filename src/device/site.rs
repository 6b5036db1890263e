//! Sites for the screens.

use super::{Device, Error};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::Checklist;
use crate::domain::id::SiteId;
use crate::domain::site::Site;

impl Device {
    /// Sites that hold the text, or all; best matches first.
    pub async fn sites(&self, _text: &str, _limit: u32) -> Result<Vec<Site>, Error> {
        todo!()
    }

    /// One site.
    pub async fn site(&self, _id: SiteId) -> Result<Option<Site>, Error> {
        todo!()
    }

    /// The checklists offered for a site's kinds.
    pub async fn checklists_for(&self, _site: &Site) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        todo!()
    }
}
