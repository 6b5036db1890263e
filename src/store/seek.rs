//! Going through the index for what was typed: how many sites there are in all, and the best of them in order.
//!
//! Only the best are kept on the way, so a word that every site has costs little more than one that few have.

use std::cmp::Reverse;

use memchr::memchr;
use memchr::memmem::Finder;

use super::fold::fold;
use super::index::{END, FAR, HEAD, Hits, Index, Query};
use crate::domain::place::Place;

/// Hits so few entries apart count as frequent.
const NEAR: usize = 4;
/// So many wrong last bytes, and the finder is the faster one after all.
const MISSES: usize = 4;

/// How well a site fits, smaller is better: what the words were found in, metres, name, entry.
type Fit = (u32, u32, u128, u32);

impl Index {
    /// Finds sites: those whose name begins with a word first, then name, sound, address, the rest; among equals the
    /// nearest, then by name.
    pub fn search(&self, query: &Query) -> Hits {
        let folded = fold(&query.text);
        let mut words: Vec<&str> = folded.split_whitespace().collect();
        // The longest is found least often.
        words.sort_by_key(|word| Reverse(word.len()));
        words.dedup();
        let mut search = Search::new(self, query);
        match words.split_first() {
            None => (0..self.keys.len()).for_each(|number| search.take(number, || Some(0))),
            Some((pilot, rest)) => search.hits(&Pilot::new(pilot), rest),
        }
        let ids = search.best.sorted().iter().map(|(.., number)| self.id(*number)).collect();
        Hits { ids, total: search.total }
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

    /// How telling a hit is at this byte of an entry's text.
    fn rank(&self, number: usize, at: usize) -> u32 {
        if at == 0 {
            return 0;
        }
        let field = self.fields[number].iter().take_while(|start| **start as usize <= at).count();
        let before = match self.keys[number].name.to_be_bytes().get(at - 1) {
            Some(letter) => *letter,
            None => self.text[self.starts[number] + at - 1],
        };
        let first = matches!(before, END | b'\n');
        match (field, first) {
            (0 | 1, true) => 0,
            (0 | 1, false) => 1,
            (2, true) => 2,
            (2, false) => 3,
            (3, _) => 4,
            _ => 5,
        }
    }
}

/// A search on its way through the entries.
struct Search<'a> {
    index: &'a Index,
    here: Option<Place>,
    within_m: Option<u32>,
    sets: Option<Vec<bool>>,
    total: usize,
    best: Best,
}

impl<'a> Search<'a> {
    fn new(index: &'a Index, query: &Query) -> Self {
        Self {
            index,
            here: query.here,
            // Nobody knows how far anything is without a position of one's own.
            within_m: query.within_m.filter(|_| query.here.is_some()),
            sets: query.kind.as_deref().map(|kind| index.sets_of(kind)),
            total: 0,
            best: Best::new(query.limit),
        }
    }

    /// Every entry with the pilot in its text, in order.
    fn hits(&mut self, pilot: &Pilot<'_>, rest: &[&str]) {
        let index = self.index;
        let rest: Vec<Finder<'_>> = rest.iter().map(Finder::new).collect();
        let (mut at, mut number, mut often, mut early) = (0, 0, false, false);
        loop {
            // A word that names begin with is seen in the key: looking at each text would wait for memory.
            let key = index.keys.get(number + 1).filter(|_| early);
            let in_key = key.and_then(|key| pilot.find_in_key(key.name)).map(|hit| at + hit);
            let Some(hit) = in_key.or_else(|| pilot.find(&index.text, at, often)) else { return };
            let before = number;
            number = index.entry_at(number, hit);
            often = number - before < NEAR;
            let (start, end) = index.span(number);
            early = often && hit - start < HEAD;
            self.take(number, || {
                let text = &index.text[start..end];
                let others = rest.iter().map(|word| Some(index.rank(number, word.find(text)?)));
                Some(others.sum::<Option<u32>>()? + index.rank(number, hit - start))
            });
            // The first hit in a text is its best.
            at = end;
        }
    }

    /// Counts an entry and keeps it if it is among the best so far; `rank` gives none where a word is missing.
    fn take(&mut self, number: usize, rank: impl FnOnce() -> Option<u32>) {
        let key = &self.index.keys[number];
        if !key.is_of(self.sets.as_deref()) {
            return;
        }
        let both = self.here.zip(key.place);
        let at_least = both.map_or(FAR, |(here, place)| here.at_least_m(place));
        let far = || both.map_or(FAR, |(here, place)| here.roughly_m(place));
        // The true distance only of those that the cheap one leaves.
        if self.within_m.is_some_and(|within| at_least > within || far() > within) {
            return;
        }
        let Some(rank) = rank() else { return };
        self.total += 1;
        if (rank, at_least) <= (self.best.worst.0, self.best.worst.1) {
            self.best.offer((rank, far(), key.name, u32::try_from(number).unwrap_or(FAR)));
        }
    }
}

/// The best of what is offered, without keeping, sorting or comparing all of it.
struct Best {
    limit: usize,
    /// Not yet parted from what came later: up to twice the limit.
    kept: Vec<Fit>,
    /// Only what is better has a chance.
    worst: Fit,
}

impl Best {
    fn new(limit: usize) -> Self {
        let worst = if limit == 0 { (0, 0, 0, 0) } else { (FAR, FAR, u128::MAX, FAR) };
        Self { limit, kept: Vec::new(), worst }
    }

    fn offer(&mut self, fit: Fit) {
        if fit >= self.worst {
            return;
        }
        self.kept.push(fit);
        if self.kept.len() >= self.limit.saturating_mul(2) {
            self.part();
        }
    }

    fn part(&mut self) {
        if self.limit > 0 && self.kept.len() > self.limit {
            self.worst = *self.kept.select_nth_unstable(self.limit - 1).1;
            self.kept.truncate(self.limit);
        }
    }

    fn sorted(&mut self) -> &[Fit] {
        self.part();
        self.kept.sort_unstable();
        &self.kept
    }
}

/// The word whose hits are gone through.
struct Pilot<'a> {
    last: u8,
    before: &'a [u8],
    finder: Finder<'a>,
}

impl<'a> Pilot<'a> {
    fn new(word: &'a str) -> Self {
        let (last, before) =
            word.as_bytes().split_last().map_or((END, &[][..]), |(last, rest)| (*last, rest));
        Self { last, before, finder: Finder::new(word) }
    }

    /// The first hit in the beginning of a name that is its key.
    fn find_in_key(&self, name: u128) -> Option<usize> {
        let (name, length) = (name.to_be_bytes(), self.before.len() + 1);
        let ends = (length..=HEAD).filter(|end| name[end - 1] == self.last);
        ends.map(|end| end - length).find(|start| name[*start..].starts_with(self.before))
    }

    /// The next hit at or after `from`. What is rare is found by the finder at the speed of memory; where nearly
    /// every site is a hit, its start costs more than it saves, and looking for the word's last byte is faster.
    fn find(&self, text: &[u8], mut from: usize, often: bool) -> Option<usize> {
        for _ in 0..if often { MISSES } else { 0 } {
            let last = from + self.before.len();
            let start = from + memchr(self.last, text.get(last..)?)?;
            if text[start..].starts_with(self.before) {
                return Some(start);
            }
            from = start + 1;
        }
        self.finder.find(text.get(from..)?).map(|hit| from + hit)
    }
}
