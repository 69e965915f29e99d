//! What a verification returns, and the only thing that can be decoded.

use core::fmt;
use core::time::Duration;

use crate::session::ExpiryPolicy;
use crate::signing::StampedText;
use crate::timestamp::Timestamp;

/// A cookie value whose signature, stamp and age are good. Its payload has not been decoded yet, so neither has the
/// expiry that a session may keep in it.
#[derive(Clone, Copy)]
pub struct Verified<'a> {
    pub(crate) stamped: StampedText<'a>,
    pub(crate) max_json_length: usize,
    pub(crate) expiry: &'a ExpiryPolicy,
}

impl Verified<'_> {
    /// When the cookie was signed, in whole seconds: when its session was last saved. This is not when the user signed in,
    /// and not a way to revoke a user's sessions, since every save moves it. See [`auth`](crate::auth).
    pub fn issued_at(&self) -> Timestamp {
        self.stamped.issued_at()
    }

    /// Time from the stamp to the `now` of the verification; zero if the stamp is after it.
    pub fn age(&self) -> Duration {
        self.stamped.age()
    }

    /// Which key signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub fn key_index(&self) -> usize {
        self.stamped.key_index()
    }
}

/// Shows when it was signed, its age and the number of its key; nothing of the payload.
impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("issued_at", &self.issued_at())
            .field("age", &self.age())
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}
