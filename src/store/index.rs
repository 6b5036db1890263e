//! Every site's folded text in one buffer, searched at the speed of memory.
//!
//! A table scan of a hundred thousand encrypted rows takes a fifth of a second; the same texts beside each other in
//! memory take a few milliseconds, also for one character that is everywhere. `super::seek` goes through them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use memchr::memmem;

use super::fold::{FIELD, fold};
use crate::domain::id::SiteId;
use crate::domain::place::Place;

/// After each site's text, so that no hit spans two sites.
pub(super) const END: u8 = FIELD as u8;
/// Sorts after every distance.
pub(super) const FAR: u32 = u32::MAX;
/// Bytes of a name that stand in its key.
pub(super) const HEAD: usize = size_of::<u128>();
/// The set of kinds of an entry that was replaced or removed.
const GONE: u32 = u32::MAX;

/// What is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Words; all must be found. Empty for all sites.
    pub text: String,
    /// Only sites of this kind.
    pub kind: Option<String>,
    /// Where the phone is: nearer ones first among equals.
    pub here: Option<Place>,
    /// Only sites within so many metres of `here`; those without a registered place are then left out.
    pub within_m: Option<u32>,
    /// At most so many.
    pub limit: usize,
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The best ones, best first.
    pub ids: Vec<SiteId>,
    /// How many there are in all.
    pub total: usize,
}

/// A site as the index takes it in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indexed {
    /// Which.
    pub id: SiteId,
    /// Its text (`store::fold`).
    pub folded: String,
    /// Registered place.
    pub place: Option<Place>,
    /// Its kinds, a line each.
    pub kinds: String,
    /// The last visit that the bureau knows of, Unix milliseconds.
    pub visited_ms: Option<i64>,
}

/// A site in a list that needs no text: for what is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Brief<'a> {
    /// Which.
    pub id: SiteId,
    /// Registered place.
    pub place: Option<Place>,
    /// Its kinds.
    pub kinds: &'a [String],
    /// Number of this set of kinds, below [`Index::kind_sets`].
    pub kind_set: usize,
    /// The last visit that the bureau knows of, Unix milliseconds.
    pub visited_ms: Option<i64>,
}

/// What the order of an entry among the others depends on, small and beside each other: a word that is everywhere
/// looks at all of them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// The first letters of the name as a number, so that comparing two names needs no look at the text.
    pub(super) name: u128,
    pub(super) place: Option<Place>,
    kind_set: u32,
}

impl Key {
    /// Whether its site is still held and, where the wanted ones are told by number of the set, of such a kind.
    pub(super) fn is_of(&self, sets: Option<&[bool]>) -> bool {
        match sets {
            None => self.kind_set != GONE,
            Some(sets) => sets.get(self.kind_set as usize).copied().unwrap_or(false),
        }
    }
}

/// What only the sites that are given out need.
#[derive(Clone, Copy, Debug)]
struct Entry {
    id: SiteId,
    visited_ms: Option<i64>,
}

/// The index. A change appends; what it replaces stays as a gap until gaps are a third of it.
#[derive(Clone, Debug, Default)]
pub struct Index {
    pub(super) text: Vec<u8>,
    /// Where each entry's text begins.
    pub(super) starts: Vec<usize>,
    /// Where the fields after the first begin in each entry, counted from the start of its text.
    pub(super) fields: Vec<[u32; 4]>,
    pub(super) keys: Vec<Key>,
    entries: Vec<Entry>,
    by_id: HashMap<SiteId, u32>,
    kind_sets: Vec<Vec<String>>,
    set_numbers: HashMap<String, u32>,
}

impl Index {
    /// Takes in a site, in place of what it had of it.
    pub fn put(&mut self, site: &Indexed) {
        self.remove(site.id);
        let kind_set = self.kind_set(&site.kinds);
        let mut fields = [u32::try_from(site.folded.len()).unwrap_or(FAR); 4];
        let marks = memchr::memchr_iter(END, site.folded.as_bytes());
        for (field, mark) in fields.iter_mut().zip(marks) {
            *field = u32::try_from(mark + 1).unwrap_or(FAR);
        }
        let number = u32::try_from(self.entries.len()).unwrap_or(FAR);
        self.by_id.insert(site.id, number);
        self.starts.push(self.text.len());
        self.text.extend_from_slice(site.folded.as_bytes());
        self.text.push(END);
        self.fields.push(fields);
        self.keys.push(Key { name: name_key(&site.folded), place: site.place, kind_set });
        self.entries.push(Entry { id: site.id, visited_ms: site.visited_ms });
    }

    /// Forgets a site.
    pub fn remove(&mut self, id: SiteId) {
        let Some(number) = self.by_id.remove(&id) else { return };
        if let Some(key) = self.keys.get_mut(number as usize) {
            key.kind_set = GONE;
        }
        if self.entries.len() > 1_000 && self.by_id.len() * 3 < self.entries.len() * 2 {
            self.close_gaps();
        }
    }

    /// How many sites it holds.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Bytes it takes, about.
    pub fn bytes(&self) -> usize {
        let per_id = size_of::<(SiteId, u32)>() + 1;
        self.text.capacity()
            + self.starts.capacity() * size_of::<usize>()
            + self.fields.capacity() * size_of::<[u32; 4]>()
            + self.keys.capacity() * size_of::<Key>()
            + self.entries.capacity() * size_of::<Entry>()
            + self.by_id.capacity() * per_id
    }

    /// The different sets of kinds that sites have or had.
    pub fn kind_sets(&self) -> &[Vec<String>] {
        &self.kind_sets
    }

    /// Every site, without its text.
    pub fn briefs(&self) -> impl Iterator<Item = Brief<'_>> {
        let held = self.keys.iter().zip(&self.entries).filter(|(key, _)| key.kind_set != GONE);
        held.map(|(key, entry)| Brief {
            id: entry.id,
            place: key.place,
            kinds: &self.kind_sets[key.kind_set as usize],
            kind_set: key.kind_set as usize,
            visited_ms: entry.visited_ms,
        })
    }

    /// The kinds of the sites, the most frequent first.
    pub fn kinds(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0_usize; self.kind_sets.len()];
        for key in self.keys.iter().filter(|key| key.kind_set != GONE) {
            counts[key.kind_set as usize] += 1;
        }
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for (set, count) in self.kind_sets.iter().zip(counts).filter(|(_, count)| *count > 0) {
            set.iter().for_each(|kind| *kinds.entry(kind).or_default() += count);
        }
        let mut kinds: Vec<(String, usize)> =
            kinds.into_iter().map(|(kind, n)| (kind.to_owned(), n)).collect();
        kinds.sort_by_key(|(_, count)| Reverse(*count));
        kinds
    }

    /// Which site an entry is.
    pub(super) fn id(&self, number: u32) -> SiteId {
        self.entries[number as usize].id
    }

    /// Where an entry's text begins and ends in the whole.
    pub(super) fn span(&self, number: usize) -> (usize, usize) {
        (self.starts[number], self.starts.get(number + 1).copied().unwrap_or(self.text.len()))
    }

    /// For each set of kinds, whether a kind is in it.
    pub(super) fn sets_of(&self, kind: &str) -> Vec<bool> {
        self.kind_sets.iter().map(|set| set.iter().any(|one| one == kind)).collect()
    }

    fn kind_set(&mut self, kinds: &str) -> u32 {
        if let Some(known) = self.set_numbers.get(kinds) {
            return *known;
        }
        let number = u32::try_from(self.kind_sets.len()).unwrap_or(FAR);
        self.kind_sets.push(kinds.lines().map(str::to_owned).collect());
        self.set_numbers.insert(kinds.to_owned(), number);
        number
    }

    fn close_gaps(&mut self) {
        let old = std::mem::take(self);
        self.kind_sets.clone_from(&old.kind_sets);
        self.set_numbers.clone_from(&old.set_numbers);
        for (number, key) in old.keys.iter().enumerate().filter(|(_, key)| key.kind_set != GONE) {
            let (start, end) = old.span(number);
            let new = u32::try_from(self.entries.len()).unwrap_or(FAR);
            self.by_id.insert(old.entries[number].id, new);
            self.starts.push(self.text.len());
            self.text.extend_from_slice(&old.text[start..end]);
            self.fields.push(old.fields[number]);
            self.keys.push(*key);
            self.entries.push(old.entries[number]);
        }
    }
}

fn name_key(folded: &str) -> u128 {
    let mut key = [0; HEAD];
    key.iter_mut().zip(folded.bytes()).for_each(|(to, letter)| *to = letter);
    u128::from_be_bytes(key)
}

/// Whether a folded text holds every word: what the index does fast, said plainly.
pub fn holds(folded: &str, text: &str) -> bool {
    fold(text).split_whitespace().all(|word| memmem::find(folded.as_bytes(), word.as_bytes()).is_some())
}
