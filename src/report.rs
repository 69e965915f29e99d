//! The sizes of a session's keys, for developers whose session is too large.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use crate::json::unescaped;
use crate::limits::MAX_COOKIE_LENGTH;
use crate::session::Session;

/// Maximum number of keys that `Display` shows: a client may have created thousands.
const SHOWN_MEMBERS: usize = 10;

/// Maximum number of characters that `Display` shows of each key.
const SHOWN_CHARACTERS: usize = 64;

/// One key of a session and its size, without the value.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberSize {
    /// The key.
    pub key: String,
    /// Bytes of JSON text: the key, the value, and the punctuation around them.
    pub bytes: usize,
    /// Share of the session's JSON text, from 0 to 1. For an uncompressed cookie, it is also the share of the payload;
    /// for a compressed one, it only estimates that share.
    pub share: f64,
}

/// The size of a session's cookie value or JSON text, and of each key. It contains no values, so it is safe to log.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeReport {
    /// Bytes of the cookie value, which may be over the limit. If the layer reports that the JSON text is too long
    /// ([`Error::JsonTooLong`](crate::Error::JsonTooLong)), bytes of the JSON text.
    pub length: usize,
    /// The maximum of `length`: the limit of the codec or the store, or less after
    /// [`with_cookie_name`](Self::with_cookie_name).
    pub limit: usize,
    /// All keys, largest first.
    pub members: Vec<MemberSize>,
    measured: Measured,
}

/// What `length` and `limit` are about.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Measured {
    Value,
    ValueBesideName,
    Json,
}

impl SizeReport {
    /// Reports a cookie value of this length.
    pub(crate) fn of_value(session: &Session, length: usize, limit: usize) -> Self {
        Self::new(session, length, limit, Measured::Value)
    }

    /// Reports the session's JSON text.
    #[cfg_attr(
        not(feature = "tower"),
        expect(dead_code, reason = "only the layer reports it")
    )]
    pub(crate) fn of_json(session: &Session, limit: usize) -> Self {
        let length = session.object.text_len();
        Self::new(session, length, limit, Measured::Json)
    }

    fn new(session: &Session, length: usize, limit: usize, measured: Measured) -> Self {
        let object = &session.object;
        #[expect(
            clippy::cast_precision_loss,
            reason = "a share needs no more than a float's digits"
        )]
        let size = |(key, value): (&str, &str)| {
            let bytes = key.len() + value.len() + 2; // the colon and the comma
            MemberSize {
                key: unescaped(key).into_owned(),
                bytes,
                share: bytes as f64 / object.text_len() as f64,
            }
        };
        let mut members: Vec<MemberSize> = object.iter().map(size).collect();
        members.sort_by_key(|member| Reverse(member.bytes));
        Self {
            length,
            limit,
            members,
            measured,
        }
    }

    /// Subtracts the cookie's name from the limit: browsers count name and value together against
    /// [`MAX_COOKIE_LENGTH`]. Does nothing to the report of a JSON text.
    #[must_use]
    pub fn with_cookie_name(mut self, name: &str) -> Self {
        if self.measured != Measured::Json {
            let rest = MAX_COOKIE_LENGTH.saturating_sub(name.len());
            self.limit = self.limit.min(rest);
            self.measured = Measured::ValueBesideName;
        }
        self
    }
}

/// One short line: `4595 bytes, 4087 fit beside the cookie's name; as JSON: "cart" 5600 (76 %), "note" 1740 (24 %)`. It
/// shows the ten largest keys, and at most 64 characters of each.
impl fmt::Display for SizeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (length, limit) = (self.length, self.limit);
        let mut separator = match self.measured {
            Measured::Value => {
                write!(f, "{length} bytes, {limit} fit")?;
                "; as JSON:"
            }
            Measured::ValueBesideName => {
                write!(f, "{length} bytes, {limit} fit beside the cookie's name")?;
                "; as JSON:"
            }
            Measured::Json => {
                write!(f, "{length} bytes of JSON, {limit} are allowed")?;
                ":"
            }
        };
        for MemberSize { key, bytes, share } in self.members.iter().take(SHOWN_MEMBERS) {
            let (key, cut) = match key.char_indices().nth(SHOWN_CHARACTERS) {
                #[expect(clippy::string_slice, reason = "`end` is the start of a character")]
                Some((end, _)) => (&key[..end], "..."),
                None => (key.as_str(), ""),
            };
            let percent = share * 100.0;
            write!(f, "{separator} {key:?}{cut} {bytes} ({percent:.0} %)")?;
            separator = ",";
        }
        match self.members.len().saturating_sub(SHOWN_MEMBERS) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}
