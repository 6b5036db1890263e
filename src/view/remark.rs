//! Comments at an item of a record, and the plain field for writing one.

use dioxus::prelude::*;

/// A comment as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Who and when.
    pub head: String,
    /// The words.
    pub text: String,
}

/// A field of a form elsewhere on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemarkField {
    /// The form's id.
    pub form: &'static str,
    /// The field's name.
    pub name: String,
    /// What a screen reader says.
    pub label: String,
    /// What opens it.
    pub write: &'static str,
    /// What was typed already; then it is open.
    pub typed: String,
    /// Characters allowed.
    pub max: usize,
}

/// What stands under an item beside its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Comments, oldest first.
    pub said: Vec<Remark>,
    /// The way to write one.
    pub field: Option<RemarkField>,
    /// The answer is not that of the version before: a mark in words.
    pub changed: Option<String>,
}

/// Comments first, then the quiet way to write one.
#[component]
pub fn RemarkBlock(remarks: Remarks) -> Element {
    rsx! {
        if let Some(changed) = &remarks.changed { span { class: "tag warn remark-changed", "{changed}" } }
        for said in &remarks.said {
            div { class: "remark",
                span { class: "remark-head", bdi { "{said.head}" } }
                div { class: "written", dir: "auto", "{said.text}" }
            }
        }
        if let Some(field) = remarks.field {
            details { class: "remark-field", open: !field.typed.is_empty(),
                summary { "aria-label": "{field.label}", "{field.write}" }
                textarea {
                    name: "{field.name}", form: field.form, rows: "2", maxlength: "{field.max}", dir: "auto",
                    "aria-label": "{field.label}", "{field.typed}"
                }
            }
        }
    }
}
