//! Constants and keys that the server and the clients share.

use hardtack::{KeyRing, SecretKey, SessionCodec};

use crate::Failure;

/// Which of the two servers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    With,
    Without,
}

/// The handler does not use the session.
pub const UNTOUCHED: &str = "/untouched";
/// The handler reads the session's user: the body is the name, or [`NOBODY`].
pub const READ: &str = "/read";
/// The handler counts a visit: the body is the number.
pub const WRITE: &str = "/write";

pub const NOBODY: &str = "nobody";

pub fn key() -> Result<SecretKey, Failure> {
    Ok(SecretKey::new(
        "k1-7d$u!m3o0q2z@8r#xw5v+e9t&y1a4s6-0123456789-abcdef",
    )?)
}

/// Returns the key that used to sign, and is now a fallback.
pub fn old_key() -> Result<SecretKey, Failure> {
    Ok(SecretKey::new(
        "k2-older-secret-key-0123456789abcdefghijklmnopqrstuv",
    )?)
}

pub fn codec() -> Result<SessionCodec, Failure> {
    Ok(SessionCodec::new(
        KeyRing::new(key()?).with_fallback(old_key()?),
    ))
}
