//! What a verification returns, and the only thing that can be decoded.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use serde::de::DeserializeOwned;
use time::UtcOffset;

use crate::error::Error;
use crate::json::object::{Member, spelled, value_of};
use crate::json::read::read;
use crate::payload;
use crate::scratch::{self, Buffers};
use crate::session::{EXPIRY_KEY, Session, check_expiry};
use crate::signing::StampedText;
use crate::timestamp::Timestamp;

/// A cookie value whose signature, stamp and age are good. Its payload has not been looked at yet, nor the expiry that a
/// session may keep in it.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    stamped: StampedText<'a>,
    max_json_length: usize,
    expiry: ExpiryPolicy,
}

/// What is made of a session's own expiry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExpiryPolicy {
    pub(crate) is_enforced: bool,
    /// What a local time is relative to; without, a local time is malformed.
    pub(crate) site_offset: Option<UtcOffset>,
}

impl<'a> Verified<'a> {
    pub(crate) fn new(
        stamped: StampedText<'a>,
        max_json_length: usize,
        expiry: ExpiryPolicy,
    ) -> Self {
        Self {
            stamped,
            max_json_length,
            expiry,
        }
    }

    /// When it was signed, in whole seconds. A cut-off of your own, per user, is compared in whole
    /// seconds, too ([`Timestamp::as_unix_seconds`]), or it refuses what was signed within its own second.
    pub fn issued_at(&self) -> Timestamp {
        self.stamped.issued_at()
    }

    /// Time from the stamp to the `now` of the verification; zero if the stamp lies ahead of it.
    pub fn age(&self) -> Duration {
        self.stamped.age()
    }

    /// Which key signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub fn key_index(&self) -> usize {
        self.stamped.key_index()
    }

    /// Whether a fallback key signed it. Then send a fresh cookie, so that the old key can be retired (see
    /// [`KeyRing::with_fallback`](crate::KeyRing::with_fallback)).
    pub fn needs_resign(&self) -> bool {
        self.key_index() > 0
    }

    /// Whether the payload is marked as compressed.
    pub fn is_compressed(&self) -> bool {
        payload::is_compressed(self.stamped.authentic())
    }

    /// Reads the session.
    ///
    /// # Errors
    ///
    /// - [`Error::MalformedBase64`], [`Error::MalformedZlib`], [`Error::MalformedJson`], [`Error::IntegerTooLong`]: a holder
    ///   of the key signed what no Django would read, or would not write
    /// - [`Error::CompressionDisabled`]: it is compressed, and the feature `compress` is off
    /// - [`Error::JsonTooLong`], [`Error::TooDeep`]: it is beyond a limit
    /// - [`Error::NotAnObject`]: it is JSON and no session
    /// - [`Error::LoneSurrogate`]: in a key
    /// - [`Error::SessionExpired`], [`Error::MalformedExpiry`]: the session's own expiry does not let it be read (unless
    ///   [turned off](crate::SessionCodec::ignore_session_expiry))
    pub fn session(&self) -> Result<Session, Error> {
        scratch::with(|scratch| {
            let text = self.text(&mut scratch.buffers)?;
            self.open(text, &mut scratch.members)
        })
    }

    /// A session, if its own expiry lets it be read.
    fn open(&self, text: &str, members: &mut Vec<Member>) -> Result<Session, Error> {
        let session = Session::from_text(text, members, self.expiry.site_offset)?;
        self.check_expiry(session.expiry_text())?;
        Ok(session)
    }

    /// Whether the session's own expiry, as JSON text, lets it be read.
    fn check_expiry(&self, expiry: Option<&str>) -> Result<(), Error> {
        match expiry {
            Some(expiry) if self.expiry.is_enforced => {
                let (issued_at, now) = (self.stamped.issued_at(), self.stamped.now());
                check_expiry(expiry, issued_at, now, self.expiry.site_offset)
            }
            _ => Ok(()),
        }
    }

    /// Reads the payload as a `T`: a struct of your own, or any other type that serde deserializes.
    ///
    /// All of the payload is read with a type then, so what has none is an error wherever it stands: to read past it,
    /// use [`session`](Self::session). A `T` that borrows can be read from [`json`](Self::json).
    ///
    /// # Errors
    ///
    /// Those of [`session`](Self::session), though JSON that is no object is fine, and
    ///
    /// - [`Error::WrongType`]: `T` has another shape
    /// - [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`]: JSON as Python writes it, for which
    ///   Rust has no value
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let json = scratch::with(|scratch| {
            let text = self.text(&mut scratch.buffers)?;
            match self.open(text, &mut scratch.members) {
                Err(Error::NotAnObject) => spelled(text).map(Cow::into_owned),
                opened => opened.map(Session::into_text),
            }
        })?;
        read(&json)
    }

    /// The payload's JSON text as it was signed, to the byte, once it has been found to be JSON within the limits. Django
    /// writes ASCII without white space; of duplicate keys, which it does not write, the last one counts.
    ///
    /// # Errors
    ///
    /// Those of [`session`](Self::session), but JSON that is no object is fine, and an expiry whose text has escapes, which
    /// no Django writes, is [`Error::MalformedExpiry`].
    pub fn json(&self) -> Result<String, Error> {
        scratch::with(|scratch| {
            let text = self.text(&mut scratch.buffers)?;
            self.check_expiry(value_of(text, EXPIRY_KEY)?)?;
            Ok(text.into())
        })
    }

    fn text<'b>(&self, buffers: &'b mut Buffers) -> Result<&'b str, Error> {
        payload::read(self.stamped.authentic(), self.max_json_length, buffers)
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("issued_at", &self.issued_at())
            .field("age", &self.age())
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}
