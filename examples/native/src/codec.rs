//! A codec at the start of its memory, which uses the rest for reading.

use core::mem;

use hardtack::limits::{DEFAULT_MAX_JSON_LENGTH, DEFAULT_MAX_LENGTH};
use hardtack::{Error, KeyRing, SecretKey, Session, SessionCodec};

use crate::Bytes;
use crate::arena::{Free, lend};
use crate::status::Status;

/// `HARDTACK_MIN_MEMORY`.
const MIN_MEMORY: usize = 64 * 1024;
/// Maximum memory for the secrets, the codec itself, the state of an inflater and a cookie's bytes.
const FIXED: usize = 32 * 1024;
const MAX_SECRETS: usize = 8;
/// The limit for all secrets together.
const MAX_SECRET_BYTES: usize = 4096;
/// Bytes of memory for a byte of JSON. The worst sessions have only empty keys: each takes five bytes of text, and four
/// numbers in a table that doubles as it grows and is then copied.
const PER_BYTE: usize = 40;

pub struct Codec {
    codec: SessionCodec,
    /// The memory after everything that the codec keeps.
    free: Free,
}

impl Codec {
    /// # Safety
    ///
    /// The memory is valid, and nothing else uses it until the codec is closed. The same applies to the secrets during
    /// this call.
    pub(crate) unsafe fn open(
        memory: *mut u8,
        size: usize,
        secrets: &[Bytes],
    ) -> Result<*mut Self, Status> {
        let secret_bytes = secrets
            .iter()
            .fold(0, |sum: usize, secret| sum.saturating_add(secret.length));
        if size < MIN_MEMORY || secrets.len() > MAX_SECRETS || secret_bytes > MAX_SECRET_BYTES {
            return Err(Status::MEMORY_TOO_SMALL);
        }
        let max_json_length = ((size - FIXED) / PER_BYTE).min(DEFAULT_MAX_JSON_LENGTH);
        let padding = memory.addr().wrapping_neg() % align_of::<Self>();
        #[expect(clippy::cast_ptr_alignment, reason = "the padding aligns it")]
        let place = memory.wrapping_add(padding).cast::<Self>();
        let taken = padding + size_of::<Self>();
        let free = Free {
            start: memory.wrapping_add(taken),
            length: size - taken,
        };
        // SAFETY: as our caller promised.
        let lent = unsafe {
            lend(free, || {
                let keys = key_ring(secrets)?;
                Ok(SessionCodec::new(keys).with_max_json_length(max_json_length))
            })
        };
        let (codec, free): (Result<_, Status>, _) = lent.ok_or(Status::BUSY)?;
        // SAFETY: aligned, within the memory, and before everything that was lent.
        unsafe {
            place.write(Self {
                codec: codec?,
                free,
            });
        };
        Ok(place)
    }

    /// # Safety
    ///
    /// The codec is open.
    pub(crate) unsafe fn close(codec: *mut Self) -> Result<(), Status> {
        let nothing = Free {
            start: core::ptr::null_mut(),
            length: 0,
        };
        // SAFETY: nothing is lent, and nothing uses the codec any more, as our caller promised.
        unsafe { lend(nothing, || codec.drop_in_place()) }
            .map(mem::drop)
            .ok_or(Status::BUSY)
    }

    pub(crate) fn user_id(&self, cookie: &[u8], now: i64, out: &mut [u8]) -> Result<(), Status> {
        self.read(cookie, now, |session| {
            let id = session.auth_user_id()?.ok_or(Status::NOT_FOUND)?;
            if id.contains('\0') {
                return Err(Status::WRONG_TYPE); // C would read a shorter one
            }
            put(&id, out)
        })
    }

    pub(crate) fn value(
        &self,
        cookie: &[u8],
        now: i64,
        key: &[u8],
        out: &mut [u8],
    ) -> Result<(), Status> {
        self.read(cookie, now, |session| {
            // No session has a key that is not text.
            let key = str::from_utf8(key).map_err(|_| Status::NOT_FOUND)?;
            let value = session.get_json(key).ok_or(Status::NOT_FOUND)?;
            put(value.as_str(), out)
        })
    }

    fn read(
        &self,
        cookie: &[u8],
        now: i64,
        work: impl FnOnce(&Session) -> Result<(), Status>,
    ) -> Result<(), Status> {
        let (length, limit) = (cookie.len(), DEFAULT_MAX_LENGTH);
        if length > limit {
            return Err(Error::TooLong { length, limit }.into());
        }
        // No key signed bytes that are not text.
        let cookie = str::from_utf8(cookie).map_err(|_| Error::BadSignature)?;
        // SAFETY: nothing uses the free memory between two calls, and nothing from this call is in use after it.
        let lent = unsafe {
            lend(self.free, || {
                let session = self.codec.decode(cookie, now)?;
                work(&session)
            })
        };
        lent.ok_or(Status::BUSY)?.0
    }
}

fn key_ring(secrets: &[Bytes]) -> Result<KeyRing, Status> {
    let mut keys = secrets.iter().map(|secret| {
        // SAFETY: null or valid, as the caller of `hardtack_open` promised.
        let secret = unsafe { secret.as_slice() }?;
        Ok(SecretKey::new(secret)?)
    });
    let first = keys.next().ok_or(Status::BAD_ARGUMENT)??;
    keys.try_fold(KeyRing::new(first), |ring, key: Result<_, Status>| {
        Ok(ring.with_fallback(key?))
    })
}

/// Copies text to `out`, which is all zeros, so the text ends with a zero.
fn put(text: &str, out: &mut [u8]) -> Result<(), Status> {
    let room = out.len() - 1;
    if text.len() > room {
        return Err(Status::BUFFER_TOO_SMALL);
    }
    out[..text.len()].copy_from_slice(text.as_bytes());
    Ok(())
}
