//! What the signed documents have in common: their kinds and how each is called.

use serde::{Deserialize, Serialize};

use super::id::DocumentId;

/// The kinds of signed document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// 信息报告.
    Report,
    /// 巡查.
    Inspection,
    /// A site made in the field.
    Site,
}

impl DocumentKind {
    /// Every kind, in the order in which a phone sends them.
    pub const ALL: [Self; 3] = [Self::Report, Self::Inspection, Self::Site];

    /// How databases write it; never changes.
    pub fn number(self) -> u8 {
        match self {
            Self::Report => 0,
            Self::Inspection => 1,
            Self::Site => 2,
        }
    }

    /// The kind of a number.
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }

    /// How addresses write it: `reports`, `inspections`, `sites`.
    pub fn plural(self) -> &'static str {
        match self {
            Self::Report => "reports",
            Self::Inspection => "inspections",
            Self::Site => "sites",
        }
    }
}

/// How one document is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DocumentName {
    /// What it is.
    pub kind: DocumentKind,
    /// The same for every revision.
    pub id: DocumentId,
    /// From 1.
    pub revision: u32,
}

impl DocumentName {
    /// From its parts.
    pub fn new(kind: DocumentKind, id: impl Into<DocumentId>, revision: u32) -> Self {
        Self { kind, id: id.into(), revision }
    }

    /// The path at which it is put and got.
    pub fn path(&self) -> String {
        format!("/v1/{}/{}/{}", self.kind.plural(), self.id, self.revision)
    }
}
