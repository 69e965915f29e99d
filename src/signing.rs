//! Signed text, as in `django.core.signing`: what [`SessionCodec`](crate::SessionCodec) is built on, and of use for
//! itself wherever Django signs something: a link in a mail, a form's hidden field, a signed cookie.
//!
//! ```
//! use hardtack::signing::TimestampSigner;
//! use hardtack::{KeyRing, MaxAge, SecretKey};
//! use core::time::Duration;
//!
//! let key = SecretKey::new("an-example-of-50-characters-or-so-made-by-a-generator")?;
//! let signer = TimestampSigner::new(KeyRing::new(key)).with_salt("confirm-address");
//!
//! let signed = signer.sign("zoe@example.org", 1_700_000_000);
//! assert!(signed.starts_with("zoe@example.org:1r31eq:"));
//!
//! let verified = signer.verify(&signed, 1_700_000_060, Duration::from_secs(3600))?;
//! assert_eq!(verified.text(), "zoe@example.org");
//! # Ok::<(), hardtack::Error>(())
//! ```

use alloc::string::String;
use core::fmt;
use core::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::base62;
use crate::error::Error;
use crate::json::object::canonical;
use crate::json::read::read;
use crate::json::write::write_value;
use crate::key::KeyRing;
use crate::limits::{DEFAULT_MAX_JSON_LENGTH, MAX_DEPTH};
use crate::payload::{self, Compression};
use crate::scratch::{self, Scratch};
use crate::signature::{self, Authentic, Macs};
use crate::timestamp::{MaxAge, Timestamp};
use crate::token::Separator;

/// Salt of a [`Signer`] that was given none.
pub const SIGNER_SALT: &str = "django.core.signing.Signer";
/// Salt of a [`TimestampSigner`] that was given none.
pub const TIMESTAMP_SIGNER_SALT: &str = "django.core.signing.TimestampSigner";
/// Salt of Django's functions `signing.dumps` and `signing.loads`.
pub const DUMPS_SALT: &str = "django.core.signing";

/// What `Signer.signature` in Django appends to every salt.
const SALT_SUFFIX: &str = "signer";

/// Signs text: `text:signature`.
#[derive(Clone)]
pub struct Signer {
    keys: KeyRing,
    default_salt: &'static str,
    salt: String,
    separator: Separator,
    macs: Macs,
}

impl Signer {
    /// A signer with the salt [`SIGNER_SALT`] and the separator `:`.
    pub fn new(keys: KeyRing) -> Self {
        Self::with_default_salt(keys, SIGNER_SALT)
    }

    fn with_default_salt(keys: KeyRing, salt: &'static str) -> Self {
        let macs = Macs::derive(&keys, &[salt, SALT_SUFFIX]);
        Self {
            keys,
            default_salt: salt,
            salt: salt.into(),
            separator: Separator::default(),
            macs,
        }
    }

    /// Sets the salt. It keeps apart what is signed for different purposes, and is no secret. An empty one stands for
    /// the default, as in Django.
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
    /// [`Error::UnsafeSeparator`] if it is empty or consists of `A-z`, `0-9`, `-`, `_` and `=` only (Django's rule).
    pub fn with_separator(mut self, separator: &str) -> Result<Self, Error> {
        self.separator = Separator::new(separator)?;
        Ok(self)
    }

    /// The salt in use.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// The signature of any bytes under the signing key: 43 characters of base64url.
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
        self.sign_from(0, &mut out);
        out
    }

    /// Signs what stands in `out` from `start` on, and appends separator and signature.
    fn sign_from(&self, start: usize, out: &mut String) {
        let signature = self.macs.sign(&out.as_bytes()[start..]);
        out.push_str(self.separator.as_str());
        out.extend(signature.map(char::from));
    }

    /// Verifies a signed text with every key of the ring.
    ///
    /// # Errors
    ///
    /// [`Error::BadSignature`].
    #[doc(alias = "unsign")]
    pub fn verify<'a>(&self, signed: &'a str) -> Result<SignedText<'a>, Error> {
        // All signatures have one length, and none can hold a separator: a text that is split elsewhere has a bad one.
        let (text, signature) = self
            .separator
            .split_tail(signed, signature::LENGTH)
            .ok_or(Error::BadSignature)?;
        self.macs.verify(text, signature).map(SignedText)
    }

    /// Signs any value as JSON: `payload:signature`.
    ///
    /// # Errors
    ///
    /// If the value has no JSON text: [`Error::NotFinite`], [`Error::TooDeep`], [`Error::IntegerTooLong`],
    /// [`Error::Unserializable`]; or one of more than [`DEFAULT_MAX_JSON_LENGTH`] bytes: [`Error::JsonTooLong`].
    #[doc(alias = "sign_object")]
    pub fn dumps<T: Serialize + ?Sized>(
        &self,
        value: &T,
        compression: Compression,
    ) -> Result<String, Error> {
        let mut out = dump(value, compression)?;
        self.sign_from(0, &mut out);
        Ok(out)
    }

    /// Verifies what [`dumps`](Self::dumps) signed, and reads it.
    ///
    /// # Errors
    ///
    /// [`Error::BadSignature`], and those of [`Verified::deserialize`](crate::Verified::deserialize).
    #[doc(alias = "unsign_object")]
    pub fn loads<T: DeserializeOwned>(&self, signed: &str) -> Result<T, Error> {
        load(self.verify(signed)?.0)
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

/// Signs text together with the time: `text:stamp:signature`.
#[derive(Clone, Debug)]
pub struct TimestampSigner(Signer);

impl TimestampSigner {
    /// A signer with the salt [`TIMESTAMP_SIGNER_SALT`] and the separator `:`.
    pub fn new(keys: KeyRing) -> Self {
        Self(Signer::with_default_salt(keys, TIMESTAMP_SIGNER_SALT))
    }

    /// Sets the salt, as [`Signer::with_salt`] does.
    #[must_use]
    pub fn with_salt(self, salt: &str) -> Self {
        Self(self.0.with_salt(salt))
    }

    /// Sets the text in front of stamp and signature, as [`Signer::with_separator`] does.
    ///
    /// # Errors
    ///
    /// [`Error::UnsafeSeparator`].
    pub fn with_separator(self, separator: &str) -> Result<Self, Error> {
        self.0.with_separator(separator).map(Self)
    }

    /// The salt in use.
    pub fn salt(&self) -> &str {
        self.0.salt()
    }

    /// The signature of any bytes, without a stamp, as [`Signer::signature`] makes it.
    pub fn signature(&self, value: impl AsRef<[u8]>) -> String {
        self.0.signature(value)
    }

    /// Signs `text` and the whole seconds of `now` with the signing key.
    pub fn sign(&self, text: &str, now: impl Into<Timestamp>) -> String {
        let mut out = String::from(text);
        self.sign_from(0, now.into(), &mut out);
        out
    }

    /// Stamps and signs what stands in `out` from `start` on.
    pub(crate) fn sign_from(&self, start: usize, now: Timestamp, out: &mut String) {
        out.push_str(self.0.separator.as_str());
        base62::encode_into(now.as_unix_seconds(), out);
        self.0.sign_from(start, out);
    }

    /// Verifies a signed text with every key of the ring, then its age: older than `max_age` (a [`Duration`] or
    /// [`MaxAge::NoLimit`]) is expired, exactly as old is not.
    ///
    /// # Errors
    ///
    /// In this order: [`Error::BadSignature`], [`Error::MalformedStamp`], [`Error::Expired`].
    #[doc(alias = "unsign")]
    pub fn verify<'a>(
        &self,
        signed: &'a str,
        now: impl Into<Timestamp>,
        max_age: impl Into<MaxAge>,
    ) -> Result<StampedText<'a>, Error> {
        let SignedText(stamped) = self.0.verify(signed)?;
        let (text, stamp) = stamped
            .split(|text| self.0.separator.split_last(text))
            .ok_or(Error::MalformedStamp)?;
        let now = now.into();
        let issued_at = base62::decode(stamp.text())?.into();
        max_age.into().check(issued_at, now)?;
        Ok(StampedText {
            text,
            issued_at,
            now,
        })
    }

    /// Signs any value as JSON: `payload:stamp:signature`.
    ///
    /// With the salt [`DUMPS_SALT`] this is Django's `signing.dumps(value)`, or with [`Compression::Auto`] its
    /// `signing.dumps(value, compress=True)`.
    ///
    /// # Errors
    ///
    /// Those of [`Signer::dumps`].
    #[doc(alias = "sign_object")]
    pub fn dumps<T: Serialize + ?Sized>(
        &self,
        value: &T,
        compression: Compression,
        now: impl Into<Timestamp>,
    ) -> Result<String, Error> {
        let mut out = dump(value, compression)?;
        self.sign_from(0, now.into(), &mut out);
        Ok(out)
    }

    /// Verifies what [`dumps`](Self::dumps) signed and its age, and reads it.
    ///
    /// # Errors
    ///
    /// Those of [`verify`](Self::verify) and of [`Verified::deserialize`](crate::Verified::deserialize).
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

/// The base62 text of a number, as stamps are written: `0-9 A-Z a-z`, `-` in front of a negative one.
pub fn b62_encode(number: i64) -> String {
    let mut out = String::new();
    base62::encode_into(number, &mut out);
    out
}

/// The number of a base62 text. Leading zeros and `-0` are fine, as in Django.
///
/// # Errors
///
/// [`Error::MalformedStamp`] if there is no digit, a foreign one, or a number beyond `i64`.
pub fn b62_decode(text: &str) -> Result<i64, Error> {
    base62::decode(text)
}

/// The payload of any value.
fn dump<T: Serialize + ?Sized>(value: &T, compression: Compression) -> Result<String, Error> {
    let mut out = String::new();
    scratch::with(|Scratch { json, buffers, .. }| {
        json.clear();
        write_value(value, MAX_DEPTH, json)?;
        payload::write(
            json,
            compression,
            DEFAULT_MAX_JSON_LENGTH,
            buffers,
            &mut out,
        )
    })?;
    Ok(out)
}

/// Reads the payload of a signed value.
fn load<T: DeserializeOwned>(payload: Authentic<'_>) -> Result<T, Error> {
    let json = scratch::with(|scratch| {
        let json = payload::read(payload, DEFAULT_MAX_JSON_LENGTH, &mut scratch.buffers)?;
        canonical(json, &mut scratch.members)
    })?;
    read(&json)
}

/// Text that a key of the ring signed. Only a verification makes one.
#[derive(Clone, Copy)]
pub struct SignedText<'a>(Authentic<'a>);

impl<'a> SignedText<'a> {
    /// The text, without its signature.
    pub fn text(&self) -> &'a str {
        self.0.text()
    }

    /// Which key signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub fn key_index(&self) -> usize {
        self.0.key_index()
    }
}

impl fmt::Debug for SignedText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedText")
            .field("key_index", &self.key_index())
            .finish_non_exhaustive()
    }
}

/// Text that a key of the ring signed at a known time, which was not too long ago. Only a verification makes one.
#[derive(Clone, Copy)]
pub struct StampedText<'a> {
    text: Authentic<'a>,
    issued_at: Timestamp,
    now: Timestamp,
}

impl<'a> StampedText<'a> {
    /// The text, without its stamp and signature.
    pub fn text(&self) -> &'a str {
        self.text.text()
    }

    /// Which key signed it: 0 is the signing key, 1 the first fallback, and so on.
    pub fn key_index(&self) -> usize {
        self.text.key_index()
    }

    /// When it was signed, in whole seconds.
    pub fn issued_at(&self) -> Timestamp {
        self.issued_at
    }

    /// Time from the stamp to the `now` of the verification; zero if the stamp lies ahead of it.
    pub fn age(&self) -> Duration {
        self.now.saturating_duration_since(self.issued_at)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    pub(crate) fn authentic(&self) -> Authentic<'a> {
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
