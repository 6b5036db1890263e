//! What a source file names: every path in its code, its `use` trees, its attributes and, token by token, in
//! the macros it calls, each resolved to a place in this crate or to another crate.
//!
//! Resolution is by name and errs towards finding too much: it knows modules, imports and renames, not types.

use std::collections::{BTreeSet, HashMap};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// Where a path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A path from this crate's root; `*` stands for a glob.
    House(Vec<String>),
    /// A path whose first segment is the name of a crate, a prelude type, or something unknown.
    Elsewhere(Vec<String>),
}

/// One mention of a path.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) place: Place,
    /// Named by a `pub use`, `pub type` or `pub extern crate`: the module in which others can reach it through
    /// this file, and so, for plain `pub`, the crate's root.
    pub(crate) handed_on: Option<Vec<String>>,
}

/// A file's position: the modules that lead to it, and whether `crate` means the library there.
#[derive(Clone, Debug)]
pub(crate) struct Position {
    pub(crate) modules: Vec<String>,
    pub(crate) in_library: bool,
}

impl Position {
    /// The position of a file by its path below `src`.
    pub(crate) fn of(path: &str) -> Self {
        let mut modules: Vec<String> = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
        let in_library = modules[0] != "bin" && modules != ["main"];
        if !in_library || modules == ["lib"] {
            modules.clear();
        } else if modules.last().is_some_and(|last| last == "mod") {
            modules.pop();
        }
        Self { modules, in_library }
    }
}

/// Reads a file. `library` is the name other crates know this one by; `modules` are all its module paths.
pub(crate) fn names(
    source: &str,
    at: &Position,
    library: &str,
    modules: &BTreeSet<Vec<String>>,
) -> syn::Result<Vec<Name>> {
    let file = syn::parse_file(source)?;
    let mut reader =
        Reader { at: at.modules.clone(), mentions: Vec::new(), aliases: HashMap::new(), in_alias: false };
    reader.visit_file(&file);
    let Reader { mentions, aliases, .. } = reader;
    let resolver = Resolver { aliases: &aliases, library, modules, in_library: at.in_library };
    Ok(mentions
        .iter()
        .flat_map(|mention| {
            let places = resolver.places(&mention.path, 0);
            places.into_iter().map(|place| Name { place, handed_on: mention.handed_on.clone() })
        })
        .collect())
}

/// Every identifier of the file and whether a single colon follows (a field, an attribute of rsx).
pub(crate) fn idents(source: &str) -> Result<Vec<(String, bool)>, proc_macro2::LexError> {
    fn walk(tokens: TokenStream, found: &mut Vec<(String, bool)>) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (i, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) => {
                    let colon = is_colon(tokens.get(i + 1)) && !is_colon(tokens.get(i + 2));
                    found.push((ident.to_string(), colon));
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = string(literal)
                        && is_colon(tokens.get(i + 1))
                    {
                        found.push((text, true));
                    }
                }
                TokenTree::Group(group) => walk(group.stream(), found),
                TokenTree::Punct(_) => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(source.parse()?, &mut found);
    Ok(found)
}

/// A path as written, made to start with `crate`, `::` or a plain name by adding the position of `self`/`super`.
struct Mention {
    path: Written,
    handed_on: Option<Vec<String>>,
}

#[derive(Clone)]
struct Written {
    /// The module the path stands in.
    at: Vec<String>,
    leading_colons: bool,
    segments: Vec<String>,
}

struct Reader {
    at: Vec<String>,
    mentions: Vec<Mention>,
    aliases: HashMap<String, Vec<Written>>,
    /// Within `type A = …`, where an imported name by itself is handed on too.
    in_alias: bool,
}

impl Reader {
    fn written(&self, leading_colons: bool, segments: Vec<String>) -> Written {
        Written { at: self.at.clone(), leading_colons, segments }
    }

    fn mention(&mut self, leading_colons: bool, segments: Vec<String>) {
        let path = self.written(leading_colons, segments);
        self.mentions.push(Mention { path, handed_on: None });
    }

    /// Marks what was mentioned since there were `before` mentions as visible to whom `visibility` says.
    fn hand_on(&mut self, before: usize, visibility: &syn::Visibility) {
        let scope = match visibility {
            syn::Visibility::Inherited => return,
            syn::Visibility::Restricted(inner) if inner.path.is_ident("self") => return,
            syn::Visibility::Restricted(inner) if inner.path.is_ident("super") => {
                self.at[..self.at.len().saturating_sub(1)].to_vec()
            }
            _ => Vec::new(),
        };
        for mention in &mut self.mentions[before..] {
            mention.handed_on = Some(scope.clone());
        }
    }

    fn alias(&mut self, name: String, leading_colons: bool, segments: Vec<String>) {
        let path = self.written(leading_colons, segments);
        self.aliases.entry(name).or_default().push(path);
    }

    fn use_tree(&mut self, tree: &syn::UseTree, colons: bool, before: &[String]) {
        let with = |ident: &syn::Ident| {
            let mut path = before.to_vec();
            if ident != "self" || before.is_empty() {
                path.push(ident.to_string());
            }
            path
        };
        match tree {
            syn::UseTree::Path(path) => self.use_tree(&path.tree, colons, &with(&path.ident)),
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.use_tree(tree, colons, before);
                }
            }
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                let called = path.last().cloned().unwrap_or_default();
                self.alias(called, colons, path.clone());
                self.mention(colons, path);
            }
            syn::UseTree::Rename(rename) => {
                let path = with(&rename.ident);
                self.alias(rename.rename.to_string(), colons, path.clone());
                self.mention(colons, path);
            }
            syn::UseTree::Glob(_) => {
                let mut path = before.to_vec();
                path.push("*".to_owned());
                self.mention(colons, path);
            }
        }
    }

    /// Finds paths among the tokens of a macro call: `crate::a::b`, `::a::b`, `a::{b, c::*}`, and the ones in
    /// the braces of a format string.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    i += 1;
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = string(literal) {
                        self.string(&text);
                    }
                    i += 1;
                }
                TokenTree::Ident(_) => i = self.token_path(&tokens, i, false),
                TokenTree::Punct(_) if is_colons(&tokens, i) => {
                    i += 2;
                    if matches!(tokens.get(i), Some(TokenTree::Ident(_))) {
                        i = self.token_path(&tokens, i, true);
                    }
                }
                TokenTree::Punct(_) => i += 1,
            }
        }
    }

    /// Reads the path that starts at the identifier `tokens[i]`; returns the index after it.
    fn token_path(&mut self, tokens: &[TokenTree], mut i: usize, colons: bool) -> usize {
        let imported = i > 0 && matches!(&tokens[i - 1], TokenTree::Ident(before) if before == "use");
        let mut segments = vec![tokens[i].to_string()];
        i += 1;
        while is_colons(tokens, i) {
            match tokens.get(i + 2) {
                Some(TokenTree::Ident(ident)) => segments.push(ident.to_string()),
                Some(TokenTree::Punct(star)) if star.as_char() == '*' => segments.push("*".to_owned()),
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    let tree = format!("{}::{}", segments.join("::"), group);
                    if let Ok(tree) = syn::parse_str::<syn::UseTree>(&tree) {
                        self.use_tree(&tree, colons, &[]);
                    }
                    return i + 2;
                }
                _ => break,
            }
            i += 3;
        }
        if let (Some(TokenTree::Ident(with)), Some(TokenTree::Ident(name))) =
            (tokens.get(i), tokens.get(i + 1))
            && imported
            && with == "as"
        {
            self.alias(name.to_string(), colons, segments.clone());
        } else if imported && let Some(last) = segments.last() {
            self.alias(last.clone(), colons, segments.clone());
        }
        if segments.len() > 1 || colons || imported {
            self.mention(colons, segments);
        }
        i
    }

    /// A string inside a macro or an attribute: a path by itself, or expressions in braces.
    fn string(&mut self, text: &str) {
        if let Ok(path) = syn::parse_str::<syn::Path>(text) {
            self.visit_path(&path);
        }
        for inside in text.split('{').skip(1).filter_map(|part| part.split('}').next()) {
            if let Ok(tokens) = inside.parse() {
                self.tokens(tokens);
            }
        }
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) if is_test(&module.attrs) => {}
            syn::Item::Fn(function) if is_test(&function.attrs) => {}
            syn::Item::Use(item) if is_test(&item.attrs) => {}
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        self.at.push(module.ident.to_string());
        visit::visit_item_mod(self, module);
        self.at.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let before = self.mentions.len();
        self.use_tree(&item.tree, item.leading_colon.is_some(), &[]);
        self.hand_on(before, &item.vis);
    }

    fn visit_item_extern_crate(&mut self, item: &'ast syn::ItemExternCrate) {
        let name = if item.ident == "self" { "crate".to_owned() } else { item.ident.to_string() };
        let outside = item.ident != "self";
        if let Some((_, rename)) = &item.rename {
            self.alias(rename.to_string(), outside, vec![name.clone()]);
        }
        if outside {
            let before = self.mentions.len();
            self.mention(true, vec![name]);
            self.hand_on(before, &item.vis);
        }
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        let before = self.mentions.len();
        self.in_alias = true;
        visit::visit_item_type(self, item);
        self.in_alias = false;
        self.hand_on(before, &item.vis);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let colons = path.leading_colon.is_some();
        if path.segments.len() > 1 || colons || self.in_alias {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(colons, segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if call.path.is_ident("include") {
            self.mention(true, vec!["include!".to_owned()]);
        }
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        match &attribute.meta {
            syn::Meta::Path(path) => self.visit_path(path),
            syn::Meta::List(list) => {
                self.visit_path(&list.path);
                self.tokens(list.tokens.clone());
            }
            syn::Meta::NameValue(pair) if pair.path.is_ident("doc") => {}
            syn::Meta::NameValue(pair) if pair.path.is_ident("path") => {
                self.mention(true, vec!["#[path]".to_owned()]);
            }
            syn::Meta::NameValue(pair) => self.visit_expr(&pair.value),
        }
    }
}

struct Resolver<'a> {
    aliases: &'a HashMap<String, Vec<Written>>,
    library: &'a str,
    modules: &'a BTreeSet<Vec<String>>,
    in_library: bool,
}

impl Resolver<'_> {
    fn places(&self, path: &Written, depth: usize) -> Vec<Place> {
        let (first, rest) = path.segments.split_first().map_or(("", &[][..]), |(f, r)| (f.as_str(), r));
        if path.leading_colons {
            return vec![self.elsewhere(path.segments.clone())];
        }
        match first {
            "crate" => vec![self.house(rest.to_vec())],
            "self" => vec![self.house([&path.at, rest].concat())],
            "super" => {
                let ups = path.segments.iter().take_while(|segment| *segment == "super").count();
                let up = path.at.len().saturating_sub(ups);
                vec![self.house([&path.at[..up], &path.segments[ups..]].concat())]
            }
            _ => self.plain(path, first, rest, depth),
        }
    }

    fn plain(&self, path: &Written, first: &str, rest: &[String], depth: usize) -> Vec<Place> {
        let mut places = Vec::new();
        for target in self.aliases.get(first).into_iter().flatten() {
            let same = target.segments.len() == 1 && target.segments[0] == first;
            if depth < 8 && !same {
                let mut longer = target.clone();
                longer.segments.extend_from_slice(rest);
                places.extend(self.places(&longer, depth + 1));
            }
        }
        let child = [&path.at[..], &[first.to_owned()]].concat();
        if self.modules.contains(&child) {
            places.push(self.house([&path.at[..], &path.segments].concat()));
        }
        if places.is_empty() {
            places.push(self.elsewhere(path.segments.clone()));
        }
        places
    }

    /// In a binary, `crate` is the binary itself, whose modules are its own affair.
    fn house(&self, path: Vec<String>) -> Place {
        if self.in_library {
            Place::House(path)
        } else {
            Place::Elsewhere([vec![String::new()], path].concat())
        }
    }

    fn elsewhere(&self, path: Vec<String>) -> Place {
        if path[0] == self.library { Place::House(path[1..].to_vec()) } else { Place::Elsewhere(path) }
    }
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|condition| condition.is_ident("test"))
    })
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

fn is_colons(tokens: &[TokenTree], i: usize) -> bool {
    is_colon(tokens.get(i)) && is_colon(tokens.get(i + 1))
}

fn string(literal: &proc_macro2::Literal) -> Option<String> {
    match syn::Lit::new(literal.clone()) {
        syn::Lit::Str(text) => Some(text.value()),
        _ => None,
    }
}
