//! Verifies and reads sessions behind a C interface, without std. `hardtack.h` describes each call.

#![no_std]

mod arena;
mod codec;
mod status;

use core::ffi::{CStr, c_char, c_void};
use core::panic::PanicInfo;
use core::{ptr, slice};

pub use codec::Codec;
pub use status::Status;

/// `hardtack_bytes`.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Bytes {
    data: *const c_void,
    pub(crate) length: usize,
}

impl Bytes {
    /// # Safety
    ///
    /// Unless `data` is null, `length` bytes can be read there.
    unsafe fn as_slice<'a>(self) -> Result<&'a [u8], Status> {
        if self.data.is_null() {
            return Err(Status::BAD_ARGUMENT);
        }
        // SAFETY: our caller promised.
        Ok(unsafe { slice::from_raw_parts(self.data.cast(), self.length) })
    }
}

/// # Safety
///
/// The pointers are null or valid, and nothing else uses the memory until the codec is closed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hardtack_open(
    codec: *mut *mut Codec,
    memory: *mut c_void,
    memory_size: usize,
    secrets: *const Bytes,
    secret_count: usize,
) -> Status {
    if codec.is_null() {
        return Status::BAD_ARGUMENT;
    }
    // SAFETY: not null, so it is valid, as our caller promised.
    unsafe { *codec = ptr::null_mut() };
    if memory.is_null() || secrets.is_null() || secret_count == 0 {
        return Status::BAD_ARGUMENT;
    }
    // SAFETY: not null, so it is valid, as our caller promised.
    let opened = unsafe {
        let secrets = slice::from_raw_parts(secrets, secret_count);
        Codec::open(memory.cast(), memory_size, secrets)
    };
    // SAFETY: as above.
    opened.map(|opened| unsafe { *codec = opened }).into()
}

/// # Safety
///
/// The codec is null or open; the pointers are null or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hardtack_user_id(
    codec: *mut Codec,
    cookie: Bytes,
    now: i64,
    buffer: *mut c_char,
    buffer_size: usize,
) -> Status {
    // SAFETY: as our caller promised.
    unsafe {
        read(codec, cookie, buffer, buffer_size, |codec, cookie, out| {
            codec.user_id(cookie, now, out)
        })
    }
}

/// # Safety
///
/// The codec is null or open; the pointers are null or valid; the key ends with a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hardtack_value(
    codec: *mut Codec,
    cookie: Bytes,
    now: i64,
    key: *const c_char,
    buffer: *mut c_char,
    buffer_size: usize,
) -> Status {
    // SAFETY: as our caller promised.
    unsafe {
        read(codec, cookie, buffer, buffer_size, |codec, cookie, out| {
            if key.is_null() {
                return Err(Status::BAD_ARGUMENT);
            }
            codec.value(cookie, now, CStr::from_ptr(key).to_bytes(), out)
        })
    }
}

/// # Safety
///
/// The codec is null or open. It is closed afterwards, and must not be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn hardtack_close(codec: *mut Codec) -> Status {
    if codec.is_null() {
        return Status::OK;
    }
    // SAFETY: as our caller promised.
    unsafe { Codec::close(codec) }.into()
}

#[unsafe(no_mangle)]
pub extern "C" fn hardtack_status_name(status: Status) -> *const c_char {
    status.name().as_ptr()
}

/// Checks the arguments that all reading calls have, and clears the buffer before anything can fail.
///
/// # Safety
///
/// The codec is null or open; the pointers are null or valid.
unsafe fn read(
    codec: *mut Codec,
    cookie: Bytes,
    buffer: *mut c_char,
    buffer_size: usize,
    work: impl FnOnce(&Codec, &[u8], &mut [u8]) -> Result<(), Status>,
) -> Status {
    if buffer.is_null() || buffer_size == 0 {
        return Status::BAD_ARGUMENT;
    }
    // SAFETY: not null, so it is valid, as our caller promised. It may be uninitialized, so it is written first.
    let out = unsafe {
        buffer.write_bytes(0, buffer_size);
        slice::from_raw_parts_mut(buffer.cast::<u8>(), buffer_size)
    };
    // SAFETY: null or open.
    let Some(codec) = (unsafe { codec.as_ref() }) else {
        return Status::BAD_ARGUMENT;
    };
    // SAFETY: as our caller promised.
    let cookie = unsafe { cookie.as_slice() };
    cookie.and_then(|cookie| work(codec, cookie, out)).into()
}

unsafe extern "C" {
    /// The C library's function, or the firmware's own.
    fn abort() -> !;
}

/// On hosted targets, core was compiled to unwind, and refers to this function of std. Nothing unwinds here.
#[unsafe(no_mangle)]
pub extern "C" fn rust_eh_personality() {}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    // SAFETY: it can be called at any time.
    unsafe { abort() }
}
