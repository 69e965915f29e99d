//! Signs and verifies text with a timestamp.

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Signer, dump, load};
use crate::base62;
use crate::error::Error;
use crate::key::KeyRing;
use crate::payload::Compression;
#[cfg(feature = "tower")]
use crate::signature::Macs;
use crate::signature::{self, SignedText};
use crate::timestamp::{MaxAge, Timestamp};

/// Signs text together with the time: `text:stamp:signature`.
#[derive(Clone, Debug)]
pub struct TimestampSigner(Signer);

impl TimestampSigner {
    /// Creates a signer with Django's default salt and the separator `:`.
    pub fn new(keys: KeyRing) -> Self {
        Self::with_default_salt(keys, "django.core.signing.TimestampSigner")
    }

    pub(crate) fn with_default_salt(keys: KeyRing, salt: &'static str) -> Self {
        Self(Signer::with_default_salt(keys, salt))
    }

    /// Sets the salt, as [`Signer::with_salt`] does.
    #[must_use]
    pub fn with_salt(self, salt: &str) -> Self {
        Self(self.0.with_salt(salt))
    }

    /// Sets the text in front of the stamp and the signature, as [`Signer::with_separator`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::with_separator`].
    pub fn with_separator(self, separator: &str) -> Result<Self, Error> {
        self.0.with_separator(separator).map(Self)
    }

    /// Returns the inner signer, for Django's own tests.
    #[doc(hidden)]
    pub fn signer(&self) -> &Signer {
        &self.0
    }

    /// Returns the HMAC states, which identify its keys and salt.
    #[cfg(feature = "tower")]
    pub(crate) fn macs(&self) -> &Macs {
        &self.0.macs
    }

    /// Signs `text` and the whole seconds of `now` with the signing key.
    ///
    /// # Errors
    ///
    /// [`Error::TimeOutOfRange`] if `now` is after [`MAX_UNIX_SECONDS`](crate::limits::MAX_UNIX_SECONDS).
    pub fn sign(&self, text: &str, now: impl Into<Timestamp>) -> Result<String, Error> {
        let mut out = String::from(text);
        self.sign_in_place(now.into(), &mut out)?;
        Ok(out)
    }

    /// Stamps and signs the text in `out`.
    pub(crate) fn sign_in_place(&self, now: Timestamp, out: &mut String) -> Result<(), Error> {
        let stamp = now.for_stamp()?.as_unix_seconds();
        out.push_str(self.0.separator.as_str());
        base62::encode_into(stamp, out);
        self.0.sign_in_place(out);
        Ok(())
    }

    /// Returns how many characters the stamp, the signature and their separators have.
    pub(crate) fn added_length(&self, now: Timestamp) -> Result<usize, Error> {
        let stamp = base62::length(now.for_stamp()?.as_unix_seconds());
        Ok(2 * self.0.separator.as_str().len() + stamp + signature::LENGTH)
    }

    /// Verifies a signed text with every key of the ring, then checks its age. The text has expired if it is older than
    /// `max_age` (a [`Duration`] or [`MaxAge::NoLimit`]), but not if it is exactly that old.
    ///
    /// # Errors
    ///
    /// In this order: [`Error::BadSignature`] ([`Error::NotSigned`] if the text has fewer than two separators),
    /// [`Error::MalformedStamp`], [`Error::TimeOutOfRange`], [`Error::Expired`].
    #[doc(alias = "unsign")]
    pub fn verify<'a>(
        &self,
        signed: &'a str,
        now: impl Into<Timestamp>,
        max_age: impl Into<MaxAge>,
    ) -> Result<StampedText<'a>, Error> {
        let (text, stamp) = self
            .0
            .verify_parts(signed, 3)?
            .split(|text| self.0.separator.split_last(text))
            .ok_or(Error::MalformedStamp)?;
        let now = now.into();
        let issued_at = Timestamp::from(base62::decode(stamp.text())?).for_stamp()?;
        max_age.into().check(issued_at, now)?;
        Ok(StampedText {
            text,
            issued_at,
            now,
        })
    }

    /// Signs any value as JSON: `payload:stamp:signature`.
    ///
    /// With the salt [`DUMPS_SALT`](super::DUMPS_SALT), [`Compression::Never`] gives Django's `signing.dumps(value)`, and
    /// [`Compression::Auto`] gives `signing.dumps(value, compress=True)`.
    ///
    /// # Errors
    ///
    /// Those of [`sign`](Self::sign); [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`],
    /// [`Error::LoneSurrogate`] in a key, and [`Error::Unserializable`] if the value has no JSON text that can be read
    /// back; [`Error::JsonTooLong`] if the JSON text has more than
    /// [`DEFAULT_MAX_JSON_LENGTH`](crate::limits::DEFAULT_MAX_JSON_LENGTH) bytes.
    #[doc(alias = "sign_object")]
    pub fn dumps<T: Serialize + ?Sized>(
        &self,
        value: &T,
        compression: Compression,
        now: impl Into<Timestamp>,
    ) -> Result<String, Error> {
        let mut out = dump(value, compression)?;
        self.sign_in_place(now.into(), &mut out)?;
        Ok(out)
    }

    /// Verifies a value that [`dumps`](Self::dumps) signed, checks its age, and deserializes it.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify), and those of [`Verified::to`](crate::Verified::to) except a session's expiry.
    #[doc(alias = "unsign_object")]
    pub fn loads<T: DeserializeOwned>(
        &self,
        signed: &str,
        now: impl Into<Timestamp>,
        max_age: impl Into<MaxAge>,
    ) -> Result<T, Error> {
        load(self.verify(signed, now, max_age)?.text)
    }
}

/// Text that a key of the ring signed, with a stamp that is not too old. Only a verification creates this type.
#[derive(Clone, Copy)]
pub struct StampedText<'a> {
    text: SignedText<'a>,
    issued_at: Timestamp,
    now: Timestamp,
}

impl<'a> StampedText<'a> {
    /// Returns the text without its stamp and signature.
    pub fn text(&self) -> &'a str {
        self.text.text()
    }

    /// Returns the index of the key that signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub(crate) fn key_index(&self) -> usize {
        self.text.key_index()
    }

    /// Returns when the text was signed, in whole seconds.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Returns the time from the stamp to the `now` of the verification, or zero if the stamp is later.
    pub fn age(&self) -> Duration {
        self.now.saturating_duration_since(self.issued_at)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn signed(&self) -> SignedText<'a> {
        self.text
    }
}

impl fmt::Debug for StampedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StampedText")
            .field("issued_at", &self.issued_at)
            .field("age", &self.age())
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}
