//! Ids that are safe to log.

use core::fmt;

use sha2::{Digest, Sha256};

/// The first 64 bits of the SHA-256 hash of a cookie's signature, or of a session key, displayed as 16 hex digits. The
/// signature or the key cannot be computed from them. (This needs session keys of 32 characters, as this crate and
/// Django create them. A key of only 8 characters could be found by trying all.)
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct LogId(u64);

impl LogId {
    /// The input is secret, the result is public.
    pub(crate) fn of(secret: &[u8]) -> Self {
        let hash = Sha256::digest(secret);
        Self(u64::from_be_bytes(
            hash.first_chunk().copied().unwrap_or_default(),
        ))
    }
}

impl fmt::Display for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for LogId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogId({self})")
    }
}
