//! What the site's last visit answered: the bureau's summary, or this phone's own record when that is newer.

use super::Error;
use crate::domain::checklist::Library;
use crate::domain::inspection::{Draft, Inspection};
use crate::domain::last::{LastTime, last_answers};
use crate::store::Store;

/// The last visit before this draft; none when there was none that anybody knows of.
pub(super) fn last_time(store: &Store, draft: &Draft, library: &Library) -> Result<Option<LastTime>, Error> {
    let told = store.site(draft.site.id)?.and_then(|site| site.last_visit);
    let told = told.filter(|visit| visit.inspection != draft.id);
    let own = store.last_document(draft.site.id, draft.id)?;
    // A document that this app cannot read any more is no reason to show nothing else.
    let own = own.and_then(|text| serde_json::from_str::<Inspection>(&text).ok());
    let own = own.filter(|own| told.as_ref().is_none_or(|told| told.at <= own.finished_at));
    Ok(match (own, told) {
        (Some(own), _) => Some(LastTime::new(own.finished_at, last_answers(&own.sheets, library, own.day()))),
        (None, Some(told)) => Some(LastTime::new(told.at, told.answers)),
        (None, None) => None,
    })
}
