//! Sites and checklists as the bureau last told them.

use super::{Error, Store};
use crate::domain::answer::ChecklistRef;
use crate::domain::checklist::{Checklist, Library};
use crate::domain::id::{Digest, SiteId};
use crate::domain::site::Site;

/// One change from the bureau, to be applied with the others of its page in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A site, new or changed.
    Site(Box<Site>),
    /// A site is no longer mine; kept while a draft or unsent record names it.
    SiteGone(SiteId),
    /// A checklist, verbatim.
    Checklist(String),
    /// Not offered for new visits any more; never removed while a draft uses it.
    ChecklistGone(Digest),
    /// A setting (see [`Store::put_setting`]).
    Setting(&'static str, String),
}

impl Store {
    /// Applies a page of changes and remembers the cursor, together.
    ///
    /// # Errors
    /// [`Error`]; then neither changes nor cursor were stored.
    pub fn apply_changes(&mut self, _changes: &[Change], _cursor: &str) -> Result<(), Error> {
        todo!()
    }

    /// Sites whose name, nickname, address, contact or licence holds the text; all for an empty one.
    ///
    /// # Errors
    /// [`Error`].
    pub fn sites(&self, _text: &str, _limit: u32) -> Result<Vec<Site>, Error> {
        todo!()
    }

    /// One site.
    ///
    /// # Errors
    /// [`Error`].
    pub fn site(&self, _id: SiteId) -> Result<Option<Site>, Error> {
        todo!()
    }

    /// Adds the checklists that ship with the app; those already there stay as they are.
    ///
    /// # Errors
    /// [`Error`].
    pub fn put_checklists(&mut self, _texts: &[&str]) -> Result<(), Error> {
        todo!()
    }

    /// Every checklist held, by hash, those no longer offered included.
    ///
    /// # Errors
    /// [`Error`].
    pub fn library(&self) -> Result<Library, Error> {
        todo!()
    }

    /// The newest offered version of each checklist.
    ///
    /// # Errors
    /// [`Error`].
    pub fn offered_checklists(&self) -> Result<Vec<(ChecklistRef, Checklist)>, Error> {
        todo!()
    }
}
