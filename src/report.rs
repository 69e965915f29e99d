//! What takes the space of a session: for the developer whose session broke the limit.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Reverse;
use core::fmt;

use crate::session::Session;

/// One key of a session and its size. It holds no value.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberSize {
    /// The key.
    pub key: String,
    /// Bytes of the JSON text, the key's own and the punctuation around it included.
    pub bytes: usize,
    /// Part of the session's JSON text, from 0 to 1. That is its part of an uncompressed cookie; under compression it is
    /// an estimate.
    pub share: f64,
}

/// The size of a session's cookie value, and of each key. It holds no values, so it can be logged.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeReport {
    /// Bytes that the cookie value has, or would have without a limit.
    pub length: usize,
    /// Bytes that it may have.
    pub limit: usize,
    /// Every key, the largest first.
    pub members: Vec<MemberSize>,
}

impl SizeReport {
    pub(crate) fn new(session: &Session, length: usize, limit: usize) -> Self {
        let json_length = session.text_len();
        let mut members: Vec<MemberSize> = session
            .member_sizes()
            .map(|(key, bytes)| MemberSize {
                key: key.into_owned(),
                bytes,
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a share needs no more than a float's digits"
                )]
                share: bytes as f64 / json_length as f64,
            })
            .collect();
        members.sort_by_key(|member| Reverse(member.bytes));
        Self {
            length,
            limit,
            members,
        }
    }

    /// Bytes that are left; zero if it is too long.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.length)
    }

    /// Whether the session has no cookie because it is too long.
    pub fn is_too_long(&self) -> bool {
        self.length > self.limit
    }
}

/// One line: `4595 of 4096 bytes; "cart" 3100 (61 %), "note" 900 (18 %)`.
impl fmt::Display for SizeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} bytes", self.length, self.limit)?;
        for (at, MemberSize { key, bytes, share }) in self.members.iter().enumerate() {
            let separator = if at == 0 { ';' } else { ',' };
            write!(f, "{separator} {key:?} {bytes} ({:.0} %)", share * 100.0)?;
        }
        Ok(())
    }
}
