//! Secret keys, and the ring of one signing key and its verify-only fallbacks.

use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::error::Error;
use crate::limits::{INSECURE_KEY_PREFIX, MIN_KEY_DISTINCT_BYTES, MIN_KEY_LENGTH};

/// A secret that signs and verifies: Django's `SECRET_KEY`, text or any bytes.
///
/// The bytes are wiped when the key is dropped, and so are the hash states that are derived from it. What is not
/// wiped: copies that the program made before it handed the secret over, what the allocator left behind when a buffer
/// grew, registers, the stack, and what the system swapped out.
///
/// There is no `PartialEq`, `Hash` or `Serialize`, and `Debug` shows nothing of the bytes.
#[derive(Clone)]
#[doc(alias = "SECRET_KEY")]
pub struct SecretKey(Zeroizing<Vec<u8>>);

impl SecretKey {
    /// Takes a secret, and refuses a weak one. A `String` or `Vec<u8>` is taken over without a copy.
    ///
    /// # Errors
    ///
    /// - [`Error::EmptyKey`]
    /// - [`Error::ShortKey`]: under [`MIN_KEY_LENGTH`] bytes
    /// - [`Error::RepetitiveKey`]: under [`MIN_KEY_DISTINCT_BYTES`] distinct bytes
    /// - [`Error::InsecureKey`]: the prefix [`INSECURE_KEY_PREFIX`], against which `manage.py check --deploy` warns
    pub fn new(secret: impl Into<Vec<u8>>) -> Result<Self, Error> {
        let key = Self::allow_weak(secret)?;
        let length = key.0.len();
        if length < MIN_KEY_LENGTH {
            return Err(Error::ShortKey { length });
        }
        let mut seen = [false; 256];
        for &byte in key.0.iter() {
            seen[usize::from(byte)] = true;
        }
        let distinct = seen.iter().filter(|&&seen| seen).count();
        if distinct < MIN_KEY_DISTINCT_BYTES {
            return Err(Error::RepetitiveKey { distinct });
        }
        if key.0.starts_with(INSECURE_KEY_PREFIX.as_bytes()) {
            return Err(Error::InsecureKey);
        }
        Ok(key)
    }

    /// Takes any secret that is not empty, however weak: for tests, and for a site whose key cannot be changed yet.
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

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(redacted)")
    }
}

/// One key that signs, and any number of older or coming ones that only verify.
///
/// The signing key is a thing of its own, never merely the first of a list (CVE-2025-47278 is what comes of a list).
#[derive(Clone)]
pub struct KeyRing {
    signing: SecretKey,
    fallbacks: Vec<SecretKey>,
}

impl KeyRing {
    /// A ring of one key, which signs and verifies.
    pub fn new(signing: SecretKey) -> Self {
        Self {
            signing,
            fallbacks: Vec::new(),
        }
    }

    /// Adds a key that verifies and never signs. Keys are tried in the order in which they came: the signing key, then
    /// the fallbacks.
    ///
    /// # Rotation
    ///
    /// No session is lost if every machine, of Django and of Rust alike, passes through these steps, each one
    /// everywhere before the next:
    ///
    /// 1. Add the **new key as a fallback**: now everybody reads what it will sign.
    ///    `KeyRing::new(old).with_fallback(new)`
    /// 2. **Promote** it: the new key signs, the old one is the fallback. `KeyRing::new(new).with_fallback(old)`
    ///    A cookie of the old key has a [`key_index`](crate::Verified::key_index) above 0: send a fresh one.
    /// 3. When the max age has passed since the last machine was promoted, nothing that the old key signed is still
    ///    valid: **retire** it. `KeyRing::new(new)`
    ///
    /// A key that leaked is retired at once: the sessions that it signed are lost, and should be.
    #[doc(alias = "SECRET_KEY_FALLBACKS")]
    #[must_use]
    pub fn with_fallback(mut self, key: SecretKey) -> Self {
        self.fallbacks.push(key);
        self
    }

    /// The signing key, then the fallbacks in order.
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
