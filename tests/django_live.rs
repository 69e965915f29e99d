//! Tests against a real Django in another process: thousands of sessions in both directions, ages around the limit, key
//! rotation, logins, refusals, and Django's own tests of `django.core.signing`.
//!
//! The tests create a virtual environment under `target/`, so they need Python and a package index that pip can reach.
//! `HARDTACK_SESSIONS` sets the number of sessions, and `HARDTACK_SEED` which sessions are generated.
#![cfg(all(feature = "compress", not(target_family = "wasm")))] // it starts processes

extern crate alloc;

mod common;

// Helpers.
#[path = "django/ask.rs"]
mod ask;
#[path = "../src/zlib/deflate/mod.rs"]
mod deflate;
#[path = "django/key.rs"]
mod key;
#[path = "django/oracle.rs"]
mod oracle;
#[path = "django/python.rs"]
mod python;
#[path = "django/typed.rs"]
mod typed;

#[path = "common/kinds.rs"]
mod kinds;
#[path = "common/pairs.rs"]
mod pairs;
#[path = "common/zlib_streams.rs"]
mod streams;
#[path = "common/json_suite.rs"]
mod suite;
#[path = "common/zone.rs"]
mod zone;

#[cfg(feature = "axum")]
#[path = "common/next.rs"]
mod table;

// The tests.
#[path = "django/ages.rs"]
mod ages;
#[path = "django/expiry_texts.rs"]
mod expiry_texts;
#[path = "django/json_suite.rs"]
mod json_suite;
#[path = "django/logins.rs"]
mod logins;
#[path = "django/middleware/mod.rs"]
mod middleware;
#[cfg(feature = "axum")]
#[path = "django/next.rs"]
mod next;
#[path = "django/own_tests.rs"]
mod own_tests;
#[path = "django/refusals/mod.rs"]
mod refusals;
#[path = "django/rotation.rs"]
mod rotation;
#[path = "django/sessions.rs"]
mod sessions;
#[path = "django/zlib.rs"]
mod zlib;
#[path = "django/zlib_streams.rs"]
mod zlib_streams;
#[path = "django/zones.rs"]
mod zones;
