//! The crate's error type: one flat enum that holds only numbers and fixed texts.

use core::fmt;
use core::time::Duration;

use crate::limits::{INSECURE_KEY_PREFIX, MIN_KEY_DISTINCT_BYTES, MIN_KEY_LENGTH};

/// Generates the enum, its names and its messages from one table, so that each error is defined in one place.
macro_rules! errors {
    (
        $(#[$of_enum:meta])*
        pub enum Error {$(
            $(#[$of_variant:meta])*
            $name:ident $({ $($(#[$of_field:meta])* $field:ident: $type:ty,)* })?
                => $message:literal $(, $argument:expr)?;
        )*}
    ) => {
        $(#[$of_enum])*
        pub enum Error {$(
            $(#[$of_variant])*
            $name $({ $($(#[$of_field])* $field: $type,)* })?,
        )*}

        impl Error {
            /// Returns the variant's name, which never changes. Use it as a metric's label, or for callers in other
            /// languages.
            ///
            /// ```
            /// assert_eq!(hardtack::Error::TooLong { length: 5000, limit: 4096 }.name(), "TooLong");
            /// ```
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name { .. } => stringify!($name),)*
                }
            }
        }

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match *self {
                    $(Self::$name $({ $($field),* })? => write!(f, $message $(, $argument)?),)*
                }
            }
        }
    };
}

errors! {
    /// Why a key, a value or a cookie was refused.
    ///
    /// It is `Copy`, and safe to log: no variant contains a byte of a key, a signature or a session. A wrong key, a
    /// wrong salt and altered text all result in [`BadSignature`](Error::BadSignature).
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    #[non_exhaustive]
    pub enum Error {
        /// A key is empty.
        EmptyKey => "the key is empty";
        /// A key is shorter than [`MIN_KEY_LENGTH`].
        ShortKey {
            /// Bytes of the key.
            length: usize,
        } => "the key has {length} bytes; at least {MIN_KEY_LENGTH} are needed";
        /// A key has fewer distinct bytes than [`MIN_KEY_DISTINCT_BYTES`].
        RepetitiveKey {
            /// Distinct bytes of the key.
            distinct: usize,
        } => "the key has {distinct} distinct bytes; at least {MIN_KEY_DISTINCT_BYTES} are needed";
        /// A key starts with [`INSECURE_KEY_PREFIX`].
        InsecureKey => "the key starts with \"{INSECURE_KEY_PREFIX}\", so it is only for development, where SecretKey::allow_weak accepts it";
        /// A key that is text begins or ends with white space or a byte order mark, as a secret read from a file may.
        UntrimmedKey => "the key begins or ends with white space or a byte order mark: trim what was read from a file";
        /// A separator is empty, or could be part of the text that it separates.
        UnsafeSeparator => "the separator is empty or consists of A-z, 0-9, \"-\", \"_\" and \"=\" only";

        /// A cookie value is, or would be, longer than the codec's limit, so it was not verified, or not written.
        /// Stores also return this error for a record that is longer than they can keep.
        TooLong {
            /// Bytes of the value.
            length: usize,
            /// Bytes allowed.
            limit: usize,
        } => "the value has {length} bytes; at most {limit} are allowed";
        /// The text is not signed: it has too few separators. It may be the session key of another session engine.
        NotSigned => "the text is not signed";
        /// No key of the ring made this signature for this text under this salt.
        BadSignature => "the signature does not match";
        /// The signature is valid, but the stamp is older than the max age.
        Expired {
            /// Time since the stamp.
            age: Duration,
            /// Oldest age allowed.
            max_age: Duration,
        } => "expired: signed {:?} ago; at most {max_age:?} are allowed", to_millis(age);
        /// The session's own expiry (`_session_expiry`) is in the past. When a cookie is read, its signature and age
        /// are valid.
        SessionExpired => "expired: the session's own expiry has passed";
        /// The signature is valid, but the stamp is further ahead of the clock than `max_future` allows.
        FromFuture {
            /// Time until the stamp.
            ahead: Duration,
            /// Furthest allowed.
            max_future: Duration,
        } => "signed {:?} in the future; at most {max_future:?} are allowed", to_millis(ahead);
        /// The stamp is before the instant from which the codec accepts cookies. Encoding fails with this error as well
        /// if `now` is before that instant.
        IssuedTooEarly => "signed before the instant from which cookies are accepted";

        /// The signature is valid, but the stamp is missing or is not a base62 number of 64 bits.
        MalformedStamp => "the stamp is not a base62 number of 64 bits";
        /// The instant to sign, or a signed stamp, is after the year 9999. Milliseconds were probably passed as
        /// seconds.
        TimeOutOfRange => "the time is after the year 9999: it may be milliseconds where seconds are expected";
        /// The signature is valid, but the payload is not base64url as Django writes it: without padding, and with
        /// unused bits that are zero.
        MalformedBase64 => "the payload is not unpadded base64url";
        /// The signature is valid, but the payload is marked as compressed and is not exactly one whole zlib stream.
        MalformedZlib => "the payload is not one whole zlib stream";
        /// The payload is compressed, but this build lacks the feature `compress`.
        CompressionDisabled => "the payload is compressed, and this build lacks the feature \"compress\"";
        /// JSON text is longer than the limit, or would be longer after inflating.
        JsonTooLong {
            /// Bytes allowed.
            limit: usize,
        } => "the JSON text is too long; at most {limit} bytes are allowed";
        /// Text is not JSON as Python reads it, which includes `NaN` and `Infinity`.
        MalformedJson {
            /// Byte at which it stops being JSON.
            offset: usize,
        } => "the text is not JSON at byte {offset}";
        /// JSON is nested deeper than [`MAX_DEPTH`](crate::limits::MAX_DEPTH).
        TooDeep {
            /// Levels allowed.
            limit: usize,
        } => "the JSON is nested too deep; at most {limit} levels are allowed";
        /// An integer has more digits than Python reads.
        IntegerTooLong {
            /// Digits allowed.
            limit: usize,
        } => "the JSON has an integer that is too long; at most {limit} digits are allowed";
        /// The JSON is not an object, so it is not a session.
        NotAnObject => "the JSON is not an object";

        /// The session's own expiry is neither a finite number nor an ISO 8601 time with an offset, or
        /// [`set_expiry`](crate::Session::set_expiry) was called with a time that is too far away.
        /// [`Expiry`](crate::Expiry) lists the accepted forms.
        MalformedExpiry => "the session's own expiry is neither a finite number nor an ISO 8601 time with an offset";

        /// A key, or a value that was requested as a string, has a lone UTF-16 surrogate, which no Rust string can
        /// hold.
        LoneSurrogate => "the text has a lone surrogate, which no Rust string holds";
        /// A float is NaN or infinite, which JSON does not have. A session keeps such values that Python wrote, but
        /// they cannot be deserialized.
        NotFinite => "the number is not finite";
        /// A number is beyond the range of the requested `f32`, `f64`, `i128` or `u128`. An integer beyond the range of
        /// a smaller type is [`WrongType`](Error::WrongType).
        NumberOutOfRange => "the number is out of range";
        /// The JSON does not have the shape of the requested type.
        WrongType {
            /// Byte of the JSON text at which the mismatched value starts.
            offset: usize,
        } => "the JSON does not match the requested type at byte {offset}";
        /// A Rust value cannot be written as JSON: its `Serialize` failed, or a map has a key that is not a string, a
        /// number or a boolean.
        Unserializable => "the value cannot be written as JSON";

        /// The cookie's value does not have the form of a session key ([`SessionKey::parse`](crate::SessionKey::parse)). It
        /// may be a cookie of another session engine.
        NotASessionKey => "the value is not a session key";
        /// No session has this key: it has ended, or its record was deleted.
        UnknownSessionKey => "no session has this key";
        /// A record does not have the form that this engine writes. It is left as it is.
        UnreadableRecord {
            /// What was found instead: one of a few fixed texts, which contains nothing of the record.
            reason: &'static str,
        } => "the record cannot be read: {reason}";
        /// The record of a modified session was deleted while the request ran. The changes are not saved, so that a
        /// session that has ended does not come back. (Django's `SessionInterrupted`, status 400.)
        SessionGone => "the session was ended while the request ran";
        /// The store of the sessions failed. The response should have status 503. The browser keeps its cookie.
        StoreFailed => "the store of the sessions failed";
        /// No new session key could be created: the system has no random bytes, or all the keys that were tried are
        /// taken.
        NoSessionKey => "no new session key could be created";
        /// The codec and the settings have different ages.
        ConflictingAges => "the codec's max age differs from the age of the session settings";

        /// A handler asked for a session, but there is no session layer around it.
        MissingLayer => "no session: there is no session layer around this handler";
        /// Two session layers around one handler have the same cookie name, but different codecs or settings, or each
        /// has a store of its own.
        ConflictingLayers => "two session layers around one handler have the same cookie name, and different settings or stores";

        /// A cookie's name is empty or not a token (RFC 9110, section 5.6.2).
        InvalidCookieName => "the cookie's name is empty or not a token";
        /// A cookie's value has white space, a quote, a comma, a semicolon, a backslash or a character outside
        /// printable ASCII.
        InvalidCookieValue => "the cookie's value has a character that no cookie value may have";
        /// A cookie's path does not start with a slash, ends with a space, or has a semicolon or a character outside
        /// printable ASCII.
        InvalidCookiePath => "the cookie's path does not start with \"/\", ends with a space, or has a character that no path may have";
        /// A cookie's domain is empty, has an empty label or a port, or has characters other than letters, digits, `-`
        /// and `.`.
        InvalidCookieDomain => "the cookie's domain is not a host name";
        /// A cookie's expiry is outside the years 1601 to 9999.
        InvalidCookieExpires => "the cookie's expiry is not in the years 1601 to 9999";
        /// A cookie is not `Secure`, but its name's prefix, `SameSite=None` or `Partitioned` requires that: browsers
        /// would drop it.
        InsecureCookie => "the cookie must be Secure because of its name's prefix, SameSite=None or Partitioned";
        /// A cookie is not `HttpOnly`, but its name starts with `__Http-` or `__Host-Http-`: browsers would drop it.
        CookieNotHttpOnly => "the cookie must be HttpOnly because of its name's prefix";
        /// A cookie whose name starts with `__Host-` has a domain, or a path other than `/`: browsers would drop it.
        HostCookieNotOfHost => "the cookie's name starts with \"__Host-\", so it must have the path \"/\" and no domain";
        /// A cookie is larger than [`MAX_COOKIE_LENGTH`](crate::limits::MAX_COOKIE_LENGTH): browsers would drop it.
        CookieTooLarge {
            /// Bytes of name and value.
            size: usize,
            /// Bytes allowed.
            limit: usize,
        } => "the cookie has {size} bytes; at most {limit} are allowed";
        /// The value of a cookie's attribute is longer than
        /// [`MAX_COOKIE_ATTRIBUTE_LENGTH`](crate::limits::MAX_COOKIE_ATTRIBUTE_LENGTH): browsers would ignore the attribute.
        CookieAttributeTooLarge {
            /// Bytes of the attribute's value.
            size: usize,
            /// Bytes allowed.
            limit: usize,
        } => "an attribute of the cookie has {size} bytes; at most {limit} are allowed";
    }
}

impl Error {
    /// Returns whether a session has ended: its cookie is too old, or was signed before the instant from which the
    /// codec accepts cookies; its own expiry has passed; or no session has its key.
    pub const fn is_expired(self) -> bool {
        matches!(
            self,
            Self::Expired { .. }
                | Self::SessionExpired
                | Self::IssuedTooEarly
                | Self::UnknownSessionKey
        )
    }

    /// Returns whether a session is too large. [`SessionCodec::size_report`](crate::SessionCodec::size_report) names
    /// the keys that take the space.
    pub const fn is_too_large(self) -> bool {
        matches!(
            self,
            Self::TooLong { .. } | Self::JsonTooLong { .. } | Self::CookieTooLarge { .. }
        )
    }

    /// Returns whether a cookie that was refused for this reason can be deleted: it is forged or too old, or its
    /// session has ended, so no server with the same keys and settings will ever accept it. Any other refused cookie
    /// may be valid for another server, or for a later version of this one.
    ///
    /// A deletion removes the cookie of this site's domain and path. If the request had more cookies of that name than
    /// were tried ([`Candidates::is_truncated`](crate::cookie::Candidates::is_truncated)), that one may be good.
    pub const fn is_useless_cookie(self) -> bool {
        matches!(self, Self::BadSignature) || self.is_expired()
    }

    /// Returns the status of a response whose session was not saved for this reason: 400 if the session was ended while the
    /// request ran (Django's `SessionInterrupted`), 503 if the store failed, otherwise 500.
    ///
    /// Such a response depends on the cookie, so it should have `Vary: Cookie`. `tower::SessionLayer` adds it.
    pub const fn status(self) -> u16 {
        match self {
            Self::SessionGone => 400,
            Self::StoreFailed => 503,
            _ => 500,
        }
    }

    /// Returns whether the program is at fault, not the request: a key, a setting or a value that this crate cannot
    /// work with.
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
                | Self::ConflictingAges
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
}

impl core::error::Error for Error {}

/// Truncates to milliseconds, because more digits would be useless in a message.
fn to_millis(time: Duration) -> Duration {
    Duration::new(time.as_secs(), time.subsec_millis() * 1_000_000)
}
