//! Signs and verifies text.

use alloc::string::String;
use core::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{dump, load};
use crate::error::Error;
use crate::key::KeyRing;
use crate::payload::Compression;
use crate::separator::Separator;
use crate::signature::{self, Macs, SignedText};

/// Suffix that Django's `Signer.signature` appends to every salt.
const SALT_SUFFIX: &str = "signer";

/// Signs text: `text:signature`.
#[derive(Clone)]
pub struct Signer {
    keys: KeyRing,
    default_salt: &'static str,
    salt: String,
    pub(super) separator: Separator,
    pub(super) macs: Macs,
}

impl Signer {
    /// Creates a signer with Django's default salt and the separator `:`.
    pub fn new(keys: KeyRing) -> Self {
        Self::with_default_salt(keys, "django.core.signing.Signer")
    }

    pub(super) fn with_default_salt(keys: KeyRing, salt: &'static str) -> Self {
        let macs = Macs::derive(&keys, &[salt, SALT_SUFFIX]);
        Self {
            keys,
            default_salt: salt,
            salt: salt.into(),
            separator: Separator::default(),
            macs,
        }
    }

    /// Sets the salt, which keeps text that is signed for one purpose from being used for another. It does not have to
    /// be secret. An empty salt selects the default, as in Django.
    #[must_use]
    pub fn with_salt(mut self, salt: &str) -> Self {
        self.salt = if salt.is_empty() {
            self.default_salt
        } else {
            salt
        }
        .into();
        self.macs = Macs::derive(&self.keys, &[&self.salt, SALT_SUFFIX]);
        self
    }

    /// Sets the text in front of the signature. Defaults to `:`.
    ///
    /// # Errors
    ///
    /// [`Error::UnsafeSeparator`] if it is empty or consists only of `A-z`, `0-9`, `-`, `_` and `=` (Django's rule).
    pub fn with_separator(mut self, separator: &str) -> Result<Self, Error> {
        self.separator = Separator::new(separator)?;
        Ok(self)
    }

    /// Django's `Signer.salt`, for Django's own tests.
    #[doc(hidden)]
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// Django's `Signer.signature`, for Django's own tests.
    #[doc(hidden)]
    pub fn signature(&self, value: impl AsRef<[u8]>) -> String {
        let mut out = String::with_capacity(signature::LENGTH);
        out.extend(self.macs.sign(value.as_ref()).map(char::from));
        out
    }

    /// Signs `text` with the signing key.
    pub fn sign(&self, text: &str) -> String {
        let mut out =
            String::with_capacity(text.len() + self.separator.as_str().len() + signature::LENGTH);
        out.push_str(text);
        self.sign_in_place(&mut out);
        out
    }

    /// Signs the text in `out`, and appends the separator and the signature.
    pub(super) fn sign_in_place(&self, out: &mut String) {
        let signature = self.macs.sign(out.as_bytes());
        out.push_str(self.separator.as_str());
        out.extend(signature.map(char::from));
    }

    /// Verifies a signed text with every key of the ring.
    ///
    /// # Errors
    ///
    /// [`Error::BadSignature`]: no key of the ring made the signature. [`Error::NotSigned`]: the text has no separator.
    #[doc(alias = "unsign")]
    pub fn verify<'a>(&self, signed: &'a str) -> Result<SignedText<'a>, Error> {
        self.verify_parts(signed, 2)
    }

    /// Verifies a signed text that has this many parts, including the signature.
    pub(super) fn verify_parts<'a>(
        &self,
        signed: &'a str,
        parts: usize,
    ) -> Result<SignedText<'a>, Error> {
        // All signatures have the same length, and none contains a separator. Text whose last separator is elsewhere
        // therefore has a bad signature.
        let split = self.separator.split_tail(signed, signature::LENGTH);
        let verified = split.and_then(|(text, signature)| self.macs.verify(text, signature));
        verified.ok_or_else(|| {
            let splits = |text, parts| self.separator.splits_into(text, parts);
            let is_split = split.is_some_and(|(text, _)| splits(text, parts - 1));
            if is_split || splits(signed, parts) {
                Error::BadSignature
            } else {
                Error::NotSigned
            }
        })
    }

    /// Django's `Signer.sign_object`, for Django's own tests.
    #[doc(hidden)]
    pub fn dumps<T: Serialize + ?Sized>(
        &self,
        value: &T,
        compression: Compression,
    ) -> Result<String, Error> {
        let mut out = dump(value, compression)?;
        self.sign_in_place(&mut out);
        Ok(out)
    }

    /// Django's `Signer.unsign_object`, for Django's own tests.
    #[doc(hidden)]
    pub fn loads<T: DeserializeOwned>(&self, signed: &str) -> Result<T, Error> {
        load(self.verify(signed)?)
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("keys", &self.keys)
            .field("salt", &self.salt)
            .field("separator", &self.separator.as_str())
            .finish_non_exhaustive()
    }
}
