//! Nothing blocks the thread that draws: screens only await the device, and the device leaves that thread before it
//! touches the store, the photos or a file.

use std::collections::BTreeSet;

use syn::visit::{self, Visit};

use super::layers::names::{self, Place, Position};
use super::layers::sources;

/// What waits, as runs of path segments.
const BLOCKING_PATHS: &[&[&str]] = &[
    &["std", "fs"],
    &["std", "net"],
    &["std", "process"],
    &["std", "thread"],
    &["std", "sync", "Condvar"],
    &["std", "sync", "Mutex"],
    &["std", "sync", "RwLock"],
    &["std", "sync", "mpsc"],
];

/// What waits, by name.
const BLOCKING_CALLS: &[&str] = &[
    "block_in_place",
    "block_on",
    "blocking_lock",
    "blocking_read",
    "blocking_recv",
    "blocking_send",
    "blocking_write",
];

/// What only a blocking thread may reach, as fields of `inner`.
const BEHIND_THE_DOOR: &[&str] = &["store", "photos"];

/// The methods that go to a blocking thread first.
const DOORS: &[&str] = &["read", "write", "aside"];

#[test]
fn no_handler_or_screen_blocks_or_reaches_the_store() {
    let sources = sources();
    let modules: BTreeSet<Vec<String>> = sources.iter().map(|(path, _)| Position::of(path).modules).collect();
    let screens = sources.iter().filter(|(path, _)| path.starts_with("ui/"));
    let found: Vec<String> = screens.flat_map(|(path, source)| blocking(path, source, &modules)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_device_reaches_store_and_photos_only_on_blocking_threads() {
    let sources = sources();
    let device = sources.iter().filter(|(path, _)| path.starts_with("device/"));
    let found: Vec<String> = device.flat_map(|(path, source)| reached_directly(path, source)).collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn a_planted_block_is_found() {
    #[rustfmt::skip]
    let planted = [
        ("fn f() { rsx! { button { onclick: move |_| { std::fs::write(1, 2); } } } }", "std::fs"),
        ("use std::sync::Mutex; fn f(m: &Mutex<u8>) {}", "std::sync::Mutex"),
        ("fn f() { std::thread::sleep(1); }", "std::thread"),
        ("use std::{fmt, thread as t}; fn f() { t::sleep(1); }", "std::thread"),
        ("fn f() { rsx! { button { onclick: move |_| { tokio::runtime::Handle::current().block_on(x); } } } }", "block_on"),
        ("fn f() { lock.blocking_lock(); }", "blocking_lock"),
    ];
    for (source, expected) in planted {
        let found = blocking("ui/home.rs", source, &BTreeSet::new());
        assert!(found.iter().any(|what| what.contains(expected)), "{source}: {found:?}");
    }
    assert_eq!(blocking("ui/home.rs", "fn f() { device.answer().await }", &BTreeSet::new()), [""; 0]);
}

#[test]
fn a_planted_reach_past_the_door_is_found() {
    let method = |body: &str| format!("impl Device {{ pub fn f(&self) {{ {body} }} }}");
    for body in
        ["locked(&self.inner.store)?.drafts()", "let s = &self.inner.store;", "self.inner.photos.read(1)"]
    {
        assert_eq!(reached_directly("device/x.rs", &method(body)).len(), 1, "{body}");
    }
    for body in ["self.read(|inner, _| inner.photos.read(1))", "self.aside(move |i| locked(&i.inner.store))"]
    {
        assert_eq!(reached_directly("device/x.rs", &method(body)), [""; 0], "{body}");
    }
}

fn blocking(path: &str, source: &str, modules: &BTreeSet<Vec<String>>) -> Vec<String> {
    let position = Position::of(path);
    let names = names::names(source, &position, env!("CARGO_PKG_NAME"), modules).expect("the source parses");
    let paths = names.into_iter().filter_map(|name| match name.place {
        Place::Elsewhere(to) => BLOCKING_PATHS
            .iter()
            .find(|run| to.windows(run.len()).any(|part| part == **run))
            .map(|run| run.join("::")),
        Place::House(_) => None,
    });
    let idents = names::idents(source).expect("the source has tokens").into_iter().map(|(ident, _)| ident);
    let calls = idents.filter(|ident| BLOCKING_CALLS.contains(&ident.as_str()));
    paths.chain(calls).map(|what| format!("src/{path}: {what} blocks the thread that draws")).collect()
}

/// Places in methods of `Device` that take store or photos without going through a door.
fn reached_directly(path: &str, source: &str) -> Vec<String> {
    let file = syn::parse_file(source).expect("the source parses");
    let mut finder = Finder::default();
    finder.visit_file(&file);
    finder.found.into_iter().map(|what| format!("src/{path}: {what}")).collect()
}

#[derive(Default)]
struct Finder {
    method: Option<String>,
    private: bool,
    found: Vec<String>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let of_device = matches!(&*item.self_ty, syn::Type::Path(path) if path.path.is_ident("Device"));
        if of_device {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, method: &'ast syn::ImplItemFn) {
        let name = method.sig.ident.to_string();
        if !DOORS.contains(&name.as_str()) {
            self.method = Some(name);
            self.private = matches!(method.vis, syn::Visibility::Inherited);
            visit::visit_impl_item_fn(self, method);
            self.method = None;
        }
    }

    /// What is handed to a door runs behind it; a private method may pass the handle on, as to the worker.
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if self.private && call.method == "clone" {
            return;
        }
        self.visit_expr(&call.receiver);
        if !DOORS.contains(&call.method.to_string().as_str()) {
            call.args.iter().for_each(|argument| self.visit_expr(argument));
        }
    }

    fn visit_expr_field(&mut self, field: &'ast syn::ExprField) {
        if let (Some(method), syn::Expr::Field(inner), syn::Member::Named(name)) =
            (&self.method, &*field.base, &field.member)
            && matches!(&inner.member, syn::Member::Named(inner) if inner == "inner")
            && BEHIND_THE_DOOR.contains(&name.to_string().as_str())
        {
            self.found.push(format!("Device::{method} takes {name} on the caller's thread"));
        }
        visit::visit_expr_field(self, field);
    }
}
