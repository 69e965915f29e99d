//! Sessions verified, decoded and encoded in WebAssembly, over a C-like interface without imports. `glue.mjs` calls it.
//!
//! 1. [`input`] lends a buffer for the argument of the next call, which gets the length of the argument.
//! 2. [`add_secret`] for each secret, then [`open`], once.
//! 3. [`verify`], [`verify_header`], [`encode`], any number of times.
//!
//! Each call of 2 and 3 returns the address of a [`Reply`], which is valid until the next call. No argument makes them
//! trap. Only those of 2 that succeed keep memory, and with it their argument.

#![no_std]

extern crate alloc;

mod arena;
mod calls;
mod reply;
mod single;

use core::panic::PanicInfo;

pub use reply::Reply;

use arena::ARENA;
use calls::State;
use single::Single;

static STATE: Single<State> = Single::new(State::new());

/// Makes a call that replies. It may use the memory of the last one.
fn call(work: impl FnOnce(&mut State) -> *const Reply) -> *const Reply {
    ARENA.restart();
    STATE.with(work)
}

/// Frees the memory of the last call, and lends a buffer of this many bytes. Returns null if that is more than any
/// useful argument needs.
#[unsafe(no_mangle)]
pub extern "C" fn input(capacity: usize) -> *mut u8 {
    STATE.with(|state| state.lend(capacity))
}

/// The argument is a secret. The first one signs and verifies, the following ones only verify. It is wiped from the
/// buffer.
#[unsafe(no_mangle)]
pub extern "C" fn add_secret(length: usize) -> *const Reply {
    call(|state| {
        let added = state.add_secret(length);
        if added.is_ok() {
            ARENA.keep();
        }
        state.reply.unit(added)
    })
}

/// The argument is the cookie's name. `max_age` is in seconds, infinite for no limit; `compress` is 0 or 1.
#[unsafe(no_mangle)]
pub extern "C" fn open(length: usize, max_age: f64, compress: u32) -> *const Reply {
    call(|state| {
        let opened = state.open(length, max_age, compress != 0);
        if opened.is_ok() {
            ARENA.keep();
        }
        state.reply.unit(opened)
    })
}

/// The argument is a cookie's value, `now` the time in Unix seconds. Replies with the session's JSON text.
#[unsafe(no_mangle)]
pub extern "C" fn verify(length: usize, now: f64) -> *const Reply {
    call(|state| {
        let opened = state.verify(length, now);
        state.reply.opened(opened)
    })
}

/// The argument is a `Cookie` header. Replies with the JSON text of the youngest good session in it.
#[unsafe(no_mangle)]
pub extern "C" fn verify_header(length: usize, now: f64) -> *const Reply {
    call(|state| {
        let opened = state.verify_header(length, now);
        state.reply.opened(opened)
    })
}

/// The argument is a session's JSON text. Replies with the cookie's value.
#[cfg(feature = "encode")]
#[unsafe(no_mangle)]
pub extern "C" fn encode(length: usize, now: f64) -> *const Reply {
    call(|state| {
        let encoded = state.encode(length, now);
        state.reply.text(encoded)
    })
}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
