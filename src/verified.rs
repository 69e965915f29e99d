//! The result of a verification. Decoding requires one.

use core::fmt;
use core::time::Duration;

use crate::session::ExpiryPolicy;
use crate::signing::StampedText;
use crate::timestamp::Timestamp;

/// A cookie value whose signature, stamp and age are valid. Its payload is not decoded yet, so the session's own expiry
/// is not checked yet.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    pub(crate) stamped: StampedText<'a>,
    pub(crate) max_json_length: usize,
    pub(crate) expiry: &'a ExpiryPolicy,
}

impl Verified<'_> {
    /// Returns when the cookie was signed, in whole seconds, which is when its session was last saved. This is not when
    /// the user signed in. Every save changes it, so it cannot be used to revoke a user's sessions; see
    /// [`auth`](crate::auth).
    pub fn issued_at(&self) -> Timestamp {
        self.stamped.issued_at()
    }

    /// Returns the time from the stamp to the `now` of the verification, or zero if the stamp is later.
    pub fn age(&self) -> Duration {
        self.stamped.age()
    }

    /// Returns the index of the key that signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub fn key_index(&self) -> usize {
        self.stamped.key_index()
    }
}

/// Shows when it was signed, its age and the index of its key, but nothing of the payload.
impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("issued_at", &self.issued_at())
            .field("age", &self.age())
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}
