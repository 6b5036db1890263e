//! When a site is to be visited again, counted in whole days of the bureau's zone.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use super::checklist::Checklist;

/// Where a site stands on its way to the next visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "due", rename_all = "snake_case")]
pub enum Due {
    /// The day has passed.
    Overdue {
        /// Whole days since, at least 1.
        days: u32,
    },
    /// Until this Sunday.
    ThisWeek,
    /// Until the end of this month.
    ThisMonth,
    /// Later than this month.
    Later {
        /// The last day for it.
        on: NaiveDate,
    },
}

impl Due {
    /// Whether it belongs to this month's work.
    pub fn is_now(self) -> bool {
        !matches!(self, Self::Later { .. })
    }

    /// Smaller is more pressing: overdue, this week, this month, later.
    pub fn bucket(self) -> u8 {
        match self {
            Self::Overdue { .. } => 0,
            Self::ThisWeek => 1,
            Self::ThisMonth => 2,
            Self::Later { .. } => 3,
        }
    }
}

/// Patrols a year that a site of these kinds is to have: the most that a checklist for one of them asks for.
pub fn patrols_per_year<'a>(kinds: &[String], checklists: impl IntoIterator<Item = &'a Checklist>) -> u8 {
    let asking = checklists.into_iter().filter(|c| c.site_kinds.iter().any(|kind| kinds.contains(kind)));
    asking.map(|checklist| checklist.patrols_per_year).max().unwrap_or(0)
}

/// The last day for the next visit; none where nothing asks for visits. After a visit it is one interval later. A site
/// that was never visited is due at the end of the running interval of the calendar year, because nobody knows since
/// when it is there.
pub fn due_on(patrols_per_year: u8, last_visit: Option<NaiveDate>, today: NaiveDate) -> Option<NaiveDate> {
    let patrols = u32::from(patrols_per_year);
    if patrols == 0 {
        return None;
    }
    let after = |start: NaiveDate, intervals: u32| match 12 % patrols {
        0 => start.checked_add_months(Months::new(12 / patrols * intervals)),
        _ => start.checked_add_days(Days::new(u64::from(365 * intervals / patrols))),
    };
    if let Some(last) = last_visit {
        return after(last, 1);
    }
    let new_year = NaiveDate::from_ymd_opt(today.year(), 1, 1)?;
    let ends = (1..=patrols).filter_map(|n| after(new_year, n)?.pred_opt());
    ends.into_iter().find(|end| *end >= today).or_else(|| NaiveDate::from_ymd_opt(today.year(), 12, 31))
}

/// How a last day stands to today; weeks end on Sunday.
pub fn due(on: NaiveDate, today: NaiveDate) -> Due {
    let days = on.signed_duration_since(today).num_days();
    let to_sunday = i64::from(6 - today.weekday().num_days_from_monday());
    match days {
        ..0 => Due::Overdue { days: u32::try_from(-days).unwrap_or(u32::MAX) },
        _ if days <= to_sunday => Due::ThisWeek,
        _ if (on.year(), on.month()) == (today.year(), today.month()) => Due::ThisMonth,
        _ => Due::Later { on },
    }
}
