//! Every route of the phones' interface with what is said about it; the router and its description are built from
//! this table and from nothing else.

use axum::http::Method;
use axum::routing::{MethodRouter, delete, get, head, options, patch, post, put};

use super::super::Bureau;
use super::openapi::{Good, Route, Says};
use super::{documents, phone, photos};
use crate::domain::document::DocumentKind;
use crate::wire::failure::Code;
use crate::wire::tus::OFFSET_OCTET_STREAM;

const JSON: &str = "application/json";

/// A route that asks for a token and nothing else.
const PLAIN: Says =
    Says { about: "", token: true, since: None, headers: &[], body: None, answers: &[], codes: &[] };

/// Every question of tus but `OPTIONS` has this one.
const RESUMABLE: (&str, bool, &str) = ("Tus-Resumable", true, "1.0.0");

/// The table.
pub(super) fn table() -> Vec<Route> {
    let mut table = vec![
        route(Method::GET, "/openapi.json", get(super::description), DESCRIPTION),
        route(Method::POST, "/enrol", post(phone::enrol), ENROL),
        route(Method::PUT, "/rescue-key", put(phone::rescue_key), RESCUE_KEY),
        route(Method::GET, "/changes", get(phone::changes), CHANGES),
        route(Method::GET, "/receipts", get(phone::receipts), RECEIPTS),
    ];
    for kind in DocumentKind::ALL {
        let path = format!("/{}/{{id}}/{{revision}}", kind.plural());
        table.push(route(Method::PUT, &path, documents::taking(kind), PUT_DOCUMENT));
        table.push(route(Method::GET, &path, documents::giving(kind), GET_DOCUMENT));
    }
    let upload = "/photos/uploads/{id}";
    table.extend([
        route(Method::OPTIONS, "/photos", options(photos::options), OPTIONS),
        route(Method::POST, "/photos", post(photos::create), CREATE),
        route(Method::OPTIONS, upload, options(photos::options), OPTIONS),
        route(Method::HEAD, upload, head(photos::offset), OFFSET),
        route(Method::PATCH, upload, patch(photos::patch), PATCH),
        route(Method::DELETE, upload, delete(photos::delete), DELETE),
        route(Method::POST, upload, post(photos::overridden), OVERRIDDEN),
        route(Method::HEAD, "/photos/{sha256}", head(photos::is_there), IS_THERE),
    ]);
    table
}

fn route(method: Method, path: &str, handler: MethodRouter<Bureau>, says: Says) -> Route {
    Route { method, path: path.to_owned(), handler, says }
}

const DESCRIPTION: Says = Says {
    about: "This description.",
    token: false,
    answers: &[Good { status: 200, about: "OpenAPI 3.1.", schema: Some("Anything"), headers: &[] }],
    ..PLAIN
};

const ENROL: Says = Says {
    about: "Enrols a phone with a one-time code. The same code by the same phone again gives a new token.",
    token: false,
    body: Some((JSON, "EnrolRequest")),
    answers: &[Good { status: 200, about: "Enrolled.", schema: Some("Enrolled"), headers: &[] }],
    codes: &[
        Code::CodeWrong,
        Code::CodeExpired,
        Code::CodeUsed,
        Code::TooManyTries,
        Code::SealWrong,
        Code::Unreadable,
    ],
    ..PLAIN
};

const RESCUE_KEY: Says = Says {
    about: "Keeps the key of the phone's database, encrypted to the bureau.",
    body: Some((JSON, "RescueKey")),
    answers: &[Good { status: 204, about: "Kept.", schema: None, headers: &[] }],
    codes: &[Code::Unreadable],
    ..PLAIN
};

const CHANGES: Says = Says {
    about: "What changed for this phone, in pages.",
    since: Some("the cursor of the last page; without it, or with one of another epoch, everything"),
    answers: &[Good { status: 200, about: "A page.", schema: Some("ChangesPage"), headers: &[] }],
    codes: &[Code::Unreadable],
    ..PLAIN
};

const RECEIPTS: Says = Says {
    about: "The receipts of this phone's documents, oldest first, in pages.",
    since: Some("the last sequence seen, a whole number; without it, all"),
    answers: &[Good { status: 200, about: "A page.", schema: Some("ReceiptsPage"), headers: &[] }],
    codes: &[Code::Unreadable],
    ..PLAIN
};

const PUT_DOCUMENT: Says = Says {
    about: "Takes a sealed document, whatever the rules say of its content. The same bytes again get the same receipt.",
    body: Some((JSON, "SealedDocument")),
    answers: &[
        Good { status: 201, about: "Stored.", schema: Some("Stored"), headers: &[] },
        Good { status: 200, about: "It was stored already.", schema: Some("Stored"), headers: &[] },
    ],
    codes: &[Code::Unreadable, Code::SealWrong, Code::AddressMismatch, Code::NotYours, Code::NotFound],
    ..PLAIN
};

const GET_DOCUMENT: Says = Says {
    about: "The stored envelope, byte for byte, for the phone that sealed it.",
    answers: &[Good { status: 200, about: "As it came.", schema: Some("SealedDocument"), headers: &[] }],
    codes: &[Code::NotYours, Code::NotFound],
    ..PLAIN
};

const OPTIONS: Says = Says {
    about: "Which tus is spoken here.",
    token: false,
    answers: &[Good {
        status: 204,
        about: "Versions, extensions, largest photo, checksums.",
        schema: None,
        headers: &["Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"],
    }],
    ..PLAIN
};

const CREATE: Says = Says {
    about: "tus creation, with the first bytes or without.",
    headers: &[
        RESUMABLE,
        ("Upload-Length", true, "bytes of the whole"),
        ("Upload-Metadata", true, "sha256: the 64 hex digits of the whole's SHA-256, in base64"),
        ("Upload-Checksum", false, "sha1 or sha256 of the body, in base64"),
    ],
    body: Some((OFFSET_OCTET_STREAM, "")),
    answers: &[Good {
        status: 201,
        about: "Created.",
        schema: None,
        headers: &["Tus-Resumable", "Location", "Upload-Offset", "Upload-Expires?"],
    }],
    codes: &[
        Code::ProtocolVersion,
        Code::HeaderWrong,
        Code::MediaType,
        Code::ChecksumMismatch,
        Code::UploadsOpen,
        Code::UploadBytesOpen,
        Code::UploadsFull,
    ],
    ..PLAIN
};

const OFFSET: Says = Says {
    about: "How many bytes of an upload are durably held.",
    headers: &[RESUMABLE],
    answers: &[Good {
        status: 200,
        about: "So many.",
        schema: None,
        headers: &[
            "Tus-Resumable",
            "Upload-Offset",
            "Upload-Length",
            "Upload-Metadata?",
            "Upload-Expires?",
            "Cache-Control",
        ],
    }],
    codes: &[Code::ProtocolVersion, Code::UploadGone, Code::ChecksumMismatch],
    ..PLAIN
};

const PATCH: Says = Says {
    about: "Adds bytes. The last ones are answered only when the whole is durable and has its hash.",
    headers: &[
        RESUMABLE,
        ("Upload-Offset", true, "where these bytes go on"),
        ("Upload-Checksum", false, "sha1 or sha256 of the body, in base64"),
    ],
    body: Some((OFFSET_OCTET_STREAM, "")),
    answers: &[Good {
        status: 204,
        about: "Durably held.",
        schema: None,
        headers: &["Tus-Resumable", "Upload-Offset", "Upload-Expires?"],
    }],
    codes: &[
        Code::ProtocolVersion,
        Code::HeaderWrong,
        Code::MediaType,
        Code::OffsetConflict,
        Code::ChecksumMismatch,
        Code::UploadGone,
    ],
    ..PLAIN
};

const DELETE: Says = Says {
    about: "Ends an upload. A photo that it became stays.",
    headers: &[RESUMABLE],
    answers: &[Good { status: 204, about: "Ended.", schema: None, headers: &["Tus-Resumable"] }],
    codes: &[Code::ProtocolVersion, Code::UploadGone],
    ..PLAIN
};

const OVERRIDDEN: Says = Says {
    about: "HEAD, PATCH or DELETE, by a sender that can say its method in a header only.",
    headers: &[RESUMABLE, ("X-HTTP-Method-Override", true, "HEAD, PATCH or DELETE")],
    body: Some((OFFSET_OCTET_STREAM, "")),
    answers: &[
        Good { status: 200, about: "As HEAD.", schema: None, headers: &["Tus-Resumable", "Upload-Offset"] },
        Good { status: 204, about: "As PATCH or DELETE.", schema: None, headers: &["Tus-Resumable"] },
    ],
    codes: &[
        Code::ProtocolVersion,
        Code::HeaderWrong,
        Code::WrongMethod,
        Code::MediaType,
        Code::OffsetConflict,
        Code::ChecksumMismatch,
        Code::UploadGone,
    ],
    ..PLAIN
};

const IS_THERE: Says = Says {
    about: "Whether a photo is durably held, by its hash; this is no part of tus.",
    answers: &[Good { status: 200, about: "It is.", schema: None, headers: &[] }],
    codes: &[Code::NotFound],
    ..PLAIN
};
