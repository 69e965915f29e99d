//! What takes the space of a session: for the developer whose session broke the limit.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use crate::json::unescaped;
use crate::limits::MAX_COOKIE_LENGTH;
use crate::session::Session;

/// Keys in the one line of a report: a client may have chosen thousands.
const SHOWN_MEMBERS: usize = 10;

/// Characters of each of them.
const SHOWN_CHARACTERS: usize = 64;

/// One key of a session and its size, without the value.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberSize {
    /// The key.
    pub key: String,
    /// Bytes of JSON text: of the key, the value, and the punctuation around them.
    pub bytes: usize,
    /// Share of the session's JSON text, from 0 to 1. It is the share of an uncompressed cookie as well; under compression
    /// it is an estimate.
    pub share: f64,
}

/// The size of a session's cookie value, and of each key. It has no values in it, so it is safe to log.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeReport {
    /// Bytes of the cookie value, which may be over the limit.
    pub length: usize,
    /// Bytes that the cookie value may have: the codec's limit, or less
    /// [with a cookie's name](Self::with_cookie_name).
    pub limit: usize,
    /// Every key, the largest first.
    pub members: Vec<MemberSize>,
}

impl SizeReport {
    pub(crate) fn new(session: &Session, length: usize, limit: usize) -> Self {
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
        }
    }

    /// Leaves room for the name of the cookie that the value is for: browsers count both against
    /// [`MAX_COOKIE_LENGTH`].
    #[must_use]
    pub fn with_cookie_name(mut self, name: &str) -> Self {
        let rest = MAX_COOKIE_LENGTH.saturating_sub(name.len());
        self.limit = self.limit.min(rest);
        self
    }
}

/// One short line: `4595 of 4096 bytes; "cart" 3100 (61 %), "note" 900 (18 %)`. It names the ten largest keys, and the first
/// 64 characters of each.
impl fmt::Display for SizeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.length, self.limit)?;
        let shown = self.members.iter().take(SHOWN_MEMBERS);
        for (at, MemberSize { key, bytes, share }) in shown.enumerate() {
            let separator = if at == 0 { ';' } else { ',' };
            let (key, cut) = match key.char_indices().nth(SHOWN_CHARACTERS) {
                Some((end, _)) => (&key[..end], "..."),
                None => (key.as_str(), ""),
            };
            let percent = share * 100.0;
            write!(f, "{separator} {key:?}{cut} {bytes} ({percent:.0} %)")?;
        }
        match self.members.len().saturating_sub(SHOWN_MEMBERS) {
            0 => Ok(()),
            more => write!(f, ", and {more} more"),
        }
    }
}
