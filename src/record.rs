//! The text of a session in a database's row or in a file.

use alloc::string::String;

use time::UtcOffset;

use crate::codec::SessionCodec;
use crate::error::Error;
use crate::key::KeyRing;
use crate::limits::DEFAULT_MAX_RECORD_JSON_LENGTH;
use crate::payload::Compression;
use crate::session::Session;
use crate::timestamp::{MaxAge, Timestamp};

/// Salt of Django's session engines that keep signed text: `django.contrib.sessions.` and the name of the store's class
/// (`key_salt` in `django/contrib/sessions/backends/base.py`).
pub const RECORD_SALT: &str = "django.contrib.sessions.SessionStore";

/// Encodes sessions as the text that Django's engines `db`, `cached_db` and `file` keep, and decodes it.
///
/// The text has the form of a cookie's value ([`SessionCodec`]), signed under another salt. The age of its stamp does
/// not matter: the date that the store keeps beside the record decides when it ends.
///
/// ```
/// use hardtack::{KeyRing, RecordCodec, SecretKey, Session};
///
/// let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
/// let codec = RecordCodec::new(KeyRing::new(key));
///
/// let mut session = Session::new();
/// session.insert("user", "Zoë")?;
/// session.insert("cart", [1, 2])?;
/// let record = codec.encode(&session, 1_790_000_000)?;
/// assert_eq!(
///     record,
///     "eyJ1c2VyIjoiWm9cdTAwZWIiLCJjYXJ0IjpbMSwyXX0:1x8elk:NfuPMOdzH_zJw4YXcIJ-YTp8mabPlV1uD8gSE7XIvxw",
/// );
/// assert_eq!(codec.decode(&record)?, session);
/// # Ok::<(), hardtack::Error>(())
/// ```
#[derive(Clone, Debug)]
#[doc(alias = "SessionStore")]
pub struct RecordCodec(SessionCodec);

impl RecordCodec {
    /// Creates a codec with Django's salt.
    pub fn new(keys: KeyRing) -> Self {
        let codec = SessionCodec::new(keys)
            .with_salt(RECORD_SALT)
            .with_max_age(MaxAge::NoLimit)
            .ignore_session_expiry();
        Self(codec).with_max_json_length(DEFAULT_MAX_RECORD_JSON_LENGTH)
    }

    /// Sets the salt, for a site whose engine is a subclass of Django's: `django.contrib.sessions.` and the name of its
    /// class. Defaults to [`RECORD_SALT`]; an empty salt selects the default.
    #[must_use]
    pub fn with_salt(self, salt: &str) -> Self {
        let salt = if salt.is_empty() { RECORD_SALT } else { salt };
        Self(self.0.with_salt(salt))
    }

    /// Sets whether to compress. Defaults to [`Compression::Auto`], as Django writes records. Uncompressed records are
    /// larger, and faster to write, because most of that time goes into compressing. Django reads both.
    #[must_use]
    pub fn with_compression(self, compression: Compression) -> Self {
        Self(self.0.with_compression(compression))
    }

    /// Sets the maximum length of a session's JSON text, in bytes. Defaults to
    /// [`DEFAULT_MAX_RECORD_JSON_LENGTH`].
    #[must_use]
    pub fn with_max_json_length(self, bytes: usize) -> Self {
        // Base64 takes four characters for three bytes, and 64 are more than the stamp and the signature need. A longer
        // text is refused before it is hashed.
        let most = bytes.div_ceil(3).saturating_mul(4).saturating_add(64);
        Self(self.0.with_max_json_length(bytes).with_max_length(most))
    }

    /// Sets the time zone of a Django site with `USE_TZ = False`, as [`SessionCodec::with_site_time_zone`] does.
    #[must_use]
    pub fn with_site_time_zone(
        self,
        offset_at: impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static,
    ) -> Self {
        Self(self.0.with_site_time_zone(offset_at))
    }

    /// Encodes a session. `now` is the time of its stamp.
    ///
    /// # Errors
    ///
    /// - [`Error::JsonTooLong`]
    /// - [`Error::MalformedExpiry`]: the session's own expiry has none of the forms that [`Expiry`](crate::Expiry)
    ///   lists. (An expiry in the past is no error.)
    /// - [`Error::TimeOutOfRange`]: `now` is after the year 9999, so probably in milliseconds
    pub fn encode(&self, session: &Session, now: impl Into<Timestamp>) -> Result<String, Error> {
        self.0.encode(session, now)
    }

    /// Verifies the signature of a record, and decodes it. It may be of any age.
    ///
    /// # Errors
    ///
    /// [`Error::TooLong`] if it is longer than any record whose JSON text has the maximum length,
    /// [`Error::BadSignature`], [`Error::NotSigned`], [`Error::MalformedStamp`], [`Error::TimeOutOfRange`], then those
    /// of [`Verified::session`](crate::Verified::session), except those of the session's own expiry, which is not
    /// checked.
    pub fn decode(&self, record: &str) -> Result<Session, Error> {
        self.0.decode(record, 0)
    }

    /// Creates an empty session with the site's time zone, for a visitor who has none yet.
    pub fn new_session(&self) -> Session {
        self.0.new_session()
    }

    /// Returns the time that the site writes for an instant in a column without a time zone: local time on a site with
    /// `USE_TZ = False`, otherwise UTC.
    pub fn site_time(&self, instant: Timestamp) -> Timestamp {
        self.0
            .site_zone()
            .map_or(instant, |zone| zone.local(instant))
    }

    /// Returns the instant of a time that [`site_time`](Self::site_time) returned. A local time that the clocks repeat
    /// or skip is read with the offset before the change, as Python's `zoneinfo` does.
    pub fn instant_of_site_time(&self, time: Timestamp) -> Timestamp {
        self.0.site_zone().map_or(time, |zone| zone.instant(time))
    }
}
