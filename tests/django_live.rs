//! Against Django itself, in a process of its own: thousands of sessions both ways, ages around the limit, key rotation,
//! logins, refusals, and Django's own tests of `django.core.signing`.
//!
//! The tests make a virtual environment under `target/`, so they need Python and a package index that pip can reach.
//! `HARDTACK_SESSIONS` sets how many sessions are made, `HARDTACK_SEED` which.
#![cfg(all(feature = "compress", not(target_family = "wasm")))] // it starts processes

mod common;

// What the tests are made of.
#[path = "django/key.rs"]
mod key;
#[path = "django/oracle.rs"]
mod oracle;
#[path = "django/python.rs"]
mod python;
#[path = "django/typed.rs"]
mod typed;

#[path = "common/zone.rs"]
mod zone;

// The tests.
#[path = "django/ages.rs"]
mod ages;
#[path = "django/expiry_texts.rs"]
mod expiry_texts;
#[path = "django/logins.rs"]
mod logins;
#[path = "django/middleware/mod.rs"]
mod middleware;
#[path = "django/own_tests.rs"]
mod own_tests;
#[path = "django/refusals/mod.rs"]
mod refusals;
#[path = "django/rotation.rs"]
mod rotation;
#[path = "django/sessions.rs"]
mod sessions;
#[path = "django/zones.rs"]
mod zones;
