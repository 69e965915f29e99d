//! The JSON parsing suite of Nicolas Seriot (`tests/vectors/README.md`).

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hardtack::signing::TimestampSigner;
use hardtack::{Error, SESSION_SALT, Session};
use serde::Deserialize;

use super::common::{NOW, base64url, codec, ring};

/// One file of the suite.
#[derive(Deserialize)]
pub struct File {
    pub name: String,
    bytes: String,
    #[serde(default = "once")]
    times: usize,
}

fn once() -> usize {
    1
}

impl File {
    /// Returns the file's content as the value of a member, because a session is an object.
    pub fn member(&self) -> Vec<u8> {
        let content = STANDARD.decode(&self.bytes).expect("base64");
        [b"{\"k\":", content.repeat(self.times).as_slice(), b"}"].concat()
    }
}

pub fn files() -> Vec<File> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/vectors/json-suite.jsonl"
    );
    let text = fs::read_to_string(path).expect("the suite is there");
    let files: Vec<File> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("a file"))
        .collect();
    assert_eq!(files.len(), 318);
    files
}

/// Decodes a signed cookie with these bytes.
pub fn read(json: &[u8]) -> Result<Session, Error> {
    let codec = codec()
        .with_max_length(usize::MAX)
        .with_max_json_length(usize::MAX);
    let signer = TimestampSigner::new(ring()).with_salt(SESSION_SALT);
    let cookie = signer.sign(&base64url(json), NOW).expect("signs");
    codec.decode(&cookie, NOW)
}
