//! The phone passes from one coordinator to another: whose sites are shown, and which settings count.

use rusqlite::params;

use super::column::to_json;
use super::{Error, Store, remove_setting, write_setting};
use crate::fault;

/// What counts from now on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handover {
    /// Settings to write or (with `None`) remove; see [`Store::put_setting`].
    pub settings: Vec<(&'static str, Option<String>)>,
    /// Nothing that was pulled before is shown any more: it is another bureau.
    pub forget_sites: bool,
    /// Codes of the townships whose sites are shown.
    pub mine: Vec<String>,
    /// Those of the others who work on this phone: their sites are kept, but not shown.
    pub others: Vec<String>,
}

impl Store {
    /// Hands the phone over in one transaction. Sites of nobody's township are gone as if the bureau had said so.
    /// The index is built anew by the next search.
    ///
    /// # Errors
    /// [`Error`]; then everything is as before.
    pub fn hand_over(&mut self, handover: &Handover) -> Result<(), Error> {
        // 2: another coordinator's of this phone.
        const SHOW: &str = "update site set gone = case
              when json_extract(body, '$.township.code') in (select value from json_each(?1)) then 0
              when json_extract(body, '$.township.code') in (select value from json_each(?2)) then 2
              else 1 end
            where gone != 1";
        const FORGET: &str =
            "delete from site_search where site in (select id from site where site.gone != 0)";
        let finder = self.finder.clone();
        let change = self.change()?;
        if handover.forget_sites {
            // A township may have the same code at both bureaus.
            change.execute("update site set gone = 1", [])?;
            // The next bureau knows nothing of these records and would never take it back.
            change.execute("delete from review", [])?;
        }
        change.execute(SHOW, params![to_json(&handover.mine)?, to_json(&handover.others)?])?;
        change.execute(FORGET, [])?;
        for (name, value) in &handover.settings {
            match value {
                Some(value) => write_setting(&change, name, value)?,
                None => remove_setting(&change, name)?,
            }
        }
        fault::point("phone.enrol.half");
        change.commit()?;
        fault::point("phone.enrol.kept");
        finder.forget();
        Ok(())
    }
}
