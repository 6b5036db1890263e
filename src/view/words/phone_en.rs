//! The phone's words in English.

use super::phone::PhoneWords;
use super::plural;

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(n: u32) -> &'static str {
    MONTHS[(n as usize + 11) % 12]
}

/// English.
pub(super) static EN: PhoneWords = PhoneWords {
    app: "Xieguan",
    opening: "Opening the records on this phone…",
    loading: "Reading…",
    back: "Back",
    close: "Close",
    optional: " (optional)",
    try_again: "Try again",
    locked_title: "The records on this phone cannot be unlocked",
    locked_what: "The phone's key store did not give the key. Records and photos are still here; nothing was touched or deleted.",
    locked_next: "Restart the phone and try again. If that does not help, do not uninstall the app or clear its data; the bureau can open it with its rescue key.",
    damaged_title: "The records on this phone are damaged",
    damaged_what: "The damaged file was kept aside as it is; nothing was deleted. Records with a receipt are safe at the bureau.",
    damaged_next: "“Try again” starts from empty. Bring this phone to the bureau so that the damaged file can be read there.",
    newer_title: "This app is too old",
    newer_what: "The records were written by a newer app. Nothing was touched or deleted.",
    newer_next: "Install the newer app, then open it.",
    full_title: "No room on the phone",
    full_what: "All records and photos are still here; nothing was deleted.",
    full_next: "Remove some videos or apps you do not need, then try again.",
    folder_title: "The app's folder cannot be used",
    folder_what: "Nothing was deleted.",
    folder_next: "Restart the phone and try again; if that does not help, tell the bureau what stands below.",
    tabs: "Main pages",
    tab_today: "Today",
    tab_sites: "Sites",
    tab_outbox: "Outbox",
    tab_mine: "Mine",
    day: |m, day, weekday| format!("{}, {day} {}", WEEKDAYS[weekday as usize % 7], month(m)),
    month_day_time: |m, day, time| format!("{day} {} {time}", month(m)),
    year_month_day: |year, m, day| format!("{day} {} {year}", month(m)),
    waiting: |records, files, size| {
        format!(
            "{} waiting · {} · {size}",
            plural(records as u64, "record"),
            plural(files.into(), "picture file")
        )
    },
    waiting_what: "Sent by itself when there is a network",
    not_enrolled_title: "This phone is not enrolled yet",
    not_enrolled_what: "Sites come with enrolment. You need the bureau's address and a code, and a network this once.",
    enrol: "Enrol this phone",
    enrol_again: "Enrol again with a new code",
    enrol_line: "Once; after that, visits need no network",
    address: "The bureau's address",
    code: "Enrolment code",
    enrol_hint: "A code works once. Capitals and dashes do not matter.",
    enrol_now: "Enrol",
    enrolling: "Enrolling and fetching sites and checklists…",
    enrol_bad_address: "This address cannot be used. It should begin with https://. Check it and try again; nothing on this phone has changed.",
    enrol_unreachable: "The bureau cannot be reached. Check network and address and try again; the code is not used up and nothing on this phone has changed.",
    enrol_unsent_work: |documents, drafts, authors| {
        let mut said = "The phone cannot change its bureau yet; everything on it is as it was.".to_owned();
        if documents > 0 {
            said += &format!(" {documents} not wholly sent: send them first under “Outbox”.");
        }
        if drafts > 0 {
            let whose = if authors.is_empty() { String::new() } else { format!(" ({})", authors.join(", ")) };
            said += &format!(
                " {drafts} unfinished{whose}: whoever began them finishes and sends them first, or puts them aside."
            );
        }
        said
    },
    saved_at: |time| format!("Saved {time}"),
    saving: "Saving…",
    all_saved: "Saved as you answer",
    not_saved: "Not all is saved",
    kept_on_screen: "What you gave is still on the screen; do not close the app.",
    section_count: |answered, total, failed| match failed {
        0 => format!("{answered}/{total}"),
        n => format!("{answered}/{total} · {n} failed"),
    },
    previous: "Previous",
    next_open: |n| format!("Next unanswered ({n} left)"),
    to_review: "Review and sign",
    basis: "Basis",
    yes: "Yes",
    no: "No",
    not_applicable: "N/A",
    not_measured: "Not taken",
    why_not_measured: "Why not measured",
    reasons_not_measured: &["No instrument", "No reagent left", "Instrument faulty", "No sample possible"],
    other_reason: "Another reason",
    not_a_number: "This is not a number; it is not saved",
    instrument: "Measured with",
    count_required: "Required",
    count_actual: "Actual",
    series_label: "Where",
    series_add: "Another reading",
    expires_in: |days| match days {
        0 => "Ends today".to_owned(),
        days => format!("Ends in {}", plural(days.unsigned_abs(), "day")),
    },
    secret_why: "Only the bureau can read this: it travels encrypted, apart from the record, and is never printed.",
    secret_kept: "Kept encrypted; only the bureau can read it. Writing again replaces it.",
    note: "Note",
    what_is_wrong: "What is wrong",
    own_words: "In your own words",
    what_was_done: "What was done",
    deadline: "To be put right by",
    in_days: |days| format!("{days} days"),
    take_photo: "Photo",
    from_album: "From album",
    album: "album",
    album_note: "From the album, not taken on site",
    photo_needed: |taken| format!("needed {taken}/1"),
    photo_useful: "useful",
    photo_taken_at: |time| format!("Photo taken at {time}"),
    photo_remove: "Remove",
    photo_reading: |file, of, percent| {
        if of > 1 { format!("Reading {file}/{of}, {percent}%") } else { format!("Reading {percent}%") }
    },
    photo_preparing: "Stamping, encrypting…",
    position_searching: "Finding the position; you can go on",
    position_searching_list: "Looking for the position; distances follow",
    position_here: |metres| format!("Position found, ±{metres} m"),
    position_kept: "Position kept",
    position_none: |reason| format!("No position: {reason}"),
    position_write: "Say where",
    position_why: "A visit needs no position. Say why there is none, and name a landmark.",
    landmark: "Landmark",
    landmark_example: "Such as: blue gate opposite the village office",
    review_title: "Review and sign",
    n_to_settle: |n| format!("{} to settle", plural(n as u64, "thing")),
    worth_a_look: "Worth another look (you can finish)",
    n_findings: |n| {
        if n == 0 {
            "Nothing found wrong".to_owned()
        } else {
            format!("{} found", plural(n as u64, "problem"))
        }
    },
    no_findings: "Every item is compliant or only recorded.",
    pass_rate: |passed, applicable| format!("Passed {passed}/{applicable}"),
    n_photos: |n| plural(n as u64, "photo"),
    until_day: |day| format!("by {day}"),
    change: "Change",
    go_there: "Go there",
    guidance: "Guidance (can be changed)",
    guidance_none: "No guidance to leave",
    guidance_ready: "Ready sentences",
    enforcing: |words| {
        format!(
            "“{words}” is a word of enforcement. Coordinators record, guide and report; please say it otherwise."
        )
    },
    signature: "Signature of the site",
    signs: "Signs",
    i_have_seen: "I have read this record and it is true.",
    sign_here: "Sign here",
    sign_again: "Sign again",
    name_in_print: "Name of the signer",
    unsigned_reason: "Reason",
    witness: "Witness",
    to_sheet: "To the sheet",
    finish: "Finish and send",
    finish_what: "Finishing seals the record; it cannot be changed after. It is sent by itself when there is a network, and the bureau's receipt appears under “Outbox”.",
    net_ready: "Ready",
    net_none: "The bureau is out of reach; visits go on",
    net_later: "Sends again by itself later; visits go on",
    net_phone: "The phone needs a look: see Outbox",
    net_sending: "Sending",
    net_paused: "Sending is paused",
    net_sign_in: "Must be enrolled again",
    waiting_until: |time| format!("The bureau is out of reach; tries again at {time}"),
    sign_in: "The bureau does not know this phone",
    nothing_lost: "Records and photos are on the phone; nothing is lost. Please contact the bureau.",
    pause: "Pause",
    resume_sending: "Go on sending",
    retry_now: "Try now",
    outbox_empty: "No finished visit yet. Finished ones appear here and are sent by themselves.",
    record_waits: |files| format!("Waiting · record and {}", plural(files.into(), "picture file")),
    record_there: |number, time, sent, files| {
        format!("Record received {time} · receipt {number} · pictures {sent} of {files}")
    },
    blocked: |reason| format!("The bureau did not take it: {reason}"),
    tries: |n| format!("Tried {}; tries again by itself", plural(n.into(), "time")),
    delivered: "Delivered",
    all_receipts: "All with receipt",
    receipt_line: |number, time, files| {
        format!("Receipt {number} · {time} · record and {} complete", plural(files.into(), "picture file"))
    },
    bureau: "Bureau",
    townships: "Townships",
    language: "Language",
    theme: "Looks",
    theme_phone: "As the phone",
    theme_light: "Light",
    theme_dark: "Dark",
    text_size: "Text",
    size_normal: "Normal",
    size_large: "Large",
    size_largest: "Largest",
    app_version: "App version",
    phone_id: "This phone",
    trouble_gone: "This visit is no longer a draft; it may be finished. Look under “Outbox”.",
    trouble_full: "No room on the phone: what you just gave is not stored. Remove some videos or apps and try again; all that was stored is here.",
    trouble_no_picture: "This file is no picture, or it is damaged; it was not taken. Everything else is here. Please take another.",
    trouble_too_large: "This picture is too large for the phone; it was not taken. Please take one with the ordinary camera mode.",
    trouble_not_enrolled: "This phone is not enrolled, so the visit cannot be finished. Answers and photos are stored; enrol, then finish.",
    trouble_practice: super::first::EN.practice_refused,
    trouble_broken: "Something broke and the last step is not stored. Everything stored before is here. Please try again.",
};
