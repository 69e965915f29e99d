//! The inputs that cost the most, next to ordinary inputs of the same length.
//!
//! - [`json`]: JSON text, and values of it that are read as a type
//! - [`edits`]: sessions of many keys that a handler fills, changes and empties
//! - [`compression`]: cookies that inflate to long text, and text that is hard to compress
//! - [`headers`]: `Cookie` headers, signatures and `Set-Cookie` headers

mod compression;
mod edits;
mod headers;
mod json;

use std::sync::LazyLock;

use hardtack::signing::TimestampSigner;
use hardtack::{SESSION_SALT, Session, SessionCodec};

use crate::data;

/// The work on one input. It checks its own result.
pub type Work = Box<dyn FnMut() + Send>;

/// A kind of input, and how much it may cost.
pub struct Case {
    /// What the input is.
    pub name: &'static str,
    /// Its size: bytes, or keys.
    pub size: usize,
    /// Creates the work for a hostile input of a size.
    pub hostile: fn(usize) -> Work,
    /// Creates the same work for an ordinary input of a size.
    pub ordinary: fn(usize) -> Work,
    /// How many times the instructions of the ordinary input the hostile one may take.
    pub ratio: f64,
    /// How many bytes the hostile one may allocate at a time, with all memory that the thread keeps.
    pub memory: u64,
}

/// Returns every case.
pub fn cases() -> Vec<Case> {
    [
        json::cases(),
        edits::cases(),
        compression::cases(),
        headers::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The codec of all cases, with the default limits.
static CODEC: LazyLock<SessionCodec> = LazyLock::new(|| data::codec(1));

/// Signs values that the codec would not write.
static SIGNER: LazyLock<TimestampSigner> =
    LazyLock::new(|| TimestampSigner::new(data::ring(1)).with_salt(SESSION_SALT));

const KB: u64 = 1024;

/// Returns JSON text of an ordinary session with this many bytes: a few kinds of values, as shops and forms keep them.
fn ordinary(size: usize) -> String {
    let mut text = String::from("{");
    for number in 0.. {
        let member = format!(
            r#""item {number}":{{"name":"Z\u00fcrich lamp, 40 cm","price":19.95,"count":3,"gift":false}},"#
        );
        if text.len() + member.len() + r#""pad":""}"#.len() > size {
            break;
        }
        text += &member;
    }
    padded(text, size)
}

/// Ends an object, and pads it to its size.
fn padded(mut text: String, size: usize) -> String {
    let rest = size - text.len() - r#""pad":""}"#.len();
    text += r#""pad":""#;
    text += &"x".repeat(rest);
    text += "\"}";
    assert_eq!(text.len(), size);
    text
}

/// Returns text of this many bytes: parts, one for each number, between a head and a tail.
fn filled(size: usize, head: &str, part: impl Fn(usize) -> String, tail: &str) -> String {
    let mut text = String::from(head);
    for part in (0..).map(part) {
        if text.len() + part.len() + tail.len() > size {
            break;
        }
        text += &part;
    }
    text + tail
}

/// Returns text whose characters are hard to predict.
fn noise(length: usize) -> String {
    const CHARACTERS: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut state: u64 = 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(CHARACTERS[(state >> 58) as usize])
    };
    (0..length).map(|_| next()).collect()
}

/// Returns an ordinary session whose cookie is nearly this long.
fn fitting(size: usize) -> String {
    let noise = noise(size * 6 / 10);
    let text = ordinary(size * 2 / 3);
    format!(r#"{{"noise":"{noise}",{}"#, &text[1..])
}

fn session(text: &str) -> Session {
    Session::from_json(text).expect("it is a session")
}
