//! Implements the calls, with the state that is kept between them.

use alloc::string::String;
use core::time::Duration;

use hardtack::limits::DEFAULT_MAX_JSON_LENGTH;
use hardtack::{Compression, Error, KeyRing, MaxAge, SecretKey, SessionCodec, Timestamp};

use crate::arena::ARENA;
use crate::reply::{Opened, Refusal, Reply};

/// Maximum length of an argument, in bytes: four times the longest JSON of a session, because white space does not
/// count.
const MAX_INPUT: usize = 4 * DEFAULT_MAX_JSON_LENGTH;

pub(crate) struct State {
    /// Allocated from the arena for each call.
    input: &'static mut [u8],
    keys: Option<KeyRing>,
    cookie_name: String,
    codec: Option<SessionCodec>,
    pub(crate) reply: Reply,
}

impl State {
    pub(crate) const fn new() -> Self {
        Self {
            input: &mut [],
            keys: None,
            cookie_name: String::new(),
            codec: None,
            reply: Reply::new(),
        }
    }

    pub(crate) fn lend(&mut self, capacity: usize) -> *mut u8 {
        self.input = &mut [];
        ARENA.reset();
        if capacity > MAX_INPUT {
            return core::ptr::null_mut();
        }
        self.input = alloc::vec![0; capacity].leak();
        ARENA.begin();
        self.input.as_mut_ptr()
    }

    pub(crate) fn add_secret(&mut self, length: usize) -> Result<(), Error> {
        let input = self.input.get_mut(..length).ok_or(Error::EmptyKey)?;
        let key = SecretKey::new(&*input);
        input.fill(0);
        let key = key?;
        self.keys = Some(match self.keys.take() {
            Some(keys) => keys.with_fallback(key),
            None => KeyRing::new(key),
        });
        Ok(())
    }

    pub(crate) fn open(
        &mut self,
        length: usize,
        max_age: f64,
        compress: bool,
    ) -> Result<(), Error> {
        let name = argument(self.input, length).ok_or(Error::InvalidCookieName)?;
        let compression = if compress {
            Compression::Auto
        } else {
            Compression::Never
        };
        let keys = self.keys.take().ok_or(Error::EmptyKey)?;
        self.cookie_name = name.into();
        self.codec = Some(
            SessionCodec::new(keys)
                .with_max_age(age(max_age))
                .with_compression(compression),
        );
        Ok(())
    }

    pub(crate) fn verify(&self, length: usize, now: f64) -> Result<Opened, Refusal> {
        // No key signed text that is not UTF-8.
        let value = argument(self.input, length).ok_or(Error::BadSignature)?;
        let verified = self.codec()?.verify(value, instant(now))?;
        Ok(Opened::read(&verified)?)
    }

    pub(crate) fn verify_header(&self, length: usize, now: f64) -> Result<Opened, Refusal> {
        let header = self.input.get(..length).ok_or(Error::BadSignature)?;
        let (codec, now) = (self.codec()?, instant(now));
        let opened = codec.read_youngest(&self.cookie_name, [header], now, |verified, _| {
            Opened::read(verified)
        })?;
        opened.ok_or(Refusal::NoCookie)
    }

    fn codec(&self) -> Result<&SessionCodec, Error> {
        self.codec.as_ref().ok_or(Error::EmptyKey)
    }

    #[cfg(feature = "encode")]
    pub(crate) fn encode(&self, length: usize, now: f64) -> Result<String, Error> {
        let codec = self.codec()?;
        let json = argument(self.input, length).ok_or(Error::MalformedJson { offset: 0 })?;
        codec.encode_json(json, instant(now))
    }
}

/// Returns the start of the buffer as text.
fn argument(input: &[u8], length: usize) -> Option<&str> {
    str::from_utf8(input.get(..length)?).ok()
}

/// Converts seconds since the Unix epoch, with a fraction, to the microsecond. NaN becomes the last instant, so with a
/// broken clock, every session with a limited age has expired.
#[expect(clippy::cast_possible_truncation, reason = "saturates, as do instants")]
fn instant(seconds: f64) -> Timestamp {
    if seconds.is_nan() {
        return i64::MAX.into();
    }
    Timestamp::from_unix_micros((seconds * 1e6) as i64)
}

/// Converts seconds to the millisecond. NaN becomes 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates"
)]
fn age(seconds: f64) -> MaxAge {
    if seconds == f64::INFINITY {
        return MaxAge::NoLimit;
    }
    Duration::from_millis((seconds * 1e3) as u64).into()
}
