//! The text of a JSON object and a table of where its members are.
//!
//! An inserted value is appended to the text; a replaced or removed one only leaves the table. So a member that was not
//! touched keeps its bytes, and reading one costs one.

use alloc::borrow::Cow;
use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json::canonical::{Member, canonicalize};
use crate::json::string::{escaped, write_string};

/// Members up to which a key is found by comparing it with each.
const FEW: usize = 16;
/// Bytes of unused text that are kept.
const SLACK: usize = 1024;

/// Canonical throughout: every span of the table, and the text itself while `whole`.
#[derive(Clone, Default)]
pub(crate) struct Object {
    text: String,
    members: Vec<Member>,
    /// The places of more than [`FEW`] members in the order of their keys; else empty.
    by_key: Vec<usize>,
    /// Bytes of all keys and values.
    used: usize,
    /// The text is the object's, nothing more and nothing less.
    whole: bool,
}

impl Object {
    /// Reads the text of an object. The last value of duplicate keys counts, at the place of the first one, as in a
    /// Python `dict`. `found` is working memory: the object's own table gets the size that it needs.
    ///
    /// Errors as from the scanner, [`Error::NotAnObject`], and [`Error::LoneSurrogate`] in a key.
    pub(crate) fn parse(text: &str, found: &mut Vec<Member>) -> Result<Self, Error> {
        let text = canonicalize(text, found)?;
        if !text.starts_with('{') {
            return Err(Error::NotAnObject);
        }
        Ok(Self::new(text.into_owned(), found))
    }

    /// An object with the members of its canonical text.
    fn new(text: String, members: &[Member]) -> Self {
        let mut object = Self {
            text,
            members: members.into(),
            whole: true,
            ..Self::default()
        };
        object.merge_duplicates();
        object.used = object.members.iter().map(Member::bytes).sum();
        object
    }

    /// The object's text.
    pub(crate) fn into_text(mut self) -> String {
        self.make_whole();
        self.text
    }

    /// The object's text, in `buffer` (cleared first) unless it is in one piece.
    pub(crate) fn text<'a>(&'a self, buffer: &'a mut String) -> &'a str {
        if self.whole {
            return &self.text;
        }
        buffer.clear();
        buffer.reserve(self.text_len());
        buffer.push('{');
        for (at, (key, value)) in self.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            buffer.extend([comma, key, ":", value]);
        }
        buffer.push('}');
        buffer
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// Bytes of the object's text.
    pub(crate) fn text_len(&self) -> usize {
        // Each member has a colon and, but for the last one, a comma; around all there are two braces.
        let colons = self.len();
        self.used + colons + colons.saturating_sub(1) + 2
    }

    /// Each key, with its quotes, and its value's text.
    pub(crate) fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (&str, &str)> + DoubleEndedIterator + Clone {
        self.members.iter().map(|member| {
            (
                &self.text[member.key.clone()],
                &self.text[member.value.clone()],
            )
        })
    }

    /// The text of a value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let at = self.position(&escaped(key)).ok()?;
        Some(&self.text[self.members[at].value.clone()])
    }

    /// Sets the value of `key` to the text that `write` writes. After an error nothing has changed.
    pub(crate) fn insert(
        &mut self,
        key: &str,
        write: impl FnOnce(&mut String) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = self.text.len();
        // Before the caller's code runs: if that panics, the text is not whole.
        let was_whole = core::mem::replace(&mut self.whole, false);
        if let Err(error) = write(&mut self.text) {
            self.text.truncate(end);
            self.whole = was_whole;
            return Err(error);
        }
        self.set(key, end);
        Ok(())
    }

    /// Sets the value of `key` to canonical JSON text.
    pub(crate) fn insert_text(&mut self, key: &str, value: &str) {
        let end = self.text.len();
        self.text.push_str(value);
        self.set(key, end);
    }

    /// Sets the value of `key` to the text from `start` on.
    fn set(&mut self, key: &str, start: usize) {
        self.whole = false;
        let value = start..self.text.len();
        self.used += value.len();
        match self.position(&escaped(key)) {
            Ok(at) => {
                let before = core::mem::replace(&mut self.members[at].value, value);
                self.used -= before.len();
            }
            Err(rank) => {
                let start = self.text.len();
                write_string(key, &mut self.text);
                let key = start..self.text.len();
                self.used += key.len();
                self.members.push(Member { key, value });
                if self.len() == FEW + 1 {
                    self.by_key = in_order(&self.text, &self.members);
                } else if self.len() > FEW {
                    self.by_key.insert(rank, self.len() - 1);
                }
            }
        }
        if self.text.len() > 2 * self.text_len() + SLACK {
            self.make_whole();
        }
    }

    /// Takes a member out of the table; returns whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Ok(at) = self.position(&escaped(key)) else {
            return false;
        };
        self.used -= self.members.remove(at).bytes();
        self.by_key.retain(|place| *place != at);
        if self.len() <= FEW {
            self.by_key.clear();
        }
        for place in &mut self.by_key {
            *place -= usize::from(*place > at);
        }
        self.whole = false;
        true
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Where the member of a key without its quotes is, or where its place belongs in `by_key`.
    fn position(&self, key: &str) -> Result<usize, usize> {
        let name = |member: &Member| member.name(&self.text);
        if self.len() <= FEW {
            let mut members = self.members.iter();
            return members
                .position(|member| name(member) == key.as_bytes())
                .ok_or(0);
        }
        let compare = |at: &usize| name(&self.members[*at]).cmp(key.as_bytes());
        let found = self.by_key.binary_search_by(compare);
        found.map(|rank| self.by_key[rank])
    }

    /// Drops the unused text.
    fn make_whole(&mut self) {
        if self.whole {
            return;
        }
        let mut text = String::with_capacity(self.text_len());
        text.push('{');
        for Member { key, value } in &mut self.members {
            for (span, mark) in [(key, ':'), (value, ',')] {
                let start = text.len();
                text.push_str(&self.text[span.clone()]);
                *span = start..text.len();
                text.push(mark);
            }
        }
        if !self.members.is_empty() {
            text.pop(); // the last comma
        }
        text.push('}');
        self.text = text;
        self.whole = true;
    }

    fn merge_duplicates(&mut self) {
        let Self { text, members, .. } = self;
        let key = |at: usize| members[at].name(text);
        if members.len() <= FEW {
            let is_new = |at| (0..at).all(|earlier| key(earlier) != key(at));
            if (0..members.len()).all(is_new) {
                return;
            }
        }
        let order = in_order(text, members);
        let is_same = |a: &usize, b: &usize| key(*a) == key(*b);
        if !order.windows(2).any(|pair| is_same(&pair[0], &pair[1])) {
            self.by_key = order;
            return;
        }
        let mut values: Vec<_> = members
            .iter()
            .map(|member| Some(member.value.clone()))
            .collect();
        for same in order.chunk_by(is_same) {
            if let [first, .., last] = *same {
                values[first] = values[last].take();
                for between in &same[1..] {
                    values[*between] = None;
                }
            }
        }
        let kept = members.drain(..).zip(values);
        *members = kept
            .filter_map(|(Member { key, .. }, value)| Some(Member { key, value: value? }))
            .collect();
        self.whole = false;
        if members.len() > FEW {
            self.by_key = in_order(text, members);
        }
    }
}

/// Canonical text with these members, an object's duplicate keys merged.
pub(crate) fn merge_duplicates(canonical: Cow<'_, str>, members: &[Member]) -> String {
    if members.is_empty() {
        return canonical.into_owned();
    }
    Object::new(canonical.into_owned(), members).into_text()
}

/// The places of members in the order of their keys; those of one key in the order of the text.
fn in_order(text: &str, members: &[Member]) -> Vec<usize> {
    // A heap's sort is much less code than a slice's.
    let places = members.iter().enumerate();
    let heap: BinaryHeap<(&[u8], usize)> =
        places.map(|(at, member)| (member.name(text), at)).collect();
    heap.into_sorted_vec()
        .into_iter()
        .map(|(_, at)| at)
        .collect()
}
