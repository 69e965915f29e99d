//! The page's module, over a C-like interface without imports. `page/module.mjs` calls it.
//!
//! 1. [`input`] lends a buffer for the request, which is JSON in UTF-8.
//! 2. [`inspect`] or [`encode`] reads it and returns the address of the answer, also JSON; [`output_length`] is its length.
//!
//! No request makes them trap.

#![no_std]

extern crate alloc;

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::panic::PanicInfo;

use dlmalloc::GlobalDlmalloc;
use hardtack::limits::DEFAULT_MAX_LENGTH;
use hardtack::{KeyRing, MaxAge, SESSION_SALT, SecretKey, SessionCodec, Timestamp};
use hardtack_inspect::{Keys, Refusal, Report, SALTS, Salt, Secret, Secrets, Settings};
use serde::{Deserialize, Serialize};

/// Said of a key whose place an expression takes.
const ELSEWHERE: &str =
    "It is not in this text: an expression such as os.environ[...] reads it from elsewhere.";

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

/// The last request and the last answer.
struct Buffers(RefCell<(Vec<u8>, String)>);

// SAFETY: the module is built without threads.
unsafe impl Sync for Buffers {}

static BUFFERS: Buffers = Buffers(RefCell::new((Vec::new(), String::new())));

/// Returns a buffer of `length` bytes for a request.
#[unsafe(no_mangle)]
pub extern "C" fn input(length: usize) -> *mut u8 {
    let request = &mut BUFFERS.0.borrow_mut().0;
    request.clear();
    request.resize(length, 0);
    request.as_mut_ptr()
}

/// Bytes of the last answer.
#[unsafe(no_mangle)]
pub extern "C" fn output_length() -> usize {
    BUFFERS.0.borrow().1.len()
}

/// Inspects a paste: takes a [`Request`], returns an [`Answer`].
#[unsafe(no_mangle)]
pub extern "C" fn inspect() -> *const u8 {
    answer(|request| serde_json::from_slice(request).map(|request: Request| request.answer()))
}

/// Makes a cookie: takes a [`Sample`], returns the value as a string, or null.
#[unsafe(no_mangle)]
pub extern "C" fn encode() -> *const u8 {
    answer(|request| serde_json::from_slice(request).map(|sample: Sample| sample.value()))
}

/// Lists the salts that are tried.
#[unsafe(no_mangle)]
pub extern "C" fn salts() -> *const u8 {
    answer(|_| -> serde_json::Result<[Salt; 7]> { Ok(SALTS) })
}

fn answer<T: Serialize>(run: impl FnOnce(&[u8]) -> serde_json::Result<T>) -> *const u8 {
    let (request, answer) = &mut *BUFFERS.0.borrow_mut();
    let result = run(request).and_then(|result| serde_json::to_string(&result));
    request.fill(0);
    // A request that is no JSON has no answer.
    *answer = result.unwrap_or_else(|_| "null".into());
    answer.as_ptr()
}

#[derive(Deserialize)]
struct Request {
    paste: String,
    /// The secret key as it was typed, or nothing.
    secret: String,
    /// The fallback keys as they were typed: lines, or a list.
    fallbacks: String,
    /// The salt to begin with; empty for that of sessions in signed cookies.
    salt: String,
    /// Unix seconds.
    now: f64,
}

#[derive(Serialize)]
struct Answer {
    report: Option<Report>,
    /// Whether the key that was asked for signed it, and it is valid now.
    is_accepted: bool,
    is_session: bool,
    /// A sentence about the salt, if it is not the one that was asked for.
    other_salt: Option<String>,
    /// A phrase about the cookie's place, if the paste has several of that name.
    place_in_words: Option<String>,
    /// The keys that hardtack refuses in production, and those that are refused here, by index.
    weak: Vec<(usize, Refusal)>,
    refused: Option<(usize, Cow<'static, str>)>,
    /// The things that were trimmed off each key, in words.
    trimmed: Vec<Vec<&'static str>>,
}

impl Request {
    fn answer(self) -> Answer {
        let secrets = self.secrets();
        let keys: Vec<_> = secrets.iter().map(|secret| secret.key.clone()).collect();
        let (keys, refused) = match Keys::new(&keys) {
            Ok(keys) => (keys, None),
            Err((index, _)) if secrets[index].is_elsewhere => {
                (None, Some((index, ELSEWHERE.into())))
            }
            Err((index, error)) => (None, Some((index, Refusal(error).reason()))),
        };
        let weak = keys.iter().flat_map(Keys::weak);
        let weak = weak
            .map(|&(index, error)| (index, Refusal(error)))
            .collect();
        let settings = Settings {
            keys: keys.as_ref(),
            salt: if self.salt.is_empty() {
                SESSION_SALT
            } else {
                &self.salt
            },
            max_age: MaxAge::default(),
            max_length: DEFAULT_MAX_LENGTH,
            now: instant(self.now),
            is_exact: false,
        };
        let report = hardtack_inspect::inspect(&self.paste, &settings);
        Answer {
            is_accepted: report.is_accepted(),
            is_session: report.is_session(),
            other_salt: report.other_salt(),
            place_in_words: report.place_in_words(),
            report: Some(report),
            weak,
            refused,
            trimmed: secrets.into_iter().map(|secret| secret.removed).collect(),
        }
    }

    fn secrets(&self) -> Vec<Secret> {
        let Secrets { signing, fallbacks } = Secrets::read(&self.fallbacks);
        let fallbacks: Vec<_> = signing.into_iter().chain(fallbacks).collect();
        if self.secret.trim().is_empty() && fallbacks.is_empty() {
            return Vec::new();
        }
        core::iter::once(Secret::read(&self.secret))
            .chain(fallbacks)
            .collect()
    }
}

#[derive(Deserialize)]
struct Sample {
    secret: String,
    json: String,
    now: f64,
}

impl Sample {
    fn value(&self) -> Option<String> {
        let codec = SessionCodec::new(KeyRing::new(SecretKey::new(self.secret.as_str()).ok()?));
        codec.encode_json(&self.json, instant(self.now)).ok()
    }
}

/// To the microsecond.
#[expect(clippy::cast_possible_truncation, reason = "saturates, as do instants")]
fn instant(seconds: f64) -> Timestamp {
    Timestamp::from_unix_micros((seconds * 1e6) as i64)
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
