//! Helpers for the tests of several stores.
#![allow(dead_code, reason = "each test uses some")]

pub mod events;
pub mod python; // with zone.rs a link to the file of hardtack's tests, so that the package contains it
pub mod script;
pub mod zone;

use hardtack::{KeyRing, RecordCodec, SecretKey};

pub const SECRET_KEY: &str = "an-example-of-50-characters-or-so-made-by-a-generator";

pub fn codec() -> RecordCodec {
    RecordCodec::new(KeyRing::new(SecretKey::new(SECRET_KEY).unwrap()))
}

/// Returns the value of a variable that `servers.sh` writes.
pub fn address(variable: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| {
        panic!("{variable} is not set: start the servers with stores/tests/servers.sh")
    })
}

/// Returns a server that accepts connections but does not answer.
pub fn silent() -> (std::net::TcpListener, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("it listens").to_string();
    (listener, address)
}
