//! Named points at which a test ends the process: at once and without a word, as an empty battery would.
//!
//! At least one stands inside every durable transaction and one right after it. They exist only in builds with debug
//! assertions; elsewhere nothing of them is left. `XIEGUAN_DIE_AT=name` ends the process when it comes by for the
//! first time, `name:3` for the third time.

/// The environment variable that names where to end.
pub const DIE_AT: &str = "XIEGUAN_DIE_AT";

/// Every point, in the order of the walk; a test reads the source and fails when one is missing here or there.
pub const POINTS: &[&str] = &[
    // The phone: keys and enrolment.
    "phone.keys.saved",
    "phone.enrol.answered",
    "phone.enrol.half",
    "phone.enrol.kept",
    // What the bureau tells.
    "phone.changes.in-transaction",
    "phone.changes.committed",
    "phone.pins.kept",
    // The visit.
    "phone.draft.in-transaction",
    "phone.draft.committed",
    "phone.answer.in-transaction",
    "phone.answer.committed",
    "phone.photo.original",
    "phone.photo.files",
    "phone.photo.in-transaction",
    "phone.photo.committed",
    "phone.finish.in-transaction",
    "phone.finish.committed",
    "phone.document.in-transaction",
    "phone.document.committed",
    // Sending.
    "phone.upload.noted",
    "phone.sent.in-transaction",
    "phone.sent.committed",
    "phone.receipt.in-transaction",
    "phone.receipt.committed",
    // A bureau that lost something.
    "phone.again.in-transaction",
    "phone.again.committed",
    "phone.lacks.in-transaction",
    "phone.lacks.committed",
    "phone.epoch.in-transaction",
    "phone.epoch.committed",
    "phone.doubt.in-transaction",
    "phone.doubt.committed",
    // Making room.
    "phone.keep.in-transaction",
    "phone.keep.committed",
    "phone.keep.removed",
    // The bureau: enrolment, documents, photos.
    "bureau.enrol.in-transaction",
    "bureau.enrol.committed",
    "bureau.document.in-transaction",
    "bureau.document.receipted",
    "bureau.document.committed",
    "bureau.upload.noted",
    "bureau.upload.begun",
    "bureau.upload.appended",
    "bureau.upload.renamed",
    "bureau.blob.in-transaction",
    "bureau.blob.receipted",
    "bureau.blob.committed",
    // The bureau's folder as a whole.
    "bureau.absent.in-transaction",
    "bureau.absent.committed",
    "bureau.backup.database",
    "bureau.photo.copied",
    "bureau.folder.whole",
    "bureau.backup.renamed",
    "bureau.restore.copied",
    "bureau.restore.in-transaction",
    "bureau.restore.aside",
    "bureau.restore.renamed",
    // The bureau's own certificate.
    "bureau.certificate.made",
    "bureau.certificate.in-transaction",
    "bureau.certificate.announced",
    "bureau.certificate.switched",
];

/// Ends the process here if [`DIE_AT`] says so.
#[cfg(debug_assertions)]
pub fn point(name: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    static WHERE: OnceLock<Option<(String, u32)>> = OnceLock::new();
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let wanted = WHERE.get_or_init(|| {
        let text = std::env::var(DIE_AT).ok()?;
        let (name, count) = text.split_once(':').unwrap_or((&text, "1"));
        Some((name.to_owned(), count.parse().unwrap_or(1)))
    });
    if let Some((wanted, count)) = wanted
        && wanted == name
        && PASSED.fetch_add(1, Ordering::SeqCst) + 1 == *count
    {
        // No destructor, no buffer, no atexit: what is not on the disk is gone.
        std::process::abort();
    }
}

/// Nothing: this is a build for people.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn point(_name: &str) {}
