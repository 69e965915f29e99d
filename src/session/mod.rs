//! The session: an ordered map whose values keep their own JSON text.

mod expiry;
mod expiry_text;
mod interface;
mod iso;
mod serde;
mod value;
mod zone;

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use ::serde::Serialize;
use ::serde::de::DeserializeOwned;
use time::UtcOffset;

use crate::error::Error;
use crate::json::{Object, unescaped, write_value};
use crate::limits::MAX_DEPTH;
use crate::scratch;
use crate::timestamp::Timestamp;
pub use expiry::Expiry;
pub(crate) use expiry::ExpiryPolicy;
pub(crate) use expiry_text::KEY as EXPIRY_KEY;
pub use value::JsonText;
pub(crate) use zone::SiteZone;

/// A session: text keys and JSON values, in the order in which the keys were first inserted.
///
/// Each value is kept as JSON text and parsed only when you read it. So reading one value does not parse the others,
/// and untouched values are written back byte for byte, even those that Rust cannot represent (integers of any size,
/// lone surrogates, `NaN`).
///
/// Duplicate keys in JSON text are merged: the last value is kept, at the position of the first. Two sessions are equal
/// if they have the same keys with the same text in the same order; the flags are not compared.
///
/// Cloning, comparing, serializing or encoding a session counts as reading it: it is then [`accessed`](Self::accessed).
///
/// `Serialize` and `Deserialize` work only with JSON (`serde_json` and this crate). Other formats return an error, and
/// so does a `NaN`. Deserializing fails under `#[serde(flatten)]`, and in internally tagged and untagged enums, because
/// serde does not keep the JSON text there.
#[derive(Default)]
#[doc(alias = "SessionBase")]
pub struct Session {
    /// When this crate uses it, that does not count as reading the session.
    pub(crate) object: Object,
    pub(crate) change: Change,
    /// `clear` was called: the previous session must end, even if it could not be read.
    pub(crate) cleared: bool,
    /// `cycle` or `flush` was called: a session in a store gets a new key.
    pub(crate) renews_key: bool,
    /// Atomic, because methods that take `&self` set it.
    accessed: AtomicBool,
    /// Identifies the request that it was loaded for, so that the middleware notices if another session replaces it.
    pub(crate) origin: Option<u64>,
    /// The time zone of a local time in `_session_expiry`.
    pub(crate) site_zone: Option<SiteZone>,
}

/// What changed a session since it was created or decoded.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Change {
    #[default]
    Nothing,
    /// Only the login's hash, which was rewritten under another key. No handler asked for that, so the session is saved
    /// as if a renewal were due.
    Rehashed,
    Handler,
}

impl Session {
    /// Creates an empty session. It does not allocate.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the time zone of a site with `USE_TZ = False`, as
    /// [`SessionCodec::with_site_time_zone`](crate::SessionCodec::with_site_time_zone) does for the sessions of a
    /// codec. A store that has no codec does so for its sessions.
    #[must_use]
    pub fn with_site_time_zone(
        mut self,
        offset_at: impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static,
    ) -> Self {
        self.site_zone = Some(SiteZone::new(offset_at));
        self
    }

    /// Reads the JSON text of an object, as Python's `json.loads` does.
    ///
    /// # Errors
    ///
    /// [`Error::MalformedJson`], [`Error::TooDeep`], [`Error::IntegerTooLong`], [`Error::NotAnObject`],
    /// [`Error::LoneSurrogate`] in a key.
    pub fn from_json(text: &str) -> Result<Self, Error> {
        let object = scratch::with(|scratch| Object::parse(text, &mut scratch.members))?;
        Ok(Self {
            object,
            ..Self::default()
        })
    }

    /// Returns the session as JSON text, as Django would write it.
    pub fn to_json(&self) -> String {
        self.mark_accessed();
        self.object.clone().into_text()
    }

    /// Parses the value of a key as a `T`. Returns `None` if there is no such key.
    ///
    /// `T` must own its text: use `String` or `Cow<str>`. In JSON, a name like Zoë has escapes, so a `&str` would only
    /// work for some names. Therefore it does not compile:
    ///
    /// ```compile_fail
    /// # fn example(session: hardtack::Session) {
    /// session.get::<&str>("name");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::WrongType`], [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`]: the value is
    /// not a `T`, or Rust cannot represent it.
    ///
    /// # Integers of more than 64 bits
    ///
    /// `serde_json::Value` turns them into floats, so inserting the value again changes the number. A nested `Session` keeps
    /// them, and so does `Box<RawValue>`:
    ///
    /// ```
    /// use hardtack::Session;
    /// use serde_json::Value;
    ///
    /// let mut session = Session::from_json(r#"{"product":{"id":18446744073709551617,"count":1}}"#)?;
    /// let product: Value = session.get("product")?.unwrap_or_default();
    /// assert_eq!(product["id"].as_u64(), None); // a float, unless `serde_json` has its feature `arbitrary_precision`
    ///
    /// let mut product: Session = session.get("product")?.unwrap_or_default();
    /// product.insert("count", 2)?;
    /// session.insert("product", &product)?;
    /// assert_eq!(session.to_json(), r#"{"product":{"id":18446744073709551617,"count":2}}"#);
    /// # Ok::<(), hardtack::Error>(())
    /// ```
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, Error> {
        self.get_json(key).map(|value| value.read()).transpose()
    }

    /// Returns the JSON text of a key's value, or `None` if there is no such key.
    pub fn get_json(&self, key: &str) -> Option<JsonText<'_>> {
        self.mark_accessed();
        self.object.get(key).map(JsonText)
    }

    /// Sets a key to any value that serde can serialize, or to a reference to one. A new key comes last; an existing key keeps
    /// its position. After an error the session is unchanged.
    ///
    /// # Errors
    ///
    /// [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`], [`Error::Unserializable`]: the value has no
    /// JSON text that can be read back.
    #[doc(alias = "__setitem__")]
    pub fn insert<T: Serialize>(&mut self, key: &str, value: T) -> Result<(), Error> {
        self.object
            .insert(key, |out| write_value(&value, MAX_DEPTH - 1, out))?;
        self.mark_modified();
        Ok(())
    }

    /// Sets a key to a value of another session, without parsing it. This also works for values that Rust cannot represent.
    pub fn insert_json(&mut self, key: &str, value: JsonText<'_>) {
        self.object.insert_text(key, value.as_str());
        self.mark_modified();
    }

    /// Removes a key and returns whether it was there. The other keys keep their order.
    #[doc(alias = "__delitem__")]
    pub fn remove(&mut self, key: &str) -> bool {
        self.mark_accessed();
        let known = self.object.remove(key);
        if known {
            self.mark_modified();
        }
        known
    }

    /// Returns whether the session has this key.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get_json(key).is_some()
    }

    /// Returns an iterator over keys and values, in order.
    #[doc(alias = "items")]
    pub fn iter(
        &self,
    ) -> impl ExactSizeIterator<Item = (Cow<'_, str>, JsonText<'_>)> + DoubleEndedIterator + Clone
    {
        self.mark_accessed();
        self.members()
    }

    /// The same as [`iter`](Self::iter), but does not count as reading.
    fn members(
        &self,
    ) -> impl ExactSizeIterator<Item = (Cow<'_, str>, JsonText<'_>)> + DoubleEndedIterator + Clone
    {
        let members = self.object.iter();
        members.map(|(key, value)| (unescaped(key), JsonText(value)))
    }

    /// Returns whether the session has no keys. For their number, use the length of [`iter`](Self::iter).
    pub fn is_empty(&self) -> bool {
        self.mark_accessed();
        self.object.len() == 0
    }

    /// Removes all keys. If keys are inserted afterwards, a session in a store keeps its session key;
    /// [`flush`](Self::flush) gives it a new one.
    pub fn clear(&mut self) {
        self.object.clear();
        self.cleared = true;
        self.mark_modified();
    }

    /// Returns whether the session was modified since it was created or decoded.
    pub fn modified(&self) -> bool {
        self.change != Change::Nothing
    }

    /// Returns whether the session was read, copied, encoded or modified since it was created or decoded. `Debug` does not
    /// count.
    pub fn accessed(&self) -> bool {
        self.accessed.load(Ordering::Relaxed)
    }

    /// Returns a session with the same keys and values, in the site's time zone, whose flags are reset.
    pub(crate) fn unchanged(self, site_zone: Option<SiteZone>) -> Self {
        Self {
            object: self.object,
            site_zone: site_zone.or(self.site_zone),
            ..Self::default()
        }
    }

    /// Clones the session. Does not count as reading.
    pub(crate) fn copy(&self) -> Self {
        Self {
            object: self.object.clone(),
            change: self.change,
            cleared: self.cleared,
            renews_key: self.renews_key,
            accessed: AtomicBool::new(self.accessed()),
            origin: self.origin,
            site_zone: self.site_zone.clone(),
        }
    }

    pub(crate) fn mark_accessed(&self) {
        self.accessed.store(true, Ordering::Relaxed);
    }

    fn mark_modified(&mut self) {
        self.mark_accessed();
        self.change = Change::Handler;
    }
}

impl Clone for Session {
    fn clone(&self) -> Self {
        self.mark_accessed();
        self.copy()
    }
}

impl PartialEq for Session {
    fn eq(&self, other: &Self) -> bool {
        self.mark_accessed();
        other.mark_accessed();
        self.object.iter().eq(other.object.iter())
    }
}

impl Eq for Session {}

/// Shows the flags, and the keys with the lengths of their values, but no values.
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
