//! Encodes sessions as cookie values, and decodes them. The order of the steps is defined only here.
//!
//! Encoding:
//!
//! 1. The instant must not be before the one from which cookies are accepted, nor after the year 9999.
//! 2. The session, a value of another type, or JSON text from elsewhere is written as canonical JSON text.
//! 3. On a site with a time zone, the session's own expiry is converted to local time. It must be well-formed, and not
//!    in the past.
//! 4. The text becomes a payload: its length is checked, it is compressed if that is shorter, and encoded as base64url.
//! 5. The payload is stamped and signed.
//! 6. The value's length is checked.
//!
//! Decoding:
//!
//! 1. The value's length is checked.
//! 2. The signature is verified with the keys of the ring, then the stamp and its age.
//! 3. The stamp must not be too far in the future, nor before the instant from which cookies are accepted. (One after
//!    the year 9999 is refused in step 2.)
//! 4. The payload becomes JSON text: it is decoded from base64url, inflated if it is marked as compressed, and its
//!    length is checked.
//! 5. The text is scanned, and converted to Django's spelling.
//! 6. The session's own expiry must be well-formed, and not in the past.
//! 7. A value is parsed only when the caller requests it as a type.

mod header;
mod settings;

use alloc::string::String;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::json::{Object, canonicalize, merge_duplicates, read, scan, value_of, write_document};
use crate::payload::{self, Compression};
use crate::report::SizeReport;
use crate::scratch::{self, Buffers};
use crate::session::{EXPIRY_KEY, ExpiryPolicy, Session, SiteZone};
use crate::signing::TimestampSigner;
use crate::timestamp::{MaxAge, Timestamp};
use crate::verified::Verified;

/// Salt of Django's `signed_cookies` session engine (`django/contrib/sessions/backends/signed_cookies.py`).
pub const SESSION_SALT: &str = "django.contrib.sessions.backends.signed_cookies";

/// Encodes sessions as cookie values and decodes them, as Django's `signed_cookies` engine does.
///
/// Create it once and share it between threads: no method takes `&mut self`, and none reads a clock.
///
/// ```
/// use hardtack::{KeyRing, SecretKey, Session, SessionCodec};
///
/// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
/// let codec = SessionCodec::new(KeyRing::new(key));
///
/// let mut session = Session::new();
/// session.insert("user", "Zoë")?;
/// let cookie = codec.encode(&session, 1_700_000_000)?;
///
/// let session = codec.decode(&cookie, 1_700_000_060)?;
/// assert_eq!(session.get::<String>("user")?.as_deref(), Some("Zoë"));
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias("signed_cookies", "SESSION_ENGINE", "SessionStore"))]
pub struct SessionCodec {
    signer: TimestampSigner,
    pub(crate) max_age: MaxAge,
    /// Whether `with_max_age` set it.
    pub(crate) has_own_age: bool,
    compression: Compression,
    max_length: usize,
    max_json_length: usize,
    max_future: Option<Duration>,
    earliest_issue: Option<Timestamp>,
    expiry: ExpiryPolicy,
}

/// Encoding.
impl SessionCodec {
    /// Encodes a session as a cookie value.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLong`]: the value would be longer than the limit. [`size_report`](Self::size_report) names the keys that
    ///   take the space.
    /// - [`Error::IssuedTooEarly`], [`Error::JsonTooLong`], [`Error::SessionExpired`]: [`decode`](Self::decode) would
    ///   refuse the value for this reason
    /// - [`Error::MalformedExpiry`]: the session's own expiry has none of the forms that [`Expiry`](crate::Expiry)
    ///   lists
    /// - [`Error::TimeOutOfRange`]: `now` is after the year 9999, so probably in milliseconds
    ///
    /// For a value of another type, use [`encode_as`](Self::encode_as). This does not compile:
    ///
    /// ```compile_fail
    /// # fn example(codec: hardtack::SessionCodec) {
    /// codec.encode(&7, 1_700_000_000);
    /// # }
    /// ```
    #[doc(alias("dumps", "sign_object"))]
    pub fn encode(&self, session: &Session, now: impl Into<Timestamp>) -> Result<String, Error> {
        session.mark_accessed();
        self.encode_for(usize::MAX, session, now.into())
    }

    /// Encodes a session for a cookie that has room for a value of at most `room` bytes. A value that would be
    /// somewhat longer is compressed with more effort. The value may still be longer. Does not count as reading.
    pub(crate) fn encode_for(
        &self,
        room: usize,
        session: &Session,
        now: Timestamp,
    ) -> Result<String, Error> {
        let now = self.check_issue(now)?;
        scratch::with(|scratch| {
            let json = session.object.text(&mut scratch.json);
            self.write(json, session.expiry_text(), now, room, &mut scratch.buffers)
        })
    }

    /// Encodes any value that serde can serialize, such as your own struct. [`decode_as`](Self::decode_as) reads it.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode), and [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`],
    /// [`Error::LoneSurrogate`] in a key, [`Error::Unserializable`]: the value has no JSON text that can be decoded.
    pub fn encode_as<T: Serialize + ?Sized>(
        &self,
        value: &T,
        now: impl Into<Timestamp>,
    ) -> Result<String, Error> {
        let now = self.check_issue(now.into())?;
        scratch::with(|scratch| {
            let (members, json) = (&mut scratch.members, &mut scratch.json);
            let (json, expiry) = write_document(value, EXPIRY_KEY, members, json)?;
            self.write(json, expiry, now, usize::MAX, &mut scratch.buffers)
        })
    }

    /// Encodes a session that is already JSON text, for example from another language. The text may have white space
    /// and any escapes; it is signed as Django would write it. Duplicate keys are kept, and readers use the last one.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode) and of [`Session::from_json`].
    pub fn encode_json(&self, json: &str, now: impl Into<Timestamp>) -> Result<String, Error> {
        let now = self.check_issue(now.into())?;
        scratch::with(|scratch| {
            let text = canonicalize(json, &mut scratch.members)?;
            if !text.starts_with('{') {
                return Err(Error::NotAnObject);
            }
            let expiry = value_of(&text, &scratch.members, EXPIRY_KEY);
            self.write(&text, expiry, now, usize::MAX, &mut scratch.buffers)
        })
    }

    /// Creates an empty session, for a visitor who has none yet.
    pub(crate) fn new_session(&self) -> Session {
        self.expiry.session(Object::default())
    }

    /// Returns the time zone of a site with `USE_TZ = False`.
    pub(crate) fn site_zone(&self) -> Option<&SiteZone> {
        self.expiry.site_zone.as_ref()
    }

    fn check_issue(&self, now: Timestamp) -> Result<Timestamp, Error> {
        match self.earliest_issue {
            Some(from) if now.as_unix_seconds() < from.as_unix_seconds() => {
                Err(Error::IssuedTooEarly)
            }
            _ => Ok(now),
        }
    }

    /// Returns the cookie value of canonical JSON text: steps 3 to 6 of encoding.
    fn write(
        &self,
        json: &str,
        expiry: Option<&str>,
        now: Timestamp,
        room: usize,
        buffers: &mut Buffers,
    ) -> Result<String, Error> {
        let localized = self.expiry.localized(json, expiry)?;
        let (json, expiry) = match &localized {
            Some((json, expiry)) => (json.as_str(), Some(expiry.as_str())),
            None => (json, expiry),
        };
        self.expiry.check_written(expiry, now)?;
        let room = room.min(self.max_length);
        let room = room.saturating_sub(self.signer.added_length(now)?);
        let mut out = String::new();
        payload::write(
            json,
            self.compression,
            self.max_json_length,
            room,
            buffers,
            &mut out,
        )?;
        self.signer.sign_in_place(now, &mut out)?;
        self.check_length(out.len())?;
        Ok(out)
    }

    /// Returns the length of a session's cookie value, even if it is over the limit, and the keys that take the space.
    /// If the JSON text is too long, the value's length may still be within its limit.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode) except [`Error::TooLong`] and [`Error::JsonTooLong`].
    pub fn size_report(
        &self,
        session: &Session,
        now: impl Into<Timestamp>,
    ) -> Result<SizeReport, Error> {
        let now = now.into();
        let length = match self.encode(session, now) {
            Ok(value) => value.len(),
            Err(Error::TooLong { length, .. }) => length,
            Err(Error::JsonTooLong { .. }) => {
                let unlimited = self.clone().with_max_length(usize::MAX);
                let unlimited = unlimited.with_max_json_length(usize::MAX);
                unlimited.encode(session, now)?.len()
            }
            Err(error) => return Err(error),
        };
        Ok(SizeReport::of_value(session, length, self.max_length))
    }
}

/// Decoding, up to the verification.
impl SessionCodec {
    /// Verifies only the length, signature, stamp and age of a cookie value. It does not allocate.
    ///
    /// A session's own expiry is part of the payload, so it is checked when the payload is decoded.
    ///
    /// # Errors
    ///
    /// In this order:
    ///
    /// - [`Error::TooLong`]: the value is longer than the limit. Nothing has been hashed yet.
    /// - [`Error::BadSignature`]: no key of the ring signed it under this salt ([`Error::NotSigned`] if it has fewer
    ///   than two separators)
    /// - [`Error::MalformedStamp`]: the stamp is missing, or is not a base62 number
    /// - [`Error::TimeOutOfRange`]: the stamp is after the year 9999
    /// - [`Error::Expired`]: the stamp is older than the max age
    /// - [`Error::FromFuture`], [`Error::IssuedTooEarly`]: only with [`with_max_future`](Self::with_max_future) and
    ///   [`refuse_issued_before`](Self::refuse_issued_before)
    pub fn verify<'a>(
        &'a self,
        value: &'a str,
        now: impl Into<Timestamp>,
    ) -> Result<Verified<'a>, Error> {
        self.check_length(value.len())?;
        let now = now.into();
        let stamped = self.signer.verify(value, now, self.max_age)?;
        if let Some(max_future) = self.max_future {
            let ahead = stamped.issued_at().saturating_duration_since(now);
            if ahead > max_future {
                return Err(Error::FromFuture { ahead, max_future });
            }
        }
        self.check_issue(stamped.issued_at())?;
        Ok(Verified {
            stamped,
            max_json_length: self.max_json_length,
            expiry: &self.expiry,
        })
    }

    fn check_length(&self, length: usize) -> Result<(), Error> {
        let limit = self.max_length;
        if length > limit {
            Err(Error::TooLong { length, limit })
        } else {
            Ok(())
        }
    }

    /// Verifies a cookie value and reads its session.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), then those of [`Verified::session`].
    #[doc(alias("loads", "unsign_object"))]
    pub fn decode(&self, value: &str, now: impl Into<Timestamp>) -> Result<Session, Error> {
        self.verify(value, now)?.session()
    }

    /// Verifies a cookie value and reads it as a `T`.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), then those of [`Verified::to`].
    pub fn decode_as<T: DeserializeOwned>(
        &self,
        value: &str,
        now: impl Into<Timestamp>,
    ) -> Result<T, Error> {
        self.verify(value, now)?.to()
    }
}

/// Decoding, after the verification.
impl Verified<'_> {
    /// Reads the session.
    ///
    /// # Errors
    ///
    /// - [`Error::MalformedBase64`], [`Error::MalformedZlib`], [`Error::MalformedJson`], [`Error::IntegerTooLong`]: a
    ///   holder of the key signed text that Django cannot read or never writes
    /// - [`Error::CompressionDisabled`]: it is compressed, and the feature `compress` is off
    /// - [`Error::JsonTooLong`], [`Error::TooDeep`]: it exceeds a limit
    /// - [`Error::NotAnObject`]: it is JSON, but not an object
    /// - [`Error::LoneSurrogate`]: a key has a lone surrogate
    /// - [`Error::SessionExpired`], [`Error::MalformedExpiry`]: the session's own expiry has passed, or cannot be read
    ///   (unless the codec [ignores it](crate::SessionCodec::ignore_session_expiry))
    pub fn session(&self) -> Result<Session, Error> {
        scratch::with(|scratch| {
            let text = self.payload(&mut scratch.buffers)?;
            let object = Object::parse(text, &mut scratch.members)?;
            let session = self.expiry.session(object);
            self.check_expiry(session.expiry_text())?;
            Ok(session)
        })
    }

    /// Deserializes the payload as a `T`: your own struct, or any other type that serde deserializes. This reads the
    /// whole payload, so `NaN` or an infinity is an error even in a field that `T` ignores. [`session`](Self::session)
    /// does not have this limitation.
    ///
    /// # Errors
    ///
    /// Those of [`session`](Self::session) except [`Error::NotAnObject`], and
    ///
    /// - [`Error::WrongType`]: the JSON does not match `T`
    /// - [`Error::NotFinite`], [`Error::LoneSurrogate`], [`Error::NumberOutOfRange`]: the JSON has a value that Python
    ///   writes, but Rust cannot represent
    pub fn to<T: DeserializeOwned>(&self) -> Result<T, Error> {
        scratch::with(|scratch| {
            let members = &mut scratch.members;
            let text = canonicalize(self.payload(&mut scratch.buffers)?, members)?;
            self.check_expiry(value_of(&text, members, EXPIRY_KEY))?;
            read(&merge_duplicates(text, members))
        })
    }

    /// Returns the payload's JSON text exactly as it was signed, after checking that it is JSON within the limits.
    /// Django writes ASCII without white space, and no duplicate keys; of duplicates, the last one counts.
    ///
    /// # Errors
    ///
    /// Those of [`session`](Self::session) except [`Error::NotAnObject`]. An expiry whose text has escapes, which
    /// Django never writes, is also [`Error::MalformedExpiry`].
    pub fn raw_json(&self) -> Result<String, Error> {
        scratch::with(|scratch| {
            let raw = self.payload(&mut scratch.buffers)?;
            scan(raw, &mut scratch.members)?;
            self.check_expiry(value_of(raw, &scratch.members, EXPIRY_KEY))?;
            Ok(raw.into())
        })
    }

    fn payload<'b>(&self, buffers: &'b mut Buffers) -> Result<&'b str, Error> {
        payload::read(self.stamped.signed(), self.max_json_length, buffers)
    }

    fn check_expiry(&self, expiry: Option<&str>) -> Result<(), Error> {
        let (issued_at, now) = (self.stamped.issued_at(), self.stamped.now());
        self.expiry.check_read(expiry, issued_at, now)
    }
}
