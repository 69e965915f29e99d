//! The text of a JSON object and a table of where its members stand in it.
//!
//! What is inserted is appended to the text; what is replaced or removed only leaves the table. So a member that
//! nobody touched keeps its bytes, and reading one costs one.

use alloc::borrow::Cow;
use alloc::collections::BinaryHeap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::error::Error;
use crate::json::escape::{escaped, stands_for, write_string};
use crate::json::respell::respell;
use crate::json::scan::{Kind, Scanner};
use crate::limits::MAX_DEPTH;

/// Members up to which duplicates are found by comparing each with each.
const FEW: usize = 16;
/// Bytes of text that no member uses any more, up to which it is left as it is.
const SLACK: usize = 1024;

/// Where a member stands in its object's text.
#[derive(Clone)]
pub(crate) struct Member {
    /// With its quotes.
    key: Range<usize>,
    value: Range<usize>,
}

/// Canonical throughout: every span of the table, and the text itself while `whole`.
#[derive(Clone, Default)]
pub(crate) struct Object {
    text: String,
    members: Vec<Member>,
    /// The text is the object's, nothing more and nothing less.
    whole: bool,
}

impl Object {
    /// Reads the text of an object. Of duplicate keys the last value stands, at the place of the first one, as in a
    /// Python `dict`. `found` is working memory: the object's own table gets the size that it needs.
    ///
    /// Errors as from the scanner, [`Error::NotAnObject`], and [`Error::LoneSurrogate`] in a key.
    pub(crate) fn parse(text: &str, found: &mut Vec<Member>) -> Result<Self, Error> {
        let text = if scan_members(text, found)? {
            String::from(text)
        } else {
            let text = respell(text)?;
            scan_members(&text, found)?;
            text
        };
        let mut object = Self {
            text,
            members: found.clone(),
            whole: true,
        };
        object.merge_duplicates();
        Ok(object)
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
        let spans = self
            .members
            .iter()
            .map(|member| member.key.len() + 1 + member.value.len())
            .sum::<usize>();
        spans + self.len().saturating_sub(1) + 2
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
        self.position(key)
            .map(|at| &self.text[self.members[at].value.clone()])
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
        if let Some(at) = self.position(key) {
            self.members[at].value = value;
        } else {
            let start = self.text.len();
            write_string(key, &mut self.text);
            self.members.push(Member {
                key: start..self.text.len(),
                value,
            });
        }
        if self.text.len() > 2 * self.text_len() + SLACK {
            self.make_whole();
        }
    }

    /// Takes a member out of the table; says whether it was there.
    pub(crate) fn remove(&mut self, key: &str) -> bool {
        let Some(at) = self.position(key) else {
            return false;
        };
        self.members.remove(at);
        self.whole = false;
        true
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }

    fn position(&self, key: &str) -> Option<usize> {
        let key = escaped(key);
        self.members
            .iter()
            .position(|member| self.text[member.key.start + 1..member.key.end - 1] == *key)
    }

    /// Drops the text that no member uses.
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
        let Self {
            text,
            members,
            whole,
        } = self;
        let key = |member: &Member| &text.as_bytes()[member.key.clone()];
        if members.len() <= FEW {
            let is_new = |(at, member)| {
                members[..at]
                    .iter()
                    .all(|earlier| key(earlier) != key(member))
            };
            if members.iter().enumerate().all(is_new) {
                return;
            }
        }
        // The places of one key in the order of the text. A heap's sort is much less code than a slice's.
        let order: BinaryHeap<(&[u8], usize)> = members
            .iter()
            .enumerate()
            .map(|(at, member)| (key(member), at))
            .collect();
        let order = order.into_sorted_vec();
        let is_same = |a: &(&[u8], usize), b: &(&[u8], usize)| a.0 == b.0;
        if !order.windows(2).any(|pair| is_same(&pair[0], &pair[1])) {
            return;
        }
        let mut kept = alloc::vec![true; members.len()];
        for same in order.chunk_by(is_same) {
            if let [(_, first), rest @ .., (_, last)] = same {
                members[*first].value = members[*last].value.clone();
                for (_, at) in rest {
                    kept[*at] = false;
                }
                kept[*last] = false;
                *whole = false;
            }
        }
        let mut kept = kept.into_iter();
        members.retain(|_| kept.next().unwrap_or(true));
    }
}

/// Finds an object's members, in `found` (cleared first); whether the text is canonical.
fn scan_members(text: &str, found: &mut Vec<Member>) -> Result<bool, Error> {
    found.clear();
    let shape = scan(text, |key, value| found.push(Member { key, value }))?;
    if shape.is_object {
        Ok(shape.is_canonical)
    } else {
        Err(Error::NotAnObject)
    }
}

struct Shape {
    is_object: bool,
    is_canonical: bool,
}

/// Scans any JSON text. If it is an object's, `member` is told of each key, with its quotes, and its value.
///
/// Errors as from the scanner, and [`Error::LoneSurrogate`] in a key.
fn scan(text: &str, mut member: impl FnMut(Range<usize>, Range<usize>)) -> Result<Shape, Error> {
    let mut scanner = Scanner::new(text, MAX_DEPTH);
    let is_object = scanner
        .next()?
        .is_some_and(|first| first.kind == Kind::ObjectStart);
    while let Some(token) = scanner.next()? {
        if is_object && token.kind == Kind::Key {
            if token.lone_surrogate {
                return Err(Error::LoneSurrogate);
            }
            member(token.start..token.end, scanner.skip_value()?);
        }
    }
    Ok(Shape {
        is_object,
        is_canonical: scanner.is_canonical(),
    })
}

/// Any JSON text in its canonical spelling, an object's duplicate keys merged. `found` is working memory.
pub(crate) fn canonical(text: &str, found: &mut Vec<Member>) -> Result<String, Error> {
    match Object::parse(text, found) {
        Ok(object) => Ok(object.into_text()),
        Err(Error::NotAnObject) => spelled(text).map(Cow::into_owned),
        Err(error) => Err(error),
    }
}

/// Any JSON text in its canonical spelling, an object's duplicate keys left as they are.
pub(crate) fn spelled(text: &str) -> Result<Cow<'_, str>, Error> {
    if scan(text, |_, _| ())?.is_canonical {
        Ok(Cow::Borrowed(text))
    } else {
        respell(text).map(Cow::Owned)
    }
}

/// The value of an object's `key`, of duplicates the last one, which counts. `key` is such that JSON needs no escapes for
/// it; the text may have some all the same. `None` as well if the text is no object's.
pub(crate) fn value_of<'t>(text: &'t str, key: &str) -> Result<Option<&'t str>, Error> {
    let mut found = None;
    scan(text, |name, value| {
        if stands_for(&text[name], key) {
            found = Some(value);
        }
    })?;
    Ok(found.map(|value| &text[value]))
}
