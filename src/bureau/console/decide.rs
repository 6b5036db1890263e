//! A reviewer's decision as it comes from the form: read, checked, handed to storage; and the page again with every
//! word that was typed when nothing could be done.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Extension;
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Desk;
use super::enter::Visitor;
use super::page::Trouble;
use super::record::{self, Shown};
use crate::bureau::intake;
use crate::bureau::storage::decisions::{Decided, NewDecision, Seen};
use crate::bureau::storage::inbox::Received;
use crate::domain::id::Digest;
use crate::domain::inspection::Inspection;
use crate::domain::judge::Judged;
use crate::domain::review::{ItemComment, MAX_COMMENT, MAX_ITEM_COMMENT, Verdict};
use crate::domain::site::LastVisit;
use crate::domain::text::cut;

/// The field of the comment on the whole.
pub(super) const COMMENT: &str = "comment";
/// The field of what was seen.
pub(super) const SEEN: &str = "seen";
/// The field of the decision.
pub(super) const VERDICT: &str = "verdict";

/// The field of a comment on an item.
pub(super) fn item_field(sheet: usize, item: &str) -> String {
    format!("item.{sheet}.{item}")
}

/// What a reviewer typed, kept when nothing could be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    pub(super) comment: String,
    /// By sheet and item.
    pub(super) items: BTreeMap<(usize, String), String>,
}

/// Why nothing was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notice {
    /// To return, one must say why.
    NeedsComment,
    /// Something happened that the page did not show.
    Overtaken,
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
        let mut wanted = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                VERDICT => wanted.verdict = Verdict::of_name(value),
                SEEN => wanted.seen = value.parse().ok(),
                COMMENT => wanted.typed.comment = tidy(value, MAX_COMMENT),
                _ => {
                    let text = tidy(value, MAX_ITEM_COMMENT);
                    if let Some(place) = place(name).filter(|_| !text.is_empty()) {
                        wanted.typed.items.insert(place, text);
                    }
                }
            }
        }
        wanted
    }
}

/// A browser sends line ends as CR LF; blanks around the words are nobody's words.
fn tidy(text: &str, max: usize) -> String {
    cut(text.replace("\r\n", "\n").trim(), max)
}

/// Sheet and item of a field's name.
fn place(field: &str) -> Option<(usize, String)> {
    let (sheet, item) = field.strip_prefix("item.")?.split_once('.')?;
    Some((sheet.parse().ok()?, item.to_owned()))
}

pub(super) async fn decide(
    State(desk): State<Arc<Desk>>,
    Extension(visitor): Extension<Visitor>,
    Path(name): Path<String>,
    Form(fields): Form<Vec<(String, String)>>,
) -> Result<Response, Trouble> {
    let received = record::load(&desk, &visitor, &name).await?;
    let wanted = Wanted::of(&fields);
    let (Some(verdict), Some(seen)) = (wanted.verdict, wanted.seen) else { return Err(Trouble::Stale) };
    let again = |notice, status| Shown { typed: wanted.typed.clone(), notice: Some(notice), status };
    let says_nothing = wanted.typed.comment.is_empty() && wanted.typed.items.is_empty();
    if verdict == Verdict::Return && says_nothing {
        let shown = again(Notice::NeedsComment, StatusCode::UNPROCESSABLE_ENTITY);
        return record::page_of(&desk, &visitor, received, shown).await;
    }
    let account = &visitor.session.as_ref().ok_or(Trouble::Forbidden)?.account;
    let digest = received.row.digest;
    // A choice and its end say nothing to the coordinator; what was typed beside them is for the decision to come.
    let speaks = matches!(verdict, Verdict::Accept | Verdict::Return);
    let new = NewDecision {
        document: digest,
        verdict,
        comment: if speaks { wanted.typed.comment.clone() } else { String::new() },
        items: if speaks { comments(&wanted.typed, &received) } else { Vec::new() },
        seen,
        account: account.name.clone(),
        shown_as: account.shown_as.clone(),
        at_ms: desk.now_ms(),
        last_visit: last_visit(&desk, &received, verdict).await?,
    };
    match desk.bureau.storage().decide(new).await? {
        Decided::Done => Ok(Redirect::to(&format!("/records/{digest}")).into_response()),
        Decided::Overtaken | Decided::NotNow => {
            let received = record::load(&desk, &visitor, &name).await?;
            let shown = again(Notice::Overtaken, StatusCode::CONFLICT);
            record::page_of(&desk, &visitor, received, shown).await
        }
    }
}

/// In the order of the sheets; only of items that the record has.
fn comments(typed: &Typed, received: &Received) -> Vec<ItemComment> {
    let sheets = received.row.checklists.len();
    let own = typed.items.iter().filter(|((sheet, _), _)| *sheet < sheets);
    own.map(|((sheet, item), text)| ItemComment {
        sheet: u32::try_from(*sheet).unwrap_or(u32::MAX),
        item: cut(item, 40),
        text: text.clone(),
    })
    .collect()
}

/// What the site shows if this document comes to count by a choice.
async fn last_visit(
    desk: &Desk,
    received: &Received,
    verdict: Verdict,
) -> Result<Option<LastVisit>, Trouble> {
    if verdict != Verdict::Choose {
        return Ok(None);
    }
    let Some(document) = inspection(&received.envelope.document) else { return Ok(None) };
    let library = desk.bureau.library().await?;
    let judged = Judged::all(&document.sheets, &library, document.day());
    Ok(Some(intake::last_visit(&document, &document.findings, &judged, received.row.received_at)))
}

/// A stored text as a record, if this version can read it.
pub(super) fn inspection(text: &str) -> Option<Inspection> {
    serde_json::from_str(text).ok()
}

/// Another document of the visit, to be compared with.
pub(super) async fn other(desk: &Desk, digest: Digest) -> Result<Option<Inspection>, Trouble> {
    Ok(desk.bureau.storage().document_text(digest).await?.as_deref().and_then(inspection))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_whatever_else_it_holds() {
        let fields = [
            ("form", "token"),
            ("verdict", "return"),
            ("seen", "7.2"),
            ("comment", " 请补拍\r\n铭牌 "),
            ("item.0.WR-14", "看不清"),
            ("item.0.WR-15", "  "),
            ("item.x.WR-16", "nowhere"),
            ("item", "nothing"),
        ];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let wanted = Wanted::of(&fields);
        assert_eq!(wanted.verdict, Some(Verdict::Return));
        assert_eq!(wanted.seen, Some(Seen { last: 7, versions: 2 }));
        assert_eq!(wanted.typed.comment, "请补拍\n铭牌");
        let items: Vec<_> = wanted.typed.items.into_iter().collect();
        assert_eq!(items, [((0, "WR-14".to_owned()), "看不清".to_owned())]);
        assert_eq!(Wanted::of(&[]).verdict, None);
    }
}
