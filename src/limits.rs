//! Every limit and default of the crate, each with its reason.

use core::time::Duration;

/// Maximum length of a cookie's value, in bytes, when writing and reading: 4096.
///
/// RFC 6265bis, section 5.6: a user agent ignores a cookie if "the sum of the lengths of the name string and the value
/// string is more than 4096 octets". This limit is for the value alone; [`MAX_COOKIE_LENGTH`] includes the name.
pub const DEFAULT_MAX_LENGTH: usize = 4096;

/// Maximum size of a cookie, in bytes of its name and value together: 4096.
///
/// It comes from the same sentence in RFC 6265bis, section 5.6.
pub const MAX_COOKIE_LENGTH: usize = DEFAULT_MAX_LENGTH;

/// Maximum length of the value of a cookie's attribute, in bytes: 1024.
///
/// RFC 6265bis, section 5.6: "If the attribute-value is longer than 1024 octets, ignore the cookie-av string".
pub const MAX_COOKIE_ATTRIBUTE_LENGTH: usize = 1024;

/// Maximum number of values that are read for one name from a request's `Cookie` headers: the last 8.
///
/// Django reads only the last one. A browser sends one for each domain and path that the cookie was set for; RFC 6265bis,
/// section 4.2.2, tells servers not to rely on their order. Each value costs one HMAC per key, so the client must not
/// choose how many are tried.
pub const MAX_COOKIE_CANDIDATES: usize = 8;

/// Maximum length of a session's JSON text, in bytes, before compression or after inflating: 64 KiB.
///
/// Django has no such limit. 3 MB of zeros compress to a payload of 3,908 characters; real sessions do not come near a
/// ratio of 16.
pub const DEFAULT_MAX_JSON_LENGTH: usize = 64 * 1024;

/// Maximum length of the JSON text of a session in a store, in bytes: 1 MiB.
///
/// Django has no such limit. Memcached keeps values of at most 1 MiB by default, so a larger session would not fit into
/// every store.
pub const DEFAULT_MAX_RECORD_JSON_LENGTH: usize = 1024 * 1024;

/// Minimum length of a session key, in characters: 8.
///
/// `_validate_session_key` in `django/contrib/sessions/backends/base.py`.
pub const MIN_SESSION_KEY_LENGTH: usize = 8;

/// Maximum length of a session key, in characters: 40.
///
/// The length of the column `session_key` in `django/contrib/sessions/base_session.py`.
pub const MAX_SESSION_KEY_LENGTH: usize = 40;

/// Maximum number of new keys that are tried for one session: 8.
///
/// Django tries keys until one is free. A store that reports eight times that a key of 165 random bits is taken is
/// broken.
pub const MAX_NEW_KEYS: usize = 8;

/// Maximum nesting of arrays and objects in a session, including the session's own object: 128.
///
/// In Django, Python's recursion limit applies. 128 is the limit of `serde_json`, and small enough for the stack of a web
/// worker.
pub const MAX_DEPTH: usize = 128;

/// Maximum number of digits of an integer in JSON text: 4300.
///
/// Python's `sys.int_info.default_max_str_digits`: `json.loads` raises `ValueError` for a longer integer, so Django could
/// not read the session.
pub const MAX_INTEGER_DIGITS: usize = 4300;

/// Age at which a session expires: two weeks, Django's `SESSION_COOKIE_AGE` (`django/conf/global_settings.py`).
#[doc(alias = "SESSION_COOKIE_AGE")]
pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(60 * 60 * 24 * 7 * 2);

/// The last second that can be signed, read from a stamp or written as a date: the end of the year 9999.
///
/// Years have four digits in HTTP (RFC 9110, section 5.6.7) and in Python's `datetime`. The limit also catches
/// milliseconds that are passed as seconds: for any time since 1978, they exceed it.
pub const MAX_UNIX_SECONDS: i64 = 253_402_300_799;

/// Maximum time from a session's last save to its own expiry, for [`Session::set_expiry`](crate::Session::set_expiry):
/// 7,900 years of 365 days.
///
/// Django adds this time to the clock and raises an exception beyond the year 9999. With this limit, that cannot happen
/// before the year 2105.
pub const MAX_EXPIRY_AFTER: Duration = Duration::from_secs(7_900 * 365 * 24 * 60 * 60);

/// Minimum length of a key that [`SecretKey::new`](crate::SecretKey::new) accepts, in bytes: 32.
///
/// RFC 2104, section 3: keys shorter than the hash's output (32 bytes for SHA-256) "would decrease the security
/// strength of the function".
pub const MIN_KEY_LENGTH: usize = 32;

/// Minimum number of distinct bytes of a key that [`SecretKey::new`](crate::SecretKey::new) accepts: 5.
///
/// `SECRET_KEY_MIN_UNIQUE_CHARACTERS` in `django/core/checks/security/base.py`.
pub const MIN_KEY_DISTINCT_BYTES: usize = 5;

/// Prefix of the keys that `django-admin startproject` writes into a settings file.
///
/// `SECRET_KEY_INSECURE_PREFIX` in `django/core/checks/security/base.py`: such a key is not meant for deployment.
pub const INSECURE_KEY_PREFIX: &str = "django-insecure-";
