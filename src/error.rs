//! What can go wrong, in one flat type that holds numbers and nothing else.

use core::fmt;
use core::time::Duration;

/// Why a key, a value or a cookie was refused.
///
/// `Copy`, and safe to log: no variant holds a byte of a key, a signature or a session. A wrong key, a wrong salt and
/// an altered text are one and the same [`BadSignature`](Error::BadSignature).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A key has no bytes.
    EmptyKey,
    /// A key is shorter than [`MIN_KEY_LENGTH`](crate::limits::MIN_KEY_LENGTH).
    ShortKey {
        /// Bytes of the key.
        length: usize,
    },
    /// A key has fewer distinct bytes than [`MIN_KEY_DISTINCT_BYTES`](crate::limits::MIN_KEY_DISTINCT_BYTES).
    RepetitiveKey {
        /// Distinct bytes of the key.
        distinct: usize,
    },
    /// A key starts with [`INSECURE_KEY_PREFIX`](crate::limits::INSECURE_KEY_PREFIX).
    InsecureKey,
    /// A key that is text begins or ends with white space or a byte order mark, as a secret read from a file may.
    UntrimmedKey,
    /// A separator is empty or could be part of what it separates.
    UnsafeSeparator,

    /// A cookie value is, or would be, longer than the codec's limit. It was not looked at, or not written.
    TooLong {
        /// Bytes of the value.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The text has no signature: it has fewer separators than signed text. It may be a session key of another engine.
    NotSigned,
    /// No key of the ring made this signature for this text under this salt.
    BadSignature,
    /// The signature is good, the stamp older than the max age.
    Expired {
        /// Time since the stamp.
        age: Duration,
        /// Oldest age allowed.
        max_age: Duration,
    },
    /// The signature and the age are good, the session's own expiry (`_session_expiry`) lies in the past.
    SessionExpired,
    /// The signature is good, the stamp further ahead of the clock than `max_future`.
    FromFuture {
        /// Time until the stamp.
        ahead: Duration,
        /// Furthest allowed.
        max_future: Duration,
    },
    /// The signature is good, the stamp lies before the instant from which cookies are accepted.
    IssuedTooEarly,

    /// The signature is good; the stamp is missing or no base62 number of 64 bits.
    MalformedStamp,
    /// An instant to be signed, or a signed one, is after the year 9999. Milliseconds were probably passed as seconds.
    TimeOutOfRange,
    /// The signature is good; the payload is not base64url as Django writes it (no padding, no slack bits).
    MalformedBase64,
    /// The signature is good; the payload is marked as compressed and is not one whole zlib stream.
    MalformedZlib,
    /// The payload is compressed, and this build has no `compress` feature.
    CompressionDisabled,
    /// JSON text is, or would inflate to, more bytes than the limit.
    JsonTooLong {
        /// Bytes allowed.
        limit: usize,
    },
    /// Text is not JSON (as Python reads it, so with `NaN` and `Infinity`).
    MalformedJson {
        /// Byte at which it stops being JSON.
        offset: usize,
    },
    /// JSON is nested deeper than [`MAX_DEPTH`](crate::limits::MAX_DEPTH).
    TooDeep {
        /// Levels allowed.
        limit: usize,
    },
    /// An integer has more digits than Python reads.
    IntegerTooLong {
        /// Digits allowed.
        limit: usize,
    },
    /// The JSON is not an object, so not a session.
    NotAnObject,

    /// The session's own expiry is neither a finite number nor an ISO 8601 time with an offset.
    /// [`Expiry`](crate::Expiry) lists what is read.
    MalformedExpiry,

    /// Text has a lone UTF-16 surrogate, which no Rust string can hold, and was asked for as a string (or is a key).
    LoneSurrogate,
    /// A float is NaN or infinite: JSON has no such number. What Python wrote so is kept, but cannot be read with a type.
    NotFinite,
    /// A number is beyond the range of the type that was asked for.
    NumberOutOfRange,
    /// The JSON does not have the shape of the requested type.
    WrongType {
        /// Byte of the JSON text at which the value starts that does not fit.
        offset: usize,
    },
    /// A Rust value cannot be written as JSON: its `Serialize` failed, or it is a map whose keys are no strings.
    Unserializable,

    /// A handler asked for a session, and there is no session layer around it.
    MissingLayer,
    /// Two session layers around one handler have one cookie name and different codecs or settings.
    ConflictingLayers,

    /// A cookie's name is empty or not a token (RFC 9110, section 5.6.2).
    InvalidCookieName,
    /// A cookie's value has white space, a quote, a comma, a semicolon, a backslash or what is not printable ASCII.
    InvalidCookieValue,
    /// A cookie's path does not start with a slash, or has a semicolon or what is not printable ASCII.
    InvalidCookiePath,
    /// A cookie's domain is empty, has an empty label or a port, or has other characters than letters, digits, `-` and `.`.
    InvalidCookieDomain,
    /// A cookie's expiry is outside of the years 1601 to 9999.
    InvalidCookieExpires,
    /// A cookie is not `Secure`, and its name's prefix, `SameSite=None` or `Partitioned` requires it: browsers would
    /// drop it.
    InsecureCookie,
    /// A cookie is not `HttpOnly`, and its name starts with `__Http-` or `__Host-Http-`: browsers would drop it.
    CookieNotHttpOnly,
    /// A cookie whose name starts with `__Host-` has a domain, or another path than `/`: browsers would drop it.
    HostCookieNotOfHost,
    /// A cookie is larger than [`MAX_COOKIE_LENGTH`](crate::limits::MAX_COOKIE_LENGTH): browsers would drop it.
    CookieTooLarge {
        /// Bytes of name and value.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// The value of a cookie's attribute is longer than
    /// [`MAX_COOKIE_ATTRIBUTE_LENGTH`](crate::limits::MAX_COOKIE_ATTRIBUTE_LENGTH): browsers would ignore the attribute.
    CookieAttributeTooLarge {
        /// Bytes of the attribute's value.
        size: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

impl Error {
    /// Whether a session has ended: its cookie is too old, or its own expiry has passed.
    pub const fn is_expired(self) -> bool {
        matches!(
            self,
            Self::Expired { .. } | Self::SessionExpired | Self::IssuedTooEarly
        )
    }

    /// Whether a session has too many bytes. [`SessionCodec::size_report`](crate::SessionCodec::size_report) names the keys
    /// that take the space.
    pub const fn is_too_large(self) -> bool {
        matches!(
            self,
            Self::TooLong { .. } | Self::JsonTooLong { .. } | Self::CookieTooLarge { .. }
        )
    }

    /// Whether a cookie that was refused for this reason can be deleted: it is forged or too old, so no server with these
    /// keys will take it again. Any other refused cookie may be good for another server or for a later version of this one.
    pub const fn is_useless_cookie(self) -> bool {
        matches!(self, Self::BadSignature) || self.is_expired()
    }

    /// Whether the program is at fault, and not the request: a key, a setting or a value that this crate cannot work with.
    pub const fn is_usage(self) -> bool {
        matches!(
            self,
            Self::EmptyKey
                | Self::ShortKey { .. }
                | Self::RepetitiveKey { .. }
                | Self::InsecureKey
                | Self::UntrimmedKey
                | Self::UnsafeSeparator
                | Self::TimeOutOfRange
                | Self::WrongType { .. }
                | Self::Unserializable
                | Self::MissingLayer
                | Self::ConflictingLayers
                | Self::InvalidCookieName
                | Self::InvalidCookieValue
                | Self::InvalidCookiePath
                | Self::InvalidCookieDomain
                | Self::InvalidCookieExpires
                | Self::InsecureCookie
                | Self::CookieNotHttpOnly
                | Self::HostCookieNotOfHost
                | Self::CookieAttributeTooLarge { .. }
        )
    }

    /// The variant's name, which never changes: for a metric's label, or to hand over to another language.
    ///
    /// ```
    /// assert_eq!(hardtack::Error::TooLong { length: 5000, limit: 4096 }.name(), "TooLong");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyKey => "EmptyKey",
            Self::ShortKey { .. } => "ShortKey",
            Self::RepetitiveKey { .. } => "RepetitiveKey",
            Self::InsecureKey => "InsecureKey",
            Self::UntrimmedKey => "UntrimmedKey",
            Self::UnsafeSeparator => "UnsafeSeparator",
            Self::TooLong { .. } => "TooLong",
            Self::NotSigned => "NotSigned",
            Self::BadSignature => "BadSignature",
            Self::Expired { .. } => "Expired",
            Self::SessionExpired => "SessionExpired",
            Self::FromFuture { .. } => "FromFuture",
            Self::IssuedTooEarly => "IssuedTooEarly",
            Self::MalformedStamp => "MalformedStamp",
            Self::TimeOutOfRange => "TimeOutOfRange",
            Self::MalformedBase64 => "MalformedBase64",
            Self::MalformedZlib => "MalformedZlib",
            Self::CompressionDisabled => "CompressionDisabled",
            Self::JsonTooLong { .. } => "JsonTooLong",
            Self::MalformedJson { .. } => "MalformedJson",
            Self::TooDeep { .. } => "TooDeep",
            Self::IntegerTooLong { .. } => "IntegerTooLong",
            Self::NotAnObject => "NotAnObject",
            Self::MalformedExpiry => "MalformedExpiry",
            Self::LoneSurrogate => "LoneSurrogate",
            Self::NotFinite => "NotFinite",
            Self::NumberOutOfRange => "NumberOutOfRange",
            Self::WrongType { .. } => "WrongType",
            Self::Unserializable => "Unserializable",
            Self::MissingLayer => "MissingLayer",
            Self::ConflictingLayers => "ConflictingLayers",
            Self::InvalidCookieName => "InvalidCookieName",
            Self::InvalidCookieValue => "InvalidCookieValue",
            Self::InvalidCookiePath => "InvalidCookiePath",
            Self::InvalidCookieDomain => "InvalidCookieDomain",
            Self::InvalidCookieExpires => "InvalidCookieExpires",
            Self::InsecureCookie => "InsecureCookie",
            Self::CookieNotHttpOnly => "CookieNotHttpOnly",
            Self::HostCookieNotOfHost => "HostCookieNotOfHost",
            Self::CookieTooLarge { .. } => "CookieTooLarge",
            Self::CookieAttributeTooLarge { .. } => "CookieAttributeTooLarge",
        }
    }
}

impl fmt::Display for Error {
    #[expect(clippy::too_many_lines, reason = "one arm for each error")]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::limits::{INSECURE_KEY_PREFIX, MIN_KEY_DISTINCT_BYTES, MIN_KEY_LENGTH};
        let text = match *self {
            Self::EmptyKey => "the key is empty",
            Self::ShortKey { length } => {
                return write!(
                    f,
                    "the key has {length} bytes; at least {MIN_KEY_LENGTH} are needed"
                );
            }
            Self::RepetitiveKey { distinct } => {
                return write!(
                    f,
                    "the key has {distinct} distinct bytes; at least {MIN_KEY_DISTINCT_BYTES} are needed"
                );
            }
            Self::InsecureKey => {
                return write!(
                    f,
                    "the key starts with \"{INSECURE_KEY_PREFIX}\": made for development, where SecretKey::allow_weak takes it"
                );
            }
            Self::UntrimmedKey => {
                "the key begins or ends with white space or a byte order mark: trim what was read from a file"
            }
            Self::UnsafeSeparator => {
                "the separator is empty or consists of A-z, 0-9, \"-\", \"_\" and \"=\" only"
            }
            Self::TooLong { length, limit } => {
                return write!(
                    f,
                    "the value has {length} bytes; at most {limit} are allowed"
                );
            }
            Self::NotSigned => "the text is not signed",
            Self::BadSignature => "the signature does not match",
            Self::Expired { age, max_age } => {
                return write!(
                    f,
                    "expired: signed {:?} ago; at most {max_age:?} are allowed",
                    to_millis(age)
                );
            }
            Self::SessionExpired => "expired: the session's own expiry lies in the past",
            Self::FromFuture { ahead, max_future } => {
                return write!(
                    f,
                    "signed {:?} in the future; at most {max_future:?} are allowed",
                    to_millis(ahead)
                );
            }
            Self::IssuedTooEarly => "signed before the instant from which cookies are accepted",
            Self::MalformedStamp => "the stamp is not a base62 number of 64 bits",
            Self::TimeOutOfRange => {
                "the time is after the year 9999: it may be milliseconds where seconds are expected"
            }
            Self::MalformedBase64 => "the payload is not unpadded base64url",
            Self::MalformedZlib => "the payload is not one whole zlib stream",
            Self::CompressionDisabled => {
                "the payload is compressed, and this build lacks the feature \"compress\""
            }
            Self::JsonTooLong { limit } => {
                return write!(
                    f,
                    "the JSON text is too long; at most {limit} bytes are allowed"
                );
            }
            Self::MalformedJson { offset } => {
                return write!(f, "the text is not JSON at byte {offset}");
            }
            Self::TooDeep { limit } => {
                return write!(
                    f,
                    "the JSON is nested too deep; at most {limit} levels are allowed"
                );
            }
            Self::IntegerTooLong { limit } => {
                return write!(
                    f,
                    "the JSON has an integer that is too long; at most {limit} digits are allowed"
                );
            }
            Self::NotAnObject => "the JSON is not an object",
            Self::MalformedExpiry => {
                "the session's own expiry is neither a finite number nor an ISO 8601 time with an offset"
            }
            Self::LoneSurrogate => "the text has a lone surrogate, which no Rust string holds",
            Self::NotFinite => "the number is not finite",
            Self::NumberOutOfRange => "the number is out of range",
            Self::WrongType { offset } => {
                return write!(
                    f,
                    "the JSON does not match the requested type at byte {offset}"
                );
            }
            Self::Unserializable => "the value cannot be written as JSON",
            Self::MissingLayer => "no session: there is no session layer around this handler",
            Self::ConflictingLayers => {
                "two session layers around one handler have the same cookie name and different settings"
            }
            Self::InvalidCookieName => "the cookie's name is empty or not a token",
            Self::InvalidCookieValue => {
                "the cookie's value has a character that no cookie value may have"
            }
            Self::InvalidCookiePath => {
                "the cookie's path does not start with \"/\", or has a character that no path may have"
            }
            Self::InvalidCookieDomain => "the cookie's domain is not a host name",
            Self::InvalidCookieExpires => "the cookie's expiry is not in the years 1601 to 9999",
            Self::InsecureCookie => {
                "the cookie must be Secure because of its name's prefix, SameSite=None or Partitioned"
            }
            Self::CookieNotHttpOnly => "the cookie must be HttpOnly because of its name's prefix",
            Self::HostCookieNotOfHost => {
                "the cookie's name starts with \"__Host-\", so it must have the path \"/\" and no domain"
            }
            Self::CookieTooLarge { size, limit } => {
                return write!(
                    f,
                    "the cookie has {size} bytes; at most {limit} are allowed"
                );
            }
            Self::CookieAttributeTooLarge { size, limit } => {
                return write!(
                    f,
                    "an attribute of the cookie has {size} bytes; at most {limit} are allowed"
                );
            }
        };
        f.write_str(text)
    }
}

impl core::error::Error for Error {}

/// Drops the digits after the milliseconds, which no reader needs.
fn to_millis(time: Duration) -> Duration {
    Duration::new(time.as_secs(), time.subsec_millis() * 1_000_000)
}
