//! The session: an ordered map whose values keep their own JSON text.

mod expiry;
mod expiry_text;
mod interface;
mod serde;
mod value;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use ::serde::{Deserialize, Serialize};
use time::UtcOffset;

use crate::error::Error;
use crate::json::escape::unescaped;
use crate::json::object::{Member, Object};
use crate::json::write::write_value;
use crate::limits::MAX_DEPTH;
use crate::scratch;
pub use expiry::Expiry;
pub(crate) use expiry::{KEY as EXPIRY_KEY, check as check_expiry};
pub use value::JsonText;

/// A session: text keys and JSON values, in the order in which they were first inserted.
///
/// A value stays the text that it is until somebody asks for it with a type. So what nobody touches is written back to
/// the byte, also what Rust has no value for: integers of any size, lone surrogates, `NaN`. Reading one value costs one.
///
/// Duplicate keys of a JSON text are merged, the last value at the first one's place. Two sessions are equal if they
/// have the same keys with the same text in the same order; the flags do not count.
///
/// `Serialize` and `Deserialize` are for JSON (`serde_json`, this crate); other formats get an error. Reading fails under
/// `#[serde(flatten)]`, in internally tagged and in untagged enums, which keep no JSON text.
#[derive(Default)]
#[doc(alias = "SessionBase")]
pub struct Session {
    object: Object,
    modified: bool,
    /// Somebody asked for the end of what was there, known or not.
    cleared: bool,
    /// Set through `&self`, as reading is what sets it.
    accessed: AtomicBool,
    /// What a local time in `_session_expiry` is relative to.
    site_offset: Option<UtcOffset>,
}

impl Session {
    /// An empty session. It allocates nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the JSON text of an object: what `json.loads` of Python reads.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedJson`], [`Error::TooDeep`], [`Error::IntegerTooLong`], [`Error::NotAnObject`],
    /// [`Error::LoneSurrogate`] in a key.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        scratch::with(|scratch| Self::from_text(text, &mut scratch.members, None))
    }

    pub(crate) fn from_text(
        text: &str,
        members: &mut Vec<Member>,
        site_offset: Option<UtcOffset>,
    ) -> Result<Self, Error> {
        Object::parse(text, members).map(|object| Self {
            object,
            site_offset,
            ..Self::default()
        })
    }

    pub(crate) fn into_text(self) -> String {
        self.object.into_text()
    }

    /// The session's JSON text, as Django would write it.
    pub fn to_json(&self) -> String {
        self.object.clone().into_text()
    }

    /// The session's JSON text, in `buffer` if it has to be put together. This is not reading it.
    pub(crate) fn text<'a>(&'a self, buffer: &'a mut String) -> &'a str {
        self.object.text(buffer)
    }

    /// The value of a key as a `T`, parsed now; `None` if there is no such key.
    ///
    /// # Errors
    ///
    /// [`Error::WrongType`], [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`].
    pub fn get<'a, T: Deserialize<'a>>(&'a self, key: &str) -> Result<Option<T>, Error> {
        self.get_json(key).map(|value| value.read()).transpose()
    }

    /// The JSON text of a key's value.
    pub fn get_json(&self, key: &str) -> Option<JsonText<'_>> {
        self.mark_accessed();
        self.object.get(key).map(JsonText::new)
    }

    /// Sets a key to any value that serde can serialize, given or lent. A new key comes last, a known one stays where it
    /// is. After an error nothing has changed.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`], [`Error::Unserializable`].
    #[doc(alias = "__setitem__")]
    pub fn insert<T: Serialize>(&mut self, key: &str, value: T) -> Result<(), Error> {
        self.object
            .insert(key, |out| write_value(&value, MAX_DEPTH - 1, out))?;
        self.mark_modified();
        Ok(())
    }

    /// Sets a key to JSON text as it is, such as a value of another session, also one for which Rust has no type.
    pub fn insert_json(&mut self, key: &str, value: JsonText<'_>) {
        self.object.insert_text(key, value.as_str());
        self.mark_modified();
    }

    /// Takes a key out; says whether it was there. The order of the others stays.
    #[doc(alias = "__delitem__")]
    pub fn remove(&mut self, key: &str) -> bool {
        self.mark_accessed();
        let known = self.object.remove(key);
        self.modified |= known;
        known
    }

    /// Whether there is such a key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get_json(key).is_some()
    }

    /// The keys, in order.
    pub fn keys(
        &self,
    ) -> impl ExactSizeIterator<Item = Cow<'_, str>> + DoubleEndedIterator + Clone {
        self.iter().map(|(key, _)| key)
    }

    /// Keys and values, in order.
    #[doc(alias = "items")]
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (Cow<'_, str>, JsonText<'_>)> + DoubleEndedIterator + Clone
    {
        self.mark_accessed();
        self.members()
    }

    /// As [`iter`](Self::iter), but this is not reading.
    fn members(
        &self,
    ) -> impl ExactSizeIterator<Item = (Cow<'_, str>, JsonText<'_>)> + DoubleEndedIterator + Clone
    {
        self.object
            .iter()
            .map(|(key, value)| (unescaped(key), JsonText::new(value)))
    }

    /// Bytes of the session's JSON text.
    pub(crate) fn text_len(&self) -> usize {
        self.object.text_len()
    }

    /// Each key and the bytes of its member: key, colon, value, comma. This is not reading.
    pub(crate) fn member_sizes(&self) -> impl Iterator<Item = (Cow<'_, str>, usize)> {
        self.object
            .iter()
            .map(|(key, value)| (unescaped(key), key.len() + value.len() + 2))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.object.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.object.len() == 0
    }

    /// Takes all keys out.
    pub fn clear(&mut self) {
        self.object.clear();
        self.cleared = true;
        self.mark_modified();
    }

    pub(crate) fn was_cleared(&self) -> bool {
        self.cleared
    }

    /// Whether anything was changed since the session was made or read.
    pub fn modified(&self) -> bool {
        self.modified
    }

    /// Whether anything was read or changed since the session was made or read. The number of keys is not reading, nor
    /// are comparing, writing and `Debug`.
    pub fn accessed(&self) -> bool {
        self.accessed.load(Ordering::Relaxed)
    }

    fn mark_accessed(&self) {
        self.accessed.store(true, Ordering::Relaxed);
    }

    fn mark_modified(&mut self) {
        self.mark_accessed();
        self.modified = true;
    }
}

impl Clone for Session {
    fn clone(&self) -> Self {
        Self {
            object: self.object.clone(),
            modified: self.modified,
            cleared: self.cleared,
            accessed: AtomicBool::new(self.accessed()),
            site_offset: self.site_offset,
        }
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.object.iter().eq(other.object.iter())
    }
}

impl Eq for Session {}

/// Shows the flags, and the keys with the bytes of their values; no values.
impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Sizes<'a>(&'a Session);
        impl fmt::Debug for Sizes<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_map()
                    .entries(
                        self.0
                            .members()
                            .map(|(key, value)| (key, value.as_str().len())),
                    )
                    .finish()
            }
        }
        f.debug_struct("Session")
            .field("bytes", &Sizes(self))
            .field("modified", &self.modified())
            .field("accessed", &self.accessed())
            .finish()
    }
}
