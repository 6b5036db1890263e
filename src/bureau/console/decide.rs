//! A reviewer's decision as it comes from the form: read, checked, handed to storage; and the page again with every
//! word that was typed when nothing could be done.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Desk;
use super::enter::Visitor;
use super::page::Trouble;
use super::record::{self, Shown};
use super::typed::Typed;
use crate::bureau::intake;
use crate::bureau::storage::decisions::{CountingVisit, Decided, NewDecision, Seen};
use crate::bureau::storage::inbox::Received;
use crate::domain::id::Digest;
use crate::domain::inspection::Inspection;
use crate::domain::judge::Judged;
use crate::domain::review::{ItemComment, Verdict};

/// The field of what was seen.
pub(super) const SEEN: &str = "seen";
/// The field of the decision.
pub(super) const VERDICT: &str = "verdict";

/// What came of a form that was not simply done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// To return, one must say why.
    NeedsComment,
    /// Something happened that the page did not show.
    Overtaken,
    /// The words came here from another page; nothing is decided.
    Brought,
    /// The words waited for a log-in; nothing is decided.
    LoggedIn,
    /// The form was not ours or too old.
    Stale,
    /// There was no room for it.
    Busy,
    /// Something broke.
    Broken,
    /// This document counts from now on; the words wait for a decision.
    Chosen,
    /// The decision is taken back; the words wait for another one.
    TakenBack,
}

impl Notice {
    /// Whether what was asked for was not done.
    pub(super) fn is_refusal(self) -> bool {
        !matches!(self, Self::Brought | Self::LoggedIn | Self::Chosen | Self::TakenBack)
    }

    fn status(self) -> StatusCode {
        match self {
            Self::NeedsComment => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Overtaken => StatusCode::CONFLICT,
            Self::Brought | Self::LoggedIn | Self::Chosen | Self::TakenBack => StatusCode::OK,
            Self::Stale => StatusCode::FORBIDDEN,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What is said of a trouble above the record; none for one with which the record is not shown.
    pub(super) fn of(trouble: Trouble) -> Option<Self> {
        match trouble {
            Trouble::Stale => Some(Self::Stale),
            Trouble::Busy => Some(Self::Busy),
            Trouble::Broken => Some(Self::Broken),
            Trouble::NotFound | Trouble::Forbidden => None,
        }
    }
}

/// The form as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Wanted {
    verdict: Option<Verdict>,
    seen: Option<Seen>,
    typed: Typed,
}

impl Wanted {
    fn of(fields: &[(String, String)]) -> Self {
        let field = |name: &str| fields.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value);
        Self {
            verdict: field(VERDICT).and_then(|name| Verdict::of_name(name)),
            seen: field(SEEN).and_then(|seen| seen.parse().ok()),
            typed: Typed::of(fields),
        }
    }
}

pub(super) async fn decide(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let received = record::load(&desk, &visitor, &name).await?;
    let wanted = Wanted::of(&fields);
    let (verdict, seen) = match (wanted.verdict, wanted.seen) {
        (Some(verdict), Some(seen)) => (verdict, seen),
        // Words that were typed on another document's page.
        (None, _) if !wanted.typed.is_empty() => {
            return again(&desk, &visitor, &name, wanted.typed, Notice::Brought).await;
        }
        _ => return Err(Trouble::Stale),
    };
    if verdict == Verdict::Return && wanted.typed.is_empty() {
        return again(&desk, &visitor, &name, wanted.typed, Notice::NeedsComment).await;
    }
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let digest = received.row.digest;
    // A choice and its end say nothing to the coordinator; what was typed beside them is for the decision to come.
    let speaks = matches!(verdict, Verdict::Accept | Verdict::Return);
    let last_visit = if verdict == Verdict::Choose { last_visit(&desk, digest).await? } else { None };
    // A choice leads to the document that counts by it, which may be a correction of the chosen one.
    let to = last_visit.as_ref().map_or(digest, |shown| shown.document);
    let new = NewDecision {
        document: digest,
        verdict,
        comment: if speaks { wanted.typed.comment.clone() } else { String::new() },
        items: if speaks { comments(&wanted.typed, &received) } else { Vec::new() },
        seen,
        account: account.name.clone(),
        shown_as: account.shown_as.clone(),
        at_ms: desk.now_ms(),
        last_visit,
    };
    let notice = match desk.bureau.storage().decide(new).await? {
        Decided::Done if speaks || wanted.typed.is_empty() => {
            return Ok(Redirect::to(&format!("/records/{to}")).into_response());
        }
        Decided::Done if verdict == Verdict::Choose => {
            return again(&desk, &visitor, &to.to_string(), wanted.typed, Notice::Chosen).await;
        }
        Decided::Done => Notice::TakenBack,
        Decided::Overtaken | Decided::NotNow => Notice::Overtaken,
    };
    again(&desk, &visitor, &name, wanted.typed, notice).await
}

/// The record's page as it is now, with what was typed.
pub(super) async fn again(
    desk: &Desk,
    visitor: &Visitor,
    name: &str,
    typed: Typed,
    notice: Notice,
) -> Result<Response, Trouble> {
    let received = record::load(desk, visitor, name).await?;
    // The form's own address is none that a link may lead to.
    let visitor = Visitor { path: format!("/records/{}", received.row.digest), ..visitor.clone() };
    let shown = Shown { typed, notice: Some(notice), status: notice.status() };
    record::page_of(desk, &visitor, received, shown).await
}

/// In the order of the sheets; only of items that the record has.
fn comments(typed: &Typed, received: &Received) -> Vec<ItemComment> {
    let sheets = received.row.checklists.len();
    let own = typed.items.iter().filter(|((sheet, _), _)| *sheet < sheets);
    own.map(|((sheet, item), text)| ItemComment {
        sheet: u32::try_from(*sheet).unwrap_or(u32::MAX),
        item: item.clone(),
        text: text.clone(),
    })
    .collect()
}

/// What the site shows when this document is chosen: what the one says that counts then.
async fn last_visit(desk: &Desk, chosen: Digest) -> Result<Option<CountingVisit>, Trouble> {
    let storage = desk.bureau.storage();
    let Some(counts) = storage.counting_if_chosen(chosen).await? else { return Ok(None) };
    let Some(counting) = storage.received(counts).await? else { return Ok(None) };
    let Some(document) = inspection(&counting.envelope.document) else { return Ok(None) };
    let library = desk.bureau.library().await?;
    let judged = Judged::all(&document.sheets, &library, document.day());
    let last_visit = intake::last_visit(&document, &document.findings, &judged, counting.row.received_at);
    Ok(Some(CountingVisit { document: counts, site: counting.row.site, last_visit }))
}

/// A stored text as a record, if this version can read it.
pub(super) fn inspection(text: &str) -> Option<Inspection> {
    serde_json::from_str(text).ok()
}

/// Another document of the visit, to be compared with.
pub(super) async fn other(desk: &Desk, digest: Digest) -> Result<Option<Inspection>, Trouble> {
    let text = desk.bureau.storage().document_text(digest).await?;
    desk.aside(move || text.as_deref().and_then(inspection)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_else_it_holds() {
        let fields = [("form", "token"), ("verdict", "return"), ("seen", "7.2"), ("comment", "请补拍")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = Wanted::of(&fields);
        assert_eq!(wanted.verdict, Some(Verdict::Return));
        assert_eq!(wanted.seen, Some(Seen { last: 7, versions: 2 }));
        assert_eq!(wanted.typed.comment, "请补拍");
        assert_eq!(Wanted::of(&[]).verdict, None);
    }
}
