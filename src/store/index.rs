//! Every site's folded text in one buffer, searched at the speed of memory.
//!
//! A table scan of a hundred thousand encrypted rows takes a fifth of a second; the same texts beside each other in
//! memory take a few milliseconds, also for one character that is everywhere.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use memchr::memmem::{self, Finder};

use super::fold::{FIELD, fold};
use crate::domain::id::SiteId;
use crate::domain::place::Place;

/// Fields of a folded text.
const FIELDS: usize = 5;
/// After each site's text, so that no hit spans two sites.
const END: u8 = FIELD as u8;
/// Sorts after every distance.
const FAR: u32 = u32::MAX;

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

#[derive(Clone, Debug)]
struct Entry {
    id: SiteId,
    /// Where each field begins, counted from the start of the text.
    fields: [u32; FIELDS],
    place: Option<Place>,
    kind_set: u32,
    visited_ms: Option<i64>,
    gone: bool,
}

/// The index. A change appends; what it replaces stays as a gap until gaps are a third of it.
#[derive(Clone, Debug, Default)]
pub struct Index {
    text: Vec<u8>,
    /// Where each entry's text begins; apart from the entries, because every hit is looked up here.
    starts: Vec<usize>,
    entries: Vec<Entry>,
    by_id: HashMap<SiteId, u32>,
    kind_sets: Vec<Vec<String>>,
    set_numbers: HashMap<String, u32>,
}

/// How well a site fits: smaller is better.
type Fit = (u32, u32, u64, u32);

impl Index {
    /// Takes in a site, in place of what it had of it.
    pub fn put(&mut self, site: &Indexed) {
        self.remove(site.id);
        let kind_set = self.kind_set(&site.kinds);
        let start = self.text.len();
        self.text.extend_from_slice(site.folded.as_bytes());
        let mut fields = [u32::try_from(site.folded.len()).unwrap_or(FAR); FIELDS];
        fields[0] = 0;
        let marks = memchr::memchr_iter(END, site.folded.as_bytes());
        for (field, mark) in fields[1..].iter_mut().zip(marks) {
            *field = u32::try_from(mark + 1).unwrap_or(FAR);
        }
        self.text.push(END);
        let number = u32::try_from(self.entries.len()).unwrap_or(FAR);
        self.by_id.insert(site.id, number);
        self.starts.push(start);
        let Indexed { id, place, visited_ms, .. } = *site;
        self.entries.push(Entry { id, fields, place, kind_set, visited_ms, gone: false });
    }

    /// Forgets a site.
    pub fn remove(&mut self, id: SiteId) {
        let Some(number) = self.by_id.remove(&id) else { return };
        if let Some(entry) = self.entries.get_mut(number as usize) {
            entry.gone = true;
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
            + self.entries.capacity() * size_of::<Entry>()
            + self.by_id.capacity() * per_id
    }

    /// The different sets of kinds that sites have or had.
    pub fn kind_sets(&self) -> &[Vec<String>] {
        &self.kind_sets
    }

    /// Every site, without its text.
    pub fn briefs(&self) -> impl Iterator<Item = Brief<'_>> {
        self.entries.iter().filter(|entry| !entry.gone).map(|entry| Brief {
            id: entry.id,
            place: entry.place,
            kinds: &self.kind_sets[entry.kind_set as usize],
            kind_set: entry.kind_set as usize,
            visited_ms: entry.visited_ms,
        })
    }

    /// The kinds of the sites, the most frequent first.
    pub fn kinds(&self) -> Vec<(String, usize)> {
        let mut counts = vec![0_usize; self.kind_sets.len()];
        for entry in self.entries.iter().filter(|entry| !entry.gone) {
            counts[entry.kind_set as usize] += 1;
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

    /// Finds sites: those whose name begins with a word first, then name, sound, address, the rest; among equals the
    /// nearest, then by name.
    pub fn search(&self, query: &Query) -> Hits {
        let folded = fold(&query.text);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        // The longest is found least often.
        words.sort_by_key(|word| Reverse(word.len()));
        words.dedup();
        let wanted = Wanted { index: self, query, sets: self.sets_of(query.kind.as_deref()) };
        let mut fits = match words.split_first() {
            None => (0..self.entries.len()).filter_map(|n| wanted.fit(n, 0)).collect(),
            Some((pilot, rest)) => self.hits(pilot, rest, &wanted),
        };
        let total = fits.len();
        let limit = query.limit.min(total);
        if limit > 0 && limit < total {
            fits.select_nth_unstable(limit - 1);
        }
        fits.truncate(limit);
        fits.sort_unstable();
        let ids = fits.iter().map(|(.., n)| self.entries[*n as usize].id).collect();
        Hits { ids, total }
    }

    fn hits(&self, pilot: &str, rest: &[&str], wanted: &Wanted<'_>) -> Vec<Fit> {
        let pilot = Finder::new(pilot);
        let rest: Vec<Finder<'_>> = rest.iter().map(Finder::new).collect();
        let mut found = Vec::new();
        let (mut at, mut number) = (0, 0);
        while let Some(hit) = pilot.find(&self.text[at..]).map(|hit| at + hit) {
            number = self.entry_at(number, hit);
            let (start, end) = self.span(number);
            let text = &self.text[start..end];
            let others = rest.iter().map(|word| Some(self.rank(number, word.find(text)?)));
            let others = others.sum::<Option<u32>>();
            if let Some(fit) =
                others.and_then(|others| wanted.fit(number, others + self.rank(number, hit - start)))
            {
                found.push(fit);
            }
            // The first hit in a text is its best.
            at = end;
        }
        found
    }

    /// The entry whose text holds this byte, at or after `from`: hits come in order, and mostly near each other.
    fn entry_at(&self, from: usize, byte: usize) -> usize {
        let (mut low, mut step) = (from, 1);
        while self.starts.get(low + step).is_some_and(|start| *start <= byte) {
            low += step;
            step *= 2;
        }
        let high = (low + step).min(self.starts.len());
        low + self.starts[low..high].partition_point(|start| *start <= byte) - 1
    }

    fn span(&self, number: usize) -> (usize, usize) {
        (self.starts[number], self.starts.get(number + 1).copied().unwrap_or(self.text.len()))
    }

    /// How telling a hit is at this byte of an entry's text.
    fn rank(&self, number: usize, at: usize) -> u32 {
        let fields = &self.entries[number].fields;
        let field = fields[1..].iter().take_while(|start| **start as usize <= at).count();
        let first = at == 0 || matches!(self.text[self.starts[number] + at - 1], END | b'\n');
        match (field, first) {
            (0 | 1, true) => 0,
            (0 | 1, false) => 1,
            (2, true) => 2,
            (2, false) => 3,
            (3, _) => 4,
            _ => 5,
        }
    }

    /// The first letters of the name as a number, so that comparing two names needs no look at the text.
    fn name_key(&self, number: usize) -> u64 {
        let (start, end) = self.span(number);
        let mut key = [0; 8];
        let letters = &self.text[start..end.min(start + 8)];
        key[..letters.len()].copy_from_slice(letters);
        u64::from_be_bytes(key)
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

    fn sets_of(&self, kind: Option<&str>) -> Option<Vec<bool>> {
        let kind = kind?;
        Some(self.kind_sets.iter().map(|set| set.iter().any(|one| one == kind)).collect())
    }

    fn close_gaps(&mut self) {
        let old = std::mem::take(self);
        self.kind_sets.clone_from(&old.kind_sets);
        self.set_numbers.clone_from(&old.set_numbers);
        for (number, entry) in old.entries.iter().enumerate().filter(|(_, entry)| !entry.gone) {
            let (start, end) = old.span(number);
            let new = u32::try_from(self.entries.len()).unwrap_or(FAR);
            self.starts.push(self.text.len());
            self.text.extend_from_slice(&old.text[start..end]);
            self.by_id.insert(entry.id, new);
            self.entries.push(entry.clone());
        }
    }
}

/// What a hit must be besides holding the words.
struct Wanted<'a> {
    index: &'a Index,
    query: &'a Query,
    sets: Option<Vec<bool>>,
}

impl Wanted<'_> {
    fn fit(&self, number: usize, rank: u32) -> Option<Fit> {
        let entry = &self.index.entries[number];
        if entry.gone || self.sets.as_ref().is_some_and(|sets| !sets[entry.kind_set as usize]) {
            return None;
        }
        let far = self.query.here.zip(entry.place).map_or(FAR, |(here, place)| here.roughly_m(place));
        if self.query.here.is_some() && self.query.within_m.is_some_and(|within| far > within) {
            return None;
        }
        Some((rank, far, self.index.name_key(number), u32::try_from(number).unwrap_or(FAR)))
    }
}

/// Whether a folded text holds every word: what the index does fast, said plainly.
pub fn holds(folded: &str, text: &str) -> bool {
    fold(text).split_whitespace().all(|word| memmem::find(folded.as_bytes(), word.as_bytes()).is_some())
}
