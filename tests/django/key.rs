//! A key as the scripts here write it: Python's text or bytes.

use serde::{Deserialize, Serialize};

/// `{"text": ...}` or `{"hex": ...}`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    Text(String),
    Hex(String),
}

impl Key {
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Hex(hex) => (0..hex.len())
                .step_by(2)
                .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex digits"))
                .collect(),
        }
    }
}
