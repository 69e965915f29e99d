//! A JSON object: its text, and a table of its members' positions.
//!
//! Inserting or replacing a value appends it to the text and changes the table; removing one only changes the table. So
//! untouched members keep their bytes, and reading one member does not parse the others.
//!
//! A client may have chosen the keys and how many there are. So the time of an edit hardly grows with their number, apart
//! from rewriting the text, which happens only after as many bytes were written or removed. (An iterator passes over the
//! members that were removed since then.)

#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "the spans are those of whole tokens in this object's text, and the places those of its members"
)]

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::Error;
use crate::json::canonical::canonicalize;
use crate::json::index::{Index, Place, in_order};
use crate::json::members::{Members, is_removed, remove};
use crate::json::scan::Member;
use crate::json::string::{escaped, write_string};

/// Objects with up to this many members are searched linearly.
const FEW: usize = 16;
/// Bytes of unused text that any object may have.
const SLACK: usize = 1024;

/// An object. Every span of the table is canonical JSON, and so is the text itself while `whole` is set.
#[derive(Clone, Default)]
pub(crate) struct Object {
    text: String,
    /// If there are more than [`FEW`], they include some that were removed, whose value is empty.
    members: Vec<Member>,
    /// How many of the members were removed.
    removed: usize,
    /// The members by key, if there are more than [`FEW`], including those that were removed; otherwise empty.
    by_key: Index,
    /// Bytes of all keys and values.
    used: usize,
    /// The text is exactly that of the object.
    whole: bool,
}

impl Object {
    /// Parses the text of an object. If a key occurs several times, keeps the last value at the position of the first,
    /// as a Python `dict` does. `found` is working memory: the object's own table gets exactly the size that it needs.
    ///
    /// Errors as from the scanner, [`Error::NotAnObject`], and [`Error::LoneSurrogate`] in a key.
    pub(crate) fn parse(text: &str, found: &mut Vec<Member>) -> Result<Self, Error> {
        let text = canonicalize(text, found)?;
        if !text.starts_with('{') {
            return Err(Error::NotAnObject);
        }
        Ok(Self::new(text.into_owned(), found))
    }

    /// Creates an object from its canonical text and the members in it.
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

    /// Returns the object's text.
    pub(crate) fn into_text(mut self) -> String {
        self.make_whole();
        self.text
    }

    /// Returns the object's text, which is written to `buffer` (cleared first) unless `whole` is set.
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
        self.members.len() - self.removed
    }

    /// Returns the length of the object's text, in bytes.
    pub(crate) fn text_len(&self) -> usize {
        // A colon in each member, a comma after each but the last one, and two braces.
        let colons = self.len();
        self.used + colons + colons.saturating_sub(1) + 2
    }

    /// Returns an iterator over each key, with its quotes, and its value's text.
    pub(crate) fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (&str, &str)> + DoubleEndedIterator + Clone {
        Members::new(&self.members, self.removed).map(|member| {
            (
                &self.text[member.key.clone()],
                &self.text[member.value.clone()],
            )
        })
    }

    /// Returns the text of a value.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let at = self.position(&escaped(key)).ok()?;
        Some(&self.text[self.members[at].value.clone()])
    }

    /// Sets the value of `key` to the text that `write` writes. After an error, the object is unchanged.
    pub(crate) fn insert(
        &mut self,
        key: &str,
        write: impl FnOnce(&mut String) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let end = self.text.len();
        // Cleared before the caller's code runs: if that panics, the text is not whole.
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

    /// Sets the value of `key` to the part of the text from `start` on.
    fn set(&mut self, key: &str, start: usize) {
        self.whole = false;
        let value = start..self.text.len();
        self.used += value.len();
        match self.position(&escaped(key)) {
            Ok(at) => {
                let before = core::mem::replace(&mut self.members[at].value, value);
                self.used -= before.len();
            }
            Err(slot) => {
                let start = self.text.len();
                write_string(key, &mut self.text);
                let key = start..self.text.len();
                self.used += key.len();
                self.members.push(Member { key, value });
                self.add_to_index(slot);
            }
        }
        self.limit_unused();
    }

    /// Adds the last member to the index.
    fn add_to_index(&mut self, slot: Slot) {
        let Self { text, members, .. } = self;
        let last = members.len() - 1;
        match slot {
            Slot::Unindexed if members.len() <= FEW => {}
            Slot::Unindexed => self.by_key = Index::new(in_order(text, members)),
            Slot::New(place) => self.by_key.insert(place, last, |at| members[at].name(text)),
            Slot::Removed(place) => self.by_key.replace(place, last),
        }
    }

    /// Removes a member from the table and returns whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Ok(at) = self.position(&escaped(key)) else {
            return false;
        };
        self.whole = false;
        if self.members.len() <= FEW {
            self.used -= self.members.remove(at).bytes();
        } else {
            // The index still needs the key.
            self.used -= self.members[at].bytes();
            remove(&mut self.members[at]);
            self.removed += 1;
        }
        self.limit_unused();
        true
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Returns the index of the member with this key (without quotes), or as an error where a new one would be indexed.
    fn position(&self, key: &str) -> Result<usize, Slot> {
        let name = |at: usize| self.members[at].name(&self.text);
        if self.members.len() <= FEW {
            let mut all = 0..self.members.len();
            return all
                .find(|at| name(*at) == key.as_bytes())
                .ok_or(Slot::Unindexed);
        }
        match self.by_key.find(|at| name(at).cmp(key.as_bytes())) {
            Ok((at, place)) if is_removed(&self.members[at]) => Err(Slot::Removed(place)),
            Ok((at, _)) => Ok(at),
            Err(place) => Err(Slot::New(place)),
        }
    }

    /// Rewrites the text if more of it is unused than used.
    fn limit_unused(&mut self) {
        if self.text.len() > 2 * self.text_len() + SLACK {
            self.make_whole();
        }
    }

    /// Rewrites the text without its unused parts, and the table without the members that were removed.
    fn make_whole(&mut self) {
        if self.whole {
            return;
        }
        let mut text = String::with_capacity(self.text_len());
        text.push('{');
        self.members.retain(|member| !is_removed(member));
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
        if core::mem::take(&mut self.removed) > 0 {
            self.index();
        }
    }

    /// Indexes all members.
    fn index(&mut self) {
        let Self { text, members, .. } = self;
        self.by_key = if members.len() > FEW {
            Index::new(in_order(text, members))
        } else {
            Index::default()
        };
    }

    fn merge_duplicates(&mut self) {
        let Self { text, members, .. } = self;
        if members.len() <= FEW && is_distinct(text, members) {
            return;
        }
        let order = in_order(text, members);
        let is_same = |a: &usize, b: &usize| members[*a].name(text) == members[*b].name(text);
        if !order.windows(2).any(|pair| is_same(&pair[0], &pair[1])) {
            self.by_key = Index::new(order);
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
        self.index();
    }
}

/// Where a new member is added to the index.
#[derive(Clone, Copy)]
enum Slot {
    /// There is no index yet.
    Unindexed,
    New(Place),
    /// In place of a removed member with the same key.
    Removed(Place),
}

/// Returns canonical text with these members, after merging an object's duplicate keys. Text without duplicates, which
/// is all that Django writes, is not copied.
pub(crate) fn merge_duplicates<'t>(canonical: Cow<'t, str>, members: &[Member]) -> Cow<'t, str> {
    if is_distinct(&canonical, members) {
        return canonical;
    }
    Cow::Owned(Object::new(canonical.into_owned(), members).into_text())
}

/// Returns whether no key occurs twice.
fn is_distinct(text: &str, members: &[Member]) -> bool {
    let is_same = |a: &Member, b: &Member| {
        // Most keys have different lengths.
        a.key.len() == b.key.len() && a.name(text) == b.name(text)
    };
    if members.len() <= FEW {
        let is_new = |(at, member)| !members[..at].iter().any(|earlier| is_same(earlier, member));
        return members.iter().enumerate().all(is_new);
    }
    let order = in_order(text, members);
    !order
        .windows(2)
        .any(|pair| is_same(&members[pair[0]], &members[pair[1]]))
}
