//! Session keys: the values of cookies whose sessions are in a store.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

use crate::limits::{MAX_SESSION_KEY_LENGTH, MIN_SESSION_KEY_LENGTH};
use crate::log_id::LogId;

/// The characters of a key (`VALID_KEY_CHARS` in `django/contrib/sessions/backends/base.py`).
const DIGITS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Characters of a new key, as in Django (`_get_new_session_key`): about 165 bits.
const NEW_LENGTH: usize = 32;

/// The key under which a store keeps a session: 8 to 40 characters of `a-z0-9`.
///
/// It is the value of the cookie. Anyone who has the key can use the session, so `Debug` shows nothing of it;
/// [`log_id`](Self::log_id) is safe to log.
///
/// A key is secret, but it is not wiped. As in Django, neither `==` nor the index of a store compares in constant time.
/// A new key has about 165 random bits; keys that another program made may have fewer.
///
/// ```
/// use hardtack::SessionKey;
///
/// let key = SessionKey::from_random([7; 32]); // from the system: `getrandom::fill`, for example
/// assert_eq!(key.as_str().len(), 32);
/// assert_eq!(SessionKey::parse(key.as_str()), Some(key));
/// assert_eq!(SessionKey::parse("../../etc/passwd"), None);
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
#[doc(alias = "session_key")]
pub struct SessionKey(Box<str>);

impl SessionKey {
    /// Creates a new key of 32 characters. `bytes` must come from a cryptographically secure source.
    ///
    /// The bytes are read as a 256-bit number, and the key is its last 32 digits in base 36. No key is more likely than
    /// another by more than one part in 2^90.
    pub fn from_random(bytes: [u8; 32]) -> Self {
        let mut number = bytes;
        let digits = (0..NEW_LENGTH).map(|_| {
            // Divides the number by 36.
            let mut remainder = 0;
            for byte in &mut number {
                let dividend = remainder << 8 | u32::from(*byte);
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "the remainder is below 36, so the quotient is a byte"
                )]
                {
                    *byte = (dividend / 36) as u8;
                }
                remainder = dividend % 36;
            }
            #[expect(clippy::indexing_slicing, reason = "the remainder is below 36")]
            char::from(DIGITS[remainder as usize])
        });
        Self(digits.collect::<String>().into())
    }

    /// Returns the key in a cookie's value, or `None` if the value does not have the form of a key: 8 to 40 characters
    /// of `a-z0-9`.
    ///
    /// Django also looks up other values, although it never creates such keys. Here they never reach a store: a
    /// database may ignore case when it compares, and the file engine makes a file name from the key.
    pub fn parse(text: &str) -> Option<Self> {
        let is_long_enough =
            (MIN_SESSION_KEY_LENGTH..=MAX_SESSION_KEY_LENGTH).contains(&text.len());
        let is_key = is_long_enough && text.bytes().all(|byte| DIGITS.contains(&byte));
        is_key.then(|| Self(text.into()))
    }

    /// Returns the key's text, for the store and the cookie. Do not log it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns an id of the key that is safe to log: it cannot be used to sign in. (See [`LogId`] for keys that another
    /// program made shorter than 32 characters.)
    pub fn log_id(&self) -> LogId {
        LogId::of(self.0.as_bytes())
    }
}

/// Shows nothing of the key.
impl fmt::Debug for SessionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionKey").finish_non_exhaustive()
    }
}
