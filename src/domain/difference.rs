//! What a revision changed: which answers, photos and sentences are not those of the one before.

use super::id::PhotoId;
use super::inspection::Inspection;

/// What differs between two documents of a visit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Items whose answer differs, by sheet and code, in the sheets' order.
    pub items: Vec<(usize, String)>,
    /// The sheets are filled against other checklists.
    pub checklists: bool,
    /// Photos that only the later one has.
    pub photos_added: Vec<PhotoId>,
    /// Photos that only the earlier one has.
    pub photos_removed: Vec<PhotoId>,
    /// The guidance.
    pub guidance: bool,
    /// Signature or refusal.
    pub attestation: bool,
    /// Who inspected.
    pub people: bool,
    /// Positions, or why there is none.
    pub position: bool,
}

impl Differences {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two documents, the earlier one first. Sheets are compared by their place.
pub fn differences(before: &Inspection, after: &Inspection) -> Differences {
    let photos = |document: &Inspection| -> Vec<PhotoId> {
        document.photos.iter().map(|photo| photo.original).collect()
    };
    let (earlier, later) = (photos(before), photos(after));
    let only =
        |one: &[PhotoId], other: &[PhotoId]| one.iter().filter(|id| !other.contains(id)).copied().collect();
    let hashes = |document: &Inspection| -> Vec<_> {
        document.sheets.iter().map(|sheet| sheet.checklist.hash).collect()
    };
    Differences {
        items: items(before, after),
        checklists: hashes(before) != hashes(after),
        photos_added: only(&later, &earlier),
        photos_removed: only(&earlier, &later),
        guidance: before.guidance != after.guidance,
        attestation: before.attestation != after.attestation,
        people: before.coordinators != after.coordinators,
        position: before.fixes != after.fixes || before.no_fix != after.no_fix,
    }
}

fn items(before: &Inspection, after: &Inspection) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for n in 0..before.sheets.len().max(after.sheets.len()) {
        let answers = |document: &Inspection, code: &str| {
            document.sheets.get(n).and_then(|sheet| sheet.answers.get(code)).cloned()
        };
        let sheets = [before.sheets.get(n), after.sheets.get(n)].into_iter().flatten();
        let mut codes: Vec<&String> = sheets.flat_map(|sheet| sheet.answers.keys()).collect();
        codes.sort_unstable();
        codes.dedup();
        let differs = |code: &&String| answers(before, code) != answers(after, code);
        found.extend(codes.into_iter().filter(differs).map(|code| (n, code.clone())));
    }
    found
}
