//! Recognizes texts of Django and of other frameworks by their form.

mod django;
mod foreign;
mod names;

use alloc::string::String;

use serde::Serialize;

use crate::expiry::Expiry;

pub(crate) use django::{
    MESSAGES, RECORD, SESSION, SIGNED_COOKIE, SIGNED_JSON, SIGNED_TEXT, SIGNER_TEXT,
    is_generated_secret, is_signature,
};

/// The kind of a pasted text.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kind {
    /// A name for programs, such as `jwt`.
    pub id: &'static str,
    /// A sentence that says what it is.
    pub title: &'static str,
    /// A hint for the person who pasted it.
    pub about: &'static str,
    /// How much it says in comparison with others in the same paste.
    #[serde(skip)]
    rank: u8,
}

impl Kind {
    const fn new(id: &'static str, title: &'static str, about: &'static str) -> Self {
        Self {
            id,
            title,
            about,
            rank: 3,
        }
    }

    /// Whether it is a secret that is never shown.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self.id, "secret-key" | "password-hash")
    }

    /// Returns whether many other things have the same form.
    #[must_use]
    pub fn is_vague(&self) -> bool {
        self.rank == 1
    }

    /// Whether the payload is the text itself.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.id, "signed-text" | "signed-cookie" | "signer-text")
    }

    /// Whether the payload is known to be no JSON, whatever the salt says of it.
    pub(crate) fn is_pickle(&self) -> bool {
        self.id == "pickle"
    }

    /// A cookie that comes along with a session's.
    const fn aside(self) -> Self {
        Self { rank: 2, ..self }
    }

    /// A form that many things have.
    const fn vague(self) -> Self {
        Self { rank: 1, ..self }
    }

    /// A session that can be read.
    const fn readable(self) -> Self {
        Self { rank: 4, ..self }
    }
}

/// The parts of a text that Django signed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parts {
    /// The payload.
    pub payload: String,
    /// The stamp, in base62; a text of `Signer` has none.
    pub stamp: Option<String>,
    /// The signature, in base64url.
    pub signature: String,
}

/// A text whose kind is known.
#[derive(Clone, Debug)]
pub(crate) struct Recognized {
    pub(crate) kind: Kind,
    /// The parts, if it is Django's and can be verified.
    pub(crate) parts: Option<Parts>,
    pub(crate) issued_at: Option<i64>,
    /// When it expires, if it says so itself.
    pub(crate) expiry: Option<Expiry>,
    /// Its content, if that can be read without a key.
    pub(crate) contents: Option<String>,
    /// Why that cannot be read, though it should be.
    pub(crate) problem: Option<String>,
}

impl Recognized {
    fn of(kind: Kind) -> Self {
        Self {
            kind,
            parts: None,
            issued_at: None,
            expiry: None,
            contents: None,
            problem: None,
        }
    }

    fn with_contents(self, contents: Option<String>) -> Self {
        Self { contents, ..self }
    }

    pub(crate) fn rank(&self) -> u8 {
        self.kind.rank
    }
}

pub(crate) fn recognize(name: Option<&str>, value: &str) -> Option<Recognized> {
    django::recognize(name, value)
        .or_else(|| foreign::recognize(value))
        .or_else(|| names::recognize(name?, value))
        .or_else(|| django::recognize_key(name, value))
        .or_else(|| foreign::recognize_vague(value))
}

/// Whether all of a text's bytes are of the alphabet, and it is not empty.
fn is_all(text: &str, alphabet: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(alphabet)
}

fn is_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_lower_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b'a'..=b'f')
}

/// Unpadded base64url of exactly this many characters.
fn is_digest(text: &str, length: usize) -> bool {
    text.len() == length && is_all(text, is_base64url)
}
