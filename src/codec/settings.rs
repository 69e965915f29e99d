//! The settings of a codec.

use core::time::Duration;

use time::UtcOffset;

use super::{SESSION_SALT, SessionCodec};
use crate::key::KeyRing;
use crate::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH};
use crate::payload::Compression;
use crate::session::{ExpiryPolicy, SiteZone};
use crate::signing::TimestampSigner;
use crate::timestamp::{MaxAge, Timestamp};

impl SessionCodec {
    /// Creates a codec with Django's default settings and the limits in [`limits`](crate::limits).
    pub fn new(keys: KeyRing) -> Self {
        Self {
            signer: TimestampSigner::with_default_salt(keys, SESSION_SALT),
            max_age: MaxAge::default(),
            has_own_age: false,
            compression: Compression::default(),
            max_length: DEFAULT_MAX_LENGTH,
            max_json_length: DEFAULT_MAX_JSON_LENGTH,
            max_future: None,
            earliest_issue: None,
            expiry: ExpiryPolicy {
                is_enforced: true,
                site_zone: None,
            },
        }
    }

    /// Sets the salt. Defaults to [`SESSION_SALT`]; an empty salt selects the default. Cookies signed under another
    /// salt do not verify.
    ///
    /// The cookie's name is not signed, as in Django. If a site has two session cookies under one key, give each a salt
    /// of its own: otherwise a user can send the value of one under the name of the other.
    #[must_use]
    pub fn with_salt(mut self, salt: &str) -> Self {
        self.signer = self.signer.with_salt(salt);
        self
    }

    /// Sets how old a cookie may be: a [`Duration`], or [`MaxAge::NoLimit`]. Defaults to
    /// [`DEFAULT_MAX_AGE`](crate::limits::DEFAULT_MAX_AGE), Django's two weeks. A cookie cannot be revoked, so only its
    /// age ends it.
    ///
    /// In a [`SessionMiddleware`](crate::SessionMiddleware), use
    /// [`SessionSettings::with_age`](crate::SessionSettings::with_age) instead, which also sets the cookie's `Max-Age`.
    /// [`SessionMiddleware::with_settings`](crate::SessionMiddleware::with_settings) fails if the two ages differ.
    #[doc(alias = "SESSION_COOKIE_AGE")]
    #[must_use]
    pub fn with_max_age(mut self, max_age: impl Into<MaxAge>) -> Self {
        self.max_age = max_age.into();
        self.has_own_age = true;
        self
    }

    /// Sets whether to compress. Defaults to [`Compression::Auto`], Django's rule. This only affects encoding: a
    /// compressed payload is marked as such, so decoding needs no setting.
    #[must_use]
    pub fn with_compression(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// Sets the maximum length of a cookie value, in bytes. Defaults to [`DEFAULT_MAX_LENGTH`], beyond which browsers
    /// drop a cookie. A longer value is neither written nor verified.
    #[must_use]
    pub fn with_max_length(mut self, bytes: usize) -> Self {
        self.max_length = bytes;
        self
    }

    /// Sets the maximum length of a cookie's JSON text, in bytes, before compression or after inflating. Defaults to
    /// [`DEFAULT_MAX_JSON_LENGTH`], so that a small cookie cannot take much memory.
    #[must_use]
    pub fn with_max_json_length(mut self, bytes: usize) -> Self {
        self.max_json_length = bytes;
        self
    }

    /// Sets how far ahead of the clock a stamp may be. Defaults to no limit, as in Django, because the clocks of two
    /// servers differ. Only a holder of the key can create such a stamp.
    #[must_use]
    pub fn with_max_future(mut self, max_future: Duration) -> Self {
        self.max_future = Some(max_future);
        self
    }

    /// Refuses all users' cookies that were signed before `instant`. Defaults to accepting them. To end one user's
    /// sessions, see [`auth`](crate::auth).
    ///
    /// Choose an instant after the last server has been deployed with this setting: a server without it accepts an
    /// older cookie, and a save signs that session with a new stamp. Stamps are whole seconds, so a cookie signed in
    /// the same second as `instant` is still accepted.
    #[must_use]
    pub fn refuse_issued_before(mut self, instant: impl Into<Timestamp>) -> Self {
        self.earliest_issue = Some(instant.into());
        self
    }

    /// Accepts sessions whose own expiry has passed, as Django's cookie engine does. By default the codec enforces the
    /// expiry, so that a session set to end after five minutes does not last two weeks. An expiry can only shorten a
    /// session; a longer "remember me" needs a codec with a larger max age.
    #[must_use]
    pub fn ignore_session_expiry(mut self) -> Self {
        self.expiry.is_enforced = false;
        self
    }

    /// Sets the time zone of a Django site with `USE_TZ = False`, whose expiries are local times. `offset_at` returns
    /// the UTC offset at an instant of the years 1 to 9999. Defaults to no time zone, for sites with `USE_TZ = True`:
    /// reading a local time then fails with [`Error::MalformedExpiry`](crate::Error::MalformedExpiry).
    ///
    /// With `jiff` (other time zone crates have a similar function):
    ///
    /// ```
    /// # use hardtack::{KeyRing, SecretKey, SessionCodec};
    /// # let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
    /// let zone = jiff::tz::TimeZone::get("Europe/Berlin")?; // Django's TIME_ZONE
    /// let codec = SessionCodec::new(KeyRing::new(key)).with_site_time_zone(move |instant| {
    ///     let instant = jiff::Timestamp::from_second(instant.as_unix_seconds());
    ///     let offset = zone.to_offset(instant.unwrap_or(jiff::Timestamp::MAX));
    ///     time::UtcOffset::from_whole_seconds(offset.seconds()).unwrap_or(time::UtcOffset::UTC)
    /// });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Local times that the clocks repeat or skip are read with the offset before the change, as Python's `zoneinfo`
    /// does (`fold=0`). The codec also writes local times: it rewrites an expiry with an offset, because Django with
    /// `USE_TZ = False` raises `TypeError` when it next saves such a session.
    #[must_use]
    pub fn with_site_time_zone(
        mut self,
        offset_at: impl Fn(Timestamp) -> UtcOffset + Send + Sync + 'static,
    ) -> Self {
        self.expiry.site_zone = Some(SiteZone::new(offset_at));
        self
    }

    /// Returns whether `other` has the same keys, limits and policies.
    #[cfg(feature = "tower")]
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let settings = |codec: &Self| {
            (
                (codec.max_age, codec.compression),
                (codec.max_length, codec.max_json_length),
                (codec.max_future, codec.earliest_issue),
            )
        };
        settings(self) == settings(other)
            && self.expiry == other.expiry
            && self.signer.macs() == other.signer.macs()
    }
}
