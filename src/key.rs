//! Secret keys, and the ring of one signing key and verify-only fallbacks.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::{INSECURE_KEY_PREFIX, MIN_KEY_DISTINCT_BYTES, MIN_KEY_LENGTH};
use crate::strip::stripped;

/// A secret that signs and verifies: Django's `SECRET_KEY`. It may be text or any bytes.
///
/// The bytes are wiped when the key is dropped, and so are the hash states derived from it: `tests/wiping` looks for them in
/// all memory that the crate frees. Not wiped, as safe code cannot reach them: copies that the program made earlier, old
/// buffers that the allocator freed while a string grew, registers, the stack (where a moved value leaves its bytes), and
/// swapped-out memory.
///
/// It does not implement `PartialEq`, `Hash` or `Serialize`, and `Debug` shows none of the bytes.
///
/// The bytes are secret, their number is public. The time that [`new`](Self::new) takes depends on the bytes; it runs
/// once, when the program starts, so no request can measure it again and again. The time of no other method depends on them.
#[derive(Clone)]
#[doc(alias = "SECRET_KEY")]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl SecretKey {
    /// Accepts a secret, unless it is weak or looks like a mistake. A `String` or `Vec<u8>` is not copied.
    ///
    /// Text files usually end with a line feed, which is not part of the key: with it, cookies from the other servers
    /// would not verify. So trim text that you read from a file:
    ///
    /// ```
    /// use hardtack::{Error, SecretKey};
    ///
    /// # let file = std::env::temp_dir().join(format!("hardtack-doc-key-{}", std::process::id()));
    /// # std::fs::write(&file, "an-example-of-50-characters-or-so-made-by-a-generator\n")?;
    /// let text = std::fs::read_to_string(file)?;
    /// let key = SecretKey::new(text.trim_end())?;
    ///
    /// assert_eq!(SecretKey::new(text).err(), Some(Error::UntrimmedKey));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// - [`Error::EmptyKey`]: no bytes
    /// - [`Error::ShortKey`]: fewer than [`MIN_KEY_LENGTH`] bytes
    /// - [`Error::RepetitiveKey`]: fewer than [`MIN_KEY_DISTINCT_BYTES`] distinct bytes
    /// - [`Error::UntrimmedKey`]: the secret is text (UTF-8 without ASCII control characters other than white space) and
    ///   begins or ends with white space or a byte order mark. Random bytes may begin and end with any byte.
    /// - [`Error::InsecureKey`]: it starts with [`INSECURE_KEY_PREFIX`], which `manage.py check --deploy` warns about. Use
    ///   [`allow_weak`](Self::allow_weak) in development.
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let key = Self::allow_weak(secret)?;
        let length = key.0.len();
        if length < MIN_KEY_LENGTH {
            return Err(Error::ShortKey { length });
        }
        let mut seen = [false; 256];
        #[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
        for &byte in key.0.iter() {
            seen[usize::from(byte)] = true;
        }
        let distinct = seen.iter().filter(|&&seen| seen).count();
        if distinct < MIN_KEY_DISTINCT_BYTES {
            return Err(Error::RepetitiveKey { distinct });
        }
        if is_untrimmed(&key.0) {
            return Err(Error::UntrimmedKey);
        }
        if key.0.starts_with(INSECURE_KEY_PREFIX.as_bytes()) {
            return Err(Error::InsecureKey);
        }
        Ok(key)
    }

    /// Accepts any secret that is not empty, however weak, and uses it unchanged: for development and tests, and for a site
    /// whose key cannot be changed yet.
    ///
    /// # Errors
    ///
    /// [`Error::EmptyKey`].
    pub fn allow_weak(secret: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let secret = Zeroizing::new(secret.into());
        if secret.is_empty() {
            return Err(Error::EmptyKey);
        }
        Ok(Self(secret))
    }

    /// The secret, for `Macs::derive` only.
    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Returns whether a secret that is text begins or ends with white space or a byte order mark, which is probably not
/// part of the key.
///
/// Fewer than one in 10^10 keys of 32 random bytes are UTF-8 without control characters, so in practice this never refuses
/// a random key.
fn is_untrimmed(secret: &[u8]) -> bool {
    const MARK: &str = "\u{feff}";
    let is_of_text = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\t'..=b'\r');
    core::str::from_utf8(secret).is_ok_and(|text| {
        let has_margin = stripped(text).len() < text.len();
        secret.iter().all(is_of_text)
            && (has_margin || text.starts_with(MARK) || text.ends_with(MARK))
    })
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

/// One key that signs, and any number of old or future keys that only verify.
///
/// The signing key is a separate argument, not the first element of a list: confusing the order caused CVE-2025-47278.
#[derive(Clone)]
pub struct KeyRing {
    signing: SecretKey,
    fallbacks: Vec<SecretKey>,
}

impl KeyRing {
    /// Creates a ring of one key, which signs and verifies.
    pub fn new(signing: SecretKey) -> Self {
        Self {
            signing,
            fallbacks: Vec::new(),
        }
    }

    /// Adds a key that verifies but never signs. The signing key is tried first, then the fallbacks in the order in
    /// which they were added.
    ///
    /// # Rotation
    ///
    /// No session is lost if all servers, Django or Rust, take each of these steps before any server takes the next:
    ///
    /// 1. Add the **new key as a fallback**, so that every server can read what it will sign.
    ///    `KeyRing::new(old).with_fallback(new)`
    /// 2. **Promote** it: the new key signs, the old one is the fallback. `KeyRing::new(new).with_fallback(old)`
    /// 3. **Retire** the old key when the max age has passed since the last server took step 2, because by then nothing
    ///    that it signed is still valid. `KeyRing::new(new)`. If sessions in a store have an expiry of their own that
    ///    is later, wait for that.
    ///
    /// Reading a session does not sign it with the new key; saving it does. A session that is not saved for the whole max age
    /// expires, as it would without a rotation. Logins need [`AuthHasher::check`](crate::auth::AuthHasher::check), which
    /// rewrites their hashes under the new key.
    ///
    /// Retire a leaked key at once. This ends the sessions that it signed, as it should.
    #[doc(alias = "SECRET_KEY_FALLBACKS")]
    #[must_use]
    pub fn with_fallback(mut self, key: SecretKey) -> Self {
        self.fallbacks.push(key);
        self
    }

    /// The signing key, then the fallbacks in order: secrets, whose number and order are public.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &SecretKey> {
        core::iter::once(&self.signing).chain(&self.fallbacks)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("fallbacks", &self.fallbacks.len())
            .finish_non_exhaustive()
    }
}
