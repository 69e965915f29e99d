//! Sessions to cookie values and back: a payload, stamped and signed, under limits and policies.

use alloc::string::String;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::UtcOffset;

use crate::error::Error;
use crate::json::object::spelled;
use crate::json::write::write_value;
use crate::key::KeyRing;
use crate::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH, MAX_DEPTH};
use crate::payload::{self, Compression};
use crate::report::SizeReport;
use crate::scratch::{self, Buffers, Scratch};
use crate::session::Session;
use crate::signing::TimestampSigner;
use crate::timestamp::{MaxAge, Timestamp};
use crate::verified::{ExpiryPolicy, Verified};

/// Salt of Django's `signed_cookies` session engine (`django/contrib/sessions/backends/signed_cookies.py`).
pub const SESSION_SALT: &str = "django.contrib.sessions.backends.signed_cookies";

/// Turns sessions into cookie values and back, as Django's `signed_cookies` engine does.
///
/// Made once, then shared by all threads: no method needs `&mut self`, and none reads a clock.
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
    max_age: MaxAge,
    compression: Compression,
    max_length: usize,
    max_json_length: usize,
    max_future: Option<Duration>,
    earliest_issue: Option<Timestamp>,
    expiry: ExpiryPolicy,
}

impl SessionCodec {
    /// A codec with Django's settings, and the limits of [`limits`](crate::limits).
    pub fn new(keys: KeyRing) -> Self {
        Self {
            signer: TimestampSigner::new(keys).with_salt(SESSION_SALT),
            max_age: MaxAge::default(),
            compression: Compression::default(),
            max_length: DEFAULT_MAX_LENGTH,
            max_json_length: DEFAULT_MAX_JSON_LENGTH,
            max_future: None,
            earliest_issue: None,
            expiry: ExpiryPolicy {
                is_enforced: true,
                site_offset: None,
            },
        }
    }

    /// Sets the salt. Defaults to [`SESSION_SALT`], for which an empty one stands, too: a cookie of another salt
    /// is not the site's session.
    #[must_use]
    pub fn with_salt(mut self, salt: &str) -> Self {
        self.signer = self
            .signer
            .with_salt(if salt.is_empty() { SESSION_SALT } else { salt });
        self
    }

    /// Sets how old a cookie may be: a [`Duration`], or [`MaxAge::NoLimit`]. Defaults to
    /// [`DEFAULT_MAX_AGE`](crate::limits::DEFAULT_MAX_AGE), Django's two weeks: a cookie cannot be called back, so its
    /// age is what ends it.
    #[doc(alias = "SESSION_COOKIE_AGE")]
    #[must_use]
    pub fn with_max_age(mut self, max_age: impl Into<MaxAge>) -> Self {
        self.max_age = max_age.into();
        self
    }

    /// Sets whether to compress. Defaults to [`Compression::Auto`], Django's rule. What is read says itself whether it
    /// is compressed.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the most bytes of a cookie value. Defaults to [`DEFAULT_MAX_LENGTH`], beyond which browsers drop a cookie.
    /// A longer one is neither written nor looked at.
    #[must_use]
    pub fn with_max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// Sets the most bytes of JSON text in a cookie, before compression or after inflating. Defaults to
    /// [`DEFAULT_MAX_JSON_LENGTH`], so that a small cookie cannot take much memory.
    #[must_use]
    pub fn with_max_json_length(mut self, bytes: usize) -> Self {
        self.max_json_length = bytes;
        self
    }

    /// Sets how far ahead of the clock a stamp may be. Defaults to no bound, as in Django, since the clocks of two
    /// machines differ. Only a holder of the key can make such a stamp.
    #[must_use]
    pub fn with_max_future(mut self, max_future: Duration) -> Self {
        self.max_future = Some(max_future);
        self
    }

    /// Refuses cookies that were issued before `instant`: logs everybody out who logged in earlier. Defaults to none.
    ///
    /// Stamps are whole seconds, so a cookie of the instant's own second still passes.
    #[must_use]
    pub fn refuse_issued_before(mut self, instant: impl Into<Timestamp>) -> Self {
        self.earliest_issue = Some(instant.into());
        self
    }

    /// Reads sessions past their own expiry, as Django's cookie engine does, which never looks at it. Defaults to
    /// enforcing it: a session set to end after five minutes is not good for two weeks. It can only shorten; a longer
    /// "remember me" needs a codec with a larger max age.
    #[must_use]
    pub fn ignore_session_expiry(mut self) -> Self {
        self.expiry.is_enforced = false;
        self
    }

    /// Sets what a local time in a session's own expiry is relative to: the offset of a Django site with
    /// `USE_TZ = False`. Defaults to none, so that a local time is [`Error::MalformedExpiry`].
    #[must_use]
    pub fn with_site_offset(mut self, offset: UtcOffset) -> Self {
        self.expiry.site_offset = Some(offset);
        self
    }

    /// How old a cookie may be.
    pub fn max_age(&self) -> MaxAge {
        self.max_age
    }

    /// The cookie value of a session.
    ///
    /// # Errors
    ///
    /// - [`Error::TooLong`]: the value would be longer than the limit. [`size_report`](Self::size_report) tells what takes
    ///   the space.
    /// - [`Error::JsonTooLong`], [`Error::IssuedTooEarly`]: [`decode`](Self::decode) would refuse it
    ///
    /// A value of another type has [`encode_as`](Self::encode_as):
    ///
    /// ```compile_fail
    /// # fn example(codec: hardtack::SessionCodec) {
    /// codec.encode(&7, 1_700_000_000);
    /// # }
    /// ```
    #[doc(alias("dumps", "sign_object"))]
    pub fn encode(&self, session: &Session, now: impl Into<Timestamp>) -> Result<String, Error> {
        let mut out = String::new();
        scratch::with(|scratch| self.encode_with(scratch, session, now, &mut out))?;
        Ok(out)
    }

    /// Appends the cookie value to `out`, with the caller's own working memory. After an error `out` is as it was.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode).
    pub fn encode_with(
        &self,
        scratch: &mut Scratch,
        session: &Session,
        now: impl Into<Timestamp>,
        out: &mut String,
    ) -> Result<(), Error> {
        let text = session.text(&mut scratch.json);
        self.write(text, now.into(), &mut scratch.buffers, out)
    }

    /// The cookie value of any value that serde can serialize: a struct of your own, as [`decode_as`](Self::decode_as)
    /// reads it.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode), and [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`],
    /// [`Error::Unserializable`]: the value has no JSON text that Django would read.
    pub fn encode_as<T: Serialize + ?Sized>(
        &self,
        value: &T,
        now: impl Into<Timestamp>,
    ) -> Result<String, Error> {
        let mut out = String::new();
        scratch::with(|Scratch { json, buffers, .. }| {
            json.clear();
            write_value(value, MAX_DEPTH, json)?;
            self.write(json, now.into(), buffers, &mut out)
        })?;
        Ok(out)
    }

    /// The cookie value of a session that is JSON text already: from another language, or out of a store. The text may
    /// have white space and any escapes; what is signed is spelled as Django writes it. Duplicate keys stay in
    /// it, and the last one counts.
    ///
    /// # Errors
    ///
    /// - those of [`Session::from_json`]: no session has this text
    /// - [`Error::TooLong`], [`Error::JsonTooLong`], [`Error::IssuedTooEarly`], as from [`encode`](Self::encode)
    pub fn encode_json(&self, json: &str, now: impl Into<Timestamp>) -> Result<String, Error> {
        let text = spelled(json)?;
        if !text.starts_with('{') {
            return Err(Error::NotAnObject);
        }
        let mut out = String::new();
        scratch::with(|scratch| self.write(&text, now.into(), &mut scratch.buffers, &mut out))?;
        Ok(out)
    }

    /// Appends the cookie value of JSON text to `out`. After an error `out` is as it was.
    fn write(
        &self,
        json: &str,
        now: Timestamp,
        buffers: &mut Buffers,
        out: &mut String,
    ) -> Result<(), Error> {
        self.check_issued_at(now)?;
        let start = out.len();
        payload::write(json, self.compression, self.max_json_length, buffers, out)?;
        self.signer.sign_from(start, now, out);
        let checked = self.check_length(out.len() - start);
        if checked.is_err() {
            out.truncate(start);
        }
        checked
    }

    /// How long a session's cookie value is, whether or not it is within the limit, and which keys take the space.
    ///
    /// # Errors
    ///
    /// Those of [`encode`](Self::encode) but for [`Error::TooLong`] and [`Error::JsonTooLong`].
    pub fn size_report(
        &self,
        session: &Session,
        now: impl Into<Timestamp>,
    ) -> Result<SizeReport, Error> {
        let unlimited = self
            .clone()
            .with_max_length(usize::MAX)
            .with_max_json_length(usize::MAX);
        let length = unlimited.encode(session, now)?.len();
        Ok(SizeReport::new(session, length, self.max_length))
    }

    /// Verifies length, signature, stamp and age, and nothing else. It allocates nothing.
    ///
    /// A session's own expiry stands in the payload: it is checked when that is opened.
    ///
    /// # Errors
    ///
    /// In this order:
    ///
    /// - [`Error::TooLong`]: before anything is hashed
    /// - [`Error::BadSignature`]: no key of the ring signed it, under this salt
    /// - [`Error::MalformedStamp`]
    /// - [`Error::Expired`]
    /// - [`Error::FromFuture`], [`Error::IssuedTooEarly`]: if the codec was told so
    pub fn verify<'a>(
        &self,
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
        self.check_issued_at(stamped.issued_at())?;
        Ok(Verified::new(stamped, self.max_json_length, self.expiry))
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
    /// Those of [`verify`](Self::verify), then those of [`Verified::deserialize`].
    pub fn decode_as<T: DeserializeOwned>(
        &self,
        value: &str,
        now: impl Into<Timestamp>,
    ) -> Result<T, Error> {
        self.verify(value, now)?.deserialize()
    }

    fn check_length(&self, length: usize) -> Result<(), Error> {
        let limit = self.max_length;
        if length > limit {
            Err(Error::TooLong { length, limit })
        } else {
            Ok(())
        }
    }

    fn check_issued_at(&self, issued_at: Timestamp) -> Result<(), Error> {
        match self.earliest_issue {
            Some(from) if issued_at.as_unix_seconds() < from.as_unix_seconds() => {
                Err(Error::IssuedTooEarly)
            }
            _ => Ok(()),
        }
    }
}
