//! HMAC-SHA256 with a derived key. Only this module creates a [`SignedText`].
//!
//! Secret: the keys, the states derived from them, and each tag until it has been compared. No branch and no table index
//! depends on a secret, here, in `equal` and in `base64url`. Public: lengths, the number of keys, the salts, the messages
//! and what a client claims. The time may depend on these.

use alloc::boxed::Box;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::base64url;
use crate::equal::equal;
use crate::key::KeyRing;

/// Length of a signature in characters: 32 bytes in base64url.
pub(crate) const LENGTH: usize = 43;

/// The HMAC states of a ring of keys under one salt, ready for a message. The signing key's is first, then the
/// fallbacks'. They are wiped on drop (feature `zeroize` of `hmac` and `sha2`).
#[derive(Clone)]
pub(crate) struct Macs(Box<[Hmac<Sha256>]>);

impl Macs {
    /// Derives the states as `salted_hmac` in `django/utils/crypto.py` does: the HMAC's key is the SHA-256 hash of the
    /// salt's parts and the secret. This is done once per key and salt, because it costs as much as signing a short
    /// message. The secret and the hash are secret; the salt and the secret's length are public.
    pub(crate) fn derive(keys: &KeyRing, salt: &[&str]) -> Self {
        let macs = keys.iter().map(|secret| {
            let mut hash = Sha256::new();
            for part in salt {
                hash.update(part);
            }
            hash.update(secret.as_bytes());
            let key: Zeroizing<[u8; 32]> = Zeroizing::new(hash.finalize().into());
            Hmac::new_from_slice(key.as_slice()).expect("HMAC takes a key of any length")
        });
        Self(macs.collect())
    }

    /// Signs `message` with the signing key. The state is secret; the message and the result, which is sent, are public.
    #[expect(clippy::indexing_slicing, reason = "a ring has a signing key")]
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; LENGTH] {
        signature(&self.0[0], message)
    }

    /// Returns an iterator over the HMACs of `message` under each key in order, computed lazily. The results are secret
    /// until they have been compared.
    pub(crate) fn digests(&self, message: &[u8]) -> impl Iterator<Item = [u8; 32]> {
        self.0.iter().map(move |mac| digest(mac, message))
    }

    /// Verifies `message` with each key in order. The result proves that one of them signed it.
    ///
    /// The right signatures are secret. The message, what is claimed, and the answer are public, so it returns at the first
    /// key that fits: its time tells which key that is, or that none does.
    pub(crate) fn verify<'a>(&self, message: &'a str, claimed: &str) -> Option<SignedText<'a>> {
        let claimed: &[u8; LENGTH] = claimed.as_bytes().try_into().ok()?;
        let mut macs = self.0.iter();
        let key_index = macs.position(|mac| equal(&signature(mac, message.as_bytes()), claimed))?;
        Some(SignedText {
            text: message,
            key_index,
        })
    }
}

/// Two are equal if they have the same keys in the same order, under the same salt. The tags are secret; the number of keys
/// and the answer are public.
#[cfg(feature = "tower")]
impl PartialEq for Macs {
    fn eq(&self, other: &Self) -> bool {
        const MESSAGE: &[u8] = b"any text will do";
        let pairs = self.digests(MESSAGE).zip(other.digests(MESSAGE));
        self.0.len() == other.0.len() && pairs.fold(true, |alike, (a, b)| alike & equal(&a, &b))
    }
}

fn digest(mac: &Hmac<Sha256>, message: &[u8]) -> [u8; 32] {
    mac.clone()
        .chain_update(message)
        .finalize()
        .into_bytes()
        .into()
}

fn signature(mac: &Hmac<Sha256>, message: &[u8]) -> [u8; LENGTH] {
    base64url::encode_digest(&digest(mac, message))
}

/// Text that a key of the ring signed. Only a verification creates this type, and reading a stamp or decoding a payload
/// requires it.
#[derive(Clone, Copy)]
pub struct SignedText<'a> {
    text: &'a str,
    key_index: usize,
}

impl<'a> SignedText<'a> {
    /// Returns the text without its signature.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the index of the key that signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub(crate) fn key_index(&self) -> usize {
        self.key_index
    }

    /// Splits the text. The signature covers both parts.
    pub(crate) fn split(
        self,
        split: impl FnOnce(&'a str) -> Option<(&'a str, &'a str)>,
    ) -> Option<(Self, Self)> {
        let (head, tail) = split(self.text)?;
        Some((Self { text: head, ..self }, Self { text: tail, ..self }))
    }
}

impl fmt::Debug for SignedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedText")
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}
