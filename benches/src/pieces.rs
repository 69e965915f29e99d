//! The pieces of the codec except zlib ([`zlibs`](crate::zlibs)): each piece alone, with the crates that the codec
//! uses, and with all state kept.

use base64::Engine;
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;
use hmac::{Hmac, Mac};
use serde::de::IgnoredAny;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use sha2::Sha256;

use crate::data::macs;

/// Capacity for any text that a piece produces.
const ROOM: usize = 256 * 1024;

/// Writes JSON with `serde_json` into a buffer that is kept, in Python's spelling: other characters than ASCII are
/// escaped.
pub struct Json(Vec<u8>);

/// Writes and reads base64 into a buffer that is kept.
pub struct Base64 {
    engine: Simd,
    text: String,
    bytes: Vec<u8>,
}

/// One HMAC-SHA256 for each key, from states that were derived before.
pub struct Macs(Vec<Hmac<Sha256>>);

impl Json {
    /// Creates it with a buffer that does not have to grow.
    pub fn new() -> Self {
        Self(Vec::with_capacity(ROOM))
    }

    /// Returns the JSON text of a value.
    pub fn write<T: Serialize + ?Sized>(&mut self, value: &T) -> &[u8] {
        self.0.clear();
        let mut serializer = serde_json::Serializer::with_formatter(&mut self.0, Ascii);
        value.serialize(&mut serializer).expect("JSON is written");
        &self.0
    }

    /// Checks in one pass that the bytes are UTF-8 and JSON, without keeping anything.
    pub fn pass(bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).expect("JSON is UTF-8");
        serde_json::from_str::<IgnoredAny>(text).expect("JSON is read");
    }
}

impl Default for Json {
    fn default() -> Self {
        Self::new()
    }
}

/// `serde_json`'s compact form in ASCII.
struct Ascii;

impl serde_json::ser::Formatter for Ascii {
    fn write_string_fragment<W: ?Sized + std::io::Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> std::io::Result<()> {
        if fragment.is_ascii() {
            return out.write_all(fragment.as_bytes());
        }
        for character in fragment.chars() {
            if character.is_ascii() {
                out.write_all(&[character as u8])?;
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }
}

/// A session as little more than its text: names, and values as JSON text, like a [`hardtack::Session`] whose values
/// have not been read.
pub struct RawSession(Vec<(String, Box<RawValue>)>);

impl RawSession {
    /// Reads the members of a session, in order.
    pub fn new(session: &hardtack::Session) -> Self {
        let member = |(name, value): (std::borrow::Cow<'_, str>, hardtack::JsonText<'_>)| {
            let value = RawValue::from_string(value.as_str().into()).expect("a value is JSON");
            (name.into_owned(), value)
        };
        Self(session.iter().map(member).collect())
    }
}

impl Serialize for RawSession {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Base64 {
    /// Creates it with buffers that do not have to grow.
    pub fn new() -> Self {
        Self {
            engine: Simd::url_safe(NO_PAD),
            text: String::with_capacity(ROOM),
            bytes: Vec::with_capacity(ROOM),
        }
    }

    /// Encodes `bytes`.
    pub fn encode(&mut self, bytes: &[u8]) -> &str {
        self.text.clear();
        self.engine.encode_string(bytes, &mut self.text);
        &self.text
    }

    /// Decodes a text.
    pub fn decode(&mut self, text: &str) -> &[u8] {
        self.bytes.clear();
        let read = self.engine.decode_vec(text, &mut self.bytes);
        read.expect("base64 is read");
        &self.bytes
    }
}

impl Default for Base64 {
    fn default() -> Self {
        Self::new()
    }
}

impl Macs {
    /// Derives the states of the first `keys` keys.
    pub fn new(keys: usize) -> Self {
        Self(macs(keys))
    }

    /// Computes an HMAC of `message` under each key. Returns the last one.
    pub fn run(&self, message: &str) -> [u8; 32] {
        let mut digest = [0; 32];
        for mac in &self.0 {
            let mac = mac.clone().chain_update(message).finalize();
            digest = mac.into_bytes().into();
        }
        digest
    }
}
