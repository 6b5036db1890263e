//! The interface described as OpenAPI 3.1, from the table that the router is built from, so that neither can have a
//! route that the other lacks. The schemas stand in two files beside this one; tests hold real answers against them.
//!
//! Derived schemas (utoipa, schemars) would put an attribute on every type of `wire` and `domain`, which the phone
//! builds too, and switch on a feature of a crate that half the tree is built on.

use std::collections::BTreeMap;

use axum::http::Method;
use axum::routing::MethodRouter;
use serde_json::{Map, Value, json};

use super::super::Bureau;
use crate::wire::failure::Code;
use crate::wire::{BUREAU_HEADER, PROBLEM_JSON};

/// What is said and signed, and what checklists are: these change when the trade does, not the protocol.
const SCHEMAS: [&str; 2] = [include_str!("schemas.json"), include_str!("checklist_schemas.json")];

/// One route: how it is reached, who answers, what is said about it.
pub(super) struct Route {
    pub(super) method: Method,
    /// Below `/v1`.
    pub(super) path: String,
    pub(super) handler: MethodRouter<Bureau>,
    pub(super) says: Says,
}

/// What the description says of a route.
#[derive(Clone, Copy)]
pub(super) struct Says {
    /// In a sentence.
    pub(super) about: &'static str,
    /// Whether a phone's token is asked for.
    pub(super) token: bool,
    /// `since` in the address: what it is.
    pub(super) since: Option<&'static str>,
    /// Headers of the question: name, whether it must be there, what it is.
    pub(super) headers: &'static [(&'static str, bool, &'static str)],
    /// Media type and schema of the question's body; a schema of no name is bytes.
    pub(super) body: Option<(&'static str, &'static str)>,
    /// The good answers.
    pub(super) answers: &'static [Good],
    /// The failures besides those that every route may have.
    pub(super) codes: &'static [Code],
}

/// A good answer.
pub(super) struct Good {
    pub(super) status: u16,
    pub(super) about: &'static str,
    /// Schema of its JSON body.
    pub(super) schema: Option<&'static str>,
    /// Headers it always has; those that end in `?` it may have.
    pub(super) headers: &'static [&'static str],
}

/// Failures of every route, of every route that needs a token, of every one that takes a body.
const ALWAYS: [Code; 3] = [Code::Busy, Code::Internal, Code::StorageFull];
const WITH_TOKEN: [Code; 2] = [Code::NotEnrolled, Code::Revoked];
const WITH_BODY: [Code; 2] = [Code::TooLarge, Code::TooSlow];

/// The whole description.
pub(super) fn document(routes: &[Route]) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for route in routes {
        let path = paths.entry(format!("/v1{}", route.path)).or_default();
        path.insert(route.method.as_str().to_ascii_lowercase(), operation(route));
    }
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap_or_default();
    let schemas: Map<String, Value> = SCHEMAS.into_iter().flat_map(read).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "xieguan bureau",
            "version": "1",
            "summary": "What phones say to a bureau; docs/protocol.md says what it means and how to write another client.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": { "phone": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn operation(route: &Route) -> Value {
    let says = &route.says;
    let mut operation = json!({
        "summary": says.about,
        "operationId": name(route),
        "responses": responses(route),
        "security": if says.token { json!([{ "phone": [] }]) } else { json!([]) },
    });
    let parameters = parameters(route);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some((media, schema)) = says.body {
        // A creation may come without bytes.
        let required = !schema.is_empty() || route.method == Method::PATCH;
        operation["requestBody"] = json!({ "required": required, "content": { media: content(schema) } });
    }
    operation
}

fn name(route: &Route) -> String {
    let words = route.path.split(['/', '-', '.']).filter(|word| !word.is_empty() && !word.starts_with('{'));
    let words: Vec<_> = words.collect();
    let one = if route.path.ends_with('}') { "-one" } else { "" };
    format!("{}-{}{one}", route.method.as_str().to_ascii_lowercase(), words.join("-"))
}

fn content(schema: &str) -> Value {
    match schema {
        // Raw bytes have no schema in OpenAPI 3.1.
        "" => json!({}),
        name => json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } }),
    }
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| {
        let schema = match name {
            "revision" => json!({ "type": "integer", "minimum": 1 }),
            "sha256" => json!({ "$ref": "#/components/schemas/Digest" }),
            _ => json!({ "type": "string", "format": "uuid" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let since = route.says.since.map(|about| {
        json!({ "name": "since", "in": "query", "required": false, "description": about, "schema": { "type": "string" } })
    });
    let headers = route.says.headers.iter().map(|(name, required, about)| {
        json!({
            "name": name, "in": "header", "required": required, "description": about, "schema": { "type": "string" },
        })
    });
    in_path.chain(since).chain(headers).collect()
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    for good in route.says.answers {
        let named = good.headers.iter().copied().chain([BUREAU_HEADER]);
        let headers: Map<String, Value> = named
            .map(|name| {
                let required = !name.ends_with('?');
                let header = json!({ "required": required, "schema": { "type": "string" } });
                (name.trim_end_matches('?').to_owned(), header)
            })
            .collect();
        let mut answer = json!({ "description": good.about, "headers": headers });
        if let Some(schema) = good.schema {
            answer["content"] = json!({ "application/json": content(schema) });
        }
        responses.insert(good.status.to_string(), answer);
    }
    for (status, codes) in failures(route) {
        responses.insert(status.to_string(), failure(&route.method, &codes));
    }
    responses.into()
}

fn failures(route: &Route) -> BTreeMap<u16, Vec<Code>> {
    let says = &route.says;
    let token: &[Code] = if says.token { &WITH_TOKEN } else { &[] };
    let body: &[Code] = if says.body.is_some() { &WITH_BODY } else { &[] };
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in says.codes.iter().chain(&ALWAYS).chain(token).chain(body) {
        by_status.entry(code.facts().status).or_default().push(*code);
    }
    by_status
}

fn failure(method: &Method, codes: &[Code]) -> Value {
    let about = |code: &Code| format!("{}: {}", code.facts().name, code.facts().title);
    let description = codes.iter().map(about).collect::<Vec<_>>().join("; ");
    // An answer to HEAD has no body, so the status has to do.
    if method == Method::HEAD {
        return json!({ "description": description });
    }
    let names: Vec<_> = codes.iter().map(|code| code.facts().name).collect();
    let schema = json!({
        "$ref": "#/components/schemas/Failure",
        "properties": { "code": { "enum": names } },
    });
    json!({ "description": description, "content": { PROBLEM_JSON: { "schema": schema } } })
}
