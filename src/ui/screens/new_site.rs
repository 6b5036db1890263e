//! A place that nobody has on file: noted where one stands, with or without a name, and visited at once.

use dioxus::prelude::*;
use serde::{Deserialize, Serialize};

use super::shell::{Loading, Sorry, TopBar};
use super::sites::LastSearch;
use crate::device::new_site::FieldSite;
use crate::device::visit::OfferedFix;
use crate::domain::site::{KINDS, Township};
use crate::ui::jot::{jotted, kept, use_jot};
use crate::ui::live::{use_device, use_live};
use crate::ui::position::{Where, use_position};
use crate::ui::prefs::{use_language, use_words};
use crate::ui::route::Route;
use crate::ui::say::Trouble;
use crate::view::words::new_site::new_site_words;
use crate::view::words::words;

const FORM: &str = "new-site";

/// What was given so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Given {
    name: String,
    nickname: String,
    kinds: Vec<String>,
    township: Option<Township>,
    address: String,
    /// Measured anew each time: whoever comes back may stand elsewhere.
    #[serde(skip)]
    fix: Option<OfferedFix>,
}

impl Given {
    fn is_enough(&self) -> bool {
        let said = [&self.name, &self.nickname, &self.address].iter().any(|text| !text.trim().is_empty());
        said && !self.kinds.is_empty()
    }

    /// Without the place, while there is anything.
    fn typed(&self) -> Option<Self> {
        let typed = Self { fix: None, ..self.clone() };
        let none = Self { township: self.township.clone(), ..Self::default() };
        (typed != none).then_some(typed)
    }
}

/// The screen.
#[component]
pub fn NewSitePage() -> Element {
    let n = new_site_words(use_language());
    let begun = use_live(|device| async move {
        let townships = device.profile().await.ok().flatten().map(|profile| profile.enrolled.townships);
        (townships, jotted::<Given>(&device, FORM).await)
    });
    rsx! {
        div { class: "screen", id: "new-site",
            TopBar { title: n.title, back: true, {n.what} }
            match &*begun.read() {
                None => rsx! { Loading {} },
                Some((None, _)) => rsx! { Sorry { trouble: Trouble::NotEnrolled } },
                Some((Some(townships), left)) => rsx! { Form { townships: townships.clone(), left: left.clone() } },
            }
        }
    }
}

#[component]
fn Form(townships: Vec<Township>, left: Option<Given>) -> Element {
    let n = new_site_words(use_language());
    let looked_for = use_context::<LastSearch>().0;
    let mut given = use_signal(|| {
        let first = || townships.first().cloned();
        if let Some(left) = left.clone() {
            let township = left.township.clone().filter(|one| townships.contains(one)).or_else(first);
            return Given { township, ..left };
        }
        // What was searched for in vain is most likely its name.
        let text = looked_for.peek().text().trim().to_owned();
        let name = if text.is_ascii() { String::new() } else { text };
        Given { name, township: first(), ..Given::default() }
    });
    let jot = use_jot(FORM.to_owned(), move || given.read().typed());
    let mut returning = use_signal(|| left.is_some());
    let afresh = move |_| {
        returning.set(false);
        let (fix, township) = (given.peek().fix.clone(), given.peek().township.clone());
        given.set(Given { fix, township, ..Given::default() });
    };
    let best = use_hook(|| CopyValue::new(f64::INFINITY));
    let at = use_position(move |fix| {
        let (mut given, mut best) = (given, best);
        if fix.accuracy_m < *best.peek() {
            best.set(fix.accuracy_m);
            given.write().fix = Some(fix);
        }
    });
    rsx! {
        main { class: "scroll", "data-unkept": !jot.holds(given.read().typed().as_ref()),
            Here { at: at() }
            if returning() {
                div { class: "row", id: "left-before",
                    p { class: "hint grow", role: "status", {n.left_before} }
                    button { class: "link", id: "afresh", r#type: "button", onclick: afresh, {n.afresh} }
                }
            }
            section { class: "card",
                Line { id: "name", label: n.name, example: n.name_example, given, field: Field::Name }
                Line { id: "nickname", label: n.nickname, example: n.nickname_example, given, field: Field::Nickname }
                Line { id: "address", label: n.address, example: n.address_example, given, field: Field::Address }
            }
            Kinds { given }
            if townships.len() > 1 { Townships { townships: townships.clone(), given } }
        }
        Keep { given }
    }
}

#[component]
fn Here(at: Where) -> Element {
    let language = use_language();
    let (w, n, all) = (use_words(), new_site_words(language), words(language));
    let (line, kind) = match at {
        Where::Searching => (n.searching.to_owned(), "searching"),
        Where::Here(_, accuracy_m) => ((n.here)(accuracy_m), "here"),
        Where::Nowhere(reason) => ((w.position_none)((all.terms.no_fix)(reason)), "nowhere"),
    };
    rsx! {
        section { class: if kind == "here" { "card where ok" } else { "card where" }, id: "where", "data-where": kind,
            p { class: "t1", role: "status", {line} }
            p { class: "t2", {if kind == "here" { n.here_what } else { n.nowhere_what }} }
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Name,
    Nickname,
    Address,
}

#[component]
fn Line(id: String, label: String, example: String, given: Signal<Given>, field: Field) -> Element {
    let text = {
        let given = given.read();
        match field {
            Field::Name => given.name.clone(),
            Field::Nickname => given.nickname.clone(),
            Field::Address => given.address.clone(),
        }
    };
    rsx! {
        label { class: "label", r#for: "{id}", {label} }
        input { id: "{id}", class: "line", dir: "auto", value: "{text}", maxlength: "100", placeholder: example,
            oninput: move |event| {
                let mut given = given.write();
                match field {
                    Field::Name => given.name = event.value(),
                    Field::Nickname => given.nickname = event.value(),
                    Field::Address => given.address = event.value(),
                }
            },
        }
    }
}

#[component]
fn Kinds(given: Signal<Given>) -> Element {
    let language = use_language();
    let (n, terms) = (new_site_words(language), &words(language).terms);
    rsx! {
        h2 { class: "sec", {n.kind} }
        div { class: "chips", role: "group", aria_label: n.kind,
            for kind in KINDS {
                button { key: "{kind}", class: "say", r#type: "button", "data-kind": "{kind}",
                    aria_pressed: given.read().kinds.iter().any(|one| one == kind),
                    onclick: move |_| {
                        let mut given = given.write();
                        match given.kinds.iter().position(|one| one == kind) {
                            Some(at) => _ = given.kinds.remove(at),
                            None => given.kinds.push(kind.to_owned()),
                        }
                    },
                    {(terms.site_kind)(kind).unwrap_or(kind)}
                }
            }
        }
    }
}

#[component]
fn Townships(townships: Vec<Township>, given: Signal<Given>) -> Element {
    let n = new_site_words(use_language());
    rsx! {
        h2 { class: "sec", {n.township} }
        div { class: "chips", role: "group", aria_label: n.township,
            for township in townships {
                button { key: "{township.code}", class: "say", r#type: "button", dir: "auto",
                    aria_pressed: given.read().township.as_ref() == Some(&township),
                    onclick: { let township = township.clone(); move |_| given.write().township = Some(township.clone()) },
                    {township.name.clone()}
                }
            }
        }
    }
}

/// Stores it; then its page, or the visit.
#[component]
fn Keep(given: Signal<Given>) -> Element {
    let n = new_site_words(use_language());
    let device = use_device();
    let mut busy = use_signal(|| false);
    let mut trouble = use_signal(|| None::<Trouble>);
    let enough = given.read().is_enough();
    let keep = use_callback(move |visit: bool| {
        let Given { name, nickname, kinds, township, address, fix } = given.peek().clone();
        let Some(township) = township else { return };
        let new = FieldSite { name, nickname, kinds, township, address, fix };
        let device = device.clone();
        spawn(async move {
            busy.set(true);
            match device.add_site(new).await {
                Ok(id) => {
                    kept(&device, FORM).await;
                    navigator().replace(Route::SitePage { id });
                    if visit {
                        navigator().push(Route::StartVisit { id });
                    }
                }
                Err(error) => {
                    trouble.set(Some(Trouble::of(&error)));
                    busy.set(false);
                }
            }
        });
    });
    rsx! {
        if let Some(trouble) = trouble() { Sorry { trouble } }
        if !enough { p { class: "foot-note", id: "not-enough", {n.not_enough} } }
        footer { class: "actions",
            button { class: "btn", id: "keep", r#type: "button", disabled: !enough || busy(), onclick: move |_| keep.call(false), {n.keep} }
            button { class: "btn p", id: "keep-and-start", r#type: "button", disabled: !enough || busy(),
                onclick: move |_| keep.call(true), {n.keep_and_start}
            }
        }
    }
}
