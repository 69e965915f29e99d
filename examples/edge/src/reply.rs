//! The reply to a call, as it is laid out in memory.

use alloc::string::String;
use core::ptr;

use hardtack::{Error, Verified};

/// Little-endian, at these offsets: 0, 4, 8, 12, 16, 24.
#[repr(C)]
pub struct Reply {
    /// 1 if the call succeeded.
    ok: u32,
    /// The session's JSON text, or the cookie's value. If the call failed, the reason: the name of a
    /// [`hardtack::Error`], or `NoCookie`.
    text: *const u8,
    text_length: usize,
    /// The index of the secret that signed the cookie: 0 is the first.
    key_index: usize,
    /// When it was signed, in whole Unix seconds.
    issued_at: f64,
    /// Seconds from then to now, or 0 if it was signed in the future.
    age: f64,
}

/// Why there is no session.
#[derive(Clone, Copy)]
pub(crate) enum Refusal {
    NoCookie,
    Error(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

/// A session's text, and how it was signed.
pub(crate) struct Opened {
    json: String,
    key_index: usize,
    issued_at: f64,
    age: f64,
}

impl Opened {
    /// Reads the payload, and checks the session's own expiry.
    #[inline(never)] // It is called twice, and most of the module is below it.
    #[expect(clippy::cast_precision_loss, reason = "exact for 285 million years")]
    pub(crate) fn read(verified: &Verified<'_>) -> Result<Self, Error> {
        let json = verified.raw_json()?;
        if !json.trim_ascii_start().starts_with('{') {
            return Err(Error::NotAnObject);
        }
        Ok(Self {
            json,
            key_index: verified.key_index(),
            issued_at: verified.issued_at().as_unix_seconds() as f64,
            age: verified.age().as_secs_f64(),
        })
    }
}

impl Reply {
    pub(crate) const fn new() -> Self {
        Self {
            ok: 0,
            text: ptr::null(),
            text_length: 0,
            key_index: 0,
            issued_at: 0.0,
            age: 0.0,
        }
    }

    pub(crate) fn unit(&mut self, result: Result<(), Error>) -> *const Self {
        self.text(result.map(|()| String::new()))
    }

    pub(crate) fn text(&mut self, result: Result<String, Error>) -> *const Self {
        match result {
            Ok(text) => self.good(text),
            Err(error) => self.bad(error.name()),
        }
    }

    pub(crate) fn opened(&mut self, result: Result<Opened, Refusal>) -> *const Self {
        match result {
            Ok(opened) => {
                self.key_index = opened.key_index;
                self.issued_at = opened.issued_at;
                self.age = opened.age;
                self.good(opened.json)
            }
            Err(Refusal::NoCookie) => self.bad("NoCookie"),
            Err(Refusal::Error(error)) => self.bad(error.name()),
        }
    }

    /// The text stays valid until the arena is reset.
    fn good(&mut self, text: String) -> *const Self {
        self.ok = 1;
        self.point_at(text.leak())
    }

    fn bad(&mut self, reason: &'static str) -> *const Self {
        self.ok = 0;
        self.point_at(reason)
    }

    fn point_at(&mut self, text: &'static str) -> *const Self {
        self.text = text.as_ptr();
        self.text_length = text.len();
        ptr::from_ref(self)
    }
}
